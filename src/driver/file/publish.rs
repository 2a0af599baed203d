//! New content becomes visible in one step, when it is complete, durable and still wanted.

use std::fs::File;

use rustix::fs::{Mode, OFlags};

use super::{
    errors::{explain, lost},
    lease::ReadLease,
    lock::Lock,
    paths::Object,
    stop::{DropsElsewhere, Stop, interruptible, run},
};
use crate::{
    breakpoint,
    driver::{Context, DriverError, Kind},
};

/// Volumes can be read by the service's group, such as a backup program.
pub(super) const VOLUME_MODE: Mode = Mode::from_raw_mode(0o640);
/// Snapshots are never written again, so nobody gets to.
pub(super) const SNAPSHOT_MODE: Mode = Mode::from_raw_mode(0o440);

/// Lets `fill` write a new file, and makes it the content of the locked object.
///
/// If `fill` returns a lease, the object is replaced only if that lease is still whole.
pub(super) async fn publish<F>(cx: &Context, lock: Lock, mode: Mode, fill: F) -> Result<(), DriverError>
where
    F: FnOnce(&Stop, &File) -> Result<Option<ReadLease>, DriverError> + Send + 'static,
{
    let prepare = move |stop: &Stop| {
        let temp = Temp::create(lock, mode)?;
        let lease = fill(stop, &temp.file)?;
        breakpoint::hit("file.temp_filled");
        temp.flush()?;
        stop.check()?;
        Ok((temp, lease))
    };
    let prepared = DropsElsewhere::new(interruptible(cx, prepare).await?);
    let wanted = cx.confirm().await;
    // Also when it is not wanted: freeing the blocks of a large file takes a while.
    run(move || {
        let (temp, lease) = prepared.take()?;
        wanted?;
        if !temp.object().is_in_place()? {
            return Err(lost());
        }
        if lease.as_ref().is_some_and(|lease| !lease.held()) {
            return Err(opened_meanwhile(temp.object()));
        }
        let published = temp.put_in_place();
        // Only now: who was let in before the rename would write to the old file.
        drop(lease);
        published
    })
    .await
}

/// Somebody opened the object that was about to be replaced.
fn opened_meanwhile(object: &Object) -> DriverError {
    let name = object.name();
    let cause = format!(
        "{name} was opened for writing by another program before it could be replaced, and is unchanged; \
         close that program or detach the volume, and try again"
    );
    DriverError::fatal(Kind::InUse, cause)
}

/// Removes what a killed operation on `object` left. Only for the holder of its lock.
pub(super) fn remove_left_over(object: &Object) -> Result<(), DriverError> {
    let cannot = |error| explain(object.cannot("remove an unfinished copy of"), error);
    if object.folder().unlink(&object.temp_name()).map_err(cannot)? {
        breakpoint::hit("file.left_over_removed");
    }
    Ok(())
}

/// The next content of a locked object. Removed on drop unless it was published; the lock is the
/// last field, so that it outlives the file in either case.
#[derive(Debug)]
struct Temp {
    file: File,
    published: bool,
    lock: Lock,
}

impl Temp {
    fn create(lock: Lock, mode: Mode) -> Result<Self, DriverError> {
        let object = lock.object();
        remove_left_over(object)?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL;
        let cannot = |error| explain(object.cannot("create"), error);
        let file = object.folder().file(&object.temp_name(), flags).map_err(cannot)?;
        let temp = Self {
            file,
            published: false,
            lock,
        };
        breakpoint::hit("file.temp_opened");
        // Now, because `fill` may give the file to another owner; and not as the mode of the open,
        // which the process's umask would change.
        rustix::fs::fchmod(&temp.file, mode).map_err(|error| explain(temp.object().cannot("create"), error))?;
        breakpoint::hit("file.temp_created");
        Ok(temp)
    }

    fn object(&self) -> &Object {
        self.lock.object()
    }

    fn flush(&self) -> Result<(), DriverError> {
        rustix::fs::fsync(&self.file).map_err(|error| explain(self.object().cannot("write"), error))?;
        breakpoint::hit("file.temp_synced");
        Ok(())
    }

    fn put_in_place(mut self) -> Result<(), DriverError> {
        let object = self.lock.object();
        breakpoint::hit("file.before_rename");
        object
            .folder()
            .rename(&object.temp_name(), object.name())
            .map_err(|error| explain(object.cannot("publish"), error))?;
        self.published = true;
        breakpoint::hit("file.renamed");
        make_durable(self.lock.object())
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        if !self.published {
            // The next operation on the object tries again.
            let _left_over = self.object().folder().unlink(&self.object().temp_name());
            breakpoint::hit("file.temp_discarded");
        }
    }
}

/// Makes a rename or removal that has happened survive a power cut; if that fails, nobody can say
/// which state a power cut would leave.
pub(super) fn make_durable(object: &Object) -> Result<(), DriverError> {
    object.folder().sync().map_err(|error| {
        let cause = format!("the storage could not confirm the last change of {}", object.name());
        DriverError::unknown(Kind::Failed, cause).with_source(error.into())
    })?;
    breakpoint::hit("file.folder_synced");
    Ok(())
}
