//! The composition root: the only module that knows every adapter.

mod doctor;
mod identity;
mod options;
mod server;

use std::{net::TcpListener, sync::Arc, time::Duration};

use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;

pub use self::{
    doctor::{Diagnosis, doctor},
    identity::identity_url,
};
use self::{identity::Identities, server::Parts};
use crate::{
    audit::AuditError,
    auth::{
        Authenticator,
        keystone::ClientError,
        policy::{Policy, PolicyError},
    },
    clock::{Clock, Ids, RandomIds, SystemClock},
    driver::{Driver, DriverError, file::FileDriver},
    http::health::Probes,
    identity::IdentityError,
    inventory::DriverInventory,
    probes::{DatabaseProbe, StorageProbe},
    service::Service,
    settings::{DriverName, Settings},
    store::{Database, Store, StoreError},
    wakeup::Wakeup,
    worker::{self, Worker},
};

/// What keeps the service from starting, or from ending well.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The database.
    #[error("the database cannot be used: {0}")]
    Store(#[from] StoreError),
    /// The storage.
    #[error("the storage cannot be used: {0}")]
    Driver(#[from] DriverError),
    /// The two together.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// What is told cannot be written.
    #[error("cannot write: {0}")]
    Write(#[source] std::io::Error),
    /// The policy file.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The way to the identity service.
    #[error("{0}")]
    Keystone(#[from] ClientError),
    /// The address.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: String,
        /// Why.
        source: std::io::Error,
    },
    /// The development identity.
    #[error("the development identity cannot be used: {0}")]
    Identity(#[from] IdentityError),
    /// The HTTP server.
    #[error("the server failed: {0}")]
    Serve(#[source] std::io::Error),
}

/// Time and ids: the machine's, unless a test brings its own.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn Ids>,
}

impl Default for Sources {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
        }
    }
}

/// The whole program, built and listening, not yet running.
#[derive(Debug)]
pub struct Application {
    listener: TcpListener,
    settings: Settings,
    store: Store,
    worker: Worker,
    wakeup: Wakeup,
    parts: Parts,
}

/// Opens the database and brings its schema up to date.
///
/// # Errors
/// [`StoreError`].
pub async fn open_store(settings: &Settings) -> Result<Store, StoreError> {
    let store = Store::open(&Database {
        url: settings.database.url.expose_secret().to_owned(),
        max_connections: settings.database.max_connections,
    })
    .await?;
    store.migrate().await?;
    store.verify().await?;
    Ok(store)
}

async fn open_driver(settings: &Settings) -> Result<Arc<dyn Driver>, DriverError> {
    match settings.storage.driver {
        DriverName::File => Ok(Arc::new(FileDriver::open(&settings.storage.path).await?)),
    }
}

impl Application {
    /// Opens everything and binds the port. Nothing is served yet.
    ///
    /// # Errors
    /// [`AppError`] saying what cannot be used.
    pub async fn build(settings: Settings, sources: Sources) -> Result<Self, AppError> {
        let policy = Policy::load(settings.policy.file())?;
        let store = open_store(&settings).await?;
        let driver = open_driver(&settings).await?;
        driver.check().await?;
        let installation = options::installation(&settings);
        let known = store.storage_of(&installation.host).await?;
        let storage = driver
            .identify(known.as_deref(), &sources.ids.next().to_string())
            .await?;
        store.storage_set(&installation.host, &storage).await?;
        let probes = Probes(vec![
            Arc::new(DatabaseProbe(store.clone())),
            Arc::new(StorageProbe(Arc::clone(&driver))),
        ]);
        let listener = TcpListener::bind(settings.server.bind).map_err(|source| AppError::Listen {
            address: settings.server.bind.to_string(),
            source,
        })?;
        let wakeup = Wakeup::default();
        let host = installation.host.clone();
        let service = Service::new(
            store.clone(),
            Arc::clone(&sources.clock),
            Arc::clone(&sources.ids),
            wakeup.clone(),
            installation,
            Arc::new(DriverInventory(Arc::clone(&driver))),
        );
        let worker = Worker::new(
            store.clone(),
            host,
            driver,
            Arc::clone(&sources.clock),
            Arc::clone(&sources.ids),
            options::worker(&settings),
        );
        // The listener knows the port when the settings left it open.
        let address = listener.local_addr().unwrap_or(settings.server.bind);
        let identities = Identities::open(&settings, &store, &sources, address).await?;
        Ok(Self {
            listener,
            settings,
            store,
            worker,
            wakeup,
            parts: Parts {
                service,
                identities,
                policy,
                probes,
            },
        })
    }

    /// Identifies callers in another way than the settings say; for tests.
    #[must_use]
    pub fn with_identity(mut self, identity: Arc<dyn Authenticator>) -> Self {
        self.parts.identities.authenticator = identity;
        self
    }

    /// Where it listens; tells the port when the settings left it open.
    ///
    /// # Errors
    /// [`std::io::Error`] of the operating system.
    pub fn address(&self) -> std::io::Result<std::net::SocketAddr> {
        self.listener.local_addr()
    }

    /// The worker, for tests that step it.
    pub fn worker(&self) -> Worker {
        self.worker.clone()
    }

    /// The state, for tests that look at it.
    pub fn store(&self) -> Store {
        self.store.clone()
    }

    /// Serves until `stop` fires, then stops accepting, lets requests and tasks finish, gives the rest
    /// of the tasks back and closes the database.
    ///
    /// # Errors
    /// [`AppError::Serve`].
    pub async fn run(self, stop: CancellationToken) -> Result<(), AppError> {
        let grace = Duration::from_secs(self.settings.server.shutdown_grace);
        let server = server::serve(self.listener, &self.settings, self.parts).map_err(AppError::Serve)?;
        let handle = server.handle();
        let stopped = stop.clone();
        let tracker = tokio_util::task::TaskTracker::new();
        tracker.spawn(async move {
            stopped.cancelled().await;
            handle.stop(true).await;
        });
        let worker = async {
            if self.settings.worker.enabled {
                worker::run(self.worker, self.wakeup, stop.clone(), grace).await;
            } else {
                stop.cancelled().await;
            }
        };
        let serve = async {
            let ended = server.await;
            // A server that ends by itself takes the worker along.
            stop.cancel();
            ended
        };
        let (ended, ()) = tokio::join!(serve, worker);
        tracker.close();
        tracker.wait().await;
        self.store.close().await;
        ended.map_err(AppError::Serve)
    }
}
