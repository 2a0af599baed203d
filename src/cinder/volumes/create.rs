//! `POST /volumes`.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::Value;

use crate::{
    auth::policy::may::{GroupShow, SnapshotShow, VolumeCreate},
    cinder::{
        error::Fault,
        extract::{Body, May},
        microversion::Microversion,
        python, reply,
        schema::{self, Fields, invalid},
        views::volume::VolumeView,
    },
    domain::{Gib, Label, LabelError, MetadataRule},
    service::{NewVolume, ServiceError, Source},
};

const MULTIATTACH: &str = "multiattach parameter has been removed. The default behavior is to use multiattach enabled \
                           volume types. Contact your administrator to create a multiattach enabled volume type and \
                           use it to create multiattach volumes.";

/// Accepts a volume.
///
/// # Errors
/// The body, then the source, size, type, zone, policy and quota.
pub async fn create(cx: May<(VolumeCreate, SnapshotShow, GroupShow)>, body: Body) -> Result<HttpResponse, Fault> {
    let new = parse(cx.version, body.value())?;
    let volume = cx.service.volume_create(&cx.call, new).await?;
    let view = VolumeView::new(&cx, cx.service.type_names().await?);
    Ok(reply::named(
        StatusCode::ACCEPTED,
        "volume",
        &view.detail(&volume, false),
    ))
}

fn parse(version: Microversion, body: Value) -> Result<NewVolume, Fault> {
    let mut fields = schema::root(body, "volume", false)?;
    let size = size(&mut fields)?;
    let (name, display_name) = (label(&mut fields, "name")?, label(&mut fields, "display_name")?);
    let (description, display_description) = (
        label(&mut fields, "description")?,
        label(&mut fields, "display_description")?,
    );
    let (snapshot, volume) = (fields.uuid("snapshot_id")?, fields.uuid("source_volid")?);
    let backup = fields.uuid("backup_id")?;
    let (group, old_group) = (fields.uuid("group_id")?, fields.uuid("consistencygroup_id")?);
    let (image, old_image) = (fields.text("imageRef")?, fields.text("image_id")?);
    let volume_type = fields.text("volume_type")?;
    let availability_zone = fields.text("availability_zone")?;
    let metadata = fields
        .metadata("metadata", MetadataRule::WithSlash)?
        .unwrap_or_default();
    let multiattach = fields.boolean("multiattach")?.unwrap_or(false);
    if version >= Microversion::STRICT_VOLUME_BODIES {
        fields.finish()?;
    }

    if multiattach {
        return Err(Fault::bad_request(MULTIATTACH));
    }
    let image = image.or(old_image).filter(|image| !image.is_empty());
    let sources = [snapshot.is_some(), volume.is_some(), backup.is_some(), image.is_some()];
    if sources.iter().filter(|given| **given).count() > 1 {
        return Err(Fault::bad_request(
            "Invalid input received: May specify only one of backup, imageRef, snapshot, source volume",
        ));
    }
    // This service has no images and backups, so each of them is one that does not exist.
    if image.is_some() {
        return Err(Fault::bad_request(
            "Invalid image identifier or unable to access requested image.",
        ));
    }
    if let Some(backup) = backup {
        return Err(ServiceError::BackupNotFound(backup).into());
    }
    let source = match (snapshot, volume) {
        (Some(snapshot), _) => Source::Snapshot(snapshot),
        (None, Some(volume)) => Source::Volume(volume),
        (None, None) if size.is_none() => return Err(Fault::malformed()),
        (None, None) => Source::Empty,
    };
    Ok(NewVolume {
        size,
        name: name.or(display_name).flatten(),
        description: description.or(display_description).flatten(),
        metadata,
        volume_type,
        availability_zone,
        source,
        // The newer name counts where both are given, as in Cinder.
        group: group.or(old_group),
    })
}

/// A number of GiB or its digits, at least 1; null where a source gives the size.
fn size(fields: &mut Fields) -> Result<Option<Gib>, Fault> {
    let value = fields.take("size").unwrap_or_default();
    parse_size("size", &value, true)
}

/// See [`size`]; `os-extend` has the same rule for its `new_size`.
pub fn parse_size(name: &str, value: &Value, nullable: bool) -> Result<Option<Gib>, Fault> {
    let number = match value {
        Value::Null if nullable => return Ok(None),
        Value::Number(number) if number.is_i64() || number.is_u64() => number.as_i64(),
        Value::String(text) => {
            if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
                let reason = format!("{} does not match '^[0-9]+$'", python::repr(value));
                return Err(invalid(name, value, &reason));
            }
            text.parse().ok()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            let types = if nullable {
                "'integer', 'string', 'null'"
            } else {
                "'integer', 'string'"
            };
            return Err(invalid(name, value, &schema::wrong_type(value, types)));
        }
    };
    if number.is_some_and(|number| number < 1) {
        return Err(invalid(
            name,
            value,
            &format!("{} is less than the minimum of 1", python::repr(value)),
        ));
    }
    let size = number.and_then(|number| u32::try_from(number).ok()).and_then(Gib::new);
    if size.is_none() {
        let reason = format!("{} is greater than the maximum of {}", python::repr(value), Gib::MAX);
        return Err(invalid(name, value, &reason));
    }
    Ok(size)
}

/// Names and descriptions of volumes are checked after the schema, with a text of their own.
fn label(fields: &mut Fields, key: &str) -> Result<Option<Option<Label>>, Fault> {
    match fields.take(key) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(None)),
        // Trimmed first, then counted: the other way round than for snapshots.
        Some(Value::String(text)) => match Label::name(text.trim()) {
            Ok(label) => Ok(Some(Some(label))),
            Err(LabelError::TooLong | LabelError::NotPrintable) => Err(Fault::bad_request(format!(
                "Invalid input received: {key} has {} characters, more than 255.",
                text.trim().chars().count()
            ))),
        },
        Some(other) => Err(invalid(key, &other, &schema::wrong_type(&other, "'string', 'null'"))),
    }
}
