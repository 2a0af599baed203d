//! What can go wrong between the program and its database.

use std::borrow::Cow;

/// What a database, or the way to it, said.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A failed database operation. Its text names the cause, because logs show nothing else; replies have words of their own.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, or has no room for this now; later it may.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] Cause),
    /// A row holds what this program cannot have written.
    #[error("the {column} of {row} in table {table} makes no sense")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's id.
        row: String,
    },
    /// The database's file is not whole, or is no database, or its disk does not give it out: SQLite has one word for
    /// these.
    #[error("the database file is damaged; keep it as it is, check its disk, and restore a backup: {0}")]
    Damaged(#[source] Cause),
    /// The schema is not the one this program works with.
    #[error("{0}")]
    Schema(String),
    /// Anything else the database says.
    #[error("the database refused a statement: {0}")]
    Database(#[source] Cause),
}

impl From<sqlx::Error> for StoreError {
    #[expect(clippy::wildcard_enum_match_arm, reason = "sqlx::Error is non-exhaustive")]
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.into()),
            sqlx::Error::Database(database) => match database.code().map(Cow::into_owned) {
                Some(code) => Self::of_code(&code, error.into()),
                None => Self::Database(error.into()),
            },
            _ => Self::Database(error.into()),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error().map(|code| code.extended_code) {
            Some(code) => Self::of_code(&code.to_string(), error.into()),
            None => Self::Database(error.into()),
        }
    }
}

/// PostgreSQL: connection exceptions, lack of resources, shutdown, locks that
/// others hold too long, and conflicts that a retry solves.
/// SQLite: rolled back, busy and locked, no memory, read-only, input/output errors, a full disk, a file that cannot be opened (too
/// many are), and a race at the opening; all with their extended codes.
fn is_passing(code: &str) -> bool {
    match sqlite(code) {
        Some(code) => matches!(code, 4 | 5 | 6 | 7 | 8 | 10 | 13 | 14 | 15),
        None => ["08", "53", "57P", "40", "55P03", "25P03"]
            .iter()
            .any(|class| code.starts_with(class)),
    }
}

/// SQLite: corrupt, or not a database. PostgreSQL: its own data or indexes are.
fn is_damage(code: &str) -> bool {
    match sqlite(code) {
        Some(code) => matches!(code, 11 | 26),
        None => code.starts_with("XX001") || code.starts_with("XX002"),
    }
}

/// The primary code, if this is one of SQLite's; PostgreSQL's have five characters.
fn sqlite(code: &str) -> Option<i64> {
    let number: i64 = code.parse().ok()?;
    (code.len() < 5).then_some(number & 0xff)
}

impl StoreError {
    /// What the code means that a database gave.
    pub(super) fn of_code(code: &str, cause: Cause) -> Self {
        if is_passing(code) {
            Self::Unavailable(cause)
        } else if is_damage(code) {
            Self::Damaged(cause)
        } else {
            Self::Database(cause)
        }
    }

    pub(super) fn corrupt(table: &'static str, column: &'static str, row: impl std::fmt::Display) -> Self {
        Self::Corrupt {
            table,
            column,
            row: row.to_string(),
        }
    }
}

/// The store was closed.
pub(super) fn closed() -> StoreError {
    StoreError::Unavailable("the database is closed".into())
}

/// Nobody knows what became of the statement.
pub(super) fn silent() -> StoreError {
    StoreError::Unavailable("the database did not answer within database.timeout".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_told_from_what_does_not() {
        // Busy with its extended code, an I/O error at an fsync, a full disk, a read-only one, too many open files.
        for passing in [
            "5", "517", "10", "1034", "13", "8", "14", "08006", "57P01", "40001", "53300",
        ] {
            assert!(is_passing(passing) && !is_damage(passing), "{passing}");
        }
        for damage in ["11", "267", "26", "XX001", "XX002"] {
            assert!(is_damage(damage) && !is_passing(damage), "{damage}");
        }
        // A constraint, a syntax error, a column that is not there.
        for other in ["19", "1555", "1", "23505", "42703", "XX000"] {
            assert!(!is_passing(other) && !is_damage(other), "{other}");
        }
    }
}
