//! `/groups`, from 3.13 on.

pub mod actions;
pub mod list;

use std::collections::BTreeSet;

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Value, json};

use super::{
    error::Fault,
    extract::{Body, Cx, May},
    microversion::Microversion,
    python,
    reply::{self, bare},
    schema::{self, Fields, invalid, wrong_type},
    views::group as view,
};
use crate::{
    auth::policy::may::{GroupCreate, GroupShow, GroupUpdate},
    domain::{Label, MAX_CHARS},
    service::{GroupChange, NewGroup},
};

/// `GET /groups/{id}`; from 3.25 on with `list_volume=True` its volumes, too.
pub async fn show(cx: May<GroupShow>) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::GROUP_VOLUME)?;
    let group = cx.service.group_show(&cx.call, &cx.path("id")).await?;
    let with_volumes = with_volumes(&cx)?;
    let members = if with_volumes {
        cx.service.group_members(&[group.id]).await?.remove(&group.id)
    } else {
        None
    };
    let volumes = with_volumes.then(|| members.unwrap_or_default());
    Ok(reply::json(
        StatusCode::OK,
        &json!({"group": view::detail(&cx, &group, volumes.as_deref())}),
    ))
}

/// `POST /groups`.
pub async fn create(cx: May<GroupCreate>, body: Body) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::GROUP_VOLUME)?;
    let new = parse(body.value())?;
    let group = cx.service.group_create(&cx.call, new).await?;
    Ok(reply::json(
        StatusCode::ACCEPTED,
        &json!({"group": view::summary(&group)}),
    ))
}

/// `PUT /groups/{id}`.
pub async fn update(cx: May<(GroupShow, GroupUpdate)>, body: Body) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::GROUP_VOLUME)?;
    let change = change(body.value())?;
    cx.service.group_update(&cx.call, &cx.path("id"), change).await?;
    Ok(bare(StatusCode::ACCEPTED))
}

/// Whether the volumes of groups are to be shown.
fn with_volumes(cx: &Cx) -> Result<bool, Fault> {
    if cx.version < Microversion::GROUP_VOLUME_LIST {
        return Ok(false);
    }
    cx.query()?
        .take("list_volume")
        .map_or(Ok(false), |text| schema::query_boolean("list_volume", &text))
}

fn parse(body: Value) -> Result<NewGroup, Fault> {
    let mut fields = schema::root(body, "group", true)?;
    let description = fields.description("description")?;
    let group_type = fields.required_text("group_type")?;
    let group_type = bounded("group_type", &group_type)?;
    let name = fields.name("name")?;
    let volume_types = volume_types(&mut fields)?;
    let availability_zone = fields.text("availability_zone")?;
    let availability_zone = availability_zone
        .map(|zone| bounded("availability_zone", &zone))
        .transpose()?;
    fields.finish()?;
    Ok(NewGroup {
        name: name.flatten(),
        description: description.flatten(),
        group_type,
        volume_types,
        availability_zone,
    })
}

/// 1 to 255 characters without the blanks around them. What is checked is trimmed, what is used is not.
fn bounded(key: &str, text: &str) -> Result<String, Fault> {
    if text.is_empty() {
        return Err(Fault::bad_request(format!("The '{key}' can not be None.")));
    }
    let count = text.trim().chars().count();
    if count == 0 {
        return Err(Fault::bad_request(format!(
            "Invalid input received: {key} has a minimum character requirement of 1."
        )));
    }
    if count > MAX_CHARS {
        return Err(Fault::bad_request(format!(
            "Invalid input received: {key} has {count} characters, more than 255."
        )));
    }
    Ok(text.to_owned())
}

/// A list of at least one text, all different.
fn volume_types(fields: &mut Fields) -> Result<Vec<String>, Fault> {
    const KEY: &str = "volume_types";
    fields.must_have(KEY)?;
    let value = fields.take(KEY).unwrap_or_default();
    let Value::Array(items) = &value else {
        return Err(invalid(KEY, &value, &wrong_type(&value, "'array'")));
    };
    if items.is_empty() {
        return Err(invalid(
            KEY,
            &value,
            &format!("{} should be non-empty", python::repr(&value)),
        ));
    }
    let mut types = Vec::new();
    for item in items {
        let Value::String(text) = item else {
            return Err(invalid("0", item, &wrong_type(item, "'string'")));
        };
        if text.chars().count() > MAX_CHARS {
            return Err(invalid("0", item, &format!("{} is too long", python::repr(item))));
        }
        types.push(text.clone());
    }
    if types.iter().collect::<BTreeSet<_>>().len() < types.len() {
        return Err(invalid(
            KEY,
            &value,
            &format!("{} has non-unique elements", python::repr(&value)),
        ));
    }
    Ok(types)
}

fn change(body: Value) -> Result<GroupChange, Fault> {
    let mut fields = schema::root(body, "group", true)?;
    let description = fields.description("description")?;
    let name = fields.name("name")?;
    let (add, remove) = (
        fields.untrimmed_description("add_volumes")?,
        fields.untrimmed_description("remove_volumes")?,
    );
    if name.is_none() && description.is_none() && add.is_none() && remove.is_none() {
        let reason = schema::no_form_fits(fields.whole());
        return Err(fields.refuse(&reason));
    }
    fields.finish()?;
    Ok(GroupChange {
        name: name.flatten(),
        description: description.flatten(),
        add: ids(add.flatten()),
        remove: ids(remove.flatten()),
    })
}

/// Ids between commas.
fn ids(text: Option<Label>) -> Vec<String> {
    let text = text.unwrap_or_else(|| Label::stored(String::new()));
    let text = text.as_str().trim_matches(',');
    if text.is_empty() {
        return Vec::new();
    }
    text.split(',').map(str::to_owned).collect()
}
