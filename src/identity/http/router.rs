//! What is said to paths and methods that are not served.

use actix_web::{HttpRequest, HttpResponse, http::Method};

use super::{cx::Cx, refusal::Refusal};
use crate::identity::IdentityError;

/// What there are no requests for.
const CONFIGURED: &str = "This is the development identity of breezeblock. Its users, projects, roles and services are \
                          configured in [dev] of the settings and cannot be changed by requests.";

/// For a path that exists, with a method that it lacks.
///
/// # Errors
/// Always: 403 for what would change something, if somebody asks; 405 for what no path has.
pub async fn not_this_way(cx: Cx, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let changes = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE].contains(request.method());
    let discovery = matches!(request.path().trim_end_matches('/'), "/identity" | "/identity/v3");
    if !changes || discovery {
        return Err(IdentityError::MethodNotAllowed.into());
    }
    cx.session().await?;
    Err(IdentityError::Forbidden(CONFIGURED.to_owned()).into())
}

/// For a path that does not exist. Keystone has many that change users, projects and roles; those are
/// refused with the reason.
///
/// # Errors
/// Always: 403 for those, else 404.
pub async fn no_such_path(cx: Cx, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let mut parts = request.path().trim_start_matches("/identity/v3/").split('/');
    let configured = [
        "domains",
        "groups",
        "projects",
        "role_inferences",
        "roles",
        "system",
        "users",
    ];
    if parts.next().is_some_and(|first| configured.contains(&first)) && *request.method() != Method::GET {
        return not_this_way(cx, request).await;
    }
    Err(IdentityError::NoSuchPath.into())
}
