//! Rows that come with the answer to a later statement.

use std::sync::{Arc, Mutex, PoisonError};

use crate::store::StoreError;

/// The rows of a statement, once the next one is answered.
#[derive(Debug)]
pub(in crate::store) struct Promised<R>(Arc<Mutex<Option<Vec<R>>>>);

impl<R> Promised<R> {
    /// Rows to come, and what to give them to.
    pub(super) fn new() -> (Self, impl FnOnce(Vec<R>)) {
        let rows = Arc::new(Mutex::new(None));
        let fulfil = {
            let rows = Arc::clone(&rows);
            move |found| *rows.lock().unwrap_or_else(PoisonError::into_inner) = Some(found)
        };
        (Self(rows), fulfil)
    }

    /// Rows that are there already.
    pub(super) fn kept(rows: Vec<R>) -> Self {
        Self(Arc::new(Mutex::new(Some(rows))))
    }

    /// The rows.
    ///
    /// # Errors
    /// [`StoreError::Database`] if no statement came after theirs.
    pub(in crate::store) fn rows(self) -> Result<Vec<R>, StoreError> {
        let rows = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        rows.ok_or_else(|| StoreError::Database("rows were asked for before they were read".into()))
    }
}
