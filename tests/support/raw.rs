//! SQL that the program itself never runs, for tests that look behind it.

use sqlx::{
    AssertSqlSafe, Connection, FromRow, PgConnection, SqliteConnection, postgres::PgRow, query_as, sqlite::SqliteRow,
};

/// Runs one statement and returns its rows; `()` as row type for a statement that has none.
pub async fn rows<T>(url: &str, sql: &str) -> Vec<T>
where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    attempt(url, sql).await.unwrap()
}

/// The same for a statement that the database may refuse.
pub async fn attempt<T>(url: &str, sql: &str) -> Result<Vec<T>, sqlx::Error>
where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let statement = AssertSqlSafe(sql);
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await?;
        let rows = query_as(statement).fetch_all(&mut connection).await?;
        connection.close().await?;
        Ok(rows)
    } else {
        let mut connection = PgConnection::connect(url).await?;
        let rows = query_as(statement).fetch_all(&mut connection).await?;
        connection.close().await?;
        Ok(rows)
    }
}
