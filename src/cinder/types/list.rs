//! `GET /types`. There are few types, so they are filtered, sorted and paged here.

use std::cmp::Ordering;

use actix_web::HttpResponse;

use crate::{
    auth::policy::may::TypeList,
    cinder::{
        error::Fault,
        extract::{Cx, May},
        filters,
        microversion::Microversion,
        paging::{self, Listing, Slice},
        schema,
        views::volume_type,
    },
    domain::{Direction, Filter, VolumeType},
    http::query::Params,
    service::ServiceError,
};

/// Public types, and for others than admins those that their project was given access to. Admins see
/// private ones with `is_public=false` or `is_public=none`.
pub async fn index(cx: May<TypeList>) -> Result<HttpResponse, Fault> {
    let mut params = cx.query()?;
    let order = order(&mut params)?;
    let slice = Slice::take(&mut params, cx.options.max_limit)?;
    let is_public = is_public(&cx, &mut params)?;
    let specs = specs(&cx, &mut params);
    let mut types = cx.service.type_list(&cx.call).await?;
    types.retain(|kind| is_public.is_none_or(|wanted| kind.is_public == wanted) && has_all(kind, specs.as_deref()));
    types.sort_by(|one, other| compare(&order, one, other));
    let listing = Listing {
        path: "types",
        items: "volume_types",
        links: "volume_type_links",
    };
    let page = paging::cut(types, &slice, |kind| kind.id.to_string(), ServiceError::TypeNotFound)?;
    let view = |kind: &_| volume_type::detail(&cx, kind, true);
    listing.reply(&cx, &slice, &page, view, |kind| kind.id.to_string())
}

/// Which half of the types; `None` for both.
pub fn is_public(cx: &Cx, params: &mut Params) -> Result<Option<bool>, Fault> {
    let text = params.take("is_public");
    if !cx.is_admin() {
        return Ok(None);
    }
    match text {
        None => Ok(Some(true)),
        Some(text) if text.eq_ignore_ascii_case("none") => Ok(None),
        Some(text) => match schema::lenient_boolean(&text) {
            Some(wanted) => Ok(Some(wanted)),
            None => Err(Fault::bad_request(format!("Invalid is_public filter [{text}]"))),
        },
    }
}

/// The extra specs that a type must have, from 3.52 on.
fn specs(cx: &Cx, params: &mut Params) -> Option<Vec<(String, String)>> {
    let text = params.take("extra_specs")?;
    if cx.version < Microversion::TYPE_FILTERS {
        return None;
    }
    match filters::metadata::<()>(&text) {
        Filter::Metadata(pairs) => Some(pairs),
        // What is no dictionary asks for nothing that a type could have.
        Filter::Equals(..)
        | Filter::Like(..)
        | Filter::Time(..)
        | Filter::VolumeHost(_)
        | Filter::VolumeZone(_)
        | Filter::Nothing => Some(vec![(text.clone(), text)]),
    }
}

fn has_all(kind: &VolumeType, wanted: Option<&[(String, String)]>) -> bool {
    wanted
        .unwrap_or_default()
        .iter()
        .all(|(key, value)| kind.extra_specs.get(key) == Some(value))
}

fn order(params: &mut Params) -> Result<Vec<(Key, Direction)>, Fault> {
    let wanted = paging::take_sort(params, "created_at")?;
    paging::sort_keys(wanted, Key::parse, [Key::CreatedAt, Key::Id], &[])
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

fn compare(order: &[(Key, Direction)], one: &VolumeType, other: &VolumeType) -> Ordering {
    let decided = order.iter().map(|(key, direction)| {
        let up = match key {
            Key::Id => one.id.uuid().cmp(&other.id.uuid()),
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
