//! `/limits` and `/os-quota-sets`.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Map, Value, json};

use super::{error::Fault, extract::Cx, microversion::Microversion, reply, schema};
use crate::domain::{Limits, ProjectId};

/// `GET /limits`.
pub async fn limits(cx: Cx) -> Result<HttpResponse, Fault> {
    let mut params = cx.query()?;
    let asked = params.take("project_id").or_else(|| params.take("tenant_id"));
    let project = asked
        .filter(|_project| cx.is_admin() && cx.version >= Microversion::LIMITS_ADMIN)
        .map_or_else(|| cx.call.caller.project_id.clone(), ProjectId::new);
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

/// `GET /os-quota-sets/{project}`; with `usage=True` each resource shows its usage too.
pub async fn show(cx: Cx) -> Result<HttpResponse, Fault> {
    let project = ProjectId::new(cx.path("quota_project"));
    // The policy comes before the parameter, as in Cinder.
    let limits = cx.service.quota_show(&cx.call, &project).await?;
    let with_usage = match cx.query()?.take("usage") {
        Some(text) => schema::query_boolean("usage", &text)?,
        None => false,
    };
    if !with_usage {
        return Ok(reply::json(StatusCode::OK, &quota_set(&limits, &project)));
    }
    let (limits, usage) = cx.service.quota_usage(&cx.call, &project).await?;
    let mut set: Map<String, Value> = limits
        .iter()
        .map(|(name, limit)| {
            (
                name.to_owned(),
                json!({"limit": limit, "in_use": usage.of(name), "reserved": 0}),
            )
        })
        .collect();
    set.insert("id".to_owned(), json!(project.as_str()));
    Ok(reply::json(StatusCode::OK, &json!({"quota_set": set})))
}

/// `GET /os-quota-sets/{project}/defaults`.
pub async fn defaults(cx: Cx) -> Result<HttpResponse, Fault> {
    let project = ProjectId::new(cx.path("quota_project"));
    let limits = cx.service.quota_defaults(&cx.call, &project).await?;
    Ok(reply::json(StatusCode::OK, &quota_set(&limits, &project)))
}

fn quota_set(limits: &Limits, project: &ProjectId) -> Value {
    let mut set: Map<String, Value> = limits
        .iter()
        .map(|(name, limit)| (name.to_owned(), json!(limit)))
        .collect();
    set.insert("id".to_owned(), json!(project.as_str()));
    json!({"quota_set": set})
}
