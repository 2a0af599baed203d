//! PostgreSQL, through tokio-postgres (docs/adr/0015): unlike sqlx it can send a statement before the last one is
//! answered. Short reads of all requests share a few connections; transactions, and reads that may take long, have
//! one for themselves.

mod line;
mod pipe;
mod pipeline;
mod places;
mod pool;
mod session;
mod tls;

use std::{str::FromStr, sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions as _,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio_postgres::{Config, config::SslMode};

pub(in crate::store) use self::session::Session;
use self::{line::Address, pipeline::Pipelines, pool::Pool};
use super::{Query, ReadRow, Statement, Weight};
use crate::store::{Access, StoreError};

/// How long a request waits for a connection before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);

/// Options of every session.
const OPTIONS: [(&str, &str); 3] = [
    // Times travel as text in some replies; the session must not move them.
    ("timezone", "UTC"),
    // A peer that stopped in the middle of a transaction must not hold everybody up for ever.
    ("lock_timeout", "4s"),
    ("idle_in_transaction_session_timeout", "15s"),
];
/// Of those for short reads. An index serves these whatever their values are, and to plan each anew is a third of what
/// a page costs (docs/lists.md).
const ONE_PLAN: (&str, &str) = ("plan_cache_mode", "force_generic_plan");
const READ_ONLY: (&str, &str) = ("default_transaction_read_only", "on");

/// An open database.
#[derive(Debug)]
pub(in crate::store) struct Postgres {
    options: PgConnectOptions,
    pipelines: Pipelines,
    pool: Pool,
}

impl Postgres {
    pub(super) async fn open(url: &str, connections: u32, access: Access) -> Result<Self, StoreError> {
        let read_only = (access == Access::Inspect).then_some(READ_ONLY);
        let options = PgConnectOptions::from_str(url)?
            .application_name("breezeblock")
            .options(OPTIONS.into_iter().chain(read_only))
            .disable_statement_logging();
        let address = Address {
            config: config(&options),
            tls: tls::connector(&options)?,
        };
        let short = Address {
            config: config(&options.clone().options([ONE_PLAN])),
            tls: address.tls.clone(),
        };
        // One for each thread that serves requests, and one for all others.
        let threads = 1 + std::thread::available_parallelism().map_or(1, usize::from);
        let most = usize::try_from(connections.max(2)).unwrap_or(usize::MAX);
        let opened = Self {
            options,
            pipelines: Pipelines::new(short, threads),
            pool: Pool::new(address, most, threads),
        };
        opened.ping(PATIENCE).await?;
        Ok(opened)
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

    /// A page of rows, which others may have, too.
    pub(super) async fn page<T: Send + Sync + 'static>(
        &self,
        query: Query<'_>,
        patience: Duration,
        read: impl ReadRow<T>,
    ) -> Result<Arc<Vec<T>>, StoreError> {
        match query.weight {
            Weight::Light => self.pipelines.page(&query, patience, read).await,
            Weight::Heavy => self.mapped(query, patience, read).await.map(Arc::new),
        }
    }

    /// A connection for one statement.
    pub(in crate::store) async fn session(&self, patience: Duration) -> Result<Session, StoreError> {
        Ok(Session::new(self.pool.take(patience).await?, patience))
    }

    /// Starts a transaction with the statement `begin`.
    pub(super) async fn begin(&self, begin: &'static str, patience: Duration) -> Result<Session, StoreError> {
        let mut session = self.session(patience).await?;
        session.begin(begin)?;
        Ok(session)
    }

    /// Whether the database answers.
    pub(super) async fn ping(&self, patience: Duration) -> Result<(), StoreError> {
        self.session(patience).await?.simple("SELECT 1").await
    }

    /// Whether a statement fits the schema.
    pub(super) async fn prepare(&self, statement: Statement, patience: Duration) -> Result<(), StoreError> {
        self.session(patience).await?.describe(statement).await
    }

    /// How sqlx finds the same database, for migrations and calls between processes.
    pub(in crate::store) fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// Closes all connections.
    pub(super) async fn close(&self) {
        self.pipelines.close();
        self.pool.close().await;
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
