//! `POST /groups/{id}/action` and `POST /groups/action`. Cinder's actions about replication are not here:
//! nothing is replicated.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Value, json};

use crate::{
    auth::policy::{
        Action, Permission,
        may::{GroupCreate, GroupShow, GroupSnapshotShow},
    },
    cinder::{
        error::Fault,
        extract::{Body, Cx, May, no_such_action},
        microversion::Microversion,
        python,
        reply::{self, bare},
        schema::{self, Fields},
        views::group as view,
    },
    domain::GroupStatus,
    service::GroupSource,
};

/// What the actions may do.
#[derive(Debug)]
pub struct Actions;

impl Permission for Actions {
    const ACTIONS: &'static [Action] = &[Action::GroupShow, Action::GroupDelete, Action::GroupResetStatus];
}

/// Does the one action that the body names.
pub async fn action(cx: May<Actions>, body: Body) -> Result<HttpResponse, Fault> {
    let (name, argument) = body.action()?;
    match name.as_str() {
        "delete" if cx.version >= Microversion::GROUP_VOLUME => delete(&cx, argument).await,
        "reset_status" if cx.version >= Microversion::GROUP_RESET_STATUS => reset_status(&cx, argument).await,
        "delete" | "reset_status" => Err(Fault::not_found()),
        other => Err(no_such_action(other)),
    }
}

/// The one action of no group: making one from another.
pub async fn action_of_none(
    cx: May<(GroupCreate, GroupShow, GroupSnapshotShow)>,
    body: Body,
) -> Result<HttpResponse, Fault> {
    let (name, argument) = body.action()?;
    if name != "create-from-src" {
        return Err(no_such_action(&name));
    }
    cx.since(Microversion::GROUP_SNAPSHOTS)?;
    let mut fields = Fields::read(&name, argument)?;
    let description = fields.description("description")?.flatten();
    let label = fields.name("name")?.flatten();
    let mut id = |key: &str| match fields.must_have(key) {
        Ok(()) => fields.strict_uuid(key).map(Some),
        Err(_absent) => Ok(None),
    };
    let source = match (id("source_group_id")?, id("group_snapshot_id")?) {
        (Some(group), None) => GroupSource::Group(group),
        (None, Some(snapshot)) => GroupSource::Snapshot(snapshot),
        (None, None) => {
            let reason = schema::no_form_fits(fields.whole());
            return Err(fields.refuse(&reason));
        }
        (Some(_), Some(_)) => {
            let whole = python::repr(fields.whole());
            return Err(fields.refuse(&format!(
                "{whole} is valid under each of {{'required': ['source_group_id']}}, {{'required': \
                 ['group_snapshot_id']}}"
            )));
        }
    };
    fields.finish()?;
    let group = cx
        .service
        .group_create_from(&cx.call, (label, description), &source)
        .await?;
    Ok(reply::json(
        StatusCode::ACCEPTED,
        &json!({"group": view::summary(&group)}),
    ))
}

async fn delete(cx: &Cx, argument: Value) -> Result<HttpResponse, Fault> {
    let mut fields = Fields::read("delete", argument)?;
    let delete_volumes = fields.boolean("delete-volumes")?.unwrap_or(false);
    fields.finish()?;
    cx.service
        .group_delete(&cx.call, &cx.path("id"), delete_volumes)
        .await?;
    Ok(bare(StatusCode::ACCEPTED))
}

async fn reset_status(cx: &Cx, argument: Value) -> Result<HttpResponse, Fault> {
    let mut fields = Fields::read("reset_status", argument)?;
    let wanted = fields.required_text("status")?;
    fields.finish()?;
    let status = status(&wanted)?;
    cx.service.group_reset_status(&cx.call, &cx.path("id"), status).await?;
    Ok(bare(StatusCode::ACCEPTED))
}

/// Cinder compares with the statuses of group snapshots, so `in-use` is refused although its text lists it.
fn status(wanted: &str) -> Result<GroupStatus, Fault> {
    if wanted.trim().is_empty() {
        return Err(Fault::bad_request(
            "Invalid Group Status: The 'status' can not be empty.",
        ));
    }
    match wanted.to_lowercase().parse() {
        Ok(status) if status != GroupStatus::InUse => Ok(status),
        _unknown => {
            let all: Vec<_> = GroupStatus::ALL.iter().map(|status| format!("'{status}'")).collect();
            Err(Fault::bad_request(format!(
                "Invalid Group Status: Group status: {wanted} is invalid, valid status are: ({}).",
                all.join(", ")
            )))
        }
    }
}
