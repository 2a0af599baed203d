//! Which thread this is: what each thread has for itself is found without asking the others.

use std::{
    cell::Cell,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::runtime::{Handle, RuntimeFlavor};

/// A number of this thread's own, small in the order in which threads ask first.
pub(super) fn this_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static OWN: Cell<usize> = Cell::new(NEXT.fetch_add(1, Ordering::Relaxed));
    }
    OWN.get()
}

/// Which of `places` connections of this thread are in.
///
/// A connection lives as long as the runtime that has opened it. Each thread that serves requests is a runtime of its
/// own, and those end before the work does; so they share nothing with the threads of the program's own runtime, which
/// are all in the first place.
pub(super) fn this_place(places: usize) -> usize {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => 0,
        // Of their own, or of none.
        Ok(_) | Err(_) => 1 + this_thread() % (places - 1).max(1),
    }
}

/// Locks what is whole after a panic, too.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
