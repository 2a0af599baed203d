//! Small calls that clients and operators make: availability zones, filters, services.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Value, json};

use super::{
    error::Fault,
    extract::{Cx, May},
    filters,
    microversion::Microversion,
    reply, views,
};
use crate::auth::policy::{Action, Everybody, may::ServiceList};

/// `GET /resource_filters`, from 3.33 on: which filters members may use.
pub async fn resource_filters(cx: May<Everybody>) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::RESOURCE_FILTERS_LIST)?;
    let wanted = cx.query()?.take("resource");
    let all: Vec<Value> = filters::RESOURCE_FILTERS
        .iter()
        .filter(|(resource, _)| wanted.as_ref().is_none_or(|wanted| wanted == resource))
        .map(|(resource, filters)| json!({"resource": resource, "filters": filters}))
        .collect();
    Ok(reply::json(StatusCode::OK, &json!({"resource_filters": all})))
}

/// `GET /os-availability-zone`.
pub async fn availability_zones(cx: May<Everybody>) -> Result<HttpResponse, Fault> {
    let zone = json!({
        "zoneName": cx.service.installation().availability_zone,
        "zoneState": {"available": true},
    });
    Ok(reply::json(StatusCode::OK, &json!({"availabilityZoneInfo": [zone]})))
}

/// `GET /os-services`: this process, which is up because it answers. It places volumes and keeps them, so
/// it is both of the services that clients look for.
pub async fn services(cx: May<ServiceList>) -> Result<HttpResponse, Fault> {
    cx.call.authorize_own(Action::ServiceList)?;
    let installation = cx.service.installation();
    let backend = installation.host.split('#').next().unwrap_or_default();
    let host = backend.split('@').next().unwrap_or_default();
    let mut params = cx.query()?;
    let (binary, wanted_host) = (params.take("binary"), params.take("host"));
    let services: Vec<_> = [("cinder-scheduler", host), ("cinder-volume", backend)]
        .into_iter()
        .filter(|(own, _host)| binary.as_ref().is_none_or(|wanted| wanted == own))
        .filter(|(_binary, own)| {
            wanted_host
                .as_ref()
                .is_none_or(|wanted| wanted == own || wanted == host)
        })
        .map(|(binary, own)| service(&cx, binary, own))
        .collect();
    Ok(reply::json(StatusCode::OK, &json!({"services": services})))
}

fn service(cx: &Cx, binary: &str, host: &str) -> Value {
    let keeps_volumes = binary == "cinder-volume";
    let mut service = json!({
        "binary": binary,
        "host": host,
        "zone": cx.service.installation().availability_zone,
        "status": "enabled",
        "state": "up",
        "updated_at": views::time(cx.service.now()),
        "disabled_reason": null,
    });
    if keeps_volumes {
        service["replication_status"] = json!("disabled");
        service["active_backend_id"] = Value::Null;
        service["frozen"] = json!(false);
        if cx.version >= Microversion::BACKEND_STATE {
            service["backend_state"] = json!("up");
        }
    }
    if cx.version >= Microversion::CLUSTER {
        service["cluster"] = Value::Null;
    }
    service
}
