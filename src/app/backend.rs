//! The back end of this process: its storage, and the name under which the database knows it.

use std::sync::Arc;

use super::{AppError, Sources, options};
use crate::{
    domain::{BackendHost, Binary},
    driver::{Driver, DriverError, file::FileDriver},
    settings::{DriverName, Settings},
    store::{Store, StoreError},
};

/// A storage that can be used.
#[derive(Clone, Debug)]
pub(super) struct Backend {
    pub host: BackendHost,
    pub driver: Arc<dyn Driver>,
    /// The storage's own id.
    pub storage: String,
}

impl Backend {
    /// Opens the storage and agrees with the database on which one it is.
    ///
    /// # Errors
    /// [`AppError::Driver`] for a storage that cannot be used or is not the one that the volumes are in,
    /// [`AppError::Renamed`] for one that has volumes or workers under another name, [`AppError::NameTaken`] for a
    /// name under which another storage is in use.
    pub async fn open(settings: &Settings, store: &Store, sources: &Sources) -> Result<Self, AppError> {
        let driver = match &sources.driver {
            Some(driver) => Arc::clone(driver),
            None => open_driver(settings).await?,
        };
        driver.check().await?;
        let wanted = wanted(settings, store).await?;
        let known = store.storage_of(&wanted).await?;
        let storage = driver
            .identify(known.as_deref(), &sources.ids.next().to_string())
            .await?;
        let host = match store.storage_name(&storage).await? {
            Some(name) if name != wanted => rename(settings, store, sources, name, wanted).await?,
            _same_or_new => wanted,
        };
        let registered = store.storage_registered(&host).await?;
        if registered.is_some_and(|other| other != storage) && is_in_use(settings, store, sources, &host).await? {
            return Err(AppError::NameTaken(host));
        }
        store.storage_set(&host, &storage).await?;
        Ok(Self { host, driver, storage })
    }
}

async fn open_driver(settings: &Settings) -> Result<Arc<dyn Driver>, DriverError> {
    match settings.storage.driver {
        DriverName::File => Ok(Arc::new(FileDriver::open(&settings.storage.path).await?)),
    }
}

/// The name by the settings. Without one, an SQLite database, which is for one process, still knows what its only
/// storage was called: a container's host name changes with every container.
async fn wanted(settings: &Settings, store: &Store) -> Result<BackendHost, StoreError> {
    let wanted = BackendHost::new(&options::machine(settings), &settings.storage.backend);
    if settings.storage.host.is_empty()
        && !store.is_shared()
        && let [only] = store.storage_names().await?.as_slice()
        && only.backend() == wanted.backend()
    {
        return Ok(only.clone());
    }
    Ok(wanted)
}

/// The name under which the database knows a storage, for those who only look: nothing is agreed on.
pub(super) async fn known_as(
    settings: &Settings,
    store: &Store,
    driver: &dyn Driver,
) -> Result<BackendHost, StoreError> {
    let wanted = wanted(settings, store).await?;
    if store.storage_of(&wanted).await?.is_some() {
        return Ok(wanted);
    }
    for name in store.storage_names().await? {
        // An expected id is only compared.
        if let Some(id) = store.storage_of(&name).await?
            && driver.identify(Some(&id), &id).await.is_ok()
        {
            return Ok(name);
        }
    }
    Ok(wanted)
}

/// The name of a storage that is known under `name` and should be `wanted`.
async fn rename(
    settings: &Settings,
    store: &Store,
    sources: &Sources,
    name: BackendHost,
    wanted: BackendHost,
) -> Result<BackendHost, AppError> {
    if settings.storage.host.is_empty() && name.backend() == wanted.backend() {
        tracing::info!(%name, "the storage keeps the name under which the database knows it");
        return Ok(name);
    }
    if is_in_use(settings, store, sources, &name).await? || !store.storage_forget(&name).await? {
        return Err(AppError::Renamed { name, wanted });
    }
    store.service_forget(name.service(), Binary::Volume).await?;
    Ok(wanted)
}

/// Whether another process may be at work under the name: it would go on doing so.
async fn is_in_use(
    settings: &Settings,
    store: &Store,
    sources: &Sources,
    name: &BackendHost,
) -> Result<bool, StoreError> {
    let (now, down_time) = (sources.clock.now(), options::down_time(settings));
    let services = store.services().await?;
    let mut of_name = services
        .iter()
        .filter(|record| record.binary == Binary::Volume && record.host == name.service());
    // SQLite is for one process, which is this one.
    Ok(store.is_shared() && of_name.any(|record| record.is_up(now, down_time)))
}
