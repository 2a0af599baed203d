//! `/messages`, from 3.3 on: why something accepted went wrong.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::json;

use super::{
    error::Fault,
    extract::May,
    filters::{self, Rules},
    microversion::Microversion,
    paging::{self, Listing, Slice},
    reply::{self, bare},
    views::message as view,
};
use crate::{
    auth::policy::may::{MessageDelete, MessageList, MessageShow},
    domain::{Filter, ListQuery, MessageKey},
};

const RULES: Rules = Rules {
    resource: "message",
    old: &[
        "resource_uuid",
        "resource_type",
        "event_id",
        "request_id",
        "message_level",
    ],
};

/// `GET /messages`.
pub async fn index(cx: May<MessageList>) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::MESSAGES)?;
    let mut params = cx.query()?;
    if cx.version < Microversion::MESSAGES_PAGING {
        params = crate::http::query::Params::default();
    }
    let sort = paging::take_sort(&mut params, "created_at")?;
    let slice = Slice::take(&mut params, cx.options.max_limit)?;
    let filters = filters::permitted(&cx, &params, RULES)?
        .into_iter()
        .map(|(key, value)| MessageKey::parse(&key).map_or(Filter::Nothing, |key| Filter::Equals(key, value)))
        .collect();
    let query = ListQuery {
        scope: cx.call.own_scope(),
        filters,
        sort: paging::sort_keys(sort, MessageKey::parse, [MessageKey::CreatedAt, MessageKey::Id], &[])?,
        marker: slice.marker_id(|text| Fault::item_not_found(format!("Message {text} could not be found.")))?,
        marker_scope: cx.call.scope(),
        limit: slice.limit,
        offset: slice.offset,
        with_count: false,
    };
    let page = cx.service.message_list(&cx.call, &query).await?;
    let listing = Listing {
        path: "messages",
        items: "messages",
        links: "messages_links",
    };
    listing.reply(
        &cx,
        &slice,
        &page,
        |message| view::detail(&cx, message),
        |message| message.id.to_string(),
    )
}

/// `GET /messages/{id}`.
pub async fn show(cx: May<MessageShow>) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::MESSAGES)?;
    let message = cx.service.message_show(&cx.call, &cx.path("id")).await?;
    Ok(reply::json(
        StatusCode::OK,
        &json!({"message": view::detail(&cx, &message)}),
    ))
}

/// `DELETE /messages/{id}`.
pub async fn delete(cx: May<(MessageShow, MessageDelete)>) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::MESSAGES)?;
    cx.service.message_delete(&cx.call, &cx.path("id")).await?;
    Ok(bare(StatusCode::NO_CONTENT))
}
