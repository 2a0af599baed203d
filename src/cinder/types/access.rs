//! `/types/{id}/os-volume-type-access`, and the two actions that change it.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Value, json};

use crate::{
    auth::policy::may::{TypeAccessAdd, TypeAccessList, TypeAccessRemove, TypeShow},
    cinder::{
        error::Fault,
        extract::{Body, May, no_such_action},
        reply::{self, bare},
        schema::Fields,
    },
};

/// `GET …/os-volume-type-access`.
pub async fn index(cx: May<(TypeShow, TypeAccessList)>) -> Result<HttpResponse, Fault> {
    let id = cx.path("id");
    let projects = cx.service.type_access(&cx.call, &id).await?;
    let access: Vec<_> = projects
        .iter()
        .map(|project| json!({"volume_type_id": id, "project_id": project.as_str()}))
        .collect();
    Ok(reply::json(StatusCode::OK, &json!({"volume_type_access": access})))
}

/// `POST /types/{id}/action`.
pub async fn action(cx: May<(TypeAccessAdd, TypeAccessRemove)>, body: Body) -> Result<HttpResponse, Fault> {
    let (name, argument) = body.action()?;
    let id = cx.path("id");
    match name.as_str() {
        "addProjectAccess" => {
            cx.service
                .type_access_grant(&cx.call, &id, &project(&name, argument)?)
                .await?;
        }
        "removeProjectAccess" => {
            cx.service
                .type_access_revoke(&cx.call, &id, &project(&name, argument)?)
                .await?;
        }
        other => return Err(no_such_action(other)),
    }
    Ok(bare(StatusCode::ACCEPTED))
}

fn project(action: &str, argument: Value) -> Result<String, Fault> {
    let mut fields = Fields::read(action, argument)?;
    let project = fields.required_text("project")?;
    fields.finish()?;
    Ok(project)
}
