//! Application credentials.

use actix_web::{
    Error, HttpResponse,
    http::StatusCode,
    web::{Bytes, Path},
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{
    cx::Cx,
    lists::{filter, list, member},
    refusal::Refusal,
};
use crate::{domain::ApplicationCredential, settings::Role};

const MEMBER: &str = "application_credential";

/// `GET /v3/users/{id}/application_credentials`.
pub async fn index(cx: Cx, user: Path<String>) -> Result<HttpResponse, Refusal> {
    let session = cx.session().await?;
    let credentials = cx.identity.credentials(&session, &user).await?;
    let views = credentials.iter().map(|credential| view(&cx, credential));
    let views = filter(&cx, &["name"], views)?;
    Ok(list(&cx, "application_credentials", views))
}

/// `POST /v3/users/{id}/application_credentials`: the only reply that has the secret.
pub async fn create(cx: Cx, user: Path<String>, bytes: Result<Bytes, Error>) -> Result<HttpResponse, Refusal> {
    let session = cx.session().await?;
    let body = cx.body(&bytes)?;
    let (credential, secret) = cx.identity.credential_create(&session, &user, &body).await?;
    let mut view = view(&cx, &credential);
    view["secret"] = json!(secret.expose_secret());
    Ok(member(StatusCode::CREATED, MEMBER, view))
}

/// `GET /v3/users/{id}/application_credentials/{credential}`.
pub async fn show(cx: Cx, path: Path<(String, String)>) -> Result<HttpResponse, Refusal> {
    let session = cx.session().await?;
    let (user, id) = &*path;
    let credential = cx.identity.credential(&session, user, id).await?;
    Ok(member(StatusCode::OK, MEMBER, view(&cx, &credential)))
}

/// `DELETE /v3/users/{id}/application_credentials/{credential}`.
pub async fn delete(cx: Cx, path: Path<(String, String)>) -> Result<HttpResponse, Refusal> {
    let session = cx.session().await?;
    let (user, id) = &*path;
    cx.identity.credential_delete(&session, user, id).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn view(cx: &Cx, credential: &ApplicationCredential) -> Value {
    let id = credential.id.simple().to_string();
    let path = format!("users/{}/application_credentials/{id}", credential.user_id);
    let roles = credential.roles.iter().filter_map(|name| Role::named(name));
    let roles: Vec<_> = roles
        .map(|role| json!({"id": role.id(), "name": role.name(), "domain_id": null}))
        .collect();
    let end = credential
        .expires_at
        .map(|end| end.format("%Y-%m-%dT%H:%M:%S.%6f").to_string());
    json!({
        "id": id,
        "name": credential.name,
        "description": credential.description,
        "project_id": credential.project_id,
        "user_id": credential.user_id,
        "roles": roles,
        "unrestricted": credential.unrestricted,
        "expires_at": end,
        "system": null,
        "links": {"self": cx.link(&path)},
    })
}
