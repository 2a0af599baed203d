//! What operators ask about the back end: its pool and what it can do.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Map, Value, json};

use super::{
    error::Fault,
    extract::{Cx, May},
    filters::{self, Rules},
    microversion::Microversion,
    reply, schema,
};
use crate::{
    auth::policy::{
        Action,
        may::{CapabilitiesShow, PoolList},
    },
    domain::{Capabilities, Capability},
    service::{KnownService, ServiceError},
};

/// `GET /scheduler-stats/get_pools`: every back end's one pool.
pub async fn pools(cx: May<PoolList>) -> Result<HttpResponse, Fault> {
    cx.call.authorize_own(Action::PoolList)?;
    let mut params = cx.query()?;
    let detail = match params.take("detail") {
        Some(text) => schema::query_boolean("detail", &text)?,
        None => false,
    };
    let mut pools = cx.service.backends().await?;
    // Filters came with 3.28; from 3.31 on unknown ones are refused, to admins as well.
    if cx.version >= Microversion::POOL_FILTERS {
        let rules = Rules {
            resource: "pool",
            old: &["name"],
        };
        for (key, value) in filters::refused_to_all(&cx, &params, rules)? {
            pools.retain(|known| key != "name" || value == known.record.backend().as_str());
        }
    }
    let pools: Vec<_> = pools
        .iter()
        .map(|known| {
            let mut pool = json!({"name": known.record.backend().as_str()});
            if detail {
                pool["capabilities"] = capabilities_of_pool(&cx, known);
            }
            pool
        })
        .collect();
    Ok(reply::json(StatusCode::OK, &json!({"pools": pools})))
}

fn capabilities_of_pool(cx: &Cx, known: &KnownService) -> Value {
    let Capabilities(all) = cx.service.capabilities(known);
    let mut shown: Map<String, Value> = all
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json_of(value)))
        .collect();
    shown.insert(
        "timestamp".to_owned(),
        json!(super::views::time(known.record.heartbeat_at)),
    );
    Value::Object(shown)
}

fn json_of(value: Capability) -> Value {
    match value {
        Capability::Text(text) => json!(text),
        Capability::Number(number) => json!(number),
        Capability::Flag(flag) => json!(flag),
    }
}

/// `GET /capabilities/{backend}`.
pub async fn capabilities(cx: May<CapabilitiesShow>) -> Result<HttpResponse, Fault> {
    cx.call.authorize_own(Action::CapabilitiesShow)?;
    let host = cx.path("backend");
    let installation = cx.service.installation();
    let Some(backend) = cx.service.backend_named(&host).await? else {
        return Err(ServiceError::NotFound(format!("Can't find service: {host}")).into());
    };
    let body = json!({
        "namespace": format!("OS::Storage::Capabilities::{host}"),
        "vendor_name": installation.vendor,
        "volume_backend_name": backend.backend(),
        "pool_name": backend.backend(),
        "driver_version": env!("CARGO_PKG_VERSION"),
        "storage_protocol": installation.storage_protocol,
        "display_name": null,
        "description": null,
        "visibility": "public",
        "replication_targets": [],
        "properties": {},
    });
    Ok(reply::json(StatusCode::OK, &body))
}
