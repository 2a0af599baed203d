//! `GET /snapshots` and `GET /snapshots/detail`.

use actix_web::HttpResponse;

use super::detail as detail_view;
use crate::{
    auth::policy::may::SnapshotList,
    cinder::{
        error::Fault,
        extract::{Cx, May},
        filters::{self, Rules},
        microversion::Microversion,
        paging::{Listing, Lists},
        schema,
        views::snapshot as view,
    },
    domain::{Filter, SnapshotKey},
    http::query::Params,
};

const RULES: Rules = Rules {
    resource: "snapshot",
    old: &["status", "volume_id", "name", "metadata"],
};

const LISTS: Lists<SnapshotKey> = Lists {
    name: "Snapshot",
    sort_key,
    // A column, and a relation that Cinder compares with the row's own volume.
    constant: &["deleted", "volume"],
    last: [SnapshotKey::CreatedAt, SnapshotKey::Id],
    filters,
};

/// `GET /snapshots`.
pub async fn index(cx: May<SnapshotList>) -> Result<HttpResponse, Fault> {
    let (query, slice) = LISTS.query(&cx)?;
    let page = cx.service.snapshot_list(&cx.call, &query).await?;
    let listing = Listing {
        path: "snapshots",
        items: "snapshots",
        links: "snapshots_links",
    };
    listing.reply(&cx, &slice, &page, view::summary, |snapshot| snapshot.id.to_string())
}

/// `GET /snapshots/detail`.
pub async fn detail(cx: May<SnapshotList>) -> Result<HttpResponse, Fault> {
    let (query, slice) = LISTS.query(&cx)?;
    let page = cx.service.snapshot_list(&cx.call, &query).await?;
    let listing = Listing {
        path: "snapshots/detail",
        items: "snapshots",
        links: "snapshots_links",
    };
    let view = |snapshot| detail_view(&cx, snapshot);
    listing.reply(&cx, &slice, &page, view, |snapshot| snapshot.id.to_string())
}

/// `name` became a legal key in 3.30; the column's own name always was one.
fn sort_key(cx: &Cx, name: &str) -> Option<SnapshotKey> {
    match name {
        "name" if cx.version >= Microversion::SNAPSHOT_SORT_NAME => Some(SnapshotKey::DisplayName),
        other => SnapshotKey::parse(other),
    }
}

fn filters(cx: &Cx, params: &mut Params) -> Result<Vec<Filter<SnapshotKey>>, Fault> {
    // Dropped, not refused, before it existed.
    if cx.version < Microversion::SNAPSHOT_METADATA_FILTER {
        params.take("metadata");
    }
    filters::permitted(cx, params, RULES)?
        .into_iter()
        .filter_map(|(key, value)| filter(cx, &key, value).transpose())
        .collect()
}

fn filter(cx: &Cx, key: &str, value: String) -> Result<Option<Filter<SnapshotKey>>, Fault> {
    Ok(Some(match key {
        "metadata" => filters::metadata(&value),
        "name" => Filter::Equals(SnapshotKey::DisplayName, value),
        "name~" if cx.version < Microversion::RESOURCE_FILTERS => return Ok(None),
        "name~" => Filter::Like(SnapshotKey::DisplayName, value),
        "description~" => Filter::Like(SnapshotKey::DisplayDescription, value),
        // Snapshots are where their volumes are.
        "availability_zone" => Filter::VolumeZone(value),
        "host" => Filter::VolumeHost(value),
        "consumes_quota" if cx.version >= Microversion::RESOURCE_FILTERS => {
            // Cinder's text names its column.
            let wanted = schema::query_boolean("use_quota", &value)?;
            Filter::Equals(SnapshotKey::ConsumesQuota, wanted.to_string())
        }
        "consumes_quota" => Filter::Nothing,
        _other => match key.strip_suffix('~') {
            Some(key) => SnapshotKey::parse(key).map_or(Filter::Nothing, |key| Filter::Like(key, value)),
            None => SnapshotKey::parse(key).map_or(Filter::Nothing, |key| Filter::Equals(key, value)),
        },
    }))
}
