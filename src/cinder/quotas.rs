//! `/os-quota-sets` and `/os-quota-class-sets`.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Map, Value, json};

use super::{
    error::Fault,
    extract::{Body, May},
    python, reply, schema,
};
use crate::{
    auth::policy::may::{QuotaClassShow, QuotaClassUpdate, QuotaDelete, QuotaShow, QuotaUpdate},
    domain::{Limits, ProjectId},
};

/// `GET /os-quota-sets/{project}`; with `usage=True` each resource shows its usage too.
pub async fn show(cx: May<QuotaShow>) -> Result<HttpResponse, Fault> {
    let project = ProjectId::new(cx.path("quota_project"));
    // The policy comes before the parameter, as in Cinder.
    let limits = cx.service.quota_show(&cx.call, &project).await?;
    let with_usage = match cx.query()?.take("usage") {
        Some(text) => schema::query_boolean("usage", &text)?,
        None => false,
    };
    if !with_usage {
        return Ok(reply::json(StatusCode::OK, &quota_set(&limits, &project)));
    }
    let (limits, usage) = cx.service.quota_usage(&cx.call, &project).await?;
    let mut set: Map<String, Value> = limits
        .iter()
        .map(|(name, limit)| {
            (
                name.to_owned(),
                json!({"limit": limit, "in_use": usage.of(name), "reserved": 0}),
            )
        })
        .collect();
    set.insert("id".to_owned(), json!(project.as_str()));
    Ok(reply::json(StatusCode::OK, &json!({"quota_set": set})))
}

/// `GET /os-quota-sets/{project}/defaults`.
pub async fn defaults(cx: May<QuotaShow>) -> Result<HttpResponse, Fault> {
    let project = ProjectId::new(cx.path("quota_project"));
    let limits = cx.service.quota_defaults(&cx.call, &project).await?;
    Ok(reply::json(StatusCode::OK, &quota_set(&limits, &project)))
}

/// `PUT /os-quota-sets/{project}`; the reply lacks the id, as in Cinder.
pub async fn update(cx: May<QuotaUpdate>, body: Body) -> Result<HttpResponse, Fault> {
    let asked = asked(body.value(), "quota_set")?;
    let project = ProjectId::new(cx.path("quota_project"));
    cx.service.quota_update_names(&cx.call, &project, asked.keys()).await?;
    let wanted = wanted(asked, false)?;
    let limits = cx.service.quota_update(&cx.call, &project, &wanted).await?;
    Ok(reply::json(StatusCode::OK, &json!({"quota_set": map(&limits)})))
}

/// `DELETE /os-quota-sets/{project}`.
pub async fn delete(cx: May<QuotaDelete>) -> Result<HttpResponse, Fault> {
    let project = ProjectId::new(cx.path("quota_project"));
    cx.service.quota_delete(&cx.call, &project).await?;
    Ok(reply::empty_json(StatusCode::OK))
}

/// `GET /os-quota-class-sets/{class}`.
pub async fn show_class(cx: May<QuotaClassShow>) -> Result<HttpResponse, Fault> {
    let class = cx.path("class");
    let mut set = map(&cx.service.quota_class_show(&cx.call, &class).await?);
    set.insert("id".to_owned(), json!(class));
    Ok(reply::json(StatusCode::OK, &json!({"quota_class_set": set})))
}

/// `PUT /os-quota-class-sets/{class}`.
pub async fn update_class(cx: May<QuotaClassUpdate>, body: Body) -> Result<HttpResponse, Fault> {
    let asked = asked(body.value(), "quota_class_set")?;
    cx.service.quota_class_update_names(&cx.call, asked.keys()).await?;
    let wanted = wanted(asked, true)?;
    let limits = cx
        .service
        .quota_class_update(&cx.call, &cx.path("class"), &wanted)
        .await?;
    Ok(reply::json(StatusCode::OK, &json!({"quota_class_set": map(&limits)})))
}

/// The resources that a body names, with what it says of them.
fn asked(body: Value, name: &'static str) -> Result<Map<String, Value>, Fault> {
    let mut fields = schema::root(body, name, true)?;
    if fields.is_whole_empty() {
        return Err(fields.refuse(&format!("{} should be non-empty", python::repr(fields.whole()))));
    }
    fields.take("tenant_id");
    Ok(fields.into_rest())
}

/// The limits that a body asks for. Digits in quotes are numbers for classes; for projects they pass
/// Cinder's schema and fail behind it, with its least helpful text.
fn wanted(asked: Map<String, Value>, digits: bool) -> Result<Vec<(String, i64)>, Fault> {
    let mut wanted = Vec::new();
    for (key, value) in asked {
        let number = match &value {
            Value::String(text) if text.parse::<i64>().is_ok() && !digits => return Err(Fault::malformed()),
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.as_i64(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        match number {
            None => return Err(Fault::bad_request(format!("{key} must be an integer"))),
            Some(limit) if limit < -1 => return Err(Fault::bad_request(format!("{key} must be >= -1"))),
            Some(limit) if limit > MAX_LIMIT => {
                return Err(Fault::bad_request(format!("{key} must be <= {MAX_LIMIT}")));
            }
            Some(limit) => wanted.push((key, limit)),
        }
    }
    Ok(wanted)
}

/// Cinder's `DB_MAX_INT`.
const MAX_LIMIT: i64 = i32::MAX as i64;

fn map(limits: &Limits) -> Map<String, Value> {
    limits
        .iter()
        .map(|(name, limit)| (name.to_owned(), json!(limit)))
        .collect()
}

fn quota_set(limits: &Limits, project: &ProjectId) -> Value {
    let mut set = map(limits);
    set.insert("id".to_owned(), json!(project.as_str()));
    json!({"quota_set": set})
}
