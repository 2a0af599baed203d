//! The catalog, taken apart: services, endpoints and the region.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use serde_json::{Value, json};

use super::{
    cx::Cx,
    lists::{filter, list, member},
    refusal::Refusal,
};
use crate::identity::{
    IdentityError,
    catalog::{INTERFACES, Service},
};

/// `GET /v3/services`, for admins.
pub async fn index(cx: Cx) -> Result<HttpResponse, Refusal> {
    cx.admin("list_services").await?;
    let services = filter(&cx, &["name", "type"], all_services(&cx))?;
    Ok(list(&cx, "services", services))
}

/// `GET /v3/services/{id}`, for admins.
pub async fn show(cx: Cx, id: Path<String>) -> Result<HttpResponse, Refusal> {
    cx.admin("get_service").await?;
    pick("service", &id, all_services(&cx))
}

/// `GET /v3/endpoints`, for admins.
pub async fn endpoints(cx: Cx) -> Result<HttpResponse, Refusal> {
    cx.admin("list_endpoints").await?;
    let endpoints = filter(&cx, &["interface", "service_id", "region_id"], all_endpoints(&cx))?;
    Ok(list(&cx, "endpoints", endpoints))
}

/// `GET /v3/endpoints/{id}`, for admins.
pub async fn endpoint(cx: Cx, id: Path<String>) -> Result<HttpResponse, Refusal> {
    cx.admin("get_endpoint").await?;
    pick("endpoint", &id, all_endpoints(&cx))
}

/// `GET /v3/regions`, for everybody with a token.
pub async fn regions(cx: Cx) -> Result<HttpResponse, Refusal> {
    cx.session().await?;
    let regions = filter(&cx, &["parent_region_id"], [region_view(&cx)])?;
    Ok(list(&cx, "regions", regions))
}

/// `GET /v3/regions/{id}`, for everybody with a token.
pub async fn region(cx: Cx, id: Path<String>) -> Result<HttpResponse, Refusal> {
    cx.session().await?;
    pick("region", &id, vec![region_view(&cx)])
}

fn pick(kind: &'static str, id: &str, items: Vec<Value>) -> Result<HttpResponse, Refusal> {
    let found = items.into_iter().find(|item| item["id"] == id);
    let found = found.ok_or_else(|| IdentityError::not_found(kind, id))?;
    Ok(member(StatusCode::OK, kind, found))
}

fn all_services(cx: &Cx) -> Vec<Value> {
    let services = cx.identity.catalog.services(&cx.base).into_iter();
    let view = |service: Service| {
        json!({
            "id": service.id,
            "name": service.name,
            "type": service.kind,
            "enabled": true,
            "description": service.description,
            "links": {"self": cx.link(&format!("services/{}", service.id))},
        })
    };
    services.map(view).collect()
}

fn all_endpoints(cx: &Cx) -> Vec<Value> {
    let catalog = &cx.identity.catalog;
    let mut endpoints = Vec::new();
    for service in catalog.services(&cx.base) {
        for interface in INTERFACES {
            let id = service.endpoint_id(interface);
            endpoints.push(json!({
                "id": id,
                "interface": interface,
                "region_id": catalog.region,
                "service_id": service.id,
                "url": service.url,
                "enabled": true,
                "region": catalog.region,
                "links": {"self": cx.link(&format!("endpoints/{id}"))},
            }));
        }
    }
    endpoints
}

fn region_view(cx: &Cx) -> Value {
    let region = &cx.identity.catalog.region;
    json!({
        "id": region,
        "description": "",
        "parent_region_id": null,
        "links": {"self": cx.link(&format!("regions/{region}"))},
    })
}
