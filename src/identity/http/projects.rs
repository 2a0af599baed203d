//! Projects, and the one domain that there is.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use serde_json::{Value, json};

use super::{
    cx::Cx,
    lists::{filter, list, member},
    refusal::Refusal,
};
use crate::{
    http::json,
    identity::{
        IdentityError,
        directory::{DOMAIN_ID, DOMAIN_NAME, Project},
    },
};

/// What lists of projects can be asked for.
pub const FILTERS: &[&str] = &["name", "domain_id", "enabled", "parent_id", "is_domain"];

/// `GET /v3/projects`.
pub async fn index(cx: Cx) -> Result<HttpResponse, Refusal> {
    cx.admin("list_projects").await?;
    let projects = cx.identity.directory.projects.iter();
    let projects = filter(&cx, FILTERS, projects.map(|project| view(&cx, project)))?;
    Ok(list(&cx, "projects", projects))
}

/// `GET /v3/projects/{id}`, for admins and in the project itself.
pub async fn show(cx: Cx, id: Path<String>) -> Result<HttpResponse, Refusal> {
    let session = cx.session().await?;
    session.admin_or(session.is_in(&id), "get_project")?;
    let project = cx.identity.directory.project(&id);
    let project = project.ok_or_else(|| IdentityError::not_found("project", id.as_str()))?;
    Ok(member(StatusCode::OK, "project", view(&cx, project)))
}

/// `GET /v3/auth/projects`: what the user can get tokens for.
pub async fn own(cx: Cx) -> Result<HttpResponse, Refusal> {
    let session = cx.session().await?;
    let projects = cx.identity.directory.projects_of(&session.user);
    let projects = projects.map(|project| view(&cx, project)).collect();
    Ok(list(&cx, "projects", projects))
}

/// `GET /v3/auth/domains`: nobody has a role on a domain.
pub async fn no_domains(cx: Cx) -> Result<HttpResponse, Refusal> {
    cx.session().await?;
    Ok(list(&cx, "domains", Vec::new()))
}

/// `GET /v3/auth/system`: nor on the system.
pub async fn no_system(cx: Cx) -> Result<HttpResponse, Refusal> {
    cx.session().await?;
    let body = json!({"system": [], "links": {"self": cx.link("auth/system")}});
    Ok(json::reply(StatusCode::OK, &body))
}

/// `GET /v3/domains`.
pub async fn domains(cx: Cx) -> Result<HttpResponse, Refusal> {
    cx.admin("list_domains").await?;
    let domains = filter(&cx, &["name", "enabled"], [domain_view(&cx)])?;
    Ok(list(&cx, "domains", domains))
}

/// `GET /v3/domains/{id}`, for admins and for whoever is in one of its projects.
pub async fn domain(cx: Cx, id: Path<String>) -> Result<HttpResponse, Refusal> {
    let session = cx.session().await?;
    let known = *id == DOMAIN_ID;
    session.admin_or(known && session.project.is_some(), "get_domain")?;
    if !known {
        return Err(IdentityError::not_found("domain", id.as_str()).into());
    }
    Ok(member(StatusCode::OK, "domain", domain_view(&cx)))
}

/// A project in Keystone's form.
pub fn view(cx: &Cx, project: &Project) -> Value {
    json!({
        "id": project.id,
        "name": project.name,
        "domain_id": DOMAIN_ID,
        "description": project.description,
        "enabled": true,
        "parent_id": DOMAIN_ID,
        "is_domain": false,
        "tags": [],
        "options": {},
        "links": {"self": cx.link(&format!("projects/{}", project.id))},
    })
}

fn domain_view(cx: &Cx) -> Value {
    json!({
        "id": DOMAIN_ID,
        "name": DOMAIN_NAME,
        "description": "The default domain",
        "enabled": true,
        "tags": [],
        "options": {},
        "links": {"self": cx.link("domains/default")},
    })
}
