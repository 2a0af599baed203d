//! The actions of those who attach volumes, and the flags that matter to them.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Value, json};

use crate::{
    cinder::{
        error::Fault,
        extract::Cx,
        reply::empty_json,
        schema::{Fields, invalid, no_form_fits},
    },
    domain::AttachMode,
    service::NewAttachment,
};

/// Makes the volume `in-use`, for a server or a host.
pub async fn attach(cx: &Cx, argument: Value) -> Result<HttpResponse, Fault> {
    let new = parse(argument)?;
    cx.service.volume_attach(&cx.call, &cx.path("id"), new).await?;
    Ok(empty_json(StatusCode::ACCEPTED))
}

/// Makes the volume `available` again.
pub async fn detach(cx: &Cx, argument: Value) -> Result<HttpResponse, Fault> {
    // Nothing at all stands for "whatever attachment there is".
    let argument = if argument.is_null() { json!({}) } else { argument };
    let mut fields = Fields::read("os-detach", argument)?;
    let attachment = fields.uuid("attachment_id")?;
    fields.finish()?;
    cx.service
        .volume_detach(&cx.call, &cx.path("id"), attachment.as_deref())
        .await?;
    Ok(empty_json(StatusCode::ACCEPTED))
}

/// 200, unlike every other action.
pub async fn set_bootable(cx: &Cx, argument: Value) -> Result<HttpResponse, Fault> {
    let bootable = flag("os-set_bootable", "bootable", argument)?;
    cx.service
        .volume_set_bootable(&cx.call, &cx.path("id"), bootable)
        .await?;
    Ok(empty_json(StatusCode::OK))
}

/// Shown as `readonly` in the volume's metadata.
pub async fn set_readonly(cx: &Cx, argument: Value) -> Result<HttpResponse, Fault> {
    let readonly = flag("os-update_readonly_flag", "readonly", argument)?;
    cx.service
        .volume_set_readonly(&cx.call, &cx.path("id"), readonly)
        .await?;
    Ok(empty_json(StatusCode::ACCEPTED))
}

fn flag(action: &str, key: &str, argument: Value) -> Result<bool, Fault> {
    let mut fields = Fields::read(action, argument)?;
    fields.must_have(key)?;
    let flag = fields.boolean(key)?.unwrap_or_default();
    fields.finish()?;
    Ok(flag)
}

fn parse(argument: Value) -> Result<NewAttachment, Fault> {
    let mut fields = Fields::read("os-attach", argument)?;
    let mountpoint = fields.text("mountpoint")?.unwrap_or_default();
    let (instance_uuid, host_name) = (fields.uuid("instance_uuid")?, fields.text("host_name")?);
    let mode = fields.text("mode")?.unwrap_or_else(|| "rw".to_owned());
    fields.finish()?;
    let mode = mode.parse::<AttachMode>().map_err(|_unknown| {
        let value = Value::from(mode);
        invalid("mode", &value, &no_form_fits(&value))
    })?;
    match (&instance_uuid, &host_name) {
        (None, None) => Err(Fault::bad_request(
            "Invalid request to attach volume to an invalid target",
        )),
        (Some(_), Some(_)) => Err(Fault::bad_request(
            "Invalid request to attach volume to an instance and a host simultaneously",
        )),
        (Some(_), None) | (None, Some(_)) => Ok(NewAttachment {
            instance_uuid,
            host_name,
            mountpoint,
            mode,
        }),
    }
}
