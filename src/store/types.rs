//! Volume types and their extra specs.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    Store, StoreError, Tx,
    engine::{Statement, statement},
    rows::{TypeRow, type_columns},
};
use crate::domain::{Metadata, Scope, VolumeType, VolumeTypeId};

pub(super) const STATEMENTS: &[Statement] = &[
    SHOW,
    NAME,
    BY_NAME,
    LIST,
    NAMES,
    SPECS,
    ALL_SPECS,
    LOCK,
    HOLD,
    USERS,
    INSERT,
    UPDATE,
    DELETE,
    CLEAR_SPECS,
    ADD_SPEC,
    RENAME_QUOTA,
    RENAME_CLASS_QUOTA,
];

// PostgreSQL learns the parameter's type from the comparison, so that comes first. A private type is there for admins and for the projects that were given access.
statement!(
    SHOW = "SELECT ",
    type_columns!(),
    " FROM volume_types t
             WHERE t.id = $1 AND (t.is_public OR EXISTS (
                   SELECT 1 FROM volume_type_projects p WHERE p.volume_type_id = t.id AND p.project_id = $2)
                OR $2 IS NULL)"
);
statement!(
    BY_NAME = "SELECT ",
    type_columns!(),
    " FROM volume_types t
                WHERE t.name = $1 AND (t.is_public OR EXISTS (
                      SELECT 1 FROM volume_type_projects p WHERE p.volume_type_id = t.id AND p.project_id = $2)
                OR $2 IS NULL)"
);
statement!(
    LIST = "SELECT ",
    type_columns!(),
    " FROM volume_types t
             WHERE t.is_public OR EXISTS (
                   SELECT 1 FROM volume_type_projects p WHERE p.volume_type_id = t.id AND p.project_id = $1)
                OR $1 IS NULL"
);
// There are few types, and quotas and volumes need the names of all.
statement!(NAMES = "SELECT id, name FROM volume_types ORDER BY name");
statement!(NAME = "SELECT name FROM volume_types WHERE id = $1");
statement!(SPECS = "SELECT key, value FROM volume_type_extra_specs WHERE volume_type_id = $1");
statement!(ALL_SPECS = "SELECT volume_type_id, key, value FROM volume_type_extra_specs");
statement!(LOCK = "SELECT ", type_columns!(), " FROM volume_types WHERE id = $1"; postgres " FOR UPDATE");
// No lock against other holders, only against who changes the type; a new volume's foreign key takes the same one.
statement!(HOLD = "SELECT id FROM volume_types WHERE id = $1"; postgres " FOR KEY SHARE");
statement!(
    USERS = "SELECT (SELECT count(*) FROM volumes WHERE volume_type_id = $1)
                  + (SELECT count(*) FROM snapshots WHERE volume_type_id = $1)"
);
statement!(
    INSERT = "INSERT INTO volume_types (id, name, description, is_public, created_at) VALUES ($1, $2, $3, $4, $5)
              ON CONFLICT (name) DO NOTHING"
);
statement!(
    UPDATE = "UPDATE volume_types SET name = $2, description = $3, is_public = $4
               WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM volume_types other WHERE other.name = $2 AND other.id <> $1)"
);
statement!(DELETE = "DELETE FROM volume_types WHERE id = $1");
statement!(CLEAR_SPECS = "DELETE FROM volume_type_extra_specs WHERE volume_type_id = $1");
statement!(ADD_SPEC = "INSERT INTO volume_type_extra_specs (volume_type_id, key, value) VALUES ($1, $2, $3)");
statement!(RENAME_QUOTA = "UPDATE quotas SET resource = $2 WHERE resource = $1");
statement!(RENAME_CLASS_QUOTA = "UPDATE quota_classes SET resource = $2 WHERE resource = $1");

impl Store {
    /// The type with this id, if the scope shows it.
    pub async fn volume_type(&self, scope: &Scope, id: VolumeTypeId) -> Result<Option<VolumeType>, StoreError> {
        let row = self
            .optional::<TypeRow>(SHOW.bind(id.uuid()).bind(scope.project()))
            .await?;
        self.complete_type(row).await
    }

