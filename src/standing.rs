//! How this process stands with its back end: what its last sign of life found out.

use std::sync::{Arc, Mutex, PoisonError};

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Everything is in order.
    #[default]
    Good,
    /// The storage cannot be used now. Work on it is tried, and waits with the reason; new volumes go elsewhere.
    Unusable,
    /// Its name belongs to another storage, and with it the work.
    NotOurs,
}

/// Shared by those who find out and those who need to know.
#[derive(Clone, Debug, Default)]
pub struct Standing(Arc<Mutex<State>>);

impl Standing {
    /// Whether new volumes can be here.
    pub fn is_good(&self) -> bool {
        self.state() == State::Good
    }

    /// Whether the work under its name is its own.
    pub fn may_work(&self) -> bool {
        self.state() != State::NotOurs
    }

    /// Somebody has looked.
    pub fn set(&self, state: State) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    fn state(&self) -> State {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
