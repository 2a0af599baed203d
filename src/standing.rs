//! Whether this process may work on its back end: what its last sign of life found out.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Good until somebody finds otherwise. Without it a process claims nothing, and counts itself as down.
#[derive(Clone, Debug)]
pub struct Standing(Arc<AtomicBool>);

impl Default for Standing {
    fn default() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }
}

impl Standing {
    /// Whether it is good.
    pub fn is_good(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Somebody has looked.
    pub fn set(&self, good: bool) {
        self.0.store(good, Ordering::Relaxed);
    }
}
