//! Who has which volume attached.

use std::collections::HashMap;

use sea_query::{Alias, Expr, ExprTrait, Query};
use uuid::Uuid;

use super::{
    Store, StoreError, Tx,
    engine::{Statement, Weight, statement},
    list,
    rows::{AttachmentRow, VolumeRow, attachment_columns},
};
use crate::domain::{Attachment, VolumeId};

pub(super) const STATEMENTS: &[Statement] = &[SHOW, ADD, REMOVE];

statement!(
    SHOW = "SELECT ",
    attachment_columns!(),
    " FROM volume_attachments WHERE volume_id = $1"
);
statement!(
    ADD =
        "INSERT INTO volume_attachments (volume_id, id, instance_uuid, host_name, mountpoint, attach_mode, attached_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)"
);
statement!(REMOVE = "DELETE FROM volume_attachments WHERE volume_id = $1");

impl Store {
    /// The attachment of a volume; asked for only if it has one.
    pub(super) async fn attachment(&self, volume: &VolumeRow) -> Result<Option<AttachmentRow>, StoreError> {
        if !volume.is_attached() {
            return Ok(None);
        }
        self.optional::<AttachmentRow>(SHOW.bind(volume.id)).await
    }

    /// The attachments of a page's volumes, in one query, or none if nothing is attached.
    pub(super) async fn attachments_of(
        &self,
        volumes: &[VolumeRow],
    ) -> Result<HashMap<Uuid, AttachmentRow>, StoreError> {
        let attached: Vec<_> = volumes
            .iter()
            .filter(|row| row.is_attached())
            .map(|row| row.id)
            .collect();
        if attached.is_empty() {
            return Ok(HashMap::new());
        }
        let columns = [
            "volume_id",
            "id",
            "instance_uuid",
            "host_name",
            "mountpoint",
            "attach_mode",
            "attached_at",
        ];
        let select = Query::select()
            .columns(columns.map(Alias::new))
            .from(Alias::new("volume_attachments"))
            .and_where(Expr::col(Alias::new("volume_id")).is_in(attached))
            .to_owned();
        let rows = list::fetch::<AttachmentRow>(self, &select, Weight::Light).await?;
        Ok(rows.into_iter().map(|row| (row.volume_id, row)).collect())
    }
}

impl Tx {
    pub(super) async fn attachment(&mut self, volume: &VolumeRow) -> Result<Option<AttachmentRow>, StoreError> {
        if !volume.is_attached() {
            return Ok(None);
        }
        self.open.optional::<AttachmentRow>(SHOW.bind(volume.id)).await
    }

    /// Writes who has the volume attached, or that nobody has. The caller holds the volume's lock.
    pub async fn attachment_replace(
        &mut self,
        volume: VolumeId,
        attachment: Option<&Attachment>,
    ) -> Result<(), StoreError> {
        self.open.execute(REMOVE.bind(volume.uuid())).await?;
        let Some(new) = attachment else { return Ok(()) };
        self.open
            .execute(
                ADD.bind(volume.uuid())
                    .bind(new.id)
                    .bind(new.instance_uuid.as_deref())
                    .bind(new.host_name.as_deref())
                    .bind(new.mountpoint.as_str())
                    .bind(new.mode.as_str())
                    .bind(new.attached_at),
            )
            .await?;
        Ok(())
    }
}
