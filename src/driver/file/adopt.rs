//! Snapshots that were not made here: listing them, and taking one over.

use std::sync::Arc;

use super::{
    errors::{explain, missing},
    lease::ReadLease,
    lock::Lock,
    origin,
    paths::{Object, Storage, size_of},
    publish::{SNAPSHOT_MODE, make_durable},
    stop::run,
};
use crate::{
    breakpoint,
    domain::{Gib, StoredSnapshot, VolumeId},
    driver::{Context, DriverError, Kind},
};

/// Every regular file in the folder of snapshots, by name. Hidden files are work in progress.
pub(super) fn list(storage: &Arc<Storage>) -> Result<Vec<StoredSnapshot>, DriverError> {
    let cannot = |error| explain("cannot list the snapshots in the storage folder", error);
    let mut found = Vec::new();
    for name in storage.snapshots().names().map_err(cannot)? {
        let Some(object) = Object::existing_snapshot(storage, &name) else {
            continue;
        };
        // What cannot be opened, or is too large to have a size here, cannot be managed either.
        if let Ok(file) = object.open_to_read()
            && let Ok(stat) = rustix::fs::fstat(&file)
            && let Some(size) = Gib::at_least(size_of(&stat))
        {
            found.push(StoredSnapshot {
                name,
                size,
                volume: origin::of(&file),
            });
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

/// Gives the file `name` the name of `snapshot` and makes its length whole GiB, as ours are.
///
/// Errors: no such file, a file that is none, one that somebody has open for writing (a snapshot never
/// changes), or one that was taken of another volume.
pub(super) async fn snapshot(cx: &Context, snapshot: Object, volume: VolumeId, name: &str) -> Result<Gib, DriverError> {
    let name = name.to_owned();
    let lock = Lock::to_change(cx, snapshot).await?;
    let (lock, source, found) = run(move || {
        let object = lock.object();
        let found = object.find()?.is_some();
        if found {
            // The attempt that renamed it may have died before its last fsync.
            make_durable(object)?;
            breakpoint::hit("file.found_complete");
        }
        let source = object.sibling(&name).ok_or_else(|| {
            let cause = format!("{name:?} is not the name of a file in the folder of snapshots");
            DriverError::fatal(Kind::NotFound, cause)
        })?;
        if !found {
            source.find()?.ok_or_else(|| missing(source.name()))?;
        }
        Ok((lock, source, found))
    })
    .await?;
    // Its old name has a lock file, from when it was a snapshot of ours or from an attempt that died behind the
    // rename; it goes with this lock when the name is gone.
    let source = Some(Lock::to_change(cx, source).await?).filter(|_lock| !found);
    let (lock, source) = run(move || {
        if let Some(source) = &source {
            prepare(source.object(), volume)?;
        }
        Ok((lock, source))
    })
    .await?;
    cx.confirm().await?;
    run(move || {
        let object = lock.object();
        if let Some(source) = source {
            take_over(source.object(), object, volume)?;
        }
        let stat = object.find()?.ok_or_else(|| missing(object.name()))?;
        size(object, size_of(&stat))
    })
    .await
}

fn prepare(source: &Object, volume: VolumeId) -> Result<(), DriverError> {
    let cannot = |error| explain(source.cannot("prepare"), error);
    let bytes = size_of(&source.find()?.ok_or_else(|| missing(source.name()))?);
    let whole = size(source, bytes)?.bytes();
    let file = source.open_to_write()?;
    if origin::of(&file).is_some_and(|origin| origin != volume) {
        let cause = format!("{} was taken of another volume", source.name());
        return Err(DriverError::fatal(Kind::Exists, cause));
    }
    rustix::fs::ftruncate(&file, whole).map_err(cannot)?;
    breakpoint::hit("file.resized");
    rustix::fs::fsync(&file).map_err(cannot)?;
    breakpoint::hit("file.source_synced");
    Ok(())
}

fn take_over(source: &Object, target: &Object, volume: VolumeId) -> Result<(), DriverError> {
    let file = Arc::new(source.open_to_read()?);
    let lease = ReadLease::take(&file).map_err(|error| {
        let cause = format!("{} is open for writing by another program", source.name());
        DriverError::fatal(Kind::InUse, cause).with_source(error)
    })?;
    // Not before it is sure that this volume gets it: another one could not have it any more.
    origin::note(&file, volume);
    breakpoint::hit("file.noted");
    rustix::fs::fchmod(&file, SNAPSHOT_MODE).map_err(|error| explain(source.cannot("take over"), error))?;
    breakpoint::hit("file.made_read_only");
    target
        .folder()
        .rename(source.name(), target.name())
        .map_err(|error| explain(source.cannot("take over"), error))?;
    breakpoint::hit("file.renamed");
    drop(lease);
    make_durable(target)
}

fn size(object: &Object, bytes: u64) -> Result<Gib, DriverError> {
    Gib::at_least(bytes).ok_or_else(|| {
        let cause = format!("{} is larger than any volume can be", object.name());
        DriverError::fatal(Kind::Failed, cause)
    })
}
