//! Application credentials of the development identity.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    Store, StoreError, Tx,
    engine::{Statement, row, statement},
};
use crate::domain::ApplicationCredential;

row! {
    // It has no Debug: hashes do not belong into logs.
    struct Row, credential_columns {
        id: Uuid,
        user_id: String,
        project_id: String,
        name: String,
        description: Option<String>,
        secret_hash: String,
        roles: String,
        unrestricted: bool,
        created_at: DateTime<Utc>,
        expires_at: Option<DateTime<Utc>>,
    }
}

pub(super) const STATEMENTS: &[Statement] = &[SHOW, BY_NAME, LIST, INSERT, DELETE];

statement!(
    SHOW = "SELECT ",
    credential_columns!(),
    " FROM application_credentials WHERE id = $1"
);
statement!(
    BY_NAME = "SELECT ",
    credential_columns!(),
    " FROM application_credentials WHERE user_id = $1 AND name = $2"
);
statement!(
    LIST = "SELECT ",
    credential_columns!(),
    " FROM application_credentials WHERE user_id = $1 ORDER BY created_at, id"
);
statement!(
    INSERT = "INSERT INTO application_credentials (id, user_id, project_id, name, description, secret_hash, roles,
                     unrestricted, created_at, expires_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
              ON CONFLICT (user_id, name) DO NOTHING"
);
statement!(DELETE = "DELETE FROM application_credentials WHERE id = $1");

impl Row {
    fn into_credential(self) -> ApplicationCredential {
        ApplicationCredential {
            id: self.id,
            user_id: self.user_id,
            project_id: self.project_id,
            name: self.name,
            description: self.description,
            secret_hash: self.secret_hash,
            roles: self.roles.split_whitespace().map(str::to_owned).collect(),
            unrestricted: self.unrestricted,
            created_at: self.created_at,
            expires_at: self.expires_at,
        }
    }
}

impl Store {
    /// The credential with this id.
    pub async fn application_credential(&self, id: Uuid) -> Result<Option<ApplicationCredential>, StoreError> {
        let row = self.optional::<Row>(SHOW.bind(id)).await?;
        Ok(row.map(Row::into_credential))
    }

    /// The user's credential with this name.
    pub async fn application_credential_by_name(
        &self,
        user: &str,
        name: &str,
    ) -> Result<Option<ApplicationCredential>, StoreError> {
        let row = self.optional::<Row>(BY_NAME.bind(user).bind(name)).await?;
        Ok(row.map(Row::into_credential))
    }

    /// The user's credentials, oldest first.
    pub async fn application_credentials(&self, user: &str) -> Result<Vec<ApplicationCredential>, StoreError> {
        let rows = self.all::<Row>(LIST.bind(user)).await?;
        Ok(rows.into_iter().map(Row::into_credential).collect())
    }

    /// Adds a credential. False when the user has one with this name.
    pub async fn application_credential_insert(&self, new: &ApplicationCredential) -> Result<bool, StoreError> {
        let rows = self
            .execute(
                INSERT
                    .bind(new.id)
                    .bind(new.user_id.as_str())
                    .bind(new.project_id.as_str())
                    .bind(new.name.as_str())
                    .bind(new.description.as_deref())
                    .bind(new.secret_hash.as_str())
                    // Names of roles have no blanks.
                    .bind(new.roles.join(" "))
                    .bind(new.unrestricted)
                    .bind(new.created_at)
                    .bind(new.expires_at),
            )
            .await?;
        Ok(rows == 1)
    }
}

impl Tx {
    /// Removes a credential. False when it is already gone.
    pub async fn application_credential_delete(&mut self, id: Uuid) -> Result<bool, StoreError> {
        Ok(self.open.execute(DELETE.bind(id)).await? == 1)
    }
}