    /// The type with this name, if the scope shows it.
    pub async fn volume_type_by_name(&self, scope: &Scope, name: &str) -> Result<Option<VolumeType>, StoreError> {
        let row = self
            .optional::<TypeRow>(BY_NAME.bind(name).bind(scope.project()))
            .await?;
        self.complete_type(row).await
    }

    /// All types that the scope shows, in no particular order.
    pub async fn volume_types(&self, scope: &Scope) -> Result<Vec<VolumeType>, StoreError> {
        let rows = self.all::<TypeRow>(LIST.bind(scope.project())).await?;
        let pairs = self.all::<(Uuid, String, String)>(ALL_SPECS.query()).await?;
        let mut specs: HashMap<Uuid, Metadata> = HashMap::new();
        for (id, key, value) in pairs {
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

    /// Ids and names of all types, by name.
    pub async fn volume_type_names(&self) -> Result<Vec<(VolumeTypeId, String)>, StoreError> {
        let rows = self.all::<(Uuid, String)>(NAMES.query()).await?;
        Ok(rows
            .into_iter()
            .map(|(id, name)| (VolumeTypeId::new(id), name))
            .collect())
    }

    async fn complete_type(&self, row: Option<TypeRow>) -> Result<Option<VolumeType>, StoreError> {
        let Some(row) = row else { return Ok(None) };
        let specs = self.all::<(String, String)>(SPECS.bind(row.id)).await?;
        Ok(Some(row.into_type(specs.into_iter().collect())))
    }
}

impl Tx {
    /// The name of the type of a volume; the foreign key guarantees that there is one.
    pub async fn volume_type_name(&mut self, id: VolumeTypeId) -> Result<String, StoreError> {
        self.open.one(NAME.bind(id.uuid())).await
    }

    /// The type, locked until the end of the transaction.
    pub async fn volume_type_lock(&mut self, id: VolumeTypeId) -> Result<Option<VolumeType>, StoreError> {
        let row = self.open.optional::<TypeRow>(LOCK.bind(id.uuid())).await?;
        let Some(row) = row else { return Ok(None) };
        let specs = self.open.all::<(String, String)>(SPECS.bind(row.id)).await?;
        Ok(Some(row.into_type(specs.into_iter().collect())))
    }

    /// Keeps the type as it is until the end of the transaction. False when there is none.
    pub async fn volume_type_hold(&mut self, id: VolumeTypeId) -> Result<bool, StoreError> {
        let row: Option<Uuid> = self.open.optional(HOLD.bind(id.uuid())).await?;
        Ok(row.is_some())
    }

    /// How many volumes and snapshots have the type.
    pub async fn volume_type_users(&mut self, id: VolumeTypeId) -> Result<i64, StoreError> {
        self.open.one(USERS.bind(id.uuid())).await
    }

    /// Adds a type with its extra specs. False when its name is taken.
    pub async fn volume_type_insert(&mut self, new: &VolumeType) -> Result<bool, StoreError> {
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
            self.volume_type_specs_replace(new.id, &new.extra_specs).await?;
        }
        Ok(rows == 1)
    }

    /// Writes name, description and visibility. False when another type has the name.
    pub async fn volume_type_update(&mut self, changed: &VolumeType) -> Result<bool, StoreError> {
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

    /// Removes a type with its specs and its access list; volumes of it keep it from going.
    pub async fn volume_type_delete(&mut self, id: VolumeTypeId) -> Result<(), StoreError> {
        self.open.execute(DELETE.bind(id.uuid())).await?;
        Ok(())
    }

    /// Replaces the extra specs of a type. The caller holds its lock.
    pub async fn volume_type_specs_replace(&mut self, id: VolumeTypeId, specs: &Metadata) -> Result<(), StoreError> {
        self.open.execute(CLEAR_SPECS.bind(id.uuid())).await?;
        for (key, value) in specs {
            self.open
                .execute(ADD_SPEC.bind(id.uuid()).bind(key.as_str()).bind(value.as_str()))
                .await?;
        }
        Ok(())
    }

    /// Gives the limits of one resource, of all projects and classes, to another.
    pub async fn quota_rename(&mut self, from: &str, to: &str) -> Result<(), StoreError> {
        self.open.execute(RENAME_QUOTA.bind(from).bind(to)).await?;
        self.open.execute(RENAME_CLASS_QUOTA.bind(from).bind(to)).await?;
        Ok(())
    }
}
