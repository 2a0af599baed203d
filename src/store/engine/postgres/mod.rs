//! PostgreSQL (docs/adr/0015). Transactions, and reads that may take long, run on sqlx's connections, one statement
//! after the other. Short reads of all requests share a few connections without waiting for each other's answers.

mod pipeline;
mod session;
mod tls;

use std::{str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions as _, Connection as _, Executor, PgConnection, PgPool, SqlSafeStr as _, SqlStr,
    postgres::{PgArguments, PgConnectOptions, PgPoolOptions, PgRow},
};

use self::pipeline::Pipelines;
pub(in crate::store) use self::session::Session;
use super::{FromRow, Query, ReadRow, Row, Statement, Weight, query::Value};
use crate::store::{Access, StoreError};

/// How long a request waits for a connection before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);
/// A connection that was idle for longer is asked whether it is still there before somebody counts on it.
const QUIET: Duration = Duration::from_secs(1);

/// Options of every session.
const OPTIONS: [(&str, &str); 3] = [
    // Times travel as text in some replies; the session must not move them.
    ("timezone", "UTC"),
    // A peer that stopped in the middle of a transaction must not hold everybody up for ever.
    ("lock_timeout", "4s"),
    ("idle_in_transaction_session_timeout", "15s"),
];
const READ_ONLY: (&str, &str) = ("default_transaction_read_only", "on");

/// An open database.
#[derive(Debug)]
pub(in crate::store) struct Postgres {
    pub(in crate::store) pool: PgPool,
    pipelines: Pipelines,
}

impl Postgres {
    pub(super) async fn open(url: &str, connections: u32, access: Access) -> Result<Self, StoreError> {
        let read_only = (access == Access::Inspect).then_some(READ_ONLY);
        let options = PgConnectOptions::from_str(url)?
            .application_name("breezeblock")
            .options(OPTIONS.into_iter().chain(read_only))
            .disable_statement_logging();
        let pipelines = Pipelines::new(&options, connections)?;
        let pool = PgPoolOptions::new()
            .max_connections(connections.max(2))
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .before_acquire(|connection, about| {
                Box::pin(async move { Ok(about.idle_for < QUIET || connection.ping().await.is_ok()) })
            })
            .connect_with(options)
            .await?;
        Ok(Self { pool, pipelines })
    }

    /// What `read` makes of the rows of a reading statement.
    pub(super) async fn mapped<T>(
        &self,
        query: Query<'_>,
        patience: Duration,
        read: impl ReadRow<T>,
    ) -> Result<Vec<T>, StoreError> {
        match query.weight {
            Weight::Light => self.pipelines.mapped(&query, patience, read).await,
            Weight::Heavy => self.session(patience).await?.mapped(query, read).await,
        }
    }

    /// A connection for one statement.
    pub(in crate::store) async fn session(&self, patience: Duration) -> Result<Session, StoreError> {
        Ok(Session::acquire(&self.pool, patience).await?)
    }

    /// Starts a transaction with the statement `begin`.
    pub(super) async fn begin(&self, begin: &'static str, patience: Duration) -> Result<Session, StoreError> {
        Ok(Session::begin(&self.pool, patience, begin).await?)
    }

    /// Whether the database answers.
    pub(super) async fn ping(&self, patience: Duration) -> Result<(), StoreError> {
        Ok(self.session(patience).await?.simple("SELECT 1").await?)
    }

    /// Whether a statement fits the schema.
    pub(super) async fn prepare(&self, statement: Statement) -> Result<(), StoreError> {
        let prepared = self.pool.prepare(SqlStr::from_static(statement.postgres)).await;
        Ok(prepared.map(drop)?)
    }

    /// Closes all connections.
    pub(super) async fn close(&self) {
        self.pipelines.close();
        self.pool.close().await;
    }
}

impl Session {
    /// The rows of a statement.
    pub(in crate::store) async fn all<R: FromRow>(&mut self, query: Query<'_>) -> Result<Vec<R>, StoreError> {
        self.mapped(query, R::from_row).await
    }

    async fn mapped<T>(&mut self, query: Query<'_>, read: impl ReadRow<T>) -> Result<Vec<T>, StoreError> {
        let (sql, arguments) = prepared(query)?;
        let rows: Vec<PgRow> = self
            .answer(async |connection: &mut PgConnection| sqlx::query_with(sql, arguments).fetch_all(connection).await)
            .await?;
        rows.iter().map(|row| read(&Row::Postgres(row))).collect()
    }

    /// Runs a statement and counts the rows that it changed.
    pub(in crate::store) async fn execute(&mut self, query: Query<'_>) -> Result<u64, StoreError> {
        let (sql, arguments) = prepared(query)?;
        let done = self
            .answer(async |connection: &mut PgConnection| sqlx::query_with(sql, arguments).execute(connection).await)
            .await?;
        Ok(done.rows_affected())
    }
}

fn prepared(query: Query<'_>) -> Result<(SqlStr, PgArguments), StoreError> {
    let sql = match query.postgres() {
        std::borrow::Cow::Borrowed(text) => SqlStr::from_static(text),
        // The only texts that are not constants; they come from sea-query, with every value bound.
        std::borrow::Cow::Owned(text) => sqlx::AssertSqlSafe(text.as_str()).into_sql_str(),
    };
    let mut arguments = PgArguments::default();
    for value in query.values {
        bind(&mut arguments, value).map_err(StoreError::Database)?;
    }
    Ok((sql, arguments))
}

fn bind(arguments: &mut PgArguments, value: Value<'_>) -> Result<(), sqlx::error::BoxDynError> {
    use sqlx::Arguments as _;
    match value {
        Value::Text(text) => arguments.add(text),
        Value::Bytes(bytes) => arguments.add(bytes.as_deref()),
        Value::Uuid(id) => arguments.add(id),
        Value::Int(number) => arguments.add(number),
        Value::SmallInt(number) => arguments.add(number),
        Value::Bool(truth) => arguments.add(truth),
        Value::Time(time) => arguments.add(time),
    }
}
