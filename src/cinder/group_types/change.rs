//! `POST /group_types`, `PUT /group_types/{id}` and `DELETE /group_types/{id}`.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Value, json};

use crate::{
    auth::policy::may::{GroupTypeCreate, GroupTypeDelete, GroupTypeUpdate},
    cinder::{
        error::Fault,
        extract::{Body, May},
        group_types::specs,
        microversion::Microversion,
        python,
        reply::{self, bare},
        schema::{self, invalid},
        types::change::{label, text},
        views::group_type,
    },
    domain::{GroupTypePatch, Label, LabelError},
    service::NewGroupType,
};

/// `POST /group_types`.
pub async fn create(cx: May<GroupTypeCreate>, body: Body) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::GROUP_TYPES)?;
    let new = parse(body.value())?;
    let kind = cx.service.group_type_create(&cx.call, new).await?;
    Ok(reply::json(
        StatusCode::ACCEPTED,
        &json!({"group_type": group_type::detail(&cx, &kind)}),
    ))
}

/// `PUT /group_types/{id}`.
pub async fn update(cx: May<GroupTypeUpdate>, body: Body) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::GROUP_TYPES)?;
    let patch = patch(body.value())?;
    let kind = cx.service.group_type_update(&cx.call, &cx.path("id"), patch).await?;
    Ok(reply::json(
        StatusCode::OK,
        &json!({"group_type": group_type::detail(&cx, &kind)}),
    ))
}

/// `DELETE /group_types/{id}`.
pub async fn delete(cx: May<GroupTypeDelete>) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::GROUP_TYPES)?;
    cx.service.group_type_delete(&cx.call, &cx.path("id")).await?;
    Ok(bare(StatusCode::ACCEPTED))
}

/// The name is kept with the blanks around it, as in Cinder.
fn parse(body: Value) -> Result<NewGroupType, Fault> {
    let mut fields = schema::root(body, "group_type", true)?;
    let name = fields.required_text("name")?;
    if name.is_empty() {
        let value = Value::from(name);
        return Err(invalid(
            "name",
            &value,
            &format!("{} is too short", python::repr(&value)),
        ));
    }
    let name = label("name", &name)?;
    if name.trim().is_empty() {
        return Err(Fault::bad_request(
            "An invalid 'name' value was provided. The 'name' can not be empty.",
        ));
    }
    let description = match fields.take("description") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(description(text)?),
        Some(other) => {
            let reason = schema::wrong_type(&other, "'string', 'null'");
            return Err(invalid("description", &other, &reason));
        }
    };
    let is_public = fields.boolean("is_public")?.unwrap_or(true);
    let specs = match fields.take("group_specs") {
        None | Some(Value::Null) => crate::domain::GroupSpecs::new(),
        Some(value) => specs::parse_of_type("group_specs", value)?,
    };
    fields.finish()?;
    Ok(NewGroupType {
        name,
        description,
        is_public,
        specs,
    })
}

/// A description as it was sent, if all of it may be in one.
fn description(text: String) -> Result<String, Fault> {
    let reason = match Label::description(&text) {
        Ok(_fine) => return Ok(text),
        Err(LabelError::TooLong) => "is too long",
        Err(LabelError::NotPrintable) => "does not match the pattern of printable characters",
    };
    let value = Value::from(text);
    Err(invalid(
        "description",
        &value,
        &format!("{} {reason}", python::repr(&value)),
    ))
}

fn patch(body: Value) -> Result<GroupTypePatch, Fault> {
    let mut fields = schema::root(body, "group_type", true)?;
    let name = text(&mut fields, "name")?;
    let description = text(&mut fields, "description")?.map(description).transpose()?;
    let is_public = fields.boolean("is_public")?;
    fields.finish()?;
    // An empty name passes Cinder's check, which is for blanks only, and takes the type's name away.
    if name.as_ref().is_some_and(|name| name.trim().is_empty()) {
        return Err(Fault::bad_request("Group type name can not be empty."));
    }
    if name.is_none() && description.is_none() && is_public.is_none() {
        return Err(Fault::bad_request(
            "Specify group type name, description or a combination thereof.",
        ));
    }
    Ok(GroupTypePatch {
        name,
        description,
        is_public,
    })
}
