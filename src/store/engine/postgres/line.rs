//! One connection, and the statements that it has prepared.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Mutex, MutexGuard},
};

use futures_util::{StreamExt as _, pin_mut};
use tokio_postgres::{
    Client, Config, Statement,
    types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::store::{
    StoreError,
    engine::{Query, ReadRow, Row, query::Value, threads::lock},
};

/// So many prepared statements are kept.
const PREPARED: usize = 256;

/// Where connections lead, and how.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) tls: MakeRustlsConnect,
}

/// A connection. Several may use it at once: what each sends is done in the order in which it was sent.
#[derive(Debug)]
pub(super) struct Line {
    client: Client,
    prepared: Mutex<HashMap<Cow<'static, str>, Statement>>,
}

impl Address {
    /// Opens a connection, which lives as long as the runtime of this thread.
    pub(super) async fn connect(&self) -> Result<Line, StoreError> {
        // Rare and large, and part of every future that reads.
        let (client, connection) = Box::pin(self.config.connect(self.tls.clone())).await?;
        #[expect(clippy::disallowed_methods, reason = "it ends with the last handle of its client")]
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to the database has ended");
            }
        });
        Ok(Line {
            client,
            prepared: Mutex::default(),
        })
    }
}

impl Line {
    /// Whether it is known to have ended.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// What `read` makes of the rows of a statement.
    pub(super) async fn mapped<T>(&self, query: &Query<'_>, read: &impl ReadRow<T>) -> Result<Vec<T>, StoreError> {
        let statement = self.prepared(query).await?;
        self.rows(&statement, query, read).await
    }

    /// The same for a statement that the server knows by this handle. It is sent when this is first polled.
    pub(super) async fn rows<T>(
        &self,
        statement: &Statement,
        query: &Query<'_>,
        read: &impl ReadRow<T>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.client.query_raw(statement, &query.values).await?;
        pin_mut!(rows);
        let mut found = Vec::new();
        while let Some(row) = rows.next().await {
            found.push(read(&Row::Postgres(&row?))?);
        }
        Ok(found)
    }

    /// Runs a statement and counts the rows that it changed.
    pub(super) async fn execute(&self, query: &Query<'_>) -> Result<u64, StoreError> {
        let statement = self.prepared(query).await?;
        Ok(self.client.execute_raw(&statement, &query.values).await?)
    }

    /// Runs a statement without values or rows.
    pub(super) async fn simple(&self, sql: &'static str) -> Result<(), StoreError> {
        Ok(self.client.batch_execute(sql).await?)
    }

    /// Whether the server can prepare a statement.
    pub(super) async fn describe(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.client.prepare(sql).await.map(drop)?)
    }

    /// Whether the server has been asked for this statement.
    pub(super) fn knows(&self, query: &Query<'_>) -> bool {
        self.lock().contains_key(query.postgres())
    }

    /// The statement as the server knows it; asked for once.
    pub(super) async fn prepared(&self, query: &Query<'_>) -> Result<Statement, StoreError> {
        if let Some(statement) = self.lock().get(query.postgres()) {
            return Ok(statement.clone());
        }
        let types: Vec<_> = query.values.iter().map(Value::kind).collect();
        let statement = self.client.prepare_typed(query.postgres(), &types).await?;
        let mut prepared = self.lock();
        if prepared.len() >= PREPARED {
            // Those in use come back at once.
            prepared.clear();
        }
        prepared.insert(query.postgres().clone(), statement.clone());
        Ok(statement)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Cow<'static, str>, Statement>> {
        lock(&self.prepared)
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The rest has the password.
        f.debug_struct("Address").finish_non_exhaustive()
    }
}

impl Value<'_> {
    fn kind(&self) -> Type {
        match self {
            Self::Text(_) => Type::TEXT,
            Self::Bytes(_) => Type::BYTEA,
            Self::Uuid(_) => Type::UUID,
            Self::Int(_) => Type::INT8,
            Self::SmallInt(_) => Type::INT4,
            Self::Bool(_) => Type::BOOL,
            Self::Time(_) => Type::TIMESTAMPTZ,
        }
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Text(text) => text.as_deref().to_sql(kind, out),
            Self::Bytes(bytes) => bytes.as_deref().to_sql(kind, out),
            Self::Uuid(id) => id.to_sql(kind, out),
            Self::Int(number) => number.to_sql(kind, out),
            Self::SmallInt(number) => number.to_sql(kind, out),
            Self::Bool(truth) => truth.to_sql(kind, out),
            Self::Time(time) => time.to_sql(kind, out),
        }
    }

    fn accepts(_kind: &Type) -> bool {
        // Each is sent as what it is: the statement was prepared with these kinds.
        true
    }

    to_sql_checked!();
}

/// What the server, or the way to it, said. The library's own text for both is just what kind of error it was.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.text())]
pub(super) struct Said(tokio_postgres::Error);

impl Said {
    /// Whether the server said it, so that the connection still serves.
    pub(super) fn is_answer(&self) -> bool {
        self.0.code().is_some()
    }

    fn text(&self) -> String {
        let cause = std::error::Error::source(&self.0);
        match (self.0.as_db_error(), cause) {
            (Some(said), _) => format!("{} ({})", said.message(), said.code().code()),
            (None, Some(cause)) => format!("{}: {cause}", self.0),
            (None, None) => self.0.to_string(),
        }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let code = error.code().cloned();
        // Connections fail in many ways, and nothing else fails without a code but a value that does not fit.
        let lost = error.is_closed()
            || std::error::Error::source(&error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>);
        let said = Said(error).into();
        match code {
            Some(code) => Self::of_code(code.code(), said),
            None if lost => Self::Unavailable(said),
            None => Self::Database(said),
        }
    }
}
