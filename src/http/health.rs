//! `GET /healthcheck`.

use actix_web::{HttpRequest, HttpResponse, http::header::ACCEPT, web};

use crate::service::Service;

/// 200 `OK` when the service can serve, as oslo.middleware's health check; 503 with one line of reason
/// when its database does not answer.
pub async fn healthcheck(request: HttpRequest, service: web::Data<Service>) -> HttpResponse {
    let accept = request
        .headers()
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    match service.ready().await {
        // Laid out as oslo.middleware lays it out.
        Ok(()) if accept.contains("application/json") => HttpResponse::Ok()
            .content_type("application/json")
            .body("{\n    \"detailed\": false,\n    \"reasons\": [\n        \"OK\"\n    ]\n}"),
        Ok(()) => HttpResponse::Ok().content_type("text/plain; charset=UTF-8").body("OK"),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "not healthy");
            HttpResponse::ServiceUnavailable()
                .content_type("text/plain; charset=UTF-8")
                .body("DATABASE UNAVAILABLE")
        }
    }
}
