//! Gives a volume the bytes of a snapshot.

use std::{fs::File, sync::Arc};

use rustix::{
    fs::{Gid, Uid},
    io::Errno,
};

use super::{
    copy,
    errors::{explain, missing},
    lease::ReadLease,
    paths::{Object, size_of},
    stop::Stop,
};
use crate::driver::{DriverError, Kind};

/// Fills `target`, which is about to replace the volume, with the snapshot's bytes.
///
/// Returns the lease on the old file: who has that one open for writing would go on writing into a
/// file without a name. `None` where the file system has no leases; there the caller's promise that
/// nobody uses the volume has to do.
pub(super) fn fill(
    stop: &Stop,
    volume: &Object,
    snapshot: &Object,
    target: &File,
) -> Result<Option<ReadLease>, DriverError> {
    let old = Arc::new(volume.open_to_read()?);
    let lease = unused(volume, &old)?;
    same_size(volume, snapshot)?;
    // A writer should not have to wait for the end of a copy that it has made useless.
    let proceed = || {
        if lease.as_ref().is_none_or(ReadLease::held) {
            Ok(())
        } else {
            Err(in_use(volume))
        }
    };
    copy::of_snapshot(stop, snapshot, target, proceed)?;
    keep_owner(&old, target);
    Ok(lease)
}

fn unused(volume: &Object, file: &Arc<File>) -> Result<Option<ReadLease>, DriverError> {
    match ReadLease::take(file) {
        Ok(lease) => Ok(Some(lease)),
        Err(error) => match Errno::from_io_error(&error) {
            Some(Errno::INVAL) => Ok(None),
            Some(Errno::AGAIN) => Err(in_use(volume).with_source(error)),
            _ => Err(explain(volume.cannot("watch for writers of"), error)),
        },
    }
}

fn in_use(volume: &Object) -> DriverError {
    let name = volume.name();
    let cause = format!(
        "{name} is open for writing by another program, which would go on writing to the old content; \
         close that program or detach the volume, and revert again"
    );
    DriverError::fatal(Kind::InUse, cause)
}

/// A different size means that the volume has grown since, and a revert would cut it.
fn same_size(volume: &Object, snapshot: &Object) -> Result<(), DriverError> {
    let size = |object: &Object| match object.find()? {
        Some(stat) => Ok(size_of(&stat)),
        None => Err(missing(object.name())),
    };
    let (old, new) = (size(volume)?, size(snapshot)?);
    if old == new {
        return Ok(());
    }
    let cause = format!(
        "{} has {old} bytes and {} has {new}, not the same size",
        volume.name(),
        snapshot.name()
    );
    Err(DriverError::fatal(Kind::Failed, cause))
}

/// A program that was given the old file should be able to open the new one. A service without the
/// right to give files away goes on without.
fn keep_owner(old: &File, new: &File) {
    let Ok(old) = rustix::fs::fstat(old) else { return };
    let owner = (Some(Uid::from_raw(old.st_uid)), Some(Gid::from_raw(old.st_gid)));
    if rustix::fs::fchown(new, owner.0, owner.1).is_err() {
        tracing::debug!("the reverted volume belongs to the service now");
    }
}
