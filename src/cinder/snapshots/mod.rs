//! `/snapshots`.

pub mod actions;
pub mod create;
pub mod list;
pub mod manage;
pub mod metadata;

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::Value;

use super::{
    error::Fault,
    extract::{Body, Cx, May},
    reply::{self, bare},
    schema,
    views::snapshot as view,
};
use crate::{
    auth::policy::{
        Action, Everybody,
        may::{SnapshotDelete, SnapshotShow, SnapshotUpdate},
    },
    domain::{Snapshot, SnapshotPatch},
};

/// `GET /snapshots/{id}`.
pub async fn show(cx: May<SnapshotShow>) -> Result<HttpResponse, Fault> {
    let snapshot = cx.service.snapshot_show(&cx.call, &cx.path("id")).await?;
    Ok(reply::named(StatusCode::OK, "snapshot", &detail(&cx, &snapshot)))
}

/// `PUT /snapshots/{id}`.
pub async fn update(cx: May<(SnapshotShow, SnapshotUpdate)>, body: Body) -> Result<HttpResponse, Fault> {
    let patch = patch(body.value())?;
    let snapshot = cx.service.snapshot_update(&cx.call, &cx.path("id"), patch).await?;
    let view = view::detail(cx.version, &snapshot, false);
    Ok(reply::named(StatusCode::OK, "snapshot", &view))
}

/// `DELETE /snapshots/{id}`.
pub async fn delete(cx: May<(SnapshotShow, SnapshotDelete)>) -> Result<HttpResponse, Fault> {
    cx.service.snapshot_delete(&cx.call, &cx.path("id")).await?;
    Ok(bare(StatusCode::ACCEPTED))
}

/// `DELETE /snapshots/detail`: to Cinder's router, `detail` is an id here.
pub async fn delete_detail(cx: May<(SnapshotShow, SnapshotDelete)>) -> Result<HttpResponse, Fault> {
    cx.service.snapshot_delete(&cx.call, "detail").await?;
    Ok(bare(StatusCode::ACCEPTED))
}

/// `GET /snapshots/new` and `GET /snapshots/{id}/edit`: Cinder's router has them, its controllers do not.
pub async fn not_implemented(_cx: May<Everybody>) -> Result<HttpResponse, Fault> {
    Err(Fault::not_found())
}

/// The full representation, with the extended attributes for those who may see them.
fn detail<'a>(cx: &Cx, snapshot: &'a Snapshot) -> view::View<'a> {
    let extended = cx.call.may(Action::SnapshotExtended, &snapshot.project_id);
    view::detail(cx.version, snapshot, extended)
}

/// The older spelling counts only where the newer one is absent.
fn patch(body: Value) -> Result<SnapshotPatch, Fault> {
    let mut fields = schema::root(body, "snapshot", true)?;
    let (name, display_name) = (fields.name("name")?, fields.name("display_name")?);
    let (description, display_description) = (
        fields.description("description")?,
        fields.description("display_description")?,
    );
    let patch = SnapshotPatch {
        name: name.or(display_name),
        description: description.or(display_description),
    };
    if patch == SnapshotPatch::default() && fields.is_whole_empty() {
        return Err(fields.refuse("{} is not valid under any of the given schemas"));
    }
    fields.finish()?;
    Ok(patch)
}
