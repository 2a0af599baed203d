//! What Cinder's router answers to paths and methods it does not have: a 404 of its own, never 405, in
//! the form that `Accept` asks for. It carries no version headers.

use actix_web::{HttpRequest, HttpResponse, http::header::ACCEPT};
use serde_json::json;

use crate::http::json;

/// The 404 for everything that is not in the route table.
pub async fn not_found(request: HttpRequest) -> HttpResponse {
    let accept = request
        .headers()
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if accept.contains("application/json") {
        let body = json!({
            "message": "The resource could not be found.<br /><br />\n\n\n",
            "code": "404 Not Found",
            "title": "Not Found",
        });
        return json::reply(actix_web::http::StatusCode::NOT_FOUND, &body);
    }
    if accept.contains("text/html") || accept.contains("*/*") {
        return HttpResponse::NotFound().content_type("text/html; charset=UTF-8").body(
            "<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n  \
             The resource could not be found.<br /><br />\n\n\n\n </body>\n</html>",
        );
    }
    HttpResponse::NotFound()
        .content_type("text/plain; charset=UTF-8")
        .body("404 Not Found\n\nThe resource could not be found.\n\n   ")
}
