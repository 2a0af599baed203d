//! Small calls that clients make: availability zones and filters.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Value, json};

use super::{error::Fault, extract::May, filters, microversion::Microversion, reply};
use crate::auth::policy::Everybody;

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
    let zones = cx.service.zones().await?;
    let zones: Vec<_> = zones
        .iter()
        .map(|(name, available)| json!({"zoneName": name, "zoneState": {"available": available}}))
        .collect();
    Ok(reply::json(StatusCode::OK, &json!({"availabilityZoneInfo": zones})))
}
