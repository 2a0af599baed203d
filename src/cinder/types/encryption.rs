//! `/types/{id}/encryption`: what a type says about encryption.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Map, Value, json};

use super::change::label;
use crate::{
    auth::policy::may::{TypeEncryptionCreate, TypeEncryptionDelete, TypeEncryptionShow, TypeEncryptionUpdate},
    cinder::{
        error::Fault,
        extract::{Body, May},
        python,
        reply::{self, bare},
        schema::{self, Fields, invalid, wrong_type},
        views::type_encryption,
    },
    domain::{ControlLocation, TypeEncryptionPatch},
    service::{NewTypeEncryption, ServiceError},
};

const KEY_SIZE: &str = "key_size";

/// `GET …/encryption`: an empty object when the type says nothing.
pub async fn index(cx: May<TypeEncryptionShow>) -> Result<HttpResponse, Fault> {
    Ok(reply::json(StatusCode::OK, &Value::Object(fields_of(&cx).await?)))
}

/// `GET …/encryption/{key}`: one field of it.
pub async fn show(cx: May<TypeEncryptionShow>) -> Result<HttpResponse, Fault> {
    let key = cx.path("key");
    match fields_of(&cx).await?.remove(&key) {
        Some(value) => Ok(reply::json(StatusCode::OK, &json!({key: value}))),
        None => Err(ServiceError::TypeEncryptionNotFound(cx.path("id")).into()),
    }
}

/// `POST …/encryption`: 200 with what was sent and the two ids, as in Cinder.
pub async fn create(cx: May<TypeEncryptionCreate>, body: Body) -> Result<HttpResponse, Fault> {
    let (fields, patch) = parse(body.value())?;
    let missing = |key| fields.refuse(&format!("{} is a required property", python::quote(key)));
    let new = NewTypeEncryption {
        provider: patch.provider.ok_or_else(|| missing("provider"))?,
        control_location: patch.control_location.ok_or_else(|| missing("control_location"))?,
        cipher: patch.cipher.flatten(),
        key_size: patch.key_size.flatten(),
    };
    let id = cx.path("id");
    let made = cx.service.type_encryption_create(&cx.call, &id, new).await?;
    let mut echo = echo(&fields, patch.key_size);
    echo.insert("volume_type_id".to_owned(), json!(id));
    echo.insert("encryption_id".to_owned(), json!(made.id.to_string()));
    Ok(reply::json(StatusCode::OK, &json!({"encryption": echo})))
}

/// `PUT …/encryption/{key}`: the last part is the encryption's id, which Cinder does not look at.
pub async fn update(cx: May<TypeEncryptionUpdate>, body: Body) -> Result<HttpResponse, Fault> {
    let (fields, patch) = parse(body.value())?;
    let echo = echo(&fields, patch.key_size);
    fields.finish()?;
    cx.service
        .type_encryption_update(&cx.call, &cx.path("id"), patch)
        .await?;
    Ok(reply::json(StatusCode::OK, &json!({"encryption": echo})))
}

/// `DELETE …/encryption/{key}`, with the same last part.
pub async fn delete(cx: May<TypeEncryptionDelete>) -> Result<HttpResponse, Fault> {
    cx.service.type_encryption_delete(&cx.call, &cx.path("id")).await?;
    Ok(bare(StatusCode::ACCEPTED))
}

async fn fields_of(cx: &May<TypeEncryptionShow>) -> Result<Map<String, Value>, Fault> {
    let id = cx.path("id");
    let encryption = cx.service.type_encryption(&cx.call, &id).await?;
    Ok(encryption
        .map(|encryption| type_encryption::fields(&id, &encryption))
        .unwrap_or_default())
}

/// The object as it was sent, with the number of the key's size where its digits were sent.
fn echo(fields: &Fields, key_size: Option<Option<i32>>) -> Map<String, Value> {
    let mut echo = fields.whole().as_object().cloned().unwrap_or_default();
    if let Some(size) = key_size {
        echo.insert(KEY_SIZE.to_owned(), json!(size));
    }
    echo
}

/// Reads the fields in the order of Cinder's schema. What is left in the object is unknown.
fn parse(body: Value) -> Result<(Fields, TypeEncryptionPatch), Fault> {
    let mut fields = schema::root(body, "encryption", true)?;
    let key_size = fields.take(KEY_SIZE).map(|value| key_size(&value)).transpose()?;
    let provider = match fields.take("provider") {
        None => None,
        Some(Value::String(text)) => Some(label("provider", &text)?),
        Some(other) => return Err(invalid("provider", &other, &wrong_type(&other, "'string'"))),
    };
    let control_location = match fields.take("control_location") {
        None => None,
        Some(value) => Some(control_location(&value)?),
    };
    let has_cipher = fields.whole().get("cipher").is_some();
    let cipher = fields.text("cipher")?.map(|text| label("cipher", &text)).transpose()?;
    let patch = TypeEncryptionPatch {
        provider,
        control_location,
        cipher: has_cipher.then_some(cipher),
        key_size,
    };
    Ok((fields, patch))
}

fn control_location(value: &Value) -> Result<ControlLocation, Fault> {
    let known = value.as_str().and_then(|text| text.parse().ok());
    known.ok_or_else(|| {
        let words: Vec<_> = ControlLocation::ALL
            .iter()
            .map(|word| python::quote(word.as_str()))
            .collect();
        let reason = format!("{} is not one of [{}]", python::repr(value), words.join(", "));
        invalid("control_location", value, &reason)
    })
}

/// A number that fits Cinder's column or its digits, or a null (`api/validation/parameter_types.py::key_size`).
fn key_size(value: &Value) -> Result<Option<i32>, Fault> {
    let number = match value {
        Value::Null => return Ok(None),
        Value::Number(number) if number.is_i64() || number.is_u64() => {
            number.as_i64().map_or(i128::from(u64::MAX), i128::from)
        }
        // Digits as Python prints them: no blanks, no plus, no leading zero.
        Value::String(text) => {
            let number = text.parse::<i128>().ok();
            number
                .filter(|number| number.to_string() == *text)
                .ok_or_else(|| ServiceError::InvalidInput("key_size must be an integer.".to_owned()))?
        }
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            return Err(invalid(
                KEY_SIZE,
                value,
                &wrong_type(value, "'string', 'integer', 'null'"),
            ));
        }
    };
    if let Ok(size) = i32::try_from(number)
        && size >= 0
    {
        return Ok(Some(size));
    }
    let written = python::str(value);
    let reason = if number < 0 {
        format!("{written} is less than the minimum of 0")
    } else {
        format!("{written} is greater than the maximum of {}", i32::MAX)
    };
    Err(invalid(KEY_SIZE, value, &reason))
}
