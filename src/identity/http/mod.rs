//! Keystone's v3 API over the development identity, below `/identity`.

mod assignments;
mod credentials;
mod cx;
mod dress;
mod lists;
mod projects;
mod refusal;
mod roles;
mod router;
mod services;
mod tokens;
mod users;
mod versions;

use actix_web::{
    FromRequest, Handler, HttpResponse, Resource, Responder,
    http::{
        StatusCode,
        header::{HeaderValue, RETRY_AFTER},
    },
    middleware::from_fn,
    web::{self, ServiceConfig},
};

pub use self::cx::Options;

/// Mounts all of it.
pub fn configure(config: &mut ServiceConfig) {
    let v3 = web::scope("/v3")
        .service(readable("", versions::v3))
        .service(readable("/", versions::v3))
        .service(
            readable("/auth/tokens", tokens::show)
                .route(web::post().to(tokens::create))
                .route(web::delete().to(tokens::revoke)),
        )
        .service(readable("/auth/catalog", tokens::catalog))
        .service(readable("/auth/projects", projects::own))
        .service(readable("/auth/domains", projects::no_domains))
        .service(readable("/auth/system", projects::no_system))
        .service(readable("/projects", projects::index))
        .service(readable("/projects/{id}", projects::show))
        .service(readable("/domains", projects::domains))
        .service(readable("/domains/{id}", projects::domain))
        .service(readable("/users", users::index))
        .service(readable("/users/{id}", users::show))
        .service(readable("/users/{id}/projects", users::projects))
        .service(
            readable("/users/{id}/application_credentials", credentials::index)
                .route(web::post().to(credentials::create)),
        )
        .service(
            readable("/users/{id}/application_credentials/{credential}", credentials::show)
                .route(web::delete().to(credentials::delete)),
        )
        .service(readable("/roles", roles::index))
        .service(readable("/roles/{id}", roles::show))
        .service(readable("/role_assignments", assignments::index))
        .service(readable("/services", services::index))
        .service(readable("/services/{id}", services::show))
        .service(readable("/endpoints", services::endpoints))
        .service(readable("/endpoints/{id}", services::endpoint))
        .service(readable("/regions", services::regions))
        .service(readable("/regions/{id}", services::region))
        .default_service(web::to(router::no_such_path));
    config.service(
        web::scope("/identity")
            .wrap(from_fn(dress::dress))
            .service(readable("", versions::root))
            .service(readable("/", versions::root))
            .service(v3)
            .default_service(web::to(router::no_such_path)),
    );
}

/// The refusal of a request that there is no room for.
pub fn overloaded() -> HttpResponse {
    let mut reply = refusal::failure(StatusCode::SERVICE_UNAVAILABLE);
    reply.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    reply
}

/// A path that can be read; as in Keystone, `HEAD` is a `GET` without the body. Other methods change what
/// only the settings can change, unless they are added.
fn readable<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args> + Clone,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path)
        .route(web::get().to(handler.clone()))
        .route(web::head().to(handler))
        .default_service(web::to(router::not_this_way))
}
