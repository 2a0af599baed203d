//! `GET /groups` and `GET /groups/detail`.

use actix_web::HttpResponse;

use super::with_volumes;
use crate::{
    auth::policy::may::GroupList,
    cinder::{
        error::Fault,
        extract::{Cx, May},
        filters::{self, Rules},
        microversion::Microversion,
        paging::{self, Listing, Slice},
        views::group as view,
    },
    domain::{Filter, Group, GroupKey, ListQuery, Page},
    http::query::Params,
};

const RULES: Rules = Rules {
    resource: "group",
    old: &[],
};

/// The link of a detailed list leads to the other one, as in Cinder.
const LISTING: Listing = Listing {
    path: "groups",
    items: "groups",
    links: "group_links",
};

/// `GET /groups`.
pub async fn index(cx: May<GroupList>) -> Result<HttpResponse, Fault> {
    let (page, slice) = page(&cx).await?;
    LISTING.reply(&cx, &slice, &page, view::summary, |group| group.id.to_string())
}

/// `GET /groups/detail`.
pub async fn detail(cx: May<GroupList>) -> Result<HttpResponse, Fault> {
    let (page, slice) = page(&cx).await?;
    let with_volumes = with_volumes(&cx)?;
    let ids: Vec<_> = page.items.iter().map(|group| group.id).collect();
    let members = if with_volumes {
        cx.service.group_members(&ids).await?
    } else {
        std::collections::HashMap::new()
    };
    let view = |group: &Group| {
        let volumes = members.get(&group.id).map(Vec::as_slice).unwrap_or_default();
        view::detail(&cx, group, with_volumes.then_some(volumes))
    };
    LISTING.reply(&cx, &slice, &page, view, |group| group.id.to_string())
}

async fn page(cx: &Cx) -> Result<(Page<Group>, Slice), Fault> {
    cx.since(Microversion::GROUP_VOLUME)?;
    let mut params = cx.query()?;
    let slice = Slice::take(&mut params, cx.options.max_limit)?;
    let sort = paging::take_sort(&mut params, "created_at")?;
    params.take("list_volume");
    let scope = filters::take_scope(cx, &mut params);
    let query = ListQuery {
        scope,
        filters: filters(cx, &params)?,
        sort: paging::sort_keys(sort, GroupKey::parse, [GroupKey::CreatedAt, GroupKey::Id], &[])?,
        marker: slice.marker_id(|text| Fault::item_not_found(format!("Group {text} could not be found.")))?,
        marker_scope: cx.call.scope(),
        limit: slice.limit,
        offset: slice.offset,
        with_count: false,
    };
    Ok((cx.service.group_list(&cx.call, &query).await?, slice))
}

fn filters(cx: &Cx, params: &Params) -> Result<Vec<Filter<GroupKey>>, Fault> {
    let permitted = filters::permitted_or_unchecked(cx, params, RULES)?;
    let filters = permitted.into_iter().map(|(key, value)| match key.strip_suffix('~') {
        Some(key) => GroupKey::parse(key).map_or(Filter::Nothing, |key| Filter::Like(key, value)),
        None => GroupKey::parse(&key).map_or(Filter::Nothing, |key| Filter::Equals(key, value)),
    });
    Ok(filters.collect())
}
