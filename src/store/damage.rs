//! Whether a SQLite file is whole. PostgreSQL looks after that itself: its constraints cannot be switched off by
//! a client, and its pages have checksums.

use super::{
    Store, StoreError,
    engine::{Engine, Query, Row, Weight},
};

/// Files up to this size are read as a whole at the start, which takes about a second then.
const CHECKED: u64 = 256 << 20;

/// So many complaints are enough to know.
const INTEGRITY: &str = "PRAGMA integrity_check(20)";
const FOREIGN_KEYS: &str = "PRAGMA foreign_key_check";

impl Store {
    /// Looks for damage, so that a service that would make it worse does not start; `doctor` looks more closely.
    ///
    /// Only the structure is checked, not whether indexes agree with their tables, and only in files that are small
    /// enough for a start not to take long. A file that ends too early is noticed by SQLite itself, whatever its size.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with what was found first.
    pub async fn refuse_damage(&self) -> Result<(), StoreError> {
        let Engine::Sqlite(sqlite) = &*self.engine else {
            return Ok(());
        };
        let bytes = std::fs::metadata(&sqlite.file.path).map_or(0, |found| found.len());
        if bytes > CHECKED {
            tracing::info!(
                bytes,
                "the database file is too large to be checked for damage at each start"
            );
            return Ok(());
        }
        let found: String = self.one(pragma("PRAGMA quick_check(1)")).await?;
        if found == "ok" {
            return Ok(());
        }
        // Some findings begin with a line that only repeats the database's name.
        let found = found.lines().last().unwrap_or_default().to_owned();
        Err(StoreError::Damaged(found.into()))
    }

    /// What the database says is wrong with its own structure, one sentence each.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read for another reason.
    pub async fn damage(&self) -> Result<Vec<String>, StoreError> {
        let Engine::Sqlite(_) = &*self.engine else {
            return Ok(Vec::new());
        };
        let mut damage: Vec<String> = match self.all(pragma(INTEGRITY)).await {
            Ok(told) => told,
            Err(StoreError::Damaged(cause)) => return Ok(vec![cause.to_string()]),
            Err(error) => return Err(error),
        };
        damage.retain(|line| line != "ok");
        if damage.is_empty() {
            let orphans = |row: &Row<'_>| Ok((row.get::<String>(0)?, row.get::<String>(2)?));
            for (table, parent) in self.mapped(pragma(FOREIGN_KEYS), orphans).await? {
                damage.push(format!("a row in {table} names one in {parent} that is not there"));
            }
        }
        Ok(damage)
    }
}

fn pragma(text: &str) -> Query<'static> {
    Query::built(text.to_owned(), Vec::new(), Weight::Heavy)
}
