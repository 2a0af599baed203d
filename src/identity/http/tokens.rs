//! `/v3/auth/tokens` and the catalog.

use actix_web::{
    Error, HttpResponse,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
    web::Bytes,
};
use chrono::DateTime;
use serde_json::{Map, Value, json};

use super::{cx::Cx, lists::member, refusal::Refusal};
use crate::{
    http::json,
    identity::{
        IdentityError,
        catalog::INTERFACES,
        directory::{DOMAIN_ID, DOMAIN_NAME},
        request::Login,
        session::Session,
    },
    settings::Role,
};

const SUBJECT: HeaderName = HeaderName::from_static("x-subject-token");

/// `POST /v3/auth/tokens`.
pub async fn create(cx: Cx, bytes: Result<Bytes, Error>) -> Result<HttpResponse, Refusal> {
    let login = Login::parse(&cx.body(&bytes)?)?;
    let (token, session) = cx.identity.login(&login).await?;
    reply(&cx, StatusCode::CREATED, &token, &session)
}

/// `GET` and `HEAD /v3/auth/tokens`: what another token is worth, or one's own.
pub async fn show(cx: Cx) -> Result<HttpResponse, Refusal> {
    let api = if cx.is_head() { "check_token" } else { "validate_token" };
    let asker = cx.session().await?;
    let (token, subject) = subject(&cx, &asker, api).await?;
    // Services validate the tokens of their callers.
    let service = !cx.is_head() && asker.roles.contains(&Role::Service);
    asker.admin_or(service || asker.user.id == subject.user.id, api)?;
    reply(&cx, StatusCode::OK, token, &subject)
}

/// `DELETE /v3/auth/tokens`.
pub async fn revoke(cx: Cx) -> Result<HttpResponse, Refusal> {
    let api = "revoke_token";
    let asker = cx.session().await?;
    let (_token, subject) = subject(&cx, &asker, api).await?;
    asker.admin_or(asker.user.id == subject.user.id, api)?;
    cx.identity.revoke(&subject).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `GET /v3/auth/catalog`.
pub async fn catalog(cx: Cx) -> Result<HttpResponse, Refusal> {
    let session = cx.session().await?;
    let Some(project) = &session.project else {
        return Err(IdentityError::Forbidden(
            "A project-scoped token is required to produce a service catalog.".to_owned(),
        )
        .into());
    };
    let body = json!({"catalog": entries(&cx, &project.id), "links": {"self": cx.link("auth/catalog")}});
    Ok(json::reply(StatusCode::OK, &body))
}

/// The token that the request is about.
async fn subject<'c>(cx: &'c Cx, asker: &Session, api: &str) -> Result<(&'c str, Session), Refusal> {
    let Some(token) = cx.header(SUBJECT.as_str()) else {
        asker.admin_or(false, api)?;
        return Err(IdentityError::TokenNotFound("No token in the request").into());
    };
    let session = cx.identity.session(token).await?;
    let session = session.ok_or(IdentityError::TokenNotFound("Failed to validate token"))?;
    Ok((token, session))
}

fn reply(cx: &Cx, status: StatusCode, token: &str, session: &Session) -> Result<HttpResponse, Refusal> {
    let mut response = member(status, "token", document(cx, session)?);
    let token = HeaderValue::from_str(token).map_err(IdentityError::internal)?;
    response.headers_mut().insert(SUBJECT, token);
    Ok(response)
}

/// What a token says, in Keystone's form.
fn document(cx: &Cx, session: &Session) -> Result<Value, Refusal> {
    let claims = &session.claims;
    let domain = json!({"id": DOMAIN_ID, "name": DOMAIN_NAME});
    let methods: Vec<_> = claims.methods.iter().map(|method| method.name()).collect();
    let mut token = Map::new();
    token.insert("methods".to_owned(), json!(methods));
    token.insert(
        "user".to_owned(),
        json!({
            "domain": domain,
            "id": session.user.id,
            "name": session.user.name,
            "password_expires_at": null,
        }),
    );
    token.insert("audit_ids".to_owned(), json!(claims.audit_ids));
    token.insert("expires_at".to_owned(), json!(time(claims.expires_at)));
    token.insert("issued_at".to_owned(), json!(time(claims.issued_at)));
    if let Some(project) = &session.project {
        let roles: Vec<_> = session
            .roles
            .iter()
            .map(|role| json!({"id": role.id(), "name": role.name()}))
            .collect();
        token.insert(
            "project".to_owned(),
            json!({"domain": domain, "id": project.id, "name": project.name}),
        );
        token.insert("is_domain".to_owned(), json!(false));
        token.insert("roles".to_owned(), json!(roles));
        if cx.params()?.iter().all(|(name, _value)| name != "nocatalog") {
            token.insert("catalog".to_owned(), entries(cx, &project.id));
        }
    }
    if let Some(credential) = &claims.credential {
        token.insert(
            "application_credential".to_owned(),
            json!({"id": credential.id, "name": credential.name, "restricted": credential.restricted}),
        );
    }
    Ok(Value::Object(token))
}

fn entries(cx: &Cx, project: &str) -> Value {
    let catalog = &cx.identity.catalog;
    let services = catalog.services(&cx.base).into_iter().map(|service| {
        let endpoints = INTERFACES.map(|interface| {
            json!({
                "id": service.endpoint_id(interface),
                "interface": interface,
                "region_id": catalog.region,
                "url": service.url_in(project),
                "region": catalog.region,
            })
        });
        json!({"endpoints": endpoints, "id": service.id, "type": service.kind, "name": service.name})
    });
    services.collect()
}

/// Keystone's form of a time that has no fraction.
fn time(seconds: i64) -> String {
    let time = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    time.format("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}
