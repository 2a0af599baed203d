//! `POST /snapshots/{id}/action`.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::Value;

use crate::{
    auth::policy::{Action, Permission},
    cinder::{
        error::Fault,
        extract::{Body, Cx, May, no_such_action},
        reply::{bare, empty_json},
        schema::{self, Fields},
    },
    domain::SnapshotStatus,
};

/// What the actions may do.
#[derive(Debug)]
pub struct Actions;

impl Permission for Actions {
    const ACTIONS: &'static [Action] = &[
        Action::SnapshotShow,
        Action::SnapshotResetStatus,
        Action::SnapshotForceDelete,
        Action::SnapshotDelete,
        Action::SnapshotUpdateStatus,
        Action::SnapshotUnmanage,
    ];
}

/// Does the one action that the body names.
pub async fn action(cx: May<Actions>, body: Body) -> Result<HttpResponse, Fault> {
    let (name, argument) = body.action()?;
    match name.as_str() {
        "os-reset_status" => reset_status(&cx, argument).await,
        "os-force_delete" => force_delete(&cx).await,
        "os-update_snapshot_status" => update_status(&cx, argument).await,
        "os-unmanage" => unmanage(&cx).await,
        other => Err(no_such_action(other)),
    }
}

async fn reset_status(cx: &Cx, argument: Value) -> Result<HttpResponse, Fault> {
    let mut fields = Fields::read("os-reset_status", argument)?;
    let wanted = fields.required_text("status")?;
    fields.finish()?;
    let status: SnapshotStatus = wanted.to_lowercase().parse().map_err(|_unknown| {
        let all: Vec<_> = SnapshotStatus::ALL.iter().map(|status| format!("'{status}'")).collect();
        Fault::bad_request(format!(
            "Snapshot status: {wanted} is invalid, valid statuses are: ({}).",
            all.join(", ")
        ))
    })?;
    cx.service
        .snapshot_reset_status(&cx.call, &cx.path("id"), status)
        .await?;
    Ok(empty_json(StatusCode::ACCEPTED))
}

/// The argument may be anything: clients send null or an empty object.
async fn force_delete(cx: &Cx) -> Result<HttpResponse, Fault> {
    cx.service.snapshot_force_delete(&cx.call, &cx.path("id")).await?;
    Ok(empty_json(StatusCode::ACCEPTED))
}

/// The argument may be anything here too.
async fn unmanage(cx: &Cx) -> Result<HttpResponse, Fault> {
    cx.service.snapshot_unmanage(&cx.call, &cx.path("id")).await?;
    Ok(bare(StatusCode::ACCEPTED))
}

async fn update_status(cx: &Cx, argument: Value) -> Result<HttpResponse, Fault> {
    let mut fields = Fields::read("os-update_snapshot_status", argument)?;
    let status = fields.required_text("status")?;
    let progress = fields.take("progress").map_or(Ok(None), progress)?;
    fields.finish()?;
    cx.service
        .snapshot_update_status(&cx.call, &cx.path("id"), &status, progress)
        .await?;
    Ok(bare(StatusCode::ACCEPTED))
}

/// `0%` to `100%`; null and the empty text are ignored.
fn progress(value: Value) -> Result<Option<String>, Fault> {
    let text = match value {
        Value::Null => return Ok(None),
        Value::String(text) if text.is_empty() => return Ok(None),
        Value::String(text) => text,
        // Cinder's text, an accident of its Python.
        Value::Number(_) => return Err(Fault::bad_request("'int' object is not subscriptable")),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            return Err(schema::invalid(
                "progress",
                &value,
                &schema::wrong_type(&value, "'string', 'null'"),
            ));
        }
    };
    // Cinder cuts the last character off, whatever it is, and looks at it afterwards.
    let mut number = text.clone();
    let unit = number.pop();
    let percent: i64 = number.trim().parse().map_err(|_not_a_number| {
        Fault::bad_request("Invalid input received: progress must be an integer percentage")
    })?;
    if (0..=100).contains(&percent) && unit == Some('%') {
        return Ok(Some(text));
    }
    Err(Fault::bad_request(
        "Invalid input received: progress must be an integer percentage between 0 and 100",
    ))
}
