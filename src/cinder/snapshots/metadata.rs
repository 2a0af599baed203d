//! `/snapshots/{id}/metadata` and `/snapshots/{id}/metadata/{key}`.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::json;

use crate::{
    auth::policy::may::{SnapshotMetadataDelete, SnapshotMetadataShow, SnapshotMetadataUpdate, SnapshotShow},
    cinder::{
        error::Fault,
        extract::{Body, May},
        metadata as bodies,
        reply::{self, bare},
    },
    domain::MetadataRule,
    service::ServiceError,
};

/// `GET …/metadata`.
pub async fn index(cx: May<(SnapshotShow, SnapshotMetadataShow)>) -> Result<HttpResponse, Fault> {
    let snapshot = cx.service.snapshot_metadata(&cx.call, &cx.path("id")).await?;
    Ok(reply::json(StatusCode::OK, &json!({"metadata": snapshot.metadata})))
}

/// `POST …/metadata`: merges.
pub async fn create(cx: May<(SnapshotShow, SnapshotMetadataUpdate)>, body: Body) -> Result<HttpResponse, Fault> {
    let items = bodies::all(body.value(), MetadataRule::WithoutSlash, false)?;
    let metadata = cx
        .service
        .snapshot_metadata_merge(&cx.call, &cx.path("id"), items)
        .await?;
    Ok(reply::json(StatusCode::OK, &json!({"metadata": metadata})))
}

/// `PUT …/metadata`: replaces.
pub async fn update_all(cx: May<(SnapshotShow, SnapshotMetadataUpdate)>, body: Body) -> Result<HttpResponse, Fault> {
    let items = bodies::all(body.value(), MetadataRule::WithoutSlash, false)?;
    let metadata = cx
        .service
        .snapshot_metadata_replace(&cx.call, &cx.path("id"), items)
        .await?;
    Ok(reply::json(StatusCode::OK, &json!({"metadata": metadata})))
}

/// `GET …/metadata/{key}`.
pub async fn show(cx: May<(SnapshotShow, SnapshotMetadataShow)>) -> Result<HttpResponse, Fault> {
    let mut snapshot = cx.service.snapshot_metadata(&cx.call, &cx.path("id")).await?;
    let key = cx.path("key");
    let missing = ServiceError::SnapshotMetadataNotFound {
        id: snapshot.id,
        key: key.clone(),
    };
    let value = snapshot.metadata.remove(&key).ok_or(missing)?;
    Ok(reply::json(StatusCode::OK, &json!({"meta": {key: value}})))
}

/// `PUT …/metadata/{key}`: sets one item and echoes it.
pub async fn update(cx: May<(SnapshotShow, SnapshotMetadataUpdate)>, body: Body) -> Result<HttpResponse, Fault> {
    let items = bodies::one(body.value(), &cx.path("key"), MetadataRule::WithoutSlash)?;
    cx.service
        .snapshot_metadata_merge(&cx.call, &cx.path("id"), items.clone())
        .await?;
    Ok(reply::json(StatusCode::OK, &json!({"meta": items})))
}

/// `DELETE …/metadata/{key}`: 200, as in Cinder.
pub async fn delete(
    cx: May<(SnapshotShow, SnapshotMetadataShow, SnapshotMetadataDelete)>,
) -> Result<HttpResponse, Fault> {
    cx.service
        .snapshot_metadata_delete(&cx.call, &cx.path("id"), &cx.path("key"))
        .await?;
    Ok(bare(StatusCode::OK))
}
