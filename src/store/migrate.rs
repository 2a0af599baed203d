//! Migrations, embedded in the program.

use sqlx::migrate::{MigrateError, Migrator};

use super::{Store, StoreError, db::Db, dialect::BEGIN_SQLITE};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

impl Store {
    /// Brings the schema up to date. Several processes may do so at once.
    ///
    /// # Errors
    /// [`StoreError::Schema`] when the database was made by a newer program or its history differs;
    /// nothing is changed then.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match &self.db {
            Db::Sqlite { write, .. } => {
                // sqlx's lock is for servers only; here the write lock keeps a second process waiting,
                // which then finds everything done.
                let mut tx = write.begin_with(BEGIN_SQLITE).await?;
                SQLITE.run_direct(None, &mut *tx, false).await.map_err(explain)?;
                Ok(tx.commit().await?)
            }
            Db::Postgres(pool) => POSTGRES.run(pool).await.map_err(explain),
        }
    }

    /// The versions of the embedded migrations, oldest first, for this database.
    pub fn migrations(&self) -> Vec<i64> {
        let migrator = match &self.db {
            Db::Sqlite { .. } => &SQLITE,
            Db::Postgres(_) => &POSTGRES,
        };
        migrator.iter().map(|migration| migration.version).collect()
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "MigrateError is non-exhaustive")]
fn explain(error: MigrateError) -> StoreError {
    match error {
        MigrateError::VersionMissing(version) => StoreError::Schema(format!(
            "the database is from the future: it has migration {version}, which this program does not know; \
             run the newer breezeblock, or restore a backup made before the upgrade"
        )),
        MigrateError::VersionMismatch(version) => StoreError::Schema(format!(
            "migration {version} in the database differs from this program's; the database belongs to another build"
        )),
        MigrateError::Execute(error) => error.into(),
        other => StoreError::Schema(format!("the schema cannot be brought up to date: {other}")),
    }
}
