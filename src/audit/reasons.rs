//! I2: everything that the service put into an error has a message with the cause, in the project of its owner.

use super::Finding;
use crate::{
    domain::Item,
    store::{Reading, StoreError},
};

pub(super) async fn check(reading: &mut Reading) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    let mut add = |item: Item, is_error: bool, status: &'static str| {
        if is_error {
            findings.push(Finding::ReasonMissing { item, status });
        }
    };
    for (id, status) in reading.unexplained_volumes().await? {
        add(id.into(), status.is_error(), status.as_str());
    }
    for (id, status) in reading.unexplained_snapshots().await? {
        add(id.into(), status.is_error(), status.as_str());
    }
    for (id, status) in reading.unexplained_groups().await? {
        add(id.into(), status.is_error(), status.as_str());
    }
    for (id, status) in reading.unexplained_group_snapshots().await? {
        add(id.into(), status.is_error(), status.as_str());
    }
    Ok(findings)
}
