//! Small calls that clients and operators make: availability zones, extensions, services.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Map, Value, json};

use super::{error::Fault, extract::Cx, filters, microversion::Microversion, reply, views};
use crate::{
    auth::policy::{self, Action},
    service::ServiceError,
};

/// What this service has of Cinder's extensions: name, alias, description, date.
const EXTENSIONS: [(&str, &str, &str, &str); 13] = [
    (
        "AdminActions",
        "os-admin-actions",
        "Enable admin actions.",
        "2012-08-25T00:00:00+00:00",
    ),
    (
        "AvailabilityZones",
        "os-availability-zone",
        "Describe Availability Zones.",
        "2013-06-27T00:00:00+00:00",
    ),
    (
        "ExtendedSnapshotAttributes",
        "os-extended-snapshot-attributes",
        "Extended SnapshotAttributes support.",
        "2012-06-19T00:00:00+00:00",
    ),
    (
        "ExtendedServices",
        "os-extended-services",
        "Extended services support.",
        "2014-01-10T00:00:00-00:00",
    ),
    (
        "Quotas",
        "os-quota-sets",
        "Quota management support.",
        "2011-08-08T00:00:00+00:00",
    ),
    (
        "Services",
        "os-services",
        "Services support.",
        "2012-10-28T00:00:00-00:00",
    ),
    (
        "SnapshotActions",
        "os-snapshot-actions",
        "Enable snapshot manager actions.",
        "2013-07-16T00:00:00+00:00",
    ),
    (
        "TypesManage",
        "os-types-manage",
        "Types manage support.",
        "2011-08-24T00:00:00+00:00",
    ),
    (
        "UsedLimits",
        "os-used-limits",
        "Provide data on limited resources that are being used.",
        "2013-10-03T00:00:00+00:00",
    ),
    (
        "VolumeActions",
        "os-volume-actions",
        "Enable volume actions.",
        "2012-05-31T00:00:00+00:00",
    ),
    (
        "VolumeHostAttribute",
        "os-vol-host-attr",
        "Expose host as an attribute of a volume.",
        "2011-11-03T00:00:00+00:00",
    ),
    (
        "VolumeMigStatusAttribute",
        "os-vol-mig-status-attr",
        "Expose migration_status as an attribute of a volume.",
        "2013-08-08T00:00:00+00:00",
    ),
    (
        "VolumeTenantAttribute",
        "os-vol-tenant-attr",
        "Expose the internal project_id as an attribute of a volume.",
        "2011-11-03T00:00:00+00:00",
    ),
];

fn extension((name, alias, description, updated): &(&str, &str, &str, &str)) -> Value {
    json!({"name": name, "alias": alias, "description": description, "updated": updated, "links": []})
}

/// Refuses callers who may not do `action` in their own project; for calls that have no use case of
/// their own.
pub fn authorize(cx: &Cx, action: Action) -> Result<(), Fault> {
    if policy::allows(&cx.call.caller, action, &cx.call.caller.project_id) {
        return Ok(());
    }
    Err(ServiceError::Forbidden(action).into())
}

/// `GET /resource_filters`, from 3.33 on: which filters members may use.
pub async fn resource_filters(cx: Cx) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::RESOURCE_FILTERS_LIST)?;
    let wanted = cx.query()?.take("resource");
    let all: Vec<Value> = filters::RESOURCE_FILTERS
        .iter()
        .filter(|(resource, _)| wanted.as_ref().is_none_or(|wanted| wanted == resource))
        .map(|(resource, filters)| json!({"resource": resource, "filters": filters}))
        .collect();
    Ok(reply::json(StatusCode::OK, &json!({"resource_filters": all})))
}

/// `GET /scheduler-stats/get_pools`: the one pool there is.
pub async fn pools(cx: Cx) -> Result<HttpResponse, Fault> {
    authorize(&cx, Action::PoolList)?;
    let name = &cx.service.installation().host;
    Ok(reply::json(StatusCode::OK, &json!({"pools": [{"name": name}]})))
}

/// `GET /extensions`.
pub async fn extensions(_cx: Cx) -> Result<HttpResponse, Fault> {
    let all: Vec<Value> = EXTENSIONS.iter().map(extension).collect();
    Ok(reply::json(StatusCode::OK, &json!({"extensions": all})))
}

/// `GET /extensions/{alias}`.
pub async fn show_extension(cx: Cx) -> Result<HttpResponse, Fault> {
    let wanted = cx.path("alias");
    let found = EXTENSIONS
        .iter()
        .find(|(_, alias, ..)| *alias == wanted)
        .ok_or_else(Fault::not_found)?;
    Ok(reply::json(StatusCode::OK, &json!({"extension": extension(found)})))
}

/// `GET /os-availability-zone`.
pub async fn availability_zones(cx: Cx) -> Result<HttpResponse, Fault> {
    let zone = json!({
        "zoneName": cx.service.installation().availability_zone,
        "zoneState": {"available": true},
    });
    Ok(reply::json(StatusCode::OK, &json!({"availabilityZoneInfo": [zone]})))
}

/// `GET /os-services`: this process, which is up because it answers.
pub async fn services(cx: Cx) -> Result<HttpResponse, Fault> {
    authorize(&cx, Action::ServiceList)?;
    let installation = cx.service.installation();
    let host = installation.host.split('#').next().unwrap_or_default();
    let mut params = cx.query()?;
    let (binary, wanted_host) = (params.take("binary"), params.take("host"));
    let matches = binary.is_none_or(|binary| binary == "cinder-volume")
        && wanted_host.is_none_or(|wanted| wanted == host || host.split('@').next() == Some(&wanted));
    if !matches {
        return Ok(reply::json(StatusCode::OK, &json!({"services": []})));
    }
    let mut service = Map::new();
    for (key, value) in [
        ("binary", json!("cinder-volume")),
        ("host", json!(host)),
        ("zone", json!(installation.availability_zone)),
        ("status", json!("enabled")),
        ("state", json!("up")),
        ("updated_at", json!(views::time(cx.service.now()))),
        ("disabled_reason", Value::Null),
        ("replication_status", json!("disabled")),
        ("active_backend_id", Value::Null),
        ("frozen", json!(false)),
    ] {
        service.insert(key.to_owned(), value);
    }
    if cx.version >= Microversion::CLUSTER {
        service.insert("cluster".to_owned(), Value::Null);
    }
    if cx.version >= Microversion::BACKEND_STATE {
        service.insert("backend_state".to_owned(), json!("up"));
    }
    Ok(reply::json(StatusCode::OK, &json!({"services": [service]})))
}
