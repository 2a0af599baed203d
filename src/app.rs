//! The composition root: the only file that knows every adapter.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use actix_web::{
    App, HttpServer,
    dev::Server,
    middleware::from_fn,
    web::{self, Data},
};
use chrono::TimeDelta;
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;

use crate::{
    auth::{Authenticator, NoAuth},
    cinder::{self, CinderOptions, Identity},
    clock::{Clock, Ids, RandomIds, SystemClock},
    driver::{Driver, DriverError, file::FileDriver},
    http::{self, health::Probes},
    identity::{self, DevIdentity, IdentityError},
    inventory::DriverInventory,
    probes::{DatabaseProbe, StorageProbe},
    service::{Installation, QuotaDefaults, Service},
    settings::{DriverName, Settings, Strategy},
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
    service: Service,
    worker: Worker,
    wakeup: Wakeup,
    identity: Arc<dyn Authenticator>,
    /// Served below `/identity` under `auth.strategy = dev`.
    dev: Option<Data<DevIdentity>>,
    probes: Probes,
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

/// The development identity, if the settings ask for it.
async fn dev_identity(
    settings: &Settings,
    store: &Store,
    sources: &Sources,
    listener: &TcpListener,
) -> Result<Option<Data<DevIdentity>>, AppError> {
    if settings.auth.strategy != Strategy::Dev {
        return Ok(None);
    }
    // The listener knows the port when the settings left it open.
    let address = listener.local_addr().unwrap_or(settings.server.bind);
    let identity = DevIdentity::open(
        &settings.dev,
        store.clone(),
        Arc::clone(&sources.clock),
        Arc::clone(&sources.ids),
        identity_url(settings, address),
    )
    .await?;
    Ok(Some(Data::new(identity)))
}

/// Where the development identity is for whoever cannot tell from a request; `bound` is the address that
/// the server has.
pub fn identity_url(settings: &Settings, bound: SocketAddr) -> String {
    let endpoint = &settings.server.public_endpoint;
    let base = if endpoint.is_empty() {
        let mut reached = bound;
        if reached.ip().is_unspecified() {
            // All addresses: this machine's own is one of them.
            reached.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        format!("http://{reached}")
    } else {
        http::links::without_version(endpoint.trim_end_matches('/')).to_owned()
    };
    format!("{base}/identity/v3")
}

/// The way of identifying callers that the settings ask for.
fn authenticator(dev: Option<&Data<DevIdentity>>) -> Arc<dyn Authenticator> {
    match dev {
        Some(dev) => Arc::<DevIdentity>::clone(dev),
        None => Arc::new(NoAuth),
    }
}

impl Application {
    /// Opens everything and binds the port. Nothing is served yet.
    ///
    /// # Errors
    /// [`AppError`] saying what cannot be used.
    pub async fn build(settings: Settings, sources: Sources) -> Result<Self, AppError> {
        let store = open_store(&settings).await?;
        let driver = open_driver(&settings).await?;
        driver.check().await?;
        let installation = installation(&settings);
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
            driver,
            Arc::clone(&sources.clock),
            Arc::clone(&sources.ids),
            options(&settings),
        );
        let dev = dev_identity(&settings, &store, &sources, &listener).await?;
        let identity = authenticator(dev.as_ref());
        Ok(Self {
            listener,
            settings,
            store,
            service,
            worker,
            wakeup,
            identity,
            dev,
            probes,
        })
    }

    /// Identifies callers in another way than the settings say; for tests.
    #[must_use]
    pub fn with_identity(self, identity: Arc<dyn Authenticator>) -> Self {
        Self { identity, ..self }
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
        let server = serve(
            self.listener,
            &self.settings,
            self.service,
            self.identity,
            self.dev,
            self.probes,
        )
        .map_err(AppError::Serve)?;
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

/// The HTTP server over a service.
fn serve(
    listener: TcpListener,
    settings: &Settings,
    service: Service,
    identity: Arc<dyn Authenticator>,
    dev: Option<Data<DevIdentity>>,
    probes: Probes,
) -> std::io::Result<Server> {
    let probes = Data::new(probes);
    let identity: Data<Identity> = Data::from(identity);
    let public_endpoint = Some(settings.server.public_endpoint.clone()).filter(|endpoint| !endpoint.is_empty());
    let identity_options = Data::new(identity::http::Options {
        public_endpoint: public_endpoint.clone(),
    });
    let options = Data::new(CinderOptions {
        public_endpoint,
        max_limit: settings.server.max_limit,
    });
    let service = Data::new(service);
    let max_body = settings.server.max_request_body_size;
    let server = HttpServer::new(move || {
        App::new()
            .app_data(service.clone())
            .app_data(identity.clone())
            .app_data(options.clone())
            .app_data(probes.clone())
            .app_data(web::PayloadConfig::new(max_body))
            .wrap(from_fn(http::request::around))
            .route("/healthcheck", web::get().to(http::health::healthcheck))
            .configure(cinder::configure)
            .configure(|config| {
                if let Some(dev) = &dev {
                    config.app_data(dev.clone()).app_data(identity_options.clone());
                    identity::http::configure(config);
                }
            })
            .default_service(web::to(cinder::not_found))
    })
    .disable_signals()
    .shutdown_timeout(settings.server.shutdown_grace);
    let server = if settings.server.workers == 0 {
        server
    } else {
        server.workers(settings.server.workers)
    };
    Ok(server.listen(listener)?.run())
}

fn installation(settings: &Settings) -> Installation {
    let host = if settings.storage.host.is_empty() {
        let name = rustix::system::uname();
        name.nodename().to_string_lossy().into_owned()
    } else {
        settings.storage.host.clone()
    };
    let backend = &settings.storage.backend;
    Installation {
        host: format!("{host}@{backend}#{backend}"),
        availability_zone: settings.storage.availability_zone.clone(),
        default_volume_type: settings.volume.default_type.clone(),
        quotas: QuotaDefaults::new(settings.quota.limits(), !settings.quota.no_snapshot_gb_quota),
    }
}

fn options(settings: &Settings) -> worker::Options {
    worker::Options {
        concurrency: settings.worker.concurrency,
        lease: Duration::from_secs(settings.worker.lease),
        poll_interval: Duration::from_secs_f64(settings.worker.poll_interval),
        max_attempts: settings.worker.max_attempts,
        message_ttl: TimeDelta::seconds(i64::from(settings.message.ttl)),
    }
}
