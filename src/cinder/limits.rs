//! `/limits`.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Map, json};

use super::{error::Fault, extract::May, microversion::Microversion, reply};
use crate::{auth::policy::Everybody, domain::ProjectId};

/// `GET /limits`.
pub async fn show(cx: May<Everybody>) -> Result<HttpResponse, Fault> {
    let mut params = cx.query()?;
    let asked = params.take("project_id").or_else(|| params.take("tenant_id"));
    let project = asked
        .filter(|_project| cx.is_admin() && cx.version >= Microversion::LIMITS_ADMIN)
        .map_or_else(|| cx.call.caller.project().clone(), ProjectId::new);
    let (limits, usage) = cx.service.limits(&cx.call, &project).await?;

    let mut absolute = Map::new();
    for (name, resource) in [
        ("maxTotalVolumes", "volumes"),
        ("maxTotalSnapshots", "snapshots"),
        ("maxTotalVolumeGigabytes", "gigabytes"),
        ("maxTotalBackups", "backups"),
        ("maxTotalBackupGigabytes", "backup_gigabytes"),
    ] {
        absolute.insert(name.to_owned(), json!(limits.get(resource)));
    }
    if let Some(usage) = usage {
        for (name, resource) in [
            ("totalVolumesUsed", "volumes"),
            ("totalGigabytesUsed", "gigabytes"),
            ("totalSnapshotsUsed", "snapshots"),
            ("totalBackupsUsed", "backups"),
            ("totalBackupGigabytesUsed", "backup_gigabytes"),
        ] {
            absolute.insert(name.to_owned(), json!(usage.of(resource)));
        }
    }
    Ok(reply::json(
        StatusCode::OK,
        &json!({"limits": {"rate": [], "absolute": absolute}}),
    ))
}
