//! Whether a SQLite file is whole. PostgreSQL looks after that itself: its constraints cannot be switched off by
//! a client, and its pages have checksums.

use sqlx::{Row, query, query_scalar};

use super::{Store, StoreError, db::Db};

/// Files up to this size are read as a whole at the start, which takes about a second then.
const CHECKED: u64 = 256 << 20;

/// So many complaints are enough to know.
const INTEGRITY: &str = "PRAGMA integrity_check(20)";
const FOREIGN_KEYS: &str = "PRAGMA foreign_key_check";
/// `SQLITE_CORRUPT` and `SQLITE_NOTADB`, of which there are extended codes.
const CORRUPT: [i64; 2] = [11, 26];

impl Store {
    /// Looks for damage, so that a service that would make it worse does not start; `doctor` looks more closely.
    ///
    /// Only the structure is checked, not whether indexes agree with their tables, and only in files that are small
    /// enough for a start not to take long. A file that ends too early is noticed by SQLite itself, whatever its size.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with what was found first.
    pub async fn refuse_damage(&self) -> Result<(), StoreError> {
        let Db::Sqlite { read, file, .. } = &self.db else {
            return Ok(());
        };
        let bytes = std::fs::metadata(&file.path).map_or(0, |found| found.len());
        if bytes > CHECKED {
            tracing::info!(
                bytes,
                "the database file is too large to be checked for damage at each start"
            );
            return Ok(());
        }
        let found: String = query_scalar("PRAGMA quick_check(1)").fetch_one(read).await?;
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
        let Db::Sqlite { read, .. } = &self.db else {
            return Ok(Vec::new());
        };
        let mut connection = read.acquire().await?;
        let told: Result<Vec<String>, sqlx::Error> = query_scalar(INTEGRITY).fetch_all(&mut *connection).await;
        let mut damage = match told {
            Ok(told) => told,
            Err(error) if is_corrupt(&error) => return Ok(vec![error.to_string()]),
            Err(error) => return Err(error.into()),
        };
        damage.retain(|line| line != "ok");
        if damage.is_empty() {
            for row in query(FOREIGN_KEYS).fetch_all(&mut *connection).await? {
                let (table, parent): (String, String) = (row.try_get(0)?, row.try_get(2)?);
                damage.push(format!("a row in {table} names one in {parent} that is not there"));
            }
        }
        Ok(damage)
    }
}

fn is_corrupt(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    let code = code.and_then(|code| code.parse::<i64>().ok());
    code.is_some_and(|code| CORRUPT.contains(&(code & 0xff)))
}
