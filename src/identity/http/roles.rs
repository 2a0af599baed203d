//! Roles, for admins.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use serde_json::{Value, json};

use super::{
    cx::Cx,
    lists::{filter, list, member},
    refusal::Refusal,
};
use crate::{identity::IdentityError, settings::Role};

/// `GET /v3/roles`.
pub async fn index(cx: Cx) -> Result<HttpResponse, Refusal> {
    cx.admin("list_roles").await?;
    let roles = Role::ALL.iter().map(|role| view(&cx, *role));
    // A role of a domain has its id here; there are none, and who asks for them must get none.
    let roles = filter(&cx, &["name", "domain_id"], roles)?;
    Ok(list(&cx, "roles", roles))
}

/// `GET /v3/roles/{id}`.
pub async fn show(cx: Cx, id: Path<String>) -> Result<HttpResponse, Refusal> {
    cx.admin("get_role").await?;
    let role = Role::with_id(&id).ok_or_else(|| IdentityError::not_found("role", id.as_str()))?;
    Ok(member(StatusCode::OK, "role", view(&cx, role)))
}

fn view(cx: &Cx, role: Role) -> Value {
    json!({
        "id": role.id(),
        "name": role.name(),
        "domain_id": null,
        "description": null,
        "options": {},
        "links": {"self": cx.link(&format!("roles/{}", role.id()))},
    })
}
