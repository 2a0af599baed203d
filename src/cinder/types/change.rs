//! `POST /types`, `PUT /types/{id}` and `DELETE /types/{id}`.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Value, json};

use crate::{
    auth::policy::may::{TypeCreate, TypeDelete, TypeUpdate},
    cinder::{
        error::Fault,
        extract::{Body, May},
        python,
        reply::{self, bare},
        schema::{self, Fields, invalid},
        types::specs,
        views::volume_type,
    },
    domain::{MAX_CHARS, VolumeTypePatch},
    service::NewType,
};

const IS_PUBLIC: &str = "os-volume-type-access:is_public";

/// `POST /types`: 200, as in Cinder.
pub async fn create(cx: May<TypeCreate>, body: Body) -> Result<HttpResponse, Fault> {
    let new = parse(body.value())?;
    let kind = cx.service.type_create(&cx.call, new).await?;
    Ok(reply::json(
        StatusCode::OK,
        &json!({"volume_type": volume_type::created(&cx, &kind)}),
    ))
}

/// `PUT /types/{id}`.
pub async fn update(cx: May<TypeUpdate>, body: Body) -> Result<HttpResponse, Fault> {
    let patch = patch(body.value())?;
    let kind = cx.service.type_update(&cx.call, &cx.path("id"), patch).await?;
    Ok(reply::json(
        StatusCode::OK,
        &json!({"volume_type": volume_type::updated(&cx, &kind)}),
    ))
}

/// `DELETE /types/{id}`.
pub async fn delete(cx: May<TypeDelete>) -> Result<HttpResponse, Fault> {
    cx.service.type_delete(&cx.call, &cx.path("id")).await?;
    Ok(bare(StatusCode::ACCEPTED))
}

fn parse(body: Value) -> Result<NewType, Fault> {
    let mut fields = schema::root(body, "volume_type", true)?;
    let name = label("name", &fields.required_text("name")?)?;
    let description = text(&mut fields, "description")?;
    let extra_specs = match fields.take("extra_specs") {
        None | Some(Value::Null) => crate::domain::Metadata::new(),
        Some(value) => specs::parse("extra_specs", value)?,
    };
    let is_public = fields.boolean(IS_PUBLIC)?.unwrap_or(true);
    fields.finish()?;
    Ok(NewType {
        name: named(&name)?,
        description,
        is_public,
        extra_specs,
    })
}

fn patch(body: Value) -> Result<VolumeTypePatch, Fault> {
    let mut fields = schema::root(body, "volume_type", true)?;
    let (name, description) = (text(&mut fields, "name")?, text(&mut fields, "description")?);
    let is_public = fields.boolean("is_public")?;
    fields.finish()?;
    if name.is_none() && description.is_none() && is_public.is_none() {
        return Err(Fault::bad_request(
            "Specify volume type name, description, is_public or a combination thereof.",
        ));
    }
    Ok(VolumeTypePatch {
        name: name.as_deref().map(named).transpose()?,
        description,
        is_public,
    })
}

/// A text of at most 255 characters, a null or nothing.
pub fn text(fields: &mut Fields, key: &str) -> Result<Option<String>, Fault> {
    fields.text(key)?.map(|text| label(key, &text)).transpose()
}

/// A text of at most 255 characters.
pub fn label(key: &str, text: &str) -> Result<String, Fault> {
    if text.chars().count() > MAX_CHARS {
        let value = Value::from(text);
        return Err(invalid(key, &value, &format!("{} is too long", python::repr(&value))));
    }
    Ok(text.to_owned())
}

fn named(name: &str) -> Result<String, Fault> {
    let trimmed = name.trim();
    if trimmed.is_empty() {
        return Err(Fault::bad_request("Volume type name can not be empty."));
    }
    Ok(trimmed.to_owned())
}
