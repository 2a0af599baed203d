//! Short reads. Each thread that serves requests has a connection of its own, on which every statement is sent at
//! once, without waiting for the answers to those before it: one call of the kernel carries the statements, or the
//! answers, of many requests.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt as _, pin_mut};
use sqlx::{
    ConnectOptions as _,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio_postgres::{
    Client, Config, Statement,
    config::SslMode,
    types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::tls;
use crate::store::{
    StoreError,
    engine::{Query, ReadRow, Row, query::Value, threads::this_thread},
    error::{closed, silent},
};

/// So many prepared statements are kept on each connection.
const PREPARED: usize = 256;

/// Short reads are served by an index whatever the values are; to plan each anew is a third of what they cost.
const GENERIC: (&str, &str) = ("plan_cache_mode", "force_generic_plan");

/// The connections that short reads share.
pub(super) struct Pipelines {
    config: Config,
    tls: MakeRustlsConnect,
    lines: Box<[Place]>,
}

/// Where a thread finds its connection.
#[derive(Default)]
struct Place {
    line: Mutex<Option<Arc<Line>>>,
    /// Held while one connects, so that the others wait for that one.
    connecting: tokio::sync::Mutex<()>,
}

/// One connection.
struct Line {
    client: Client,
    prepared: Mutex<HashMap<Cow<'static, str>, Statement>>,
}

impl Pipelines {
    pub(super) fn new(options: &PgConnectOptions, connections: u32) -> Result<Self, StoreError> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let most = usize::try_from(connections.max(1)).unwrap_or(usize::MAX);
        // As many again as serve requests, for the worker's threads and others.
        let lines = most.min(2 * threads);
        let options = options.clone().options([GENERIC]);
        Ok(Self {
            config: config(&options),
            tls: tls::connector(&options)?,
            lines: (0..lines).map(|_index| Place::default()).collect(),
        })
    }

    /// The rows of a statement. It only reads, so that it can be asked anew when the connection ended meanwhile.
    pub(super) async fn mapped<T>(
        &self,
        query: &Query<'_>,
        patience: Duration,
        row: impl ReadRow<T>,
    ) -> Result<Vec<T>, StoreError> {
        let place = &self.lines[this_thread() % self.lines.len()];
        let read = async {
            let line = self.line(place).await?;
            match line.mapped(query, &row).await {
                Err(error) if line.client.is_closed() => {
                    tracing::debug!(%error, "the database has closed a connection");
                    self.line(place).await?.mapped(query, &row).await
                }
                done => done,
            }
        };
        match tokio::time::timeout(patience, read).await {
            Ok(done) => done,
            Err(_elapsed) => {
                // Whatever else waits for an answer on this one finds out for itself.
                place.put(None);
                Err(silent())
            }
        }
    }

    /// The connection of this thread, opened if there is none.
    async fn line(&self, place: &Place) -> Result<Arc<Line>, StoreError> {
        if let Some(line) = place.open() {
            return Ok(line);
        }
        let _only = place.connecting.lock().await;
        if let Some(line) = place.open() {
            return Ok(line);
        }
        let (client, connection) = self.config.connect(self.tls.clone()).await?;
        #[expect(clippy::disallowed_methods, reason = "it ends with the last handle of its client")]
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to the database has ended");
            }
        });
        let line = Arc::new(Line {
            client,
            prepared: Mutex::default(),
        });
        place.put(Some(Arc::clone(&line)));
        Ok(line)
    }

    pub(super) fn close(&self) {
        for place in &self.lines {
            place.put(None);
        }
    }
}

impl Place {
    fn open(&self) -> Option<Arc<Line>> {
        let line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.as_ref().filter(|line| !line.client.is_closed()).map(Arc::clone)
    }

    fn put(&self, line: Option<Arc<Line>>) {
        *self.line.lock().unwrap_or_else(PoisonError::into_inner) = line;
    }
}

impl Line {
    async fn mapped<T>(&self, query: &Query<'_>, read: &impl ReadRow<T>) -> Result<Vec<T>, StoreError> {
        let statement = self.prepared(query).await?;
        let rows = self.client.query_raw(&statement, &query.values).await?;
        pin_mut!(rows);
        let mut found = Vec::new();
        while let Some(row) = rows.next().await {
            found.push(read(&Row::Pipelined(&row?))?);
        }
        Ok(found)
    }

    async fn prepared(&self, query: &Query<'_>) -> Result<Statement, StoreError> {
        let known = self
            .prepared
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(query.postgres())
            .cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let types: Vec<_> = query.values.iter().map(Value::kind).collect();
        let statement = self.client.prepare_typed(query.postgres(), &types).await?;
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        if prepared.len() >= PREPARED {
            // Those in use come back at once.
            prepared.clear();
        }
        prepared.insert(query.postgres().clone(), statement.clone());
        Ok(statement)
    }
}

impl std::fmt::Debug for Pipelines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pipelines")
            .field("lines", &self.lines.len())
            .finish_non_exhaustive()
    }
}

/// The same address and options for the other client.
fn config(options: &PgConnectOptions) -> Config {
    let mut config = Config::new();
    match options.get_socket() {
        Some(folder) => config.host_path(folder),
        None => config.host(options.get_host()),
    };
    config
        .port(options.get_port())
        .user(options.get_username())
        .application_name(options.get_application_name().unwrap_or_default())
        .options(options.get_options().unwrap_or_default())
        .ssl_mode(match options.get_ssl_mode() {
            // `allow` tries without first, and there is no second try here.
            PgSslMode::Disable | PgSslMode::Allow => SslMode::Disable,
            PgSslMode::Prefer => SslMode::Prefer,
            PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull => SslMode::Require,
        });
    if let Some(database) = options.get_database() {
        config.dbname(database);
    }
    // There is no other way to what may come from a file or the environment.
    if let Some(password) = options.to_url_lossy().password() {
        let password = percent_encoding::percent_decode_str(password).collect::<Vec<_>>();
        config.password(password);
    }
    config
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

/// A closed store has no connections.
impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.code().cloned() {
            Some(code) => Self::of_code(code.code(), error.into()),
            None if error.is_closed() => closed(),
            // Connections fail in many ways, and nothing else fails without a code but a value that does not fit.
            None if std::error::Error::source(&error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>) => {
                Self::Unavailable(error.into())
            }
            None => Self::Database(error.into()),
        }
    }
}
