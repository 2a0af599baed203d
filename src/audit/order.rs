//! I7, as far as one look can tell: no two snapshots of a volume are of one moment, so that one of them is the
//! latest and lists have one order. That each is younger than those before, tests see (`tests/support/history.rs`).

use super::Finding;
use crate::store::{Reading, StoreError};

pub(super) async fn check(reading: &mut Reading) -> Result<Vec<Finding>, StoreError> {
    Ok(reading.ties().await?.into_iter().map(Finding::SameMoment).collect())
}
