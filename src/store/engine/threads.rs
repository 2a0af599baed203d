//! Which thread this is: what each thread has for itself is found without asking the others.

use std::{
    cell::Cell,
    sync::atomic::{AtomicUsize, Ordering},
};

/// A number of this thread's own, small in the order in which threads ask first.
pub(super) fn this_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static OWN: Cell<usize> = Cell::new(NEXT.fetch_add(1, Ordering::Relaxed));
    }
    OWN.get()
}
