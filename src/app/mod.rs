//! The composition root: the only module that knows every adapter.

mod backend;
mod doctor;
mod drain;
mod heartbeat;
mod identity;
mod options;
mod relay;
mod server;

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;

use self::{backend::Backend, identity::Identities, server::Parts};
pub use self::{
    doctor::{Diagnosis, doctor},
    heartbeat::Pulse,
    identity::identity_url,
};
use crate::{
    audit::AuditError,
    auth::{
        Authenticator,
        keystone::ClientError,
        policy::{Policy, PolicyError},
    },
    clock::{Clock, Ids, RandomIds, SystemClock},
    domain::BackendHost,
    driver::{Driver, DriverError},
    http::health::{Probe, Probes},
    identity::IdentityError,
    inventory::DriverInventory,
    probes::{DatabaseProbe, StorageProbe},
    service::Service,
    settings::Settings,
    standing::Standing,
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
    /// The storage has volumes under another name than the settings give it.
    #[error(
        "the database knows this storage as {name}, and it has volumes or somebody works on it; set storage.host and \
         storage.backend to that instead of {wanted}"
    )]
    Renamed {
        /// Its name.
        name: BackendHost,
        /// The one by the settings.
        wanted: BackendHost,
    },
    /// Another storage has the name, and somebody works on it.
    #[error(
        "another storage is in use as {0}; give this one a name of its own with storage.host, or stop the other and \
         wait for service.down_time"
    )]
    NameTaken(BackendHost),
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

/// Time, ids and storage: the machine's and the settings', unless a test brings its own.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn Ids>,
    /// The storage; `None` for what the settings say.
    pub driver: Option<Arc<dyn Driver>>,
}

impl Default for Sources {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            driver: None,
        }
    }
}

/// The whole program, built and listening, not yet running.
#[derive(Debug)]
pub struct Application {
    settings: Settings,
    store: Store,
    wakeup: Wakeup,
    pulse: Pulse,
    /// If it works on tasks.
    worker: Option<Worker>,
    /// Whether somebody else steps the worker.
    by_hand: bool,
    /// If it takes requests.
    front: Option<(TcpListener, Parts)>,
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
    .await?
    .with_timeout(Duration::from_secs(settings.database.timeout));
    store.refuse_damage().await?;
    store.migrate().await?;
    store.verify().await?;
    Ok(store)
}

impl Application {
    /// Opens everything and binds the port. Nothing is served yet.
    ///
    /// # Errors
    /// [`AppError`] saying what cannot be used.
    pub async fn build(settings: Settings, sources: Sources) -> Result<Self, AppError> {
        let policy = Policy::load(settings.policy.file())?;
        let store = Box::pin(open_store(&settings)).await?;
        let backend = if settings.worker.enabled {
            Some(Backend::open(&settings, &store, &sources).await?)
        } else {
            None
        };
        let standing = Standing::default();
        let pulse = pulse(&settings, &store, &sources, backend.as_ref(), &standing);
        // Before anybody asks for a volume: it may have to be here.
        pulse.beat().await?;
        let wakeup = Wakeup::default();
        let front = if settings.server.enabled {
            Some(
                front(
                    &settings,
                    &store,
                    &sources,
                    policy,
                    &wakeup,
                    backend.as_ref(),
                    &standing,
                )
                .await?,
            )
        } else {
            None
        };
        let worker = backend.map(|Backend { host, driver, .. }| {
            let (clock, ids) = (Arc::clone(&sources.clock), Arc::clone(&sources.ids));
            Worker::new(store.clone(), host, driver, clock, ids, options::worker(&settings)).standing(standing)
        });
        Ok(Self {
            settings,
            store,
            wakeup,
            pulse,
            worker,
            by_hand: false,
            front,
        })
    }

    /// Identifies callers in another way than the settings say; for tests.
    #[must_use]
    pub fn with_identity(mut self, identity: Arc<dyn Authenticator>) -> Self {
        if let Some((_listener, parts)) = &mut self.front {
            parts.identities.authenticator = identity;
        }
        self
    }

