//! Users.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use serde_json::{Value, json};

use super::{
    cx::Cx,
    lists::{filter, list, member},
    projects,
    refusal::Refusal,
};
use crate::identity::{
    IdentityError,
    directory::{DOMAIN_ID, User},
};

/// `GET /v3/users`.
pub async fn index(cx: Cx) -> Result<HttpResponse, Refusal> {
    cx.admin("list_users").await?;
    let users = cx.identity.directory.users.iter();
    let users = filter(
        &cx,
        &["name", "domain_id", "enabled"],
        users.map(|user| view(&cx, user)),
    )?;
    Ok(list(&cx, "users", users))
}

/// `GET /v3/users/{id}`, for admins and the user.
pub async fn show(cx: Cx, id: Path<String>) -> Result<HttpResponse, Refusal> {
    let session = cx.session().await?;
    session.admin_or(session.user.id == *id, "get_user")?;
    Ok(member(StatusCode::OK, "user", view(&cx, find(&cx, &id)?)))
}

/// `GET /v3/users/{id}/projects`, for admins and the user.
pub async fn projects(cx: Cx, id: Path<String>) -> Result<HttpResponse, Refusal> {
    let session = cx.session().await?;
    session.admin_or(session.user.id == *id, "list_user_projects")?;
    let own = cx.identity.directory.projects_of(find(&cx, &id)?);
    let own = filter(&cx, projects::FILTERS, own.map(|project| projects::view(&cx, project)))?;
    Ok(list(&cx, "projects", own))
}

fn find<'c>(cx: &'c Cx, id: &str) -> Result<&'c User, Refusal> {
    let user = cx.identity.directory.user(id);
    Ok(user.ok_or_else(|| IdentityError::not_found("user", id))?)
}

fn view(cx: &Cx, user: &User) -> Value {
    let mut view = json!({
        "id": user.id,
        "name": user.name,
        "domain_id": DOMAIN_ID,
        "enabled": true,
        "password_expires_at": null,
        "options": {},
        "federated": [],
        "links": {"self": cx.link(&format!("users/{}", user.id))},
    });
    if let Some(project) = &user.default_project {
        view["default_project_id"] = json!(project);
    }
    view
}
