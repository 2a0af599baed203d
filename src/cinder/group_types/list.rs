//! `GET /group_types`. There are few types, so they are filtered, sorted and paged here.

use std::cmp::Ordering;

use actix_web::HttpResponse;

use crate::{
    auth::policy::Everybody,
    cinder::{
        error::Fault,
        extract::May,
        microversion::Microversion,
        paging::{self, Listing, Slice},
        types::list::is_public,
        views::group_type,
    },
    domain::{Direction, GroupType},
    service::ServiceError,
};

/// Public types. Admins see private ones with `is_public=false` or `is_public=none`.
pub async fn index(cx: May<Everybody>) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::GROUP_TYPES)?;
    let mut params = cx.query()?;
    let slice = Slice::take(&mut params, cx.options.max_limit)?;
    let wanted = paging::take_sort(&mut params, "created_at")?;
    let order = paging::sort_keys(wanted, Key::parse, [Key::CreatedAt, Key::Id], &[])?;
    let is_public = is_public(&cx, &mut params)?;
    let mut types = cx.service.group_type_list(&cx.call).await?;
    types.retain(|kind| is_public.is_none_or(|wanted| kind.is_public == wanted));
    types.sort_by(|one, other| compare(&order, one, other));
    let listing = Listing {
        path: "group_types",
        items: "group_types",
        links: "group_type_links",
    };
    let page = paging::cut(
        types,
        &slice,
        |kind| kind.id.to_string(),
        ServiceError::GroupTypeNotFound,
    )?;
    let view = |kind: &_| group_type::detail(&cx, kind);
    listing.reply(&cx, &slice, &page, view, |kind| kind.id.to_string())
}

#[derive(Clone, Copy, PartialEq)]
enum Key {
    Id,
    Name,
    Description,
    IsPublic,
    CreatedAt,
}

impl Key {
    fn parse(name: &str) -> Option<Self> {
        match name {
            "id" => Some(Self::Id),
            "name" => Some(Self::Name),
            "description" => Some(Self::Description),
            "is_public" => Some(Self::IsPublic),
            "created_at" => Some(Self::CreatedAt),
            _other => None,
        }
    }
}

fn compare(order: &[(Key, Direction)], one: &GroupType, other: &GroupType) -> Ordering {
    let decided = order.iter().map(|(key, direction)| {
        let up = match key {
            Key::Id => one.id.cmp(&other.id),
            Key::Name => one.name.cmp(&other.name),
            Key::Description => one.description.cmp(&other.description),
            Key::IsPublic => one.is_public.cmp(&other.is_public),
            Key::CreatedAt => one.created_at.cmp(&other.created_at),
        };
        match direction {
            Direction::Asc => up,
            Direction::Desc => up.reverse(),
        }
    });
    decided.fold(Ordering::Equal, Ordering::then)
}
