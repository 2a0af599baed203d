//! Group types and their specs.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    Store, StoreError, Tx,
    engine::{Statement, statement},
    group_rows::{GroupTypeRow, group_type_columns},
};
use crate::domain::{GroupSpecs, GroupType, GroupTypeId, Scope};

pub(super) const STATEMENTS: &[Statement] = &[
    SHOW,
    BY_NAME,
    LIST,
    SPECS,
    ALL_SPECS,
    LOCK,
    USERS,
    INSERT,
    UPDATE,
    DELETE,
    CLEAR_SPECS,
    ADD_SPEC,
];

// A private type is there for admins: Cinder has no call that gives a project access.
statement!(
    SHOW = "SELECT ",
    group_type_columns!(),
    " FROM group_types WHERE id = $1 AND (is_public OR $2)"
);
statement!(
    BY_NAME = "SELECT ",
    group_type_columns!(),
    " FROM group_types WHERE name = $1 AND (is_public OR $2)"
);
statement!(
    LIST = "SELECT ",
    group_type_columns!(),
    " FROM group_types WHERE is_public OR $1"
);
statement!(SPECS = "SELECT key, value FROM group_type_specs WHERE group_type_id = $1");
statement!(ALL_SPECS = "SELECT group_type_id, key, value FROM group_type_specs");
statement!(LOCK = "SELECT ", group_type_columns!(), " FROM group_types WHERE id = $1"; postgres " FOR UPDATE");
statement!(
    USERS = "SELECT (SELECT count(*) FROM volume_groups WHERE group_type_id = $1)
                  + (SELECT count(*) FROM group_snapshots WHERE group_type_id = $1)"
);
statement!(
    INSERT = "INSERT INTO group_types (id, name, description, is_public, created_at) VALUES ($1, $2, $3, $4, $5)
              ON CONFLICT (name) DO NOTHING"
);
statement!(
    UPDATE = "UPDATE group_types SET name = $2, description = $3, is_public = $4
               WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM group_types other WHERE other.name = $2 AND other.id <> $1)"
);
statement!(DELETE = "DELETE FROM group_types WHERE id = $1");
statement!(CLEAR_SPECS = "DELETE FROM group_type_specs WHERE group_type_id = $1");
statement!(ADD_SPEC = "INSERT INTO group_type_specs (group_type_id, key, value) VALUES ($1, $2, $3)");

type Spec = (String, Option<String>);

/// Whether the scope shows private types.
const fn shows_private(scope: &Scope) -> bool {
    match scope {
        Scope::All => true,
        Scope::Project(_) => false,
    }
}

impl Store {
    /// The type with this id, if the scope shows it.
    pub async fn group_type(&self, scope: &Scope, id: GroupTypeId) -> Result<Option<GroupType>, StoreError> {
        let row = self
            .optional::<GroupTypeRow>(SHOW.bind(id.uuid()).bind(shows_private(scope)))
            .await?;
        self.complete_group_type(row).await
    }

    /// The type with this name, if the scope shows it.
    pub async fn group_type_by_name(&self, scope: &Scope, name: &str) -> Result<Option<GroupType>, StoreError> {
        let row = self
            .optional::<GroupTypeRow>(BY_NAME.bind(name).bind(shows_private(scope)))
            .await?;
        self.complete_group_type(row).await
    }

    /// All types that the scope shows, in no particular order.
    pub async fn group_types(&self, scope: &Scope) -> Result<Vec<GroupType>, StoreError> {
        let rows = self.all::<GroupTypeRow>(LIST.bind(shows_private(scope))).await?;
        let all = self.all::<(Uuid, String, Option<String>)>(ALL_SPECS.query()).await?;
        let mut specs: HashMap<Uuid, GroupSpecs> = HashMap::new();
        for (id, key, value) in all {
            specs.entry(id).or_default().insert(key, value);
        }
        Ok(rows
            .into_iter()
            .map(|row| {
                let own = specs.remove(&row.id).unwrap_or_default();
                row.into_type(own)
            })
            .collect())
    }

    async fn complete_group_type(&self, row: Option<GroupTypeRow>) -> Result<Option<GroupType>, StoreError> {
        let Some(row) = row else { return Ok(None) };
        let specs = self.all::<Spec>(SPECS.bind(row.id)).await?;
        Ok(Some(row.into_type(specs.into_iter().collect())))
    }
}

impl Tx {
    /// The type, locked until the end of the transaction.
    pub async fn group_type_lock(&mut self, id: GroupTypeId) -> Result<Option<GroupType>, StoreError> {
        let row = self.open.optional::<GroupTypeRow>(LOCK.bind(id.uuid())).await?;
        let Some(row) = row else { return Ok(None) };
        let specs = self.open.all::<Spec>(SPECS.bind(row.id)).await?;
        Ok(Some(row.into_type(specs.into_iter().collect())))
    }

    /// How many groups and group snapshots have the type.
    pub async fn group_type_users(&mut self, id: GroupTypeId) -> Result<i64, StoreError> {
        self.open.one(USERS.bind(id.uuid())).await
    }

    /// Adds a type with its specs. False when its name is taken.
    pub async fn group_type_insert(&mut self, new: &GroupType) -> Result<bool, StoreError> {
        let rows = self
            .open
            .execute(
                INSERT
                    .bind(new.id.uuid())
                    .bind(new.name.as_str())
                    .bind(new.description.as_deref())
                    .bind(new.is_public)
                    .bind(new.created_at),
            )
            .await?;
        if rows == 1 {
            self.group_type_specs_replace(new.id, &new.specs).await?;
        }
        Ok(rows == 1)
    }

    /// Writes name, description and visibility. False when another type has the name.
    pub async fn group_type_update(&mut self, changed: &GroupType) -> Result<bool, StoreError> {
        let rows = self
            .open
            .execute(
                UPDATE
                    .bind(changed.id.uuid())
                    .bind(changed.name.as_str())
                    .bind(changed.description.as_deref())
                    .bind(changed.is_public),
            )
            .await?;
        Ok(rows == 1)
    }

    /// Removes a type with its specs; groups of it keep it from going.
    pub async fn group_type_delete(&mut self, id: GroupTypeId) -> Result<(), StoreError> {
        self.open.execute(DELETE.bind(id.uuid())).await?;
        Ok(())
    }

    /// Replaces the specs of a type. The caller holds its lock.
    pub async fn group_type_specs_replace(&mut self, id: GroupTypeId, specs: &GroupSpecs) -> Result<(), StoreError> {
        self.open.execute(CLEAR_SPECS.bind(id.uuid())).await?;
        for (key, value) in specs {
            self.open
                .execute(ADD_SPEC.bind(id.uuid()).bind(key.as_str()).bind(value.as_deref()))
                .await?;
        }
        Ok(())
    }
}
