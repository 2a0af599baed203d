//! Whether the database itself is sound.

use super::Finding;
use crate::store::{Store, StoreError};

/// Damage that the database finds in itself, where it can look for it.
pub(super) async fn check(store: &Store) -> Result<Vec<Finding>, StoreError> {
    Ok(store.damage().await?.into_iter().map(Finding::Damage).collect())
}
