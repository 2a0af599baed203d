//! `POST /snapshots`.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::Value;

use crate::{
    auth::policy::may::SnapshotCreate,
    cinder::{
        error::Fault,
        extract::{Body, May},
        microversion::Microversion,
        reply, schema,
        views::snapshot as view,
    },
    domain::MetadataRule,
    service::NewSnapshot,
};

/// The typo is Cinder's.
const FORCE_REFUSED: &str = "Since microversion 3.66 the 'force' flag is invalid for this request.  For backward \
                             compatability, however, when the 'force' flag is passed with a value evaluating to True, \
                             it is silently ignored.";

/// Accepts a snapshot.
///
/// # Errors
/// In Cinder's order: the body, the volume (404), the force flag, then policy, state and quota.
pub async fn create(cx: May<SnapshotCreate>, body: Body) -> Result<HttpResponse, Fault> {
    let (mut new, force) = parse(body.value())?;
    if cx.version >= Microversion::SNAPSHOT_IN_USE {
        if force == Some(false) {
            // The volume is looked up first.
            cx.service.volume_show(&cx.call, &new.volume_id).await?;
            return Err(Fault::bad_request(FORCE_REFUSED));
        }
        new.allow_in_use = true;
    } else {
        new.allow_in_use = force == Some(true);
    }
    let snapshot = cx.service.snapshot_create(&cx.call, new).await?;
    let view = view::detail(cx.version, &snapshot, false);
    Ok(reply::named(StatusCode::ACCEPTED, "snapshot", &view))
}

/// Reads the body: what is asked for, and whether it is forced, if it says so.
///
/// # Errors
/// 400 with the words of Cinder's schema.
pub fn parse(body: Value) -> Result<(NewSnapshot, Option<bool>), Fault> {
    let mut fields = schema::root(body, "snapshot", true)?;
    fields.must_have("volume_id")?;
    // A null passes the schema and is then an unknown volume; Tempest relies on it.
    let volume_id = fields.uuid("volume_id")?.unwrap_or_else(|| "None".to_owned());
    let (name, display_name) = (fields.name("name")?, fields.name("display_name")?);
    let description = fields.description("description")?;
    let force = fields.boolean("force")?;
    let metadata = fields.metadata("metadata", MetadataRule::WithSlash)?;
    fields.finish()?;
    let new = NewSnapshot {
        volume_id,
        name: name.or(display_name).flatten(),
        description: description.flatten(),
        metadata: metadata.unwrap_or_default(),
        allow_in_use: false,
    };
    Ok((new, force))
}
