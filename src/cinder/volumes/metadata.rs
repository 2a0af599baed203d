//! `/volumes/{id}/metadata` and `/volumes/{id}/metadata/{key}`.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, ETAG, HeaderValue},
    },
};
use serde_json::json;

use crate::{
    auth::policy::{
        Action,
        may::{VolumeMetadataCreate, VolumeMetadataDelete, VolumeMetadataShow, VolumeMetadataUpdate},
    },
    cinder::{
        error::Fault,
        extract::{Body, May},
        metadata as bodies,
        microversion::Microversion,
        reply::{self, bare},
    },
    domain::{Metadata, MetadataRule},
    http,
};

/// `GET …/metadata`; with an `ETag` from 3.15 on.
pub async fn index(cx: May<VolumeMetadataShow>) -> Result<HttpResponse, Fault> {
    let metadata = cx.service.volume_metadata(&cx.call, &cx.path("id")).await?;
    let mut response = reply::json(StatusCode::OK, &json!({"metadata": metadata}));
    if cx.version >= Microversion::ETAGS
        && let Ok(tag) = HeaderValue::from_str(&etag(&metadata))
    {
        // Cinder's reply with a tag comes straight from its web framework, with that one's type.
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=UTF-8"));
        response.headers_mut().insert(ETAG, tag);
    }
    Ok(response)
}

/// `POST …/metadata`: merges.
pub async fn create(cx: May<VolumeMetadataCreate>, body: Body) -> Result<HttpResponse, Fault> {
    let items = bodies::all(body.value(), MetadataRule::WithSlash, true)?;
    let metadata = cx
        .service
        .volume_metadata_merge(&cx.call, &cx.path("id"), items, Action::VolumeMetadataCreate)
        .await?;
    Ok(reply::json(StatusCode::OK, &json!({"metadata": metadata})))
}

/// `PUT …/metadata`: replaces; from 3.15 on only if `If-Match` names what is there.
pub async fn update_all(cx: May<VolumeMetadataUpdate>, body: Body) -> Result<HttpResponse, Fault> {
    let items = bodies::all(body.value(), MetadataRule::WithSlash, true)?;
    let wanted = cx
        .header("If-Match")
        .filter(|_tag| cx.version >= Microversion::ETAGS)
        .map(str::to_owned);
    let unchanged =
        |now: &Metadata| wanted.is_none_or(|wanted| wanted.trim_matches('"') == etag(now).trim_matches('"'));
    match cx
        .service
        .volume_metadata_replace(&cx.call, &cx.path("id"), items, unchanged)
        .await?
    {
        Some(metadata) => Ok(reply::json(StatusCode::OK, &json!({"metadata": metadata}))),
        None => Ok(bare(StatusCode::PRECONDITION_FAILED)),
    }
}

/// `GET …/metadata/{key}`.
pub async fn show(cx: May<VolumeMetadataShow>) -> Result<HttpResponse, Fault> {
    let key = cx.path("key");
    let value = cx.service.volume_metadata_item(&cx.call, &cx.path("id"), &key).await?;
    Ok(reply::json(StatusCode::OK, &json!({"meta": {key: value}})))
}

/// `PUT …/metadata/{key}`: sets one item and echoes it.
pub async fn update(cx: May<VolumeMetadataUpdate>, body: Body) -> Result<HttpResponse, Fault> {
    let items = bodies::one(body.value(), &cx.path("key"), MetadataRule::WithSlash)?;
    cx.service
        .volume_metadata_merge(&cx.call, &cx.path("id"), items.clone(), Action::VolumeMetadataUpdate)
        .await?;
    Ok(reply::json(StatusCode::OK, &json!({"meta": items})))
}

/// `DELETE …/metadata/{key}`.
pub async fn delete(cx: May<(VolumeMetadataShow, VolumeMetadataDelete)>) -> Result<HttpResponse, Fault> {
    cx.service
        .volume_metadata_delete(&cx.call, &cx.path("id"), &cx.path("key"))
        .await?;
    Ok(bare(StatusCode::OK))
}

/// The tag of a state. Cinder's is the MD5 of the reply; a client can only compare it, so a version 5
/// UUID (SHA-1) of the same text serves as well.
fn etag(metadata: &Metadata) -> String {
    let text = http::json::to_vec(&json!({"metadata": metadata})).unwrap_or_default();
    format!("\"{}\"", uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, &text).simple())
}
