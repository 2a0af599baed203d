//! Paging, sorting and the next link, the same for every list.

use actix_web::{HttpResponse, http::StatusCode};
use serde::Serialize;
use uuid::Uuid;

use super::{error::Fault, extract::Cx, filters, microversion::Microversion, schema};
use crate::{
    domain::{Direction, Filter, ListQuery, Page},
    http::{self, query::Params, wire::Wire},
    service::ServiceError,
};

/// Largest offset (Cinder: `DB_MAX_INT`).
const MAX_OFFSET: u32 = i32::MAX as u32;

/// Which part of the list.
#[derive(Clone, Debug)]
pub struct Slice {
    /// At most so many rows.
    pub limit: u32,
    /// Skip so many.
    pub offset: u32,
    /// Start after this row; a text that is no id is an unknown row.
    pub marker: Option<String>,
}

impl Slice {
    /// Takes `limit`, `marker` and `offset` out of the query.
    ///
    /// # Errors
    /// 400 with Cinder's texts.
    pub fn take(params: &mut Params, max_limit: u32) -> Result<Self, Fault> {
        let limit = match params.take("limit") {
            None => max_limit,
            Some(text) => match integer(&text) {
                Some(limit) if limit < 0 => return Err(Fault::bad_request("limit param must be positive")),
                Some(limit) => u32::try_from(limit).unwrap_or(u32::MAX).min(max_limit),
                None => return Err(Fault::bad_request("limit param must be an integer")),
            },
        };
        let marker = params.take("marker");
        let offset = match params.take("offset") {
            None => 0,
            Some(text) => match integer(&text) {
                None => return Err(Fault::bad_request("offset must be an integer")),
                Some(offset) if offset < 0 => return Err(Fault::bad_request("offset must be >= 0")),
                Some(offset) => u32::try_from(offset)
                    .ok()
                    .filter(|offset| *offset <= MAX_OFFSET)
                    .ok_or_else(|| Fault::bad_request(format!("offset must be <= {MAX_OFFSET}")))?,
            },
        };
        Ok(Self { limit, offset, marker })
    }

    /// The marker as an id, or `unknown` when it cannot be one.
    ///
    /// # Errors
    /// Whatever `unknown` makes of the text.
    pub fn marker_id(&self, unknown: impl Fn(&str) -> Fault) -> Result<Option<Uuid>, Fault> {
        self.marker
            .as_deref()
            .map(|text| match Uuid::try_parse(text) {
                Ok(id) if id.as_hyphenated().to_string() == text => Ok(id),
                _other => Err(unknown(text)),
            })
            .transpose()
    }
}

/// A whole number of any length, as Python reads one; beyond 64 bits only its sign matters here.
fn integer(text: &str) -> Option<i64> {
    let digits = text.trim();
    let (negative, digits) = match digits.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, digits.strip_prefix('+').unwrap_or(digits)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = digits.parse().unwrap_or(i64::MAX);
    Some(if negative { -number } else { number })
}

/// Takes `sort`, or the older `sort_key` and `sort_dir`, out of the query. Default: `default`, descending.
///
/// # Errors
/// 400 when both forms are used.
pub fn take_sort(params: &mut Params, default: &str) -> Result<Vec<(String, String)>, Fault> {
    let (sort, key, dir) = (params.take("sort"), params.take("sort_key"), params.take("sort_dir"));
    if let Some(sort) = sort {
        if key.is_some() || dir.is_some() {
            return Err(Fault::bad_request(
                "The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with the 'sort' parameter.",
            ));
        }
        return Ok(sort
            .split(',')
            .map(|part| {
                let (key, dir) = part.split_once(':').unwrap_or((part, ""));
                let dir = if dir.is_empty() { "desc" } else { dir };
                (key.trim().to_owned(), dir.trim().to_owned())
            })
            .collect());
    }
    let trimmed =
        |text: Option<String>, default: &str| text.map_or_else(|| default.to_owned(), |text| text.trim().to_owned());
    Ok(vec![(trimmed(key, default), trimmed(dir, "desc"))])
}

/// Turns names into keys and makes the order total: `created_at` and `id` follow with the direction of
/// the first key. A `constant` key is the same in every row and decides nothing but that direction.
///
/// # Errors
/// 400 for an unknown key or direction.
pub fn sort_keys<K: Copy + PartialEq>(
    wanted: Vec<(String, String)>,
    parse: impl Fn(&str) -> Option<K>,
    last: [K; 2],
    constant: &[&str],
) -> Result<Vec<(K, Direction)>, Fault> {
    let mut keys = Vec::with_capacity(wanted.len() + 2);
    let mut first = None;
    for (name, direction) in wanted {
        let direction = match direction.as_str() {
            "asc" => Direction::Asc,
            "desc" => Direction::Desc,
            _other => {
                return Err(Fault::bad_request(
                    "Invalid input received: Unknown sort direction, must be 'desc' or 'asc'.",
                ));
            }
        };
        first.get_or_insert(direction);
        if constant.contains(&name.as_str()) {
            continue;
        }
        let key = parse(&name).ok_or_else(|| Fault::bad_request("Invalid input received: Invalid sort key"))?;
        // A key that comes again decides nothing.
        if !keys.iter().any(|(known, _)| *known == key) {
            keys.push((key, direction));
        }
    }
    let direction = first.unwrap_or(Direction::Desc);
    for key in last {
        if !keys.iter().any(|(known, _)| *known == key) {
            keys.push((key, direction));
        }
    }
    Ok(keys)
}

