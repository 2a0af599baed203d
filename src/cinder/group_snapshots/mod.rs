//! `/group_snapshots`, from 3.14 on.

pub mod list;

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Value, json};

use super::{
    error::Fault,
    extract::{Body, May, no_such_action},
    microversion::Microversion,
    reply::{self, bare},
    schema::{self, Fields},
    views::group as view,
};
use crate::{
    auth::policy::may::{
        GroupShow, GroupSnapshotCreate, GroupSnapshotDelete, GroupSnapshotResetStatus, GroupSnapshotShow,
        SnapshotCreate,
    },
    domain::GroupSnapshotStatus,
    service::NewGroupSnapshot,
};

/// `GET /group_snapshots/{id}`.
pub async fn show(cx: May<GroupSnapshotShow>) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::GROUP_SNAPSHOTS)?;
    let found = cx.service.group_snapshot_show(&cx.call, &cx.path("id")).await?;
    Ok(reply::json(
        StatusCode::OK,
        &json!({"group_snapshot": view::snapshot_detail(&cx, &found)}),
    ))
}

/// `POST /group_snapshots`.
pub async fn create(
    cx: May<(GroupShow, GroupSnapshotCreate, SnapshotCreate)>,
    body: Body,
) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::GROUP_SNAPSHOTS)?;
    let new = parse(body.value())?;
    let made = cx.service.group_snapshot_create(&cx.call, new).await?;
    Ok(reply::json(
        StatusCode::ACCEPTED,
        &json!({"group_snapshot": view::snapshot_created(&made)}),
    ))
}

/// `DELETE /group_snapshots/{id}`.
pub async fn delete(cx: May<(GroupSnapshotShow, GroupSnapshotDelete)>) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::GROUP_SNAPSHOTS)?;
    cx.service.group_snapshot_delete(&cx.call, &cx.path("id")).await?;
    Ok(bare(StatusCode::ACCEPTED))
}

/// `POST /group_snapshots/{id}/action`: there is one.
pub async fn action(cx: May<(GroupSnapshotShow, GroupSnapshotResetStatus)>, body: Body) -> Result<HttpResponse, Fault> {
    let (name, argument) = body.action()?;
    if name != "reset_status" {
        return Err(no_such_action(&name));
    }
    cx.since(Microversion::GROUP_SNAPSHOT_RESET_STATUS)?;
    let mut fields = Fields::read(&name, argument)?;
    let wanted = fields.required_text("status")?;
    fields.finish()?;
    let status = status(&wanted)?;
    cx.service
        .group_snapshot_reset_status(&cx.call, &cx.path("id"), status)
        .await?;
    Ok(bare(StatusCode::ACCEPTED))
}

/// Name and description are kept with the blanks around them, unlike those of groups.
fn parse(body: Value) -> Result<NewGroupSnapshot, Fault> {
    let mut fields = schema::root(body, "group_snapshot", true)?;
    let group_id = fields.strict_uuid("group_id")?;
    let name = fields.untrimmed_name("name")?;
    let description = fields.untrimmed_description("description")?;
    fields.finish()?;
    Ok(NewGroupSnapshot {
        group_id,
        name: name.flatten(),
        description: description.flatten(),
    })
}

fn status(wanted: &str) -> Result<GroupSnapshotStatus, Fault> {
    if wanted.trim().is_empty() {
        return Err(Fault::bad_request(
            "Invalid GroupSnapshot Status: The 'status' can not be empty.",
        ));
    }
    wanted.to_lowercase().parse().map_err(|_unknown| {
        let all = GroupSnapshotStatus::ALL.iter();
        let all: Vec<_> = all.map(|status| format!("'{status}'")).collect();
        Fault::bad_request(format!(
            "Invalid GroupSnapshot Status: Group snapshot status: {wanted} is invalid, valid statuses are: ({}).",
            all.join(", ")
        ))
    })
}
