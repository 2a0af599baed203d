//! `/group_snapshots`, from 3.14 on: what a service without groups has of them.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::json;

use super::{error::Fault, extract::May, microversion::Microversion, reply};
use crate::{auth::policy::Action, auth::policy::may::GroupSnapshotList};

/// `GET /group_snapshots` and `/group_snapshots/detail`.
pub async fn index(cx: May<GroupSnapshotList>) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::GROUP_SNAPSHOTS)?;
    cx.call.authorize_own(Action::GroupSnapshotList)?;
    Ok(reply::json(StatusCode::OK, &json!({"group_snapshots": []})))
}
