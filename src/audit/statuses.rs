//! I5, as far as one look can tell: every status is one that the service can have come to, or that somebody
//! else has said. That each single step was legal, tests see (`tests/support/history.rs`).

use super::Finding;
use crate::store::{Reading, StoreError};

pub(super) async fn check(reading: &mut Reading) -> Result<Vec<Finding>, StoreError> {
    let volumes = reading.unusual_volumes().await?;
    let snapshots = reading.unusual_snapshots().await?;
    let volumes = volumes
        .into_iter()
        .map(|(id, status)| (id.into(), status.is_reachable(), status.as_str()));
    let snapshots = snapshots
        .into_iter()
        .map(|(id, status)| (id.into(), status.is_reachable(), status.as_str()));
    Ok(volumes
        .chain(snapshots)
        .filter(|(_resource, reachable, _status)| !reachable)
        .map(|(resource, _reachable, status)| Finding::StatusUnreachable { resource, status })
        .collect())
}
