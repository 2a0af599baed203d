//! A folder's own id, so that an empty folder in the place of a lost mount is not taken for the storage.

use std::io::{Read, Write};

use rustix::{fs::OFlags, io::Errno};

use super::{errors::explain, paths::Storage};
use crate::{
    breakpoint,
    driver::{DriverError, Kind},
};

const NAME: &str = ".storage-id";

/// See [`crate::driver::Driver::identify`].
pub(super) fn agree(storage: &Storage, known: Option<&str>, fresh: &str) -> Result<String, DriverError> {
    let found = read(storage)?;
    match (found, known) {
        (Some(found), Some(known)) if found != known => Err(DriverError::fatal(
            Kind::Denied,
            "the storage folder belongs to another database; check storage.path and database.url",
        )),
        (None, Some(_known)) => Err(DriverError::fatal(
            Kind::NotFound,
            "the storage folder is not the one that this database's volumes are in; check storage.path, and whether \
             it is mounted",
        )),
        (Some(found), _) => {
            tidy(storage)?;
            Ok(found)
        }
        (None, None) => write(storage, fresh),
    }
}

/// The id of the folder; `None` if it has none.
pub(super) fn read(storage: &Storage) -> Result<Option<String>, DriverError> {
    let cannot = |error: std::io::Error| explain("cannot read the id of the storage folder", error);
    let cannot_sys = |error: Errno| cannot(error.into());
    let folder = storage.top();
    if folder.stat(NAME).map_err(cannot_sys)?.is_none() {
        return Ok(None);
    }
    let mut text = String::new();
    let mut file = folder.file(NAME, OFlags::RDONLY).map_err(cannot_sys)?;
    file.read_to_string(&mut text).map_err(cannot)?;
    Ok(Some(text.trim().to_owned()).filter(|id| !id.is_empty()))
}

/// Removes what processes that died on the way to an id have left. One that is still on its way learns that
/// there is an id already.
fn tidy(storage: &Storage) -> Result<(), DriverError> {
    let cannot = |error: Errno| explain("cannot tidy up the storage folder", error);
    let prefix = format!("{NAME}.");
    for name in storage
        .top()
        .names_that(|name| name.starts_with(&prefix))
        .map_err(cannot)?
    {
        storage.top().unlink(&name).map_err(cannot)?;
        breakpoint::hit("file.id_tidied");
    }
    Ok(())
}

/// Of two processes that start at once, the one that creates the file names the storage.
fn write(storage: &Storage, fresh: &str) -> Result<String, DriverError> {
    let cannot = |error: std::io::Error| explain("cannot write the id of the storage folder", error);
    let cannot_sys = |error: Errno| cannot(error.into());
    let temporary = format!("{NAME}.{fresh}");
    let folder = storage.top();
    let mut file = folder
        .file(&temporary, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL)
        .map_err(cannot_sys)?;
    file.write_all(fresh.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(cannot)?;
    breakpoint::hit("file.id_written");
    // Not a rename, which would replace the id that another process has read already.
    let named = match folder.link(&temporary, NAME) {
        // Another process was faster, and may have tidied up behind us already.
        Err(Errno::EXIST | Errno::NOENT) => Ok(()),
        other => other,
    };
    breakpoint::hit("file.id_named");
    named.map_err(cannot_sys)?;
    tidy(storage)?;
    folder.sync().map_err(cannot_sys)?;
    breakpoint::hit("file.id_synced");
    Ok(read(storage)?.unwrap_or_else(|| fresh.to_owned()))
}
