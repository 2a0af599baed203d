//! I5, as far as one look can tell: every status is one that the service can have come to, or that somebody
//! else has said. That each single step was legal, tests see (`tests/support/history.rs`).

use super::Finding;
use crate::{
    domain::Item,
    store::{Reading, StoreError},
};

pub(super) async fn check(reading: &mut Reading) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    let mut add = |item: Item, is_reachable: bool, status: &'static str| {
        if !is_reachable {
            findings.push(Finding::StatusUnreachable { item, status });
        }
    };
    for (id, status) in reading.unusual_volumes().await? {
        add(id.into(), status.is_reachable(), status.as_str());
    }
    for (id, status) in reading.unusual_snapshots().await? {
        add(id.into(), status.is_reachable(), status.as_str());
    }
    for (id, status) in reading.unusual_groups().await? {
        add(id.into(), status.is_reachable(), status.as_str());
    }
    for (id, status) in reading.unusual_group_snapshots().await? {
        add(id.into(), status.is_reachable(), status.as_str());
    }
    Ok(findings)
}
