//! The back end of this process: its storage, and the name under which the database knows it.

use std::sync::Arc;

use super::{AppError, Sources};
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
}

impl Backend {
    /// Opens the storage and agrees with the database on which one it is.
    ///
    /// # Errors
    /// [`AppError::Driver`] for a storage that cannot be used or is not the one that the volumes are in,
    /// [`AppError::Renamed`] for one that has volumes under another name.
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
            Some(name) if name != wanted => rename(settings, store, name, wanted).await?,
            _same_or_new => wanted,
        };
        store.storage_set(&host, &storage).await?;
        Ok(Self { host, driver })
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
    let wanted = BackendHost::new(&machine(settings), &settings.storage.backend);
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
    name: BackendHost,
    wanted: BackendHost,
) -> Result<BackendHost, AppError> {
    if settings.storage.host.is_empty() && name.backend() == wanted.backend() {
        tracing::info!(%name, "the storage keeps the name under which the database knows it");
        return Ok(name);
    }
    if store.has_volumes_on(&name).await? {
        return Err(AppError::Renamed { name, wanted });
    }
    store.storage_forget(&name).await?;
    store.service_forget(name.service(), Binary::Volume).await?;
    Ok(wanted)
}

/// This machine's name: that of the settings, else its own.
pub(super) fn machine(settings: &Settings) -> String {
    if settings.storage.host.is_empty() {
        let name = rustix::system::uname();
        name.nodename().to_string_lossy().into_owned()
    } else {
        settings.storage.host.clone()
    }
}
