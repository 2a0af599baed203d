//! `/types`.

pub mod access;
pub mod change;
pub mod encryption;
pub mod list;
pub mod specs;

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::json;

use super::{error::Fault, extract::May, reply, views::volume_type};
use crate::auth::policy::may::TypeShow;

/// `GET /types/default`.
pub async fn default(cx: May<TypeShow>) -> Result<HttpResponse, Fault> {
    let kind = cx.service.type_default(&cx.call).await?;
    Ok(reply::json(
        StatusCode::OK,
        &json!({"volume_type": volume_type::detail(&cx, &kind, false)}),
    ))
}

/// `GET /types/{id}`.
pub async fn show(cx: May<TypeShow>) -> Result<HttpResponse, Fault> {
    let kind = cx.service.type_show(&cx.call, &cx.path("id")).await?;
    Ok(reply::json(
        StatusCode::OK,
        &json!({"volume_type": volume_type::detail(&cx, &kind, true)}),
    ))
}
