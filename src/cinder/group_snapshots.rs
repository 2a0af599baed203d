//! `/group_snapshots`, from 3.14 on: what a service without groups has of them.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::json;

use super::{error::Fault, extract::Cx, microversion::Microversion, operator, reply};
use crate::auth::policy::Action;

/// `GET /group_snapshots` and `/group_snapshots/detail`.
pub async fn index(cx: Cx) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::GROUP_SNAPSHOTS)?;
    operator::authorize(&cx, Action::GroupSnapshotList)?;
    Ok(reply::json(StatusCode::OK, &json!({"group_snapshots": []})))
}
