//! Statements that the store has no use for, on either database.

use sqlx::{AssertSqlSafe, Connection, Executor};
use uuid::Uuid;

use crate::database::Kind;

#[derive(Clone, Debug)]
pub struct Sql {
    pub kind: Kind,
    pub url: String,
}

impl Sql {
    pub async fn run(&self, sql: String) {
        match self.kind {
            Kind::Sqlite => {
                let mut connection = sqlx::SqliteConnection::connect(&self.url).await.unwrap();
                connection.execute(AssertSqlSafe(sql)).await.unwrap();
                connection.close().await.unwrap();
            }
            Kind::Postgres => {
                let mut connection = sqlx::PgConnection::connect(&self.url).await.unwrap();
                connection.execute(AssertSqlSafe(sql)).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }

    pub fn literal(&self, id: Uuid) -> String {
        match self.kind {
            Kind::Sqlite => format!("x'{}'", id.simple()),
            Kind::Postgres => format!("'{id}'"),
        }
    }

    pub fn truth(&self) -> &'static str {
        match self.kind {
            Kind::Sqlite => "1",
            Kind::Postgres => "TRUE",
        }
    }
}
