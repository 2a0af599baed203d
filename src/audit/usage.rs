//! I3: a project uses as much of its quota as its rows are, no more and no less. The quota is counted from the
//! rows each time, by volume type; here they are counted in another way.

use std::collections::BTreeMap;

use super::Finding;
use crate::{
    domain::{ProjectId, ResourceKind},
    store::{Reading, StoreError, UsageRow},
};

pub(super) async fn check(reading: &mut Reading) -> Result<Vec<Finding>, StoreError> {
    let mut projects: BTreeMap<ProjectId, (UsageRow, UsageRow)> = BTreeMap::new();
    for (project, kind, row) in reading.usage_by_rows().await? {
        let (volumes, snapshots) = projects.entry(project).or_default();
        match kind {
            ResourceKind::Volume => *volumes = row,
            ResourceKind::Snapshot => *snapshots = row,
        }
    }
    let mut findings = Vec::new();
    for (project, (volumes, snapshots)) in projects {
        let usage = reading.quota_usage(&project).await?;
        for (what, there) in [
            ("volumes", volumes.count),
            ("snapshots", snapshots.count),
            ("gigabytes", volumes.gigabytes + snapshots.gigabytes),
        ] {
            let counted = usage.of(what);
            if counted != there {
                let project = project.clone();
                findings.push(Finding::UsageDiffers {
                    project,
                    what,
                    counted,
                    there,
                });
            }
        }
    }
    let growing = reading.still_growing().await?;
    findings.extend(growing.into_iter().map(|(id, _status)| Finding::GrowthRemains(id)));
    Ok(findings)
}