/// Takes `with_count` out of the query, from 3.45 on; before, it is an unknown filter.
///
/// # Errors
/// 400 unless it is a boolean.
pub fn take_with_count(params: &mut Params, version: Microversion) -> Result<bool, Fault> {
    if version < Microversion::COUNT {
        return Ok(false);
    }
    params
        .take("with_count")
        .map_or(Ok(false), |text| schema::query_boolean("with_count", &text))
}

/// Reads the filters of one resource.
type Filters<K> = fn(&Cx, &mut Params) -> Result<Vec<Filter<K>>, Fault>;

/// What differs between the lists of two resources.
#[derive(Clone, Copy, Debug)]
pub struct Lists<K> {
    /// The resource's name in the text about an unknown marker.
    pub name: &'static str,
    /// The sort key of this name, at this version.
    pub sort_key: fn(&Cx, &str) -> Option<K>,
    /// Sort keys that Cinder takes and that are the same in every row.
    pub constant: &'static [&'static str],
    /// The keys that make every order total: `created_at` and `id`.
    pub last: [K; 2],
    /// The filters that are left when everything else is taken out of the query.
    pub filters: Filters<K>,
}

impl<K: Copy + PartialEq> Lists<K> {
    /// Reads the query of a list request, in Cinder's order of checks.
    ///
    /// # Errors
    /// 400, or 404 for a marker that cannot be an id.
    pub fn query(self, cx: &Cx) -> Result<(ListQuery<K>, Slice), Fault> {
        let mut params = cx.query()?;
        let sort = take_sort(&mut params, "created_at")?;
        let slice = Slice::take(&mut params, cx.options.max_limit)?;
        let with_count = take_with_count(&mut params, cx.version)?;
        let scope = filters::take_scope(cx, &mut params);
        let filters = (self.filters)(cx, &mut params)?;
        let sort = sort_keys(sort, |name| (self.sort_key)(cx, name), self.last, self.constant)?;
        let unknown = |text: &str| Fault::item_not_found(format!("{} {text} could not be found.", self.name));
        let query = ListQuery {
            scope,
            filters,
            sort,
            marker: slice.marker_id(unknown)?,
            marker_scope: cx.call.scope(),
            limit: slice.limit,
            offset: slice.offset,
            with_count,
        };
        Ok((query, slice))
    }
}

/// Where a list lives: its path below the project, and the names of its keys.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    /// `snapshots/detail`
    pub path: &'static str,
    /// `snapshots`
    pub items: &'static str,
    /// `snapshots_links`
    pub links: &'static str,
}

impl Listing {
    /// The reply: items, a next link when the page is full, the count when asked for.
    ///
    /// As in Cinder a page that is just full has a link too, even if nothing follows, and the link
    /// keeps all parameters of the request.
    ///
    /// # Errors
    /// 400 when the query is not UTF-8.
    pub fn reply<'a, T, V: Wire>(
        self,
        cx: &Cx,
        slice: &Slice,
        page: &'a Page<T>,
        view: impl Fn(&'a T) -> V,
        id: impl Fn(&T) -> String,
    ) -> Result<HttpResponse, Fault> {
        let shown = u64::try_from(page.items.len()).unwrap_or(u64::MAX);
        let full = page.total.unwrap_or(shown) >= u64::from(slice.limit);
        let next = match page.items.last().filter(|_last| full) {
            None => None,
            Some(last) => {
                let query = cx.query()?.encode_with("marker", &id(last));
                let href = format!("{}/v3{}/{}?{query}", cx.base(), cx.project_segment(), self.path);
                Some([Next { rel: "next", href }])
            }
        };
        let (items, total) = (&*page.items, page.total);
        Ok(http::json::written(ITEM * (items.len() + 1), StatusCode::OK, |out| {
            // Each item becomes text as it is seen, so that there is never a second page in memory.
            out.extend_from_slice(format!("{{\"{}\": [", self.items).as_bytes());
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.extend_from_slice(b", ");
                }
                view(item).write(out)?;
            }
            out.push(b']');
            if let Some(next) = &next {
                out.extend_from_slice(format!(", \"{}\": ", self.links).as_bytes());
                next.write(out)?;
            }
            if let Some(total) = total {
                out.extend_from_slice(format!(", \"count\": {total}").as_bytes());
            }
            out.push(b'}');
            Ok(())
        }))
    }
}

/// What an item with a few words in it takes.
const ITEM: usize = 640;

#[derive(Serialize)]
struct Next {
    rel: &'static str,
    href: String,
}

/// The part of a short list, all of it in memory and in order, that a request asks for. `unknown` is the refusal of a
/// marker that is none of them.
///
/// # Errors
/// 404.
pub fn cut<T>(
    mut all: Vec<T>,
    slice: &Slice,
    id: impl Fn(&T) -> String,
    unknown: impl FnOnce(String) -> ServiceError,
) -> Result<Page<T>, Fault> {
    if let Some(marker) = &slice.marker {
        let found = all.iter().position(|one| id(one) == *marker);
        let at = found.ok_or_else(|| unknown(marker.clone()))?;
        all.drain(..=at);
    }
    let number = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    let items: Vec<_> = all
        .into_iter()
        .skip(number(slice.offset))
        .take(number(slice.limit))
        .collect();
    Ok(Page {
        items: items.into(),
        total: None,
    })
}
