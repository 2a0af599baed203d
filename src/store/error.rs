//! What can go wrong between the program and its database.

/// A failed database operation.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, or has no room for this now; later it may.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
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
    /// The schema is not the one this program works with.
    #[error("{0}")]
    Schema(String),
    /// Anything else the database says.
    #[error("the database refused a statement")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    #[expect(clippy::wildcard_enum_match_arm, reason = "sqlx::Error is non-exhaustive")]
    fn from(error: sqlx::Error) -> Self {
        let away = match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(database) => database.code().is_some_and(|code| is_passing(&code)),
            _ => false,
        };
        if away {
            Self::Unavailable(error)
        } else {
            Self::Database(error)
        }
    }
}

/// PostgreSQL: connection exceptions, lack of resources, shutdown, locks that
/// others hold too long, and conflicts that a retry solves.
/// SQLite: busy and locked with their extended codes, and a full disk.
fn is_passing(code: &str) -> bool {
    match code.parse::<i64>() {
        Ok(sqlite) if code.len() < 5 => matches!(sqlite & 0xff, 5 | 6 | 13),
        _postgres => ["08", "53", "57P", "40", "55P03", "25P03"]
            .iter()
            .any(|class| code.starts_with(class)),
    }
}

impl StoreError {
    pub(super) fn corrupt(table: &'static str, column: &'static str, row: impl std::fmt::Display) -> Self {
        Self::Corrupt {
            table,
            column,
            row: row.to_string(),
        }
    }
}
