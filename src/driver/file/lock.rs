//! One operation at a time on each object, among all tasks and processes on this machine.
//!
//! The lock is an `flock` on `.locks/<object>`: the kernel gives it up when the process dies, and
//! two opens of one file exclude each other within a process as well.
//!
//! A lock file lives **as long as its object**. Were it removed after each operation, a delete
//! would have to create one, and a full XFS refuses to create even an empty file: nobody could make room.

use std::{fs::File, time::Duration};

use rustix::{
    fs::{FlockOperation, OFlags},
    io::Errno,
};
use tokio::time::Instant;

use super::{
    errors::explain,
    paths::{Object, same_file},
    stop::run,
};
use crate::{
    breakpoint,
    driver::{Context, DriverError, Kind},
};

/// How long to wait for an operation that is about to end, such as a copy that was told to stop and has to free what it
/// has written. The worker tries again later anyway.
const PATIENCE: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// A held lock, given up on drop.
#[derive(Debug)]
pub(super) struct Lock {
    object: Object,
    file: File,
}

impl Lock {
    /// The right to change `object`. [`Kind::Busy`] if another operation keeps it for 5 seconds.
    pub(super) async fn to_change(cx: &Context, object: Object) -> Result<Self, DriverError> {
        Self::wait(cx, object, FlockOperation::NonBlockingLockExclusive).await
    }

    /// The right to read `object` while no operation changes it; readers do not exclude each other.
    ///
    /// Without it an extension of a volume would break the lease under which it is being copied,
    /// and the snapshot would fail because of "another program".
    pub(super) async fn to_read(cx: &Context, object: Object) -> Result<Self, DriverError> {
        Self::wait(cx, object, FlockOperation::NonBlockingLockShared).await
    }

    async fn wait(cx: &Context, object: Object, operation: FlockOperation) -> Result<Self, DriverError> {
        let deadline = Instant::now() + PATIENCE;
        let mut pause = FIRST_PAUSE;
        loop {
            cx.cancelled()?;
            let wanted = object.clone();
            if let Some(lock) = run(move || Self::attempt(wanted, operation)).await? {
                return Ok(lock);
            }
            if Instant::now() >= deadline {
                let cause = format!("another operation on {} is still running", object.name());
                // Not a failure of ours, so it does not count towards giving up.
                return Err(DriverError::unknown(Kind::Busy, cause));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn attempt(object: Object, operation: FlockOperation) -> Result<Option<Self>, DriverError> {
        let cannot = |error| explain(object.cannot("lock"), error);
        let file = object
            .locks()
            .file(object.name(), OFlags::RDWR | OFlags::CREATE)
            .map_err(cannot)?;
        match rustix::fs::flock(&file, operation) {
            // Its last holder may have removed the file between our open and our lock.
            Ok(()) if is_current(&object, &file).map_err(cannot)? => {
                breakpoint::hit("file.locked");
                Ok(Some(Self { object, file }))
            }
            Ok(()) | Err(Errno::AGAIN | Errno::INTR) => Ok(None),
            Err(error) => Err(cannot(error)),
        }
    }

    /// What the lock is on.
    pub(super) const fn object(&self) -> &Object {
        &self.object
    }

    fn tidy(&self) -> rustix::io::Result<()> {
        if self.object.folder().stat(self.object.name())?.is_none() {
            // Only the one who holds it alone may remove the file. For a reader this is a change of
            // its lock, during which others may come first: hence the second look at the name.
            rustix::fs::flock(&self.file, FlockOperation::NonBlockingLockExclusive)?;
            if is_current(&self.object, &self.file)? {
                self.object.locks().unlink(self.object.name())?;
                breakpoint::hit("file.lock_removed");
            }
        }
        Ok(())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A lock file too many disturbs nobody; the next operation on the object removes it.
        let _left_over = self.tidy();
    }
}

/// Whether `file` is still the one that others find under the object's name.
fn is_current(object: &Object, file: &File) -> rustix::io::Result<bool> {
    let named = object.locks().stat(object.name())?;
    let opened = rustix::fs::fstat(file)?;
    Ok(named.is_some_and(|named| same_file(&named, &opened)))
}
