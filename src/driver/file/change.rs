//! Changes of an object in place: growing and removing.

use super::{
    errors::explain,
    lock::Lock,
    paths::{Object, size_of},
    publish::{make_durable, remove_left_over},
    stop::run,
};
use crate::{
    breakpoint,
    driver::{Context, DriverError},
};

/// Makes the file at least `size` bytes long; whoever has it open sees the new end.
pub(super) async fn extend(cx: &Context, object: Object, size: u64) -> Result<(), DriverError> {
    let lock = Lock::to_change(cx, object).await?;
    let (file, lock) = run(move || {
        remove_left_over(lock.object())?;
        Ok((lock.object().open_to_write()?, lock))
    })
    .await?;
    let wanted = cx.confirm().await;
    run(move || {
        wanted?;
        // The file is closed before the lock is given up: it looks like a writer to the next copy.
        let (lock, file) = (lock, file);
        let cannot = |error| explain(lock.object().cannot("extend"), error);
        if size_of(&rustix::fs::fstat(&file).map_err(cannot)?) < size {
            rustix::fs::ftruncate(&file, size).map_err(cannot)?;
            breakpoint::hit("file.resized");
        }
        // Also when it was large enough: the attempt that grew it may have died before this.
        rustix::fs::fsync(&file).map_err(cannot)?;
        breakpoint::hit("file.extend_synced");
        Ok(())
    })
    .await
}

/// Removes the file and what an unfinished operation left next to it.
pub(super) async fn delete(cx: &Context, object: Object) -> Result<(), DriverError> {
    let lock = Lock::to_change(cx, object).await?;
    let lock = run(move || {
        remove_left_over(lock.object())?;
        // A directory or link of that name is not ours to remove.
        lock.object().find()?;
        Ok(lock)
    })
    .await?;
    cx.confirm().await?;
    run(move || {
        let object = lock.object();
        breakpoint::hit("file.before_unlink");
        object
            .folder()
            .unlink(object.name())
            .map_err(|error| explain(object.cannot("delete"), error))?;
        breakpoint::hit("file.unlinked");
        make_durable(object)
    })
    .await
}
