//! `GET /healthcheck`.

use actix_web::{HttpResponse, web};

use crate::service::Service;

/// 200 `OK` when the service can serve, as oslo.middleware's health check; 503 with one line of reason
/// when its database does not answer.
pub async fn healthcheck(service: web::Data<Service>) -> HttpResponse {
    match service.ready().await {
        Ok(()) => HttpResponse::Ok().content_type("text/plain; charset=UTF-8").body("OK"),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "not healthy");
            HttpResponse::ServiceUnavailable()
                .content_type("text/plain; charset=UTF-8")
                .body("DATABASE UNAVAILABLE")
        }
    }
}
