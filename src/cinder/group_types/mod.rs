//! `/group_types`, from 3.11 on.

pub mod change;
pub mod list;
pub mod specs;

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::json;

use super::{error::Fault, extract::May, microversion::Microversion, reply, views::group_type};
use crate::auth::policy::Everybody;

/// `GET /group_types/default`: Cinder's setting `default_group_type` has no value unless somebody gives it
/// one, and here there is no such setting.
pub async fn default(cx: May<Everybody>) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::GROUP_TYPES)?;
    Err(Fault::item_not_found("Default group type can not be found."))
}

/// `GET /group_types/{id}`.
pub async fn show(cx: May<Everybody>) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::GROUP_TYPES)?;
    let kind = cx.service.group_type_show(&cx.call, &cx.path("id")).await?;
    Ok(reply::json(
        StatusCode::OK,
        &json!({"group_type": group_type::detail(&cx, &kind)}),
    ))
}
