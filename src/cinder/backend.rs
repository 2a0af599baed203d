//! What operators ask about the back end: its pool and what it can do.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Value, json};

use super::{
    error::Fault,
    extract::{Cx, May},
    filters::{self, Rules},
    microversion::Microversion,
    reply, schema,
};
use crate::{
    auth::policy::Action,
    auth::policy::may::{CapabilitiesShow, PoolList},
    service::ServiceError,
};

const VENDOR: &str = "breezeblock";

/// `GET /scheduler-stats/get_pools`: the one pool there is.
pub async fn pools(cx: May<PoolList>) -> Result<HttpResponse, Fault> {
    cx.call.authorize_own(Action::PoolList)?;
    let mut params = cx.query()?;
    let detail = match params.take("detail") {
        Some(text) => schema::query_boolean("detail", &text)?,
        None => false,
    };
    let host = &cx.service.installation().host;
    let mut wanted = true;
    // Filters came with 3.28; from 3.31 on unknown ones are refused, to admins as well.
    if cx.version >= Microversion::POOL_FILTERS {
        let rules = Rules {
            resource: "pool",
            old: &["name"],
        };
        for (key, value) in filters::refused_to_all(&cx, &params, rules)? {
            wanted &= key != "name" || value == *host;
        }
    }
    let mut pool = json!({"name": host});
    if detail {
        pool["capabilities"] = capabilities_of_pool(&cx).await?;
    }
    let pools: Vec<_> = Some(pool).filter(|_pool| wanted).into_iter().collect();
    Ok(reply::json(StatusCode::OK, &json!({"pools": pools})))
}

async fn capabilities_of_pool(cx: &Cx) -> Result<Value, Fault> {
    let gib = |bytes: u64| json!(bytes >> 30);
    // Cinder's word for a back end that has no such figure.
    let unknown = || json!("unknown");
    let space = cx.service.space().await?;
    let installation = cx.service.installation();
    Ok(json!({
        "pool_name": pool(cx),
        "volume_backend_name": installation.backend(),
        "vendor_name": VENDOR,
        "driver_version": env!("CARGO_PKG_VERSION"),
        "storage_protocol": "file",
        "total_capacity_gb": space.map_or_else(unknown, |space| gib(space.total)),
        "free_capacity_gb": space.map_or_else(unknown, |space| gib(space.free)),
        "reserved_percentage": 0,
        "thin_provisioning_support": true,
        "thick_provisioning_support": false,
        "QoS_support": false,
        "multiattach": false,
        "backend_state": "up",
        "timestamp": super::views::time(cx.service.now()),
    }))
}

/// `GET /capabilities/{backend}`.
pub async fn capabilities(cx: May<CapabilitiesShow>) -> Result<HttpResponse, Fault> {
    cx.call.authorize_own(Action::CapabilitiesShow)?;
    let host = cx.path("backend");
    let installation = cx.service.installation();
    if !installation.has_host(&host) {
        return Err(ServiceError::NotFound(format!("Can't find service: {host}")).into());
    }
    let body = json!({
        "namespace": format!("OS::Storage::Capabilities::{host}"),
        "vendor_name": VENDOR,
        "volume_backend_name": installation.backend(),
        "pool_name": pool(&cx),
        "driver_version": env!("CARGO_PKG_VERSION"),
        "storage_protocol": "file",
        "display_name": null,
        "description": null,
        "visibility": "public",
        "replication_targets": [],
        "properties": {},
    });
    Ok(reply::json(StatusCode::OK, &body))
}

fn pool(cx: &Cx) -> &str {
    cx.service
        .installation()
        .host
        .split_once('#')
        .map_or("", |(_, pool)| pool)
}
