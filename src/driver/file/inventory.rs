//! What is in the storage folder: complete objects, and what killed operations left.

use std::sync::Arc;

use rustix::{
    fs::{FlockOperation, OFlags},
    io::Errno,
};

use super::{
    errors::explain,
    paths::{Folder, Object, Storage, is_plain, is_regular, size_of},
};
use crate::{
    domain::{LeftOver, Resource, ResourceKind, StoredObject},
    driver::DriverError,
};

/// Every regular file that has the place and a possible name of an object.
pub(super) fn objects(storage: &Storage) -> Result<Vec<StoredObject>, DriverError> {
    let cannot = |error| explain("cannot list the storage folder", error);
    let mut found = Vec::new();
    for kind in ResourceKind::ALL {
        for name in storage.folder(*kind).names().map_err(cannot)? {
            found.extend(object(storage, *kind, &name)?);
        }
    }
    Ok(found)
}

/// The one with this name.
pub(super) fn object(storage: &Storage, kind: ResourceKind, name: &str) -> Result<Option<StoredObject>, DriverError> {
    if !is_plain(name) {
        return Ok(None);
    }
    let stat = storage
        .folder(kind)
        .stat(name)
        .map_err(|error| explain(format!("cannot find {name}"), error))?;
    Ok(stat.filter(is_regular).map(|stat| StoredObject {
        kind,
        name: name.to_owned(),
        bytes: size_of(&stat),
    }))
}

/// Files under the names of unfinished copies, and lock files without an object, that no operation holds now.
pub(super) fn left_overs(storage: &Arc<Storage>) -> Result<Vec<LeftOver>, DriverError> {
    let cannot = |error| explain("cannot list the storage folder", error);
    let mut found = Vec::new();
    for kind in ResourceKind::ALL {
        let folder = storage.folder(*kind);
        for name in folder.names_that(|name| name.starts_with('.')).map_err(cannot)? {
            let inner = name.strip_prefix('.').and_then(|name| name.strip_suffix(".tmp"));
            if let Some(of) = inner.and_then(|inner| Resource::of_object(*kind, inner))
                && !is_held(storage, of).map_err(cannot)?
            {
                found.push(LeftOver {
                    of,
                    has_bytes: true,
                    place: format!("{kind}s/{name}"),
                });
            }
        }
    }
    for name in storage.locks().names().map_err(cannot)? {
        let of = ResourceKind::ALL
            .iter()
            .find_map(|kind| Resource::of_object(*kind, &name));
        if let Some(of) = of
            && !found.iter().any(|other| other.of == of)
            && is_idle_lock(storage, of).map_err(cannot)?
        {
            found.push(LeftOver {
                of,
                has_bytes: false,
                place: format!(".locks/{name}"),
            });
        }
    }
    Ok(found)
}

/// Whether a lock file belongs to nothing: it lives as long as its object, or the operation that makes it.
fn is_idle_lock(storage: &Arc<Storage>, of: Resource) -> rustix::io::Result<bool> {
    let object = Object::of(storage, of);
    Ok(object.folder().stat(object.name())?.is_none() && !is_held(storage, of)?)
}

/// Whether an operation is at work on an object, in any process. Does not make a lock file that is not there.
fn is_held(storage: &Storage, of: Resource) -> rustix::io::Result<bool> {
    let locks: &Folder = storage.locks();
    let file = match locks.file(&of.object_name(), OFlags::RDONLY) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(false),
        Err(error) => return Err(error),
    };
    // Given up at once; who tries in this moment tries again soon.
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(false),
        Err(Errno::AGAIN) => Ok(true),
        Err(error) => Err(error),
    }
}
