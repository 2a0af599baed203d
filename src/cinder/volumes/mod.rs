//! `/volumes`.

pub mod actions;
pub mod attach;
pub mod create;
pub mod list;
pub mod metadata;

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::Value;

use super::{
    error::Fault,
    extract::{Body, May},
    microversion::Microversion,
    reply::{self, bare},
    schema,
    views::volume::VolumeView,
};
use crate::{
    auth::policy::may::{VolumeDelete, VolumeForceDelete, VolumeShow, VolumeUpdate},
    domain::{MetadataRule, VolumePatch},
    service::DeleteOptions,
};

/// `GET /volumes/{id}`.
pub async fn show(cx: May<VolumeShow>) -> Result<HttpResponse, Fault> {
    let volume = cx.service.volume_show(&cx.call, &cx.path("id")).await?;
    let view = VolumeView::new(&cx, cx.service.type_names().await?);
    Ok(reply::named(StatusCode::OK, "volume", &view.detail(&volume, true)))
}

/// `PUT /volumes/{id}`.
pub async fn update(cx: May<VolumeUpdate>, body: Body) -> Result<HttpResponse, Fault> {
    let patch = patch(cx.version, body.value())?;
    let volume = cx.service.volume_update(&cx.call, &cx.path("id"), patch).await?;
    let view = VolumeView::new(&cx, cx.service.type_names().await?);
    Ok(reply::named(StatusCode::OK, "volume", &view.detail(&volume, false)))
}

/// `DELETE /volumes/{id}?cascade=…&force=…`.
pub async fn delete(cx: May<(VolumeDelete, VolumeForceDelete)>) -> Result<HttpResponse, Fault> {
    let mut params = cx.query()?;
    let mut flag = |name: &str| {
        params
            .take(name)
            .map_or(Ok(false), |text| schema::query_boolean(name, &text))
    };
    let options = DeleteOptions {
        cascade: flag("cascade")?,
        // Before 3.23 the parameter is unknown and changes nothing.
        force: cx.version >= Microversion::VOLUME_DELETE_FORCE && flag("force")?,
    };
    cx.service.volume_delete(&cx.call, &cx.path("id"), options).await?;
    Ok(bare(StatusCode::ACCEPTED))
}

fn patch(version: Microversion, body: Value) -> Result<VolumePatch, Fault> {
    let mut fields = schema::root(body, "volume", version >= Microversion::STRICT_VOLUME_BODIES)?;
    let (name, display_name) = (fields.name("name")?, fields.name("display_name")?);
    let (description, display_description) = (fields.name("description")?, fields.name("display_description")?);
    let metadata = fields.metadata("metadata", MetadataRule::WithSlash)?;
    if version >= Microversion::STRICT_VOLUME_BODIES {
        if fields.is_whole_empty() {
            return Err(fields.refuse("{} is not valid under any of the given schemas"));
        }
        fields.finish()?;
    }
    Ok(VolumePatch {
        name: name.or(display_name),
        description: description.or(display_description),
        metadata,
    })
}