    /// Leaves the worker's steps and the signs of life to the caller; for tests.
    #[must_use]
    pub fn by_hand(mut self) -> Self {
        self.by_hand = true;
        self
    }

    /// Where it listens, if it takes requests; tells the port when the settings left it open.
    pub fn address(&self) -> Option<SocketAddr> {
        let (listener, _parts) = self.front.as_ref()?;
        listener.local_addr().ok()
    }

    /// The worker, if it works on tasks.
    pub fn worker(&self) -> Option<Worker> {
        self.worker.clone()
    }

    /// The signs of life, for tests that give them.
    pub fn pulse(&self) -> Pulse {
        self.pulse.clone()
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
        let interval = Duration::from_secs(u64::from(self.settings.service.report_interval));
        let server = match self.front {
            Some((listener, parts)) => Some(server::serve(listener, &self.settings, parts).map_err(AppError::Serve)?),
            None => None,
        };
        let tracker = tokio_util::task::TaskTracker::new();
        tracker.spawn(relay::run(self.store.clone(), self.wakeup.clone(), stop.clone()));
        if !self.by_hand {
            tracker.spawn(self.pulse.run(interval, stop.clone()));
        }
        let serve = async {
            let Some((server, drain)) = server else {
                stop.cancelled().await;
                return Ok(());
            };
            let (handle, stopped) = (server.handle(), stop.clone());
            tracker.spawn(async move {
                stopped.cancelled().await;
                drain.end(handle, grace).await;
            });
            let ended = server.await;
            // A server that ends by itself takes the rest along.
            stop.cancel();
            ended
        };
        let work = async {
            match self.worker.filter(|_worker| !self.by_hand) {
                Some(worker) => worker::run(worker, self.wakeup, stop.clone(), grace).await,
                None => stop.cancelled().await,
            }
        };
        let (ended, ()) = tokio::join!(serve, work);
        tracker.close();
        tracker.wait().await;
        self.store.close().await;
        ended.map_err(AppError::Serve)
    }
}

fn pulse(
    settings: &Settings,
    store: &Store,
    sources: &Sources,
    backend: Option<&Backend>,
    standing: &Standing,
) -> Pulse {
    Pulse {
        store: store.clone(),
        clock: Arc::clone(&sources.clock),
        availability_zone: settings.storage.availability_zone.clone(),
        scheduler: settings.server.enabled.then(|| options::machine(settings)),
        backend: backend.cloned(),
        standing: standing.clone(),
    }
}

/// Everything that takes requests.
async fn front(
    settings: &Settings,
    store: &Store,
    sources: &Sources,
    policy: Policy,
    wakeup: &Wakeup,
    backend: Option<&Backend>,
    standing: &Standing,
) -> Result<(TcpListener, Parts), AppError> {
    let mut probes: Vec<Arc<dyn Probe>> = vec![Arc::new(DatabaseProbe(store.clone()))];
    probes.extend(backend.map(|backend| Arc::new(StorageProbe::new(Arc::clone(&backend.driver))) as Arc<dyn Probe>));
    let listener = TcpListener::bind(settings.server.bind).map_err(|source| AppError::Listen {
        address: settings.server.bind.to_string(),
        source,
    })?;
    let service = Service::new(
        store.clone(),
        Arc::clone(&sources.clock),
        Arc::clone(&sources.ids),
        wakeup.clone(),
        options::installation(settings, backend.map(|backend| backend.host.clone()), standing.clone()),
        backend.map(|backend| Arc::new(DriverInventory(Arc::clone(&backend.driver))) as _),
    );
    // The listener knows the port when the settings left it open.
    let address = listener.local_addr().unwrap_or(settings.server.bind);
    let identities = Identities::open(settings, store, sources, address).await?;
    let parts = Parts {
        service,
        identities,
        policy,
        probes: Probes(probes),
    };
    Ok((listener, parts))
}
