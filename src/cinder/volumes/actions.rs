//! `POST /volumes/{id}/action`.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::Value;

use super::{attach, create::parse_size};
use crate::{
    auth::policy::{Action, Permission},
    cinder::{
        error::Fault,
        extract::{Body, Cx, May, no_such_action},
        microversion::Microversion,
        reply::empty_json,
        schema::{self, Fields, invalid, wrong_type},
    },
    domain::{AttachStatus, VolumeStatus},
    service::{ServiceError, VolumeReset},
};

/// Migration statuses that an admin can set (Cinder: `VolumeMigrationStatus`).
const MIGRATION_STATUSES: [&str; 6] = ["migrating", "error", "success", "completing", "none", "starting"];

/// What the actions may do.
#[derive(Debug)]
pub struct Actions;

impl Permission for Actions {
    const ACTIONS: &'static [Action] = &[
        Action::VolumeExtend,
        Action::VolumeExtendAttached,
        Action::VolumeResetStatus,
        Action::VolumeAdminForceDelete,
        Action::VolumeRevert,
        Action::VolumeAttach,
        Action::VolumeDetach,
        Action::VolumeUpdate,
        Action::VolumeReadonly,
        Action::VolumeReserve,
        Action::VolumeUnreserve,
        Action::VolumeBeginDetaching,
        Action::VolumeRollDetaching,
    ];
}

/// Does the one action that the body names.
pub async fn action(cx: May<Actions>, body: Body) -> Result<HttpResponse, Fault> {
    let (name, argument) = body.action()?;
    match name.as_str() {
        "os-extend" => extend(&cx, argument).await,
        "os-reset_status" => reset_status(&cx, argument).await,
        "os-force_delete" => force_delete(&cx).await,
        "revert" => revert(&cx, argument).await,
        "os-attach" => attach::attach(&cx, argument).await,
        "os-detach" => attach::detach(&cx, argument).await,
        "os-set_bootable" => attach::set_bootable(&cx, argument).await,
        "os-update_readonly_flag" => attach::set_readonly(&cx, argument).await,
        "os-reserve" => done(cx.service.volume_reserve(&cx.call, &cx.path("id")).await),
        "os-unreserve" => done(cx.service.volume_unreserve(&cx.call, &cx.path("id")).await),
        "os-begin_detaching" => done(cx.service.volume_begin_detaching(&cx.call, &cx.path("id")).await),
        "os-roll_detaching" => done(cx.service.volume_roll_detaching(&cx.call, &cx.path("id")).await),
        other => Err(no_such_action(other)),
    }
}

/// The reply of an action whose argument may be anything.
fn done(result: Result<(), ServiceError>) -> Result<HttpResponse, Fault> {
    result?;
    Ok(empty_json(StatusCode::ACCEPTED))
}

async fn extend(cx: &Cx, argument: Value) -> Result<HttpResponse, Fault> {
    let mut fields = Fields::read("os-extend", argument)?;
    fields.must_have("new_size")?;
    let value = fields.take("new_size").unwrap_or_default();
    let size = parse_size("new_size", &value, false)?;
    fields.finish()?;
    let size = size.ok_or_else(|| invalid("new_size", &value, &wrong_type(&value, "'integer', 'string'")))?;
    let in_use = cx.version >= Microversion::EXTEND_IN_USE;
    cx.service.volume_extend(&cx.call, &cx.path("id"), size, in_use).await?;
    Ok(empty_json(StatusCode::ACCEPTED))
}

async fn revert(cx: &Cx, argument: Value) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::REVERT)?;
    // Other keys are tolerated, and the id is looked up as it is.
    let mut fields = Fields::read("revert", argument)?;
    let snapshot_id = fields.text("snapshot_id")?;
    cx.service
        .volume_revert(&cx.call, &cx.path("id"), snapshot_id.as_deref())
        .await?;
    Ok(empty_json(StatusCode::ACCEPTED))
}

async fn force_delete(cx: &Cx) -> Result<HttpResponse, Fault> {
    cx.service.volume_force_delete(&cx.call, &cx.path("id")).await?;
    Ok(empty_json(StatusCode::ACCEPTED))
}

async fn reset_status(cx: &Cx, argument: Value) -> Result<HttpResponse, Fault> {
    let mut fields = Fields::read("os-reset_status", argument)?;
    let (status, attach_status, migration_status) = (
        fields.text("status")?,
        fields.text("attach_status")?,
        fields.text("migration_status")?,
    );
    fields.finish()?;
    if status.is_none() && attach_status.is_none() && migration_status.is_none() {
        return Err(Fault::bad_request(
            "Must specify 'status', 'attach_status' or 'migration_status' for update.",
        ));
    }
    let unknown = |name: &str, text: &str| invalid(name, &Value::from(text), &schema::no_form_fits(&Value::from(text)));
    let reset = VolumeReset {
        status: status.map(|text| parse_status(&text)).transpose()?,
        attach_status: attach_status
            .map(|text| {
                text.to_lowercase()
                    .parse::<AttachStatus>()
                    .map_err(|_unknown| unknown("attach_status", &text))
            })
            .transpose()?,
        migration_status: migration_status
            .map(|text| {
                let lower = text.to_lowercase();
                let known = MIGRATION_STATUSES.contains(&lower.as_str());
                known.then_some(lower).ok_or_else(|| unknown("migration_status", &text))
            })
            .transpose()?,
    };
    cx.service.volume_reset_status(&cx.call, &cx.path("id"), reset).await?;
    Ok(empty_json(StatusCode::ACCEPTED))
}

/// `deleting` would promise work that nobody does; `reverting` is no status for Cinder's admins.
fn parse_status(text: &str) -> Result<VolumeStatus, Fault> {
    let all = || {
        let names: Vec<_> = VolumeStatus::ALL
            .iter()
            .filter(|status| **status != VolumeStatus::Reverting)
            .map(|status| format!("'{status}'"))
            .collect();
        names.join(", ")
    };
    match text.to_lowercase().parse() {
        Ok(VolumeStatus::Deleting) => Err(Fault::bad_request("Cannot reset-state to deleting")),
        Ok(status) if status != VolumeStatus::Reverting => Ok(status),
        _unknown => Err(Fault::bad_request(format!(
            "Volume status: {text} is invalid, valid statuses are: ({}).",
            all()
        ))),
    }
}
