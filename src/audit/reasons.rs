//! I2: everything that the service put into an error has a message with the cause, in the project of its owner.

use super::Finding;
use crate::store::{Reading, StoreError};

pub(super) async fn check(reading: &mut Reading) -> Result<Vec<Finding>, StoreError> {
    let volumes = reading.unexplained_volumes().await?;
    let snapshots = reading.unexplained_snapshots().await?;
    let volumes = volumes
        .into_iter()
        .map(|(id, status)| (id.into(), status.is_error(), status.as_str()));
    let snapshots = snapshots
        .into_iter()
        .map(|(id, status)| (id.into(), status.is_error(), status.as_str()));
    Ok(volumes
        .chain(snapshots)
        .filter(|(_resource, error, _status)| *error)
        .map(|(resource, _error, status)| Finding::ReasonMissing { resource, status })
        .collect())
}
