//! Copies of a whole volume or snapshot: shared blocks where the file system can, else the data.

use std::{fs::File, io, sync::Arc};

use rustix::io::{Errno, retry_on_intr};

use super::{
    errors::explain,
    lease::ReadLease,
    paths::{Object, size_of},
    sparse,
    stop::Stop,
};
use crate::{
    breakpoint,
    domain::Gib,
    driver::{DriverError, Kind},
};

/// Fills `target` with the bytes that the volume has at one point in time.
///
/// A reflink is such a point by itself: the file system lets nobody write meanwhile. A copy takes
/// time, so it is made under a lease, and refused if somebody has the volume open for writing.
pub(super) fn of_volume(stop: &Stop, volume: &Object, target: &File) -> Result<(), DriverError> {
    let file = Arc::new(volume.open_to_read()?);
    if reflink(&file, target, volume)? {
        return Ok(());
    }
    let lease = ReadLease::take(&file).map_err(|error| no_lease(volume, error))?;
    let unwritten = || if lease.held() { Ok(()) } else { Err(in_use(volume)) };
    let tick = |done, total| {
        unwritten()?;
        stop.progress(done, total)
    };
    sparse::copy(&file, target, tick, |error| explain(volume.cannot("copy"), error))?;
    // The lease ends here and not after the fsync: all bytes have been read, and a writer that
    // comes now should not wait for a disk.
    unwritten()
}

/// Fills `target` with the bytes of the snapshot, which nobody writes, while `proceed` is `Ok`.
pub(super) fn of_snapshot(
    stop: &Stop,
    snapshot: &Object,
    target: &File,
    proceed: impl Fn() -> Result<(), DriverError>,
) -> Result<(), DriverError> {
    let file = snapshot.open_to_read()?;
    if reflink(&file, target, snapshot)? {
        return Ok(());
    }
    let tick = |done, total| {
        proceed()?;
        stop.progress(done, total)
    };
    sparse::copy(&file, target, tick, |error| explain(snapshot.cannot("copy"), error))
}

/// Refuses a `source` that is larger than `size`: a volume is never cut.
pub(super) fn fits(source: &Object, size: Gib) -> Result<(), DriverError> {
    let len = source.find()?.map_or(0, |stat| size_of(&stat));
    if len <= size.bytes() {
        return Ok(());
    }
    let cause = format!(
        "{}: it has {len} bytes, which do not fit into {size} GiB",
        source.cannot("copy")
    );
    Err(DriverError::fatal(Kind::Failed, cause))
}

/// Makes the copy of `source` a volume of at least `size`; the new part reads as zeroes.
pub(super) fn pad(source: &Object, target: &File, size: Gib) -> Result<(), DriverError> {
    let cannot = |error| explain(source.cannot("copy"), error);
    if size_of(&rustix::fs::fstat(target).map_err(cannot)?) < size.bytes() {
        rustix::fs::ftruncate(target, size.bytes()).map_err(cannot)?;
        breakpoint::hit("file.resized");
    }
    Ok(())
}

/// Shares the blocks of `source` with the empty file `target`; `false` where that cannot be done.
fn reflink(source: &File, target: &File, object: &Object) -> Result<bool, DriverError> {
    let cannot = |error| explain(object.cannot("copy"), error);
    let len = |file: &File| rustix::fs::fstat(file).map(|stat| size_of(&stat)).map_err(cannot);
    let wanted = len(source)?;
    if !share_blocks(source, target).map_err(cannot)? {
        return Ok(false);
    }
    if len(target)? < wanted {
        // XFS stops in the middle when it runs out of space, and still reports success.
        let cause = format!(
            "{}: the storage stopped in the middle; it may be full",
            object.cannot("copy")
        );
        return Err(DriverError::later(Kind::NoSpace, cause));
    }
    Ok(true)
}

/// `FICLONE`; `false` where the file system or the two files do not support it.
pub(super) fn share_blocks(source: &File, target: &File) -> rustix::io::Result<bool> {
    match retry_on_intr(|| rustix::fs::ioctl_ficlone(target, source)) {
        Ok(()) => Ok(true),
        Err(Errno::OPNOTSUPP | Errno::XDEV | Errno::INVAL | Errno::NOTTY | Errno::NOSYS) => Ok(false),
        Err(error) => Err(error),
    }
}

fn no_lease(volume: &Object, error: io::Error) -> DriverError {
    match Errno::from_io_error(&error) {
        Some(Errno::AGAIN) => in_use(volume).with_source(error),
        Some(Errno::INVAL) => {
            let cause = format!(
                "{}: this file system can neither take an instant copy nor tell whether somebody writes to it; \
                 keep the storage on XFS, btrfs or ext4",
                volume.cannot("copy")
            );
            DriverError::fatal(Kind::Unsupported, cause).with_source(error)
        }
        _ => explain(volume.cannot("watch for writers of"), error),
    }
}

fn in_use(volume: &Object) -> DriverError {
    let name = volume.name();
    let cause = format!(
        "{name} is open for writing by another program, and this file system cannot take an instant copy; \
         close that program or detach the volume, and try again, or keep the storage on XFS or btrfs"
    );
    DriverError::fatal(Kind::InUse, cause)
}
