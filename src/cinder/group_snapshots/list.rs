//! `GET /group_snapshots` and `GET /group_snapshots/detail`; before 3.29 without paging and filters.

use actix_web::HttpResponse;

use crate::{
    auth::policy::may::GroupSnapshotList,
    cinder::{
        error::Fault,
        extract::{Cx, May},
        filters::{self, Rules},
        microversion::Microversion,
        paging::{self, Listing, Slice},
        views::group as view,
    },
    domain::{Filter, GroupSnapshot, GroupSnapshotKey, ListQuery, Page},
    http::query::Params,
};

const RULES: Rules = Rules {
    resource: "group_snapshot",
    old: &[],
};

/// The link of a detailed list leads to the other one, as in Cinder.
const LISTING: Listing = Listing {
    path: "group_snapshots",
    items: "group_snapshots",
    links: "group_snapshot_links",
};

/// `GET /group_snapshots`.
pub async fn index(cx: May<GroupSnapshotList>) -> Result<HttpResponse, Fault> {
    let (page, slice) = page(&cx).await?;
    LISTING.reply(&cx, &slice, &page, view::snapshot_summary, |of| of.id.to_string())
}

/// `GET /group_snapshots/detail`.
pub async fn detail(cx: May<GroupSnapshotList>) -> Result<HttpResponse, Fault> {
    let (page, slice) = page(&cx).await?;
    let view = |of: &_| view::snapshot_detail(&cx, of);
    LISTING.reply(&cx, &slice, &page, view, |of| of.id.to_string())
}

async fn page(cx: &Cx) -> Result<(Page<GroupSnapshot>, Slice), Fault> {
    cx.since(Microversion::GROUP_SNAPSHOTS)?;
    let mut params = if cx.version >= Microversion::GROUP_SNAPSHOT_PAGING {
        cx.query()?
    } else {
        Params::default()
    };
    let slice = Slice::take(&mut params, cx.options.max_limit)?;
    let sort = paging::take_sort(&mut params, "created_at")?;
    let scope = filters::take_scope(cx, &mut params);
    let last = [GroupSnapshotKey::CreatedAt, GroupSnapshotKey::Id];
    let unknown = |text: &str| Fault::item_not_found(format!("GroupSnapshot {text} could not be found."));
    let query = ListQuery {
        scope,
        filters: filters(cx, &params)?,
        sort: paging::sort_keys(sort, GroupSnapshotKey::parse, last, &[])?,
        marker: slice.marker_id(unknown)?,
        marker_scope: cx.call.scope(),
        limit: slice.limit,
        offset: slice.offset,
        with_count: false,
    };
    Ok((cx.service.group_snapshot_list(&cx.call, &query).await?, slice))
}

fn filters(cx: &Cx, params: &Params) -> Result<Vec<Filter<GroupSnapshotKey>>, Fault> {
    let permitted = filters::permitted_or_unchecked(cx, params, RULES)?;
    let filters = permitted.into_iter().map(|(key, value)| match key.strip_suffix('~') {
        Some(key) => GroupSnapshotKey::parse(key).map_or(Filter::Nothing, |key| Filter::Like(key, value)),
        None => GroupSnapshotKey::parse(&key).map_or(Filter::Nothing, |key| Filter::Equals(key, value)),
    });
    Ok(filters.collect())
}
