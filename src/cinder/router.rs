//! What Cinder's router answers to paths and methods it does not have: a 404 of its own, never 405.

use actix_web::{HttpRequest, HttpResponse};

use super::webob;

/// The 404 for everything that is not in the route table.
pub async fn not_found(request: HttpRequest) -> HttpResponse {
    webob::NOT_FOUND.reply(request.headers())
}
