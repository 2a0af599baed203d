//! Migrations, embedded in the program.

use sqlx::{
    ConnectOptions as _, Connection as _,
    migrate::{MigrateError, Migrator},
    postgres::PgPoolOptions,
};

use super::{
    Store, StoreError,
    engine::{Engine, statement},
};

// sqlx's own table, so it is not in the list of statements that fit our schema.
statement!(HISTORY = "SELECT version, checksum FROM _sqlx_migrations ORDER BY version");

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

impl Store {
    /// Brings the schema up to date. Several processes may do so at once.
    ///
    /// # Errors
    /// [`StoreError::Schema`] when the database was made by a newer program or its history differs;
    /// nothing is changed then.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match &*self.engine {
            Engine::Sqlite(sqlite) => {
                let mut connection = sqlite.options().disable_statement_logging().connect().await?;
                // sqlx's lock is for servers only; here the write lock keeps a second process waiting,
                // which then finds everything done.
                let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
                SQLITE.run_direct(None, &mut *tx, false).await.map_err(explain)?;
                tx.commit().await?;
                Ok(connection.close().await?)
            }
            Engine::Postgres(postgres) => {
                // Whoever comes second waits for as long as the first takes; requests do not wait like that.
                let patient = postgres.options().options([("lock_timeout", "0")]);
                let patient = PgPoolOptions::new().max_connections(1).connect_with(patient).await?;
                POSTGRES.run(&patient).await.map_err(explain)?;
                patient.close().await;
                Ok(())
            }
        }
    }

    /// Whether the schema is exactly this program's, for those who must not change it.
    ///
    /// # Errors
    /// [`StoreError::Schema`] saying what it is instead.
    pub async fn is_current(&self) -> Result<(), StoreError> {
        let history = self.all::<(i64, Vec<u8>)>(HISTORY.query()).await;
        let history = history.map_err(|error| match error {
            StoreError::Database(_no_table) => StoreError::Schema(
                "the database has no schema of breezeblock; `breezeblock migrate` makes it".to_owned(),
            ),
            other @ (StoreError::Unavailable(_)
            | StoreError::Corrupt { .. }
            | StoreError::Damaged(_)
            | StoreError::Schema(_)) => other,
        })?;
        let migrator = self.migrator();
        for (version, checksum) in &history {
            match migrator.iter().find(|migration| migration.version == *version) {
                Some(known) if *known.checksum == **checksum => {}
                Some(_other) => return Err(explain(MigrateError::VersionMismatch(*version))),
                None => return Err(explain(MigrateError::VersionMissing(*version))),
            }
        }
        let known = self.migrations();
        if let Some(missing) = known
            .iter()
            .find(|version| history.iter().all(|(had, _checksum)| had != *version))
        {
            return Err(StoreError::Schema(format!(
                "the database is of an older program: it has not had migration {missing}; use that program, or \
                 `breezeblock migrate`"
            )));
        }
        self.verify().await
    }

    fn migrator(&self) -> &'static Migrator {
        match &*self.engine {
            Engine::Sqlite(_) => &SQLITE,
            Engine::Postgres(_) => &POSTGRES,
        }
    }

    /// The versions of the embedded migrations, oldest first, for this database.
    pub fn migrations(&self) -> Vec<i64> {
        self.migrator().iter().map(|migration| migration.version).collect()
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
