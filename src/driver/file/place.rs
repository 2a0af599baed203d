//! The storage folder, and whether it is still where it was.
//!
//! The driver works through the folders that it opened at its start. Were it moved away, unmounted, or mounted over,
//! everything would go on as if nothing had happened, in a place where nobody finds it again. So each operation looks
//! first; and when a folder is back that has the id of the one that was lost, it goes on in that one.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    errors::{explain, lost},
    identity,
    paths::Storage,
    stop::run,
};
use crate::driver::DriverError;

/// A path, and the folder that was found there.
#[derive(Clone, Debug)]
pub(super) struct Place(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    found: Mutex<Found>,
}

#[derive(Clone, Debug)]
struct Found {
    storage: Arc<Storage>,
    /// The id that the database knows; `None` until it was asked.
    id: Option<String>,
}

impl Place {
    pub(super) fn new(root: PathBuf, storage: Storage) -> Self {
        let found = Found {
            storage: Arc::new(storage),
            id: None,
        };
        Self(Arc::new(Inner {
            root,
            found: Mutex::new(found),
        }))
    }

    /// The storage, which is where it should be.
    ///
    /// Errors: it is not, and nothing with its id is there instead.
    pub(super) async fn storage(&self) -> Result<Arc<Storage>, DriverError> {
        let place = self.clone();
        run(move || place.look()).await
    }

    /// Says which id the folder must have that may take the place of this one.
    pub(super) fn is_known_as(&self, id: &str) {
        self.found().id = Some(id.to_owned());
    }

    fn look(&self) -> Result<Arc<Storage>, DriverError> {
        let Found { storage, id } = self.found().clone();
        if storage
            .is_in_place()
            .map_err(|error| explain("cannot use the storage folder", error))?
        {
            return Ok(storage);
        }
        let Some(id) = id else { return Err(lost()) };
        // The whole may be another copy of the same storage. A part of it that was replaced has no id of its own, and
        // may be a mount point without its mount.
        if storage
            .top()
            .is_in_place()
            .map_err(|error| explain("cannot use the storage folder", error))?
        {
            return Err(lost());
        }
        // Nothing is created here: an empty mount point must not become a storage.
        let Ok(again) = Storage::existing(&self.0.root) else {
            return Err(lost());
        };
        if identity::read(&again)?.as_deref() != Some(id.as_str()) {
            return Err(lost());
        }
        tracing::warn!(folder = %self.0.root.display(), "the storage folder was replaced by one with the same id");
        let again = Arc::new(again);
        self.found().storage = Arc::clone(&again);
        Ok(again)
    }

    fn found(&self) -> std::sync::MutexGuard<'_, Found> {
        self.0.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
