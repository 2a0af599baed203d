//! The fake Keystone's HTTP side.

use std::net::TcpListener;

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::ServerHandle,
    http::StatusCode,
    web::{self, Data, Json},
};
use serde_json::Value;
use tokio::task::JoinHandle;

use super::fake::{Fake, Mode, Validation};

/// What the service may send beside the headers of HTTP itself.
const EXPECTED: [&str; 6] = [
    "accept",
    "host",
    "openstack-identity-access-rules",
    "user-agent",
    "x-auth-token",
    "x-subject-token",
];

/// Listens until stopped.
#[derive(Debug)]
pub struct Server {
    handle: ServerHandle,
    running: JoinHandle<std::io::Result<()>>,
}

impl Server {
    #[expect(clippy::disallowed_methods, reason = "the test stops it by its handle")]
    pub fn start(listener: TcpListener, fake: Fake) -> Self {
        let fake = Data::new(fake);
        let server = HttpServer::new(move || {
            App::new()
                .app_data(fake.clone())
                .service(
                    web::resource("/v3/auth/tokens")
                        .route(web::post().to(log_in))
                        .route(web::get().to(validate)),
                )
                .default_service(web::to(astray))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        Self {
            handle: server.handle(),
            running: tokio::spawn(server),
        }
    }

    pub async fn stop(self) {
        self.handle.stop(false).await;
        self.running.await.unwrap().unwrap();
    }
}

async fn log_in(fake: Data<Fake>, body: Json<Value>) -> HttpResponse {
    if let Some(instead) = instead(fake.mode().await) {
        return instead;
    }
    let (status, value, body) = fake.log_in(body.into_inner());
    HttpResponse::build(StatusCode::from_u16(status).unwrap())
        .insert_header(("X-Subject-Token", value))
        .json(body)
}

async fn validate(fake: Data<Fake>, request: HttpRequest) -> HttpResponse {
    let header = |name: &str| {
        let value = request.headers().get(name);
        value
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default()
    };
    let names = request.headers().keys().map(|name| name.as_str().to_owned());
    let seen = Validation {
        own: header("X-Auth-Token"),
        subject: header("X-Subject-Token"),
        query: request.query_string().to_owned(),
        enforces_rules: header("OpenStack-Identity-Access-Rules") == "1.0",
        headers: names.filter(|name| !EXPECTED.contains(&&**name)).collect(),
    };
    // Seen is seen, whatever comes of it.
    let (status, body) = fake.validate(seen);
    if let Some(instead) = instead(fake.mode().await) {
        return instead;
    }
    HttpResponse::build(StatusCode::from_u16(status).unwrap()).json(body)
}

/// Whoever comes here followed a redirect, and took tokens along.
async fn astray(fake: Data<Fake>, request: HttpRequest) -> HttpResponse {
    fake.state().astray.push(request.path().to_owned());
    HttpResponse::NotFound().finish()
}

fn instead(mode: Mode) -> Option<HttpResponse> {
    match mode {
        Mode::Well | Mode::Held => None,
        Mode::Broken(status) => {
            let mut reply = HttpResponse::build(StatusCode::from_u16(status).unwrap());
            if status / 100 == 3 {
                reply.insert_header(("Location", "/elsewhere"));
            }
            Some(reply.body("<html>down</html>"))
        }
        Mode::Nonsense(body) => Some(HttpResponse::Ok().body(body)),
    }
}
