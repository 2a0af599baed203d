//! `/types/{id}/extra_specs`.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Value, json};

use crate::{
    auth::policy::{
        Action,
        may::{TypeShow, TypeSpecsCreate, TypeSpecsDelete, TypeSpecsList, TypeSpecsShow, TypeSpecsUpdate},
    },
    cinder::{
        error::Fault,
        extract::{Body, May},
        reply::{self, bare},
        schema::{self, Fields},
    },
    domain::{Metadata, MetadataRule},
};

/// `GET …/extra_specs`.
pub async fn index(cx: May<(TypeShow, TypeSpecsList)>) -> Result<HttpResponse, Fault> {
    let specs = cx
        .service
        .type_specs(&cx.call, &cx.path("id"), Action::TypeSpecsList)
        .await?;
    Ok(reply::json(StatusCode::OK, &json!({"extra_specs": specs})))
}

/// `POST …/extra_specs`: merges, and answers with what was sent.
pub async fn create(cx: May<TypeSpecsCreate>, body: Body) -> Result<HttpResponse, Fault> {
    let fields = schema::root(body.value(), "extra_specs", true)?;
    let specs = parse("extra_specs", fields.whole().clone())?;
    let action = Action::TypeSpecsCreate;
    cx.service
        .type_specs_merge(&cx.call, &cx.path("id"), action, specs.clone())
        .await?;
    Ok(reply::json(StatusCode::OK, &json!({"extra_specs": specs})))
}

/// `GET …/extra_specs/{key}`.
pub async fn show(cx: May<(TypeShow, TypeSpecsShow)>) -> Result<HttpResponse, Fault> {
    let (id, key) = (cx.path("id"), cx.path("key"));
    let value = cx.service.type_spec(&cx.call, &id, &key).await?;
    Ok(reply::json(StatusCode::OK, &json!({key: value})))
}

/// `PUT …/extra_specs/{key}`: the body is the pair itself.
pub async fn update(cx: May<TypeSpecsUpdate>, body: Body) -> Result<HttpResponse, Fault> {
    let specs = parse("body", body.value())?;
    if !specs.contains_key(&cx.path("key")) {
        return Err(Fault::bad_request("Request body and URI mismatch"));
    }
    if specs.len() > 1 {
        return Err(Fault::bad_request("Request body contains too many items"));
    }
    let action = Action::TypeSpecsUpdate;
    cx.service
        .type_specs_merge(&cx.call, &cx.path("id"), action, specs.clone())
        .await?;
    Ok(reply::json(StatusCode::OK, &json!(specs)))
}

/// `DELETE …/extra_specs/{key}`.
pub async fn delete(cx: May<TypeSpecsDelete>) -> Result<HttpResponse, Fault> {
    cx.service
        .type_spec_delete(&cx.call, &cx.path("id"), &cx.path("key"))
        .await?;
    Ok(bare(StatusCode::ACCEPTED))
}

/// Keys as those of metadata, values texts.
pub fn parse(name: &str, value: Value) -> Result<Metadata, Fault> {
    Fields::read(name, value)?.into_metadata(MetadataRule::WithoutSlash)
}
