//! One connection with which a case looks into its database, kept, because a new one costs PostgreSQL a process.

use sqlx::{
    AssertSqlSafe, Connection, FromRow, PgConnection, SqliteConnection, postgres::PgRow, query_as, sqlite::SqliteRow,
};
use tokio::sync::Mutex;

#[derive(Debug)]
pub struct Sql {
    url: String,
    kept: Mutex<Option<Kept>>,
}

#[derive(Debug)]
enum Kept {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Sql {
    /// Connects when it is first used.
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            kept: Mutex::new(None),
        }
    }

    /// Runs one statement and returns its rows; `()` as row type for a statement that has none.
    pub async fn rows<T>(&self, sql: &str) -> Vec<T>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let statement = AssertSqlSafe(sql);
        let mut kept = self.kept.lock().await;
        if kept.is_none() {
            *kept = Some(self.connect().await);
        }
        match kept.as_mut().unwrap() {
            Kept::Sqlite(connection) => query_as(statement).fetch_all(connection).await.unwrap(),
            Kept::Postgres(connection) => query_as(statement).fetch_all(connection).await.unwrap(),
        }
    }

    /// Closes the connection; the next use makes a new one.
    pub async fn close(&self) {
        match self.kept.lock().await.take() {
            Some(Kept::Sqlite(connection)) => connection.close().await.unwrap(),
            Some(Kept::Postgres(connection)) => connection.close().await.unwrap(),
            None => {}
        }
    }

    async fn connect(&self) -> Kept {
        if self.url.starts_with("sqlite:") {
            Kept::Sqlite(SqliteConnection::connect(&self.url).await.unwrap())
        } else {
            Kept::Postgres(PgConnection::connect(&self.url).await.unwrap())
        }
    }
}
