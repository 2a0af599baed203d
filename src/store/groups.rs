//! Rows of groups. Which volumes a group has, their own rows say.

use std::collections::HashMap;

use sea_query::{Alias, Expr, ExprTrait, Query};
use uuid::Uuid;

use super::{
    Store, StoreError, Tx,
    engine::{Statement, Weight, statement},
    group_rows::{GroupRow, group_columns},
    list::{self, Marker},
};
use crate::domain::{
    Group, GroupId, GroupKey, GroupSnapshotId, GroupStatus, Label, ListQuery, Page, Scope, VolumeId, VolumeTypeId,
};

pub(super) const STATEMENTS: &[Statement] = &[
    SHOW,
    LOCK,
    TYPES,
    INSERT,
    ADD_TYPE,
    UPDATE,
    DELETE,
    MEMBERS,
    BEING_MADE_FROM,
];

statement!(
    SHOW = "SELECT ",
    group_columns!(),
    " FROM volume_groups WHERE id = $1 AND (project_id = $2 OR $2 IS NULL)"
);
statement!(
    LOCK = "SELECT ", group_columns!(), " FROM volume_groups WHERE id = $1 AND (project_id = $2 OR $2 IS NULL)"; postgres " FOR UPDATE"
);
statement!(TYPES = "SELECT volume_type_id FROM group_volume_types WHERE group_id = $1 ORDER BY volume_type_id");
statement!(
    INSERT = "INSERT INTO volume_groups (id, project_id, user_id, group_type_id, status, previous_status, name,
                  description, availability_zone, host, group_snapshot_id, source_group_id, created_at, updated_at,
                  overridden)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
);
statement!(ADD_TYPE = "INSERT INTO group_volume_types (group_id, volume_type_id) VALUES ($1, $2)");
statement!(
    UPDATE = "UPDATE volume_groups
                 SET status = $3, previous_status = $4, name = $5, description = $6, updated_at = $7,
                     overridden = $8
               WHERE id = $1 AND status = $2"
);
statement!(DELETE = "DELETE FROM volume_groups WHERE id = $1");
statement!(MEMBERS = "SELECT id, status FROM volumes WHERE group_id = $1 ORDER BY id");
statement!(
    BEING_MADE_FROM = "SELECT count(*) FROM volume_groups
                        WHERE (source_group_id = $1 OR group_snapshot_id = $1) AND status = 'creating'"
);

impl Store {
    /// The group, if the scope shows it.
    pub async fn group(&self, scope: &Scope, id: GroupId) -> Result<Option<Group>, StoreError> {
        let row = self
            .optional::<GroupRow>(SHOW.bind(id.uuid()).bind(scope.project()))
            .await?;
        let Some(row) = row else { return Ok(None) };
        let types = self.all::<Uuid>(TYPES.bind(row.id)).await?;
        row.into_group(types).map(Some)
    }

    /// One page of groups; `None` when the marker is unknown.
    pub async fn group_list(&self, query: &ListQuery<GroupKey>) -> Result<Option<Page<Group>>, StoreError> {
        let Marker::Found((rows, total)) = list::rows_of_page::<_, GroupRow>(self, query).await? else {
            return Ok(None);
        };
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let mut types = self.pairs("group_volume_types", "volume_type_id", &ids).await?;
        let items: Vec<_> = rows
            .into_iter()
            .map(|row| {
                let own = types.remove(&row.id).unwrap_or_default();
                row.into_group(own)
            })
            .collect::<Result<_, _>>()?;
        Ok(Some(Page {
            items: items.into(),
            total,
        }))
    }

    /// The volumes of each of these groups.
    pub async fn group_members(&self, groups: &[GroupId]) -> Result<HashMap<GroupId, Vec<VolumeId>>, StoreError> {
        let ids: Vec<_> = groups.iter().map(|id| id.uuid()).collect();
        let pairs = self.pairs("volumes", "id", &ids).await?;
        let members = pairs.into_iter().map(|(group, volumes)| {
            let volumes = volumes.into_iter().map(VolumeId::new).collect();
            (GroupId::new(group), volumes)
        });
        Ok(members.collect())
    }

