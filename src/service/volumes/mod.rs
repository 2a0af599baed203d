//! Volumes.

pub mod admin;
pub mod attach;
pub mod create;
pub mod delete;
pub mod extend;
pub mod list;
pub mod metadata;
mod place;
pub mod revert;
pub mod update;

use super::{Call, Service, ServiceError};
use crate::{
    auth::policy::Action,
    domain::{Scope, SnapshotEvent, Volume, VolumeId},
    store::Tx,
};

impl Service {
    /// One volume.
    ///
    /// # Errors
    /// [`ServiceError::VolumeNotFound`], also for other projects' volumes and for those that the policy
    /// hides.
    pub async fn volume_show(&self, call: &Call, id: &str) -> Result<Volume, ServiceError> {
        let volume = match id.parse::<VolumeId>() {
            Ok(id) => self.store.volume(&call.scope(), id).await?,
            Err(_not_an_id) => None,
        };
        visible(call, volume, id)
    }

    /// The volume inside a transaction, locked; every change of a volume begins here.
    pub(in crate::service) async fn volume_lock(
        &self,
        tx: &mut Tx,
        call: &Call,
        id: &str,
        actions: &[Action],
    ) -> Result<Volume, ServiceError> {
        let volume = match id.parse::<VolumeId>() {
            Ok(id) => tx.volume_lock(&call.scope(), id).await?,
            Err(_not_an_id) => None,
        };
        let volume = visible(call, volume, id)?;
        for action in actions {
            call.authorize(*action, &volume.project_id)?;
        }
        Ok(volume)
    }

    /// Takes a revert off a volume whose task is about to be cancelled: the snapshot must not stay in
    /// `restoring` with nobody at work on it.
    async fn volume_abandon_revert(&self, tx: &mut Tx, volume: &mut Volume) -> Result<(), ServiceError> {
        let Some(snapshot) = volume.revert_snapshot_id.take() else {
            return Ok(());
        };
        if let Some(mut snapshot) = tx.snapshot_lock(&Scope::All, snapshot).await?
            && let Ok(before) = snapshot.apply(SnapshotEvent::Restored, self.clock.now())
        {
            tx.snapshot_update(&snapshot, before).await?;
        }
        Ok(())
    }
}

fn visible(call: &Call, volume: Option<Volume>, id: &str) -> Result<Volume, ServiceError> {
    volume
        .filter(|volume| call.may(Action::VolumeShow, &volume.project_id))
        .ok_or_else(|| ServiceError::VolumeNotFound(id.to_owned()))
}
