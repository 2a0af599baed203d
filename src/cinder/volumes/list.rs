//! `GET /volumes` and `GET /volumes/detail`.

use actix_web::{HttpResponse, http::StatusCode};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};
use serde_json::json;

use crate::{
    auth::policy::may::VolumeList,
    cinder::{
        error::Fault,
        extract::{Cx, May},
        filters::{self, Rules},
        microversion::Microversion,
        paging::{Listing, Lists},
        reply, schema,
        views::volume::VolumeView,
    },
    domain::{Comparison, Filter, VolumeKey},
    http::query::Params,
};

const RULES: Rules = Rules {
    resource: "volume",
    old: &[
        "name",
        "status",
        "metadata",
        "bootable",
        "migration_status",
        "availability_zone",
        "group_id",
    ],
};

const LISTS: Lists<VolumeKey> = Lists {
    name: "Volume",
    sort_key,
    constant: &["deleted"],
    last: [VolumeKey::CreatedAt, VolumeKey::Id],
    filters,
};

/// `GET /volumes/summary`, from 3.12 on: how many, and how large together. Filters are ignored, as in Cinder.
pub async fn summary(cx: May<VolumeList>) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::VOLUME_SUMMARY)?;
    let scope = filters::take_scope(&cx, &mut cx.query()?);
    let summary = cx.service.volume_summary(&cx.call, &scope).await?;
    let mut body = json!({"total_count": summary.count, "total_size": summary.size});
    if cx.version >= Microversion::VOLUME_SUMMARY_METADATA {
        body["metadata"] = json!(summary.metadata);
    }
    Ok(reply::json(StatusCode::OK, &json!({"volume-summary": body})))
}

/// `GET /volumes`.
pub async fn index(cx: May<VolumeList>) -> Result<HttpResponse, Fault> {
    let (query, slice) = LISTS.query(&cx)?;
    let page = cx.service.volume_list(&cx.call, &query).await?;
    let view = VolumeView::new(&cx, Vec::new());
    let listing = Listing {
        path: "volumes",
        items: "volumes",
        links: "volumes_links",
    };
    let summary = |volume| view.summary(volume);
    listing.reply(&cx, &slice, &page, summary, |volume| volume.id.to_string())
}

/// `GET /volumes/detail`.
pub async fn detail(cx: May<VolumeList>) -> Result<HttpResponse, Fault> {
    let (query, slice) = LISTS.query(&cx)?;
    let page = cx.service.volume_list(&cx.call, &query).await?;
    let view = VolumeView::new(&cx, cx.service.type_names().await?);
    let listing = Listing {
        path: "volumes/detail",
        items: "volumes",
        links: "volumes_links",
    };
    let detail = |volume| view.detail(volume, true);
    listing.reply(&cx, &slice, &page, detail, |volume| volume.id.to_string())
}

fn sort_key(_cx: &Cx, name: &str) -> Option<VolumeKey> {
    match name {
        "name" => Some(VolumeKey::DisplayName),
        "description" => Some(VolumeKey::DisplayDescription),
        other => VolumeKey::parse(other),
    }
}

fn filters(cx: &Cx, params: &mut Params) -> Result<Vec<Filter<VolumeKey>>, Fault> {
    let mut all = Vec::new();
    for (key, value) in filters::permitted(cx, params, RULES)? {
        filter(cx, &key, value, &mut all)?;
    }
    Ok(all)
}

fn filter(cx: &Cx, key: &str, value: String, all: &mut Vec<Filter<VolumeKey>>) -> Result<(), Fault> {
    match key {
        "metadata" => all.push(filters::metadata(&value)),
        "name" => all.push(Filter::Equals(VolumeKey::DisplayName, value)),
        "name~" if cx.version < Microversion::RESOURCE_FILTERS => {}
        "name~" => all.push(Filter::Like(VolumeKey::DisplayName, value)),
        "description~" => all.push(Filter::Like(VolumeKey::DisplayDescription, value)),
        "bootable" if cx.version >= Microversion::BOOTABLE_FILTER => {
            let flag = schema::lenient_boolean(&value)
                .ok_or_else(|| Fault::bad_request(format!("Invalid input received: 'bootable = {value}'")))?;
            all.push(Filter::Equals(VolumeKey::Bootable, flag.to_string()));
        }
        "created_at" | "updated_at" if cx.version >= Microversion::RESOURCE_FILTERS => {
            let key = if key == "created_at" {
                VolumeKey::CreatedAt
            } else {
                VolumeKey::UpdatedAt
            };
            for part in value.split(',') {
                all.push(time(key, part)?);
            }
        }
        "consumes_quota" if cx.version >= Microversion::RESOURCE_FILTERS => {
            let wanted = schema::query_boolean("use_quota", &value)?;
            all.push(Filter::Equals(VolumeKey::ConsumesQuota, wanted.to_string()));
        }
        // Dropped, not refused, before it existed.
        "group_id" if cx.version < Microversion::VOLUME_GROUP_FILTER => {}
        "glance_metadata" | "consumes_quota" => all.push(Filter::Nothing),
        _other => all.push(match key.strip_suffix('~') {
            Some(key) => VolumeKey::parse(key).map_or(Filter::Nothing, |key| Filter::Like(key, value)),
            None => VolumeKey::parse(key).map_or(Filter::Nothing, |key| Filter::Equals(key, value)),
        }),
    }
    Ok(())
}

/// `op:time`, or a time alone for equality.
fn time(key: VolumeKey, part: &str) -> Result<Filter<VolumeKey>, Fault> {
    let (operator, text) = match part.split_once(':') {
        Some((operator, text)) if operator.bytes().all(|byte| byte.is_ascii_alphabetic()) => (operator, text),
        _no_operator => ("eq", part),
    };
    let comparison = match operator {
        "gt" => Comparison::Greater,
        "gte" => Comparison::GreaterOrEqual,
        "eq" => Comparison::Equal,
        "neq" => Comparison::NotEqual,
        "lt" => Comparison::Less,
        "lte" => Comparison::LessOrEqual,
        other => return Err(Fault::bad_request(format!("Invalid {other} operator"))),
    };
    let time = parse_time(text).ok_or_else(|| Fault::bad_request(format!("Invalid {text} value")))?;
    Ok(Filter::Time(key, comparison, time))
}

/// ISO 8601 in the years that both databases know; without a zone it is UTC, without a time it is midnight.
fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    let naive = || {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
            .ok()
            .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))
    };
    let time = match DateTime::parse_from_rfc3339(text) {
        Ok(time) => time.with_timezone(&Utc),
        Err(_no_zone) => naive()?.and_utc(),
    };
    Some(time).filter(|time| (1..=9999).contains(&time.year()))
}