    /// What `table` has in `column` for each of these groups, in order.
    async fn pairs(&self, table: &str, column: &str, groups: &[Uuid]) -> Result<HashMap<Uuid, Vec<Uuid>>, StoreError> {
        let mut pairs: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        if groups.is_empty() {
            return Ok(pairs);
        }
        let group = Alias::new("group_id");
        let select = Query::select()
            .column(group.clone())
            .column(Alias::new(column))
            .from(Alias::new(table))
            .and_where(Expr::col(group).is_in(groups.iter().copied()))
            .order_by(Alias::new(column), sea_query::Order::Asc)
            .to_owned();
        for (group, value) in list::fetch::<(Uuid, Uuid)>(self, &select, Weight::Light).await? {
            pairs.entry(group).or_default().push(value);
        }
        Ok(pairs)
    }
}

impl Tx {
    /// The group, locked until the end of the transaction. Who changes a group or its set of volumes takes
    /// this lock before those of the volumes.
    pub async fn group_lock(&mut self, scope: &Scope, id: GroupId) -> Result<Option<Group>, StoreError> {
        let row = self
            .open
            .optional::<GroupRow>(LOCK.bind(id.uuid()).bind(scope.project()))
            .await?;
        let Some(row) = row else { return Ok(None) };
        let types = self.open.all::<Uuid>(TYPES.bind(row.id)).await?;
        row.into_group(types).map(Some)
    }

    /// Adds a group with the types that its volumes may have.
    pub async fn group_insert(&mut self, new: &Group) -> Result<(), StoreError> {
        self.open
            .execute(
                INSERT
                    .bind(new.id.uuid())
                    .bind(new.project_id.as_str())
                    .bind(new.user_id.as_str())
                    .bind(new.group_type_id.uuid())
                    .bind(new.status.as_str())
                    .bind(new.previous_status.map(GroupStatus::as_str))
                    .bind(new.name.as_ref().map(Label::as_str))
                    .bind(new.description.as_ref().map(Label::as_str))
                    .bind(new.availability_zone.as_str())
                    .bind(new.host.as_str())
                    .bind(new.group_snapshot_id.map(GroupSnapshotId::uuid))
                    .bind(new.source_group_id.map(GroupId::uuid))
                    .bind(new.created_at)
                    .bind(new.updated_at)
                    .bind(new.overridden),
            )
            .await?;
        for kind in new.volume_types.iter().copied().map(VolumeTypeId::uuid) {
            self.open.execute(ADD_TYPE.bind(new.id.uuid()).bind(kind)).await?;
        }
        Ok(())
    }

    /// Writes the changeable columns of a group, provided that its status is still `expected`. False when
    /// it is not, or when the row is gone: somebody else won.
    pub async fn group_update(&mut self, changed: &Group, expected: GroupStatus) -> Result<bool, StoreError> {
        let rows = self
            .open
            .execute(
                UPDATE
                    .bind(changed.id.uuid())
                    .bind(expected.as_str())
                    .bind(changed.status.as_str())
                    .bind(changed.previous_status.map(GroupStatus::as_str))
                    .bind(changed.name.as_ref().map(Label::as_str))
                    .bind(changed.description.as_ref().map(Label::as_str))
                    .bind(changed.updated_at)
                    .bind(changed.overridden),
            )
            .await?;
        Ok(rows == 1)
    }

    /// Removes a group; volumes of it keep it from going.
    pub async fn group_delete(&mut self, id: GroupId) -> Result<(), StoreError> {
        self.open.execute(DELETE.bind(id.uuid())).await?;
        Ok(())
    }

    /// Ids and statuses of a group's volumes, in the order in which they are to be locked.
    pub async fn group_volumes(&mut self, id: GroupId) -> Result<Vec<(VolumeId, String)>, StoreError> {
        let rows = self.open.all::<(Uuid, String)>(MEMBERS.bind(id.uuid())).await?;
        Ok(rows
            .into_iter()
            .map(|(id, status)| (VolumeId::new(id), status))
            .collect())
    }

    /// How many groups are being made from this group or group snapshot.
    pub async fn groups_being_made_from(&mut self, source: Uuid) -> Result<i64, StoreError> {
        self.open.one(BEING_MADE_FROM.bind(source)).await
    }
}
