//! `/types`.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Value, json};

use super::{error::Fault, extract::Cx, reply, views::volume_type};

/// `GET /types`.
pub async fn index(cx: Cx) -> Result<HttpResponse, Fault> {
    let types = cx.service.type_list(&cx.call).await?;
    let views: Vec<Value> = types.iter().map(|kind| volume_type::detail(&cx, kind, true)).collect();
    Ok(reply::json(StatusCode::OK, &json!({"volume_types": views})))
}

/// `GET /types/default`.
pub async fn default(cx: Cx) -> Result<HttpResponse, Fault> {
    let kind = cx.service.type_default().await?;
    Ok(reply::json(
        StatusCode::OK,
        &json!({"volume_type": volume_type::detail(&cx, &kind, false)}),
    ))
}

/// `GET /types/{id}`.
pub async fn show(cx: Cx) -> Result<HttpResponse, Fault> {
    let kind = cx.service.type_show(&cx.call, &cx.path("id")).await?;
    Ok(reply::json(
        StatusCode::OK,
        &json!({"volume_type": volume_type::detail(&cx, &kind, true)}),
    ))
}
