//! `GET /healthcheck`.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, http::header::ACCEPT, web};
use async_trait::async_trait;

/// Something without which requests cannot be served.
#[async_trait]
pub trait Probe: Send + Sync + std::fmt::Debug {
    /// `Err` with one word for what is missing; the cause is for the log.
    async fn probe(&self) -> Result<(), &'static str>;
}

/// Everything that has to work.
#[derive(Clone, Debug)]
pub struct Probes(pub Vec<Arc<dyn Probe>>);

/// 200 `OK` when the service can serve, laid out as oslo.middleware's health check does; 503 with one
/// line of reason when it cannot.
pub async fn healthcheck(request: HttpRequest, probes: web::Data<Probes>) -> HttpResponse {
    for probe in &probes.0 {
        if let Err(missing) = probe.probe().await {
            return HttpResponse::ServiceUnavailable()
                .content_type("text/plain; charset=UTF-8")
                .body(format!("{missing} UNAVAILABLE"));
        }
    }
    let accept = request
        .headers()
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if accept.contains("application/json") {
        return HttpResponse::Ok()
            .content_type("application/json")
            .body("{\n    \"detailed\": false,\n    \"reasons\": [\n        \"OK\"\n    ]\n}");
    }
    HttpResponse::Ok().content_type("text/plain; charset=UTF-8").body("OK")
}
