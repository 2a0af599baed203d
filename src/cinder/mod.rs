//! The Cinder v3 API. Handlers take a `Cx`, make one service call and one view.
//!
//! To add a call: a handler, one line in `calls`, its tests.

mod accept;
mod backend;
mod entry;
pub mod error;
mod extensions;
mod extract;
mod filters;
mod group_snapshots;
mod group_types;
mod groups;
mod limits;
mod messages;
mod metadata;
pub mod microversion;
mod middleware;
mod openapi;
mod operator;
mod paging;
mod python;
mod quotas;
mod reply;
mod router;
mod routes;
mod schema;
mod services;
pub mod snapshots;
mod types;
mod versions;
pub mod views;
mod volumes;
mod webob;

use actix_web::{
    HttpResponse, ResponseError as _, guard,
    middleware::from_fn,
    web::{self, ServiceConfig},
};
use uuid::Uuid;

use self::entry::Entry;
use crate::http::request;

pub use self::{
    extract::May,
    middleware::Identity,
    router::not_found,
    routes::{Guarded, Path, Route, resource},
};

/// The front's settings.
#[derive(Clone, Debug)]
pub struct CinderOptions {
    /// Scheme, host and prefix for links, if requests do not tell.
    pub public_endpoint: Option<String>,
    /// Most rows of a list.
    pub max_limit: u32,
}

impl CinderOptions {
    /// The id of the service that holds a volume: the same for the same host, for ever.
    pub fn service_uuid(&self, host: &str) -> Uuid {
        let service = host.split('#').next().unwrap_or_default();
        Uuid::new_v5(&Uuid::NAMESPACE_URL, service.as_bytes())
    }
}

/// Mounts the API: version documents for everybody, the rest below `/v3` with and without a project.
pub fn configure(config: &mut ServiceConfig) {
    config
        // Asked for as `/openapi.json`: the suffix is gone before anything is routed, see `http::request`.
        .route("/openapi", web::get().to(openapi::openapi))
        .service(web::resource("/").wrap(from_fn(middleware::dress)).to(versions::root))
        // Any other method than GET is for nobody, like what does not exist below `/v3`.
        .service(
            web::resource("/v3")
                .guard(guard::Get())
                .wrap(from_fn(middleware::authenticate_if_challenged))
                .to(versions::v3_without_slash),
        )
        .service(
            web::resource("/v3/")
                .guard(guard::Get())
                .wrap(from_fn(middleware::dress))
                .wrap(from_fn(middleware::authenticate_if_challenged))
                .to(versions::v3),
        )
        .service(Entry::new(calls()));
}

/// The refusal of a request that there is no room for: Cinder's own, for a service that cannot be asked now.
pub fn overloaded() -> HttpResponse {
    let mut reply = error::Fault::overloaded().error_response();
    if let Some(id) = request::id() {
        reply.headers_mut().insert(request::COMPUTE_REQUEST_ID, id);
    }
    reply
}

/// Every call below `/v3`, in the order in which the router tries them.
pub fn table() -> Vec<Route> {
    routes::list(calls())
}

/// Every call, once.
fn calls() -> Vec<Path> {
    let mut all = calls_of_groups();
    all.extend(other_calls());
    all
}

/// What concerns groups.
fn calls_of_groups() -> Vec<Path> {
    vec![
        resource("/group_types")
            .get(group_types::list::index)
            .post(group_types::change::create),
        resource("/group_types/default").get(group_types::default),
        resource("/group_types/{id}")
            .get(group_types::show)
            .put(group_types::change::update)
            .delete(group_types::change::delete),
        resource("/group_types/{id}/group_specs")
            .get(group_types::specs::index)
            .post(group_types::specs::create),
        resource("/group_types/{id}/group_specs/{key}")
            .get(group_types::specs::show)
            .put(group_types::specs::update)
            .delete(group_types::specs::delete),
        resource("/groups").get(groups::list::index).post(groups::create),
        resource("/groups/detail").get(groups::list::detail),
        resource("/groups/action").post(groups::actions::action_of_none),
        resource("/groups/{id}").get(groups::show).put(groups::update),
        resource("/groups/{id}/action").post(groups::actions::action),
        resource("/group_snapshots")
            .get(group_snapshots::list::index)
            .post(group_snapshots::create),
        resource("/group_snapshots/detail").get(group_snapshots::list::detail),
        resource("/group_snapshots/{id}")
            .get(group_snapshots::show)
            .delete(group_snapshots::delete),
        resource("/group_snapshots/{id}/action").post(group_snapshots::action),
    ]
}

/// Everything else.
fn other_calls() -> Vec<Path> {
    vec![
        resource("/snapshots")
            .get(snapshots::list::index)
            .post(snapshots::create::create),
        resource("/snapshots/detail")
            .get(snapshots::list::detail)
            .delete(snapshots::delete_detail),
        resource("/snapshots/new").get(snapshots::not_implemented),
        resource("/snapshots/{id}")
            .get(snapshots::show)
            .put(snapshots::update)
            .delete(snapshots::delete),
        resource("/snapshots/{id}/edit").get(snapshots::not_implemented),
        resource("/snapshots/{id}/action").post(snapshots::actions::action),
        resource("/snapshots/{id}/metadata")
            .get(snapshots::metadata::index)
            .post(snapshots::metadata::create)
            .put(snapshots::metadata::update_all),
        resource("/snapshots/{id}/metadata/{key}")
            .get(snapshots::metadata::show)
            .put(snapshots::metadata::update)
            .delete(snapshots::metadata::delete),
        resource("/os-snapshot-manage")
            .get(snapshots::manage::index)
            .post(snapshots::manage::create),
        resource("/os-snapshot-manage/detail").get(snapshots::manage::detail),
        resource("/manageable_snapshots")
            .get(snapshots::manage::new_index)
            .post(snapshots::manage::new_create),
        resource("/manageable_snapshots/detail").get(snapshots::manage::new_detail),
        resource("/volumes")
            .get(volumes::list::index)
            .post(volumes::create::create),
        resource("/volumes/detail").get(volumes::list::detail),
        resource("/volumes/summary").get(volumes::list::summary),
        resource("/volumes/{id}")
            .get(volumes::show)
            .put(volumes::update)
            .delete(volumes::delete),
        resource("/volumes/{id}/action").post(volumes::actions::action),
        resource("/volumes/{id}/metadata")
            .get(volumes::metadata::index)
            .post(volumes::metadata::create)
            .put(volumes::metadata::update_all),
        resource("/volumes/{id}/metadata/{key}")
            .get(volumes::metadata::show)
            .put(volumes::metadata::update)
            .delete(volumes::metadata::delete),
        resource("/types").get(types::list::index).post(types::change::create),
        resource("/types/default").get(types::default),
        resource("/types/{id}")
            .get(types::show)
            .put(types::change::update)
            .delete(types::change::delete),
        resource("/types/{id}/action").post(types::access::action),
        resource("/types/{id}/encryption")
            .get(types::encryption::index)
            .post(types::encryption::create),
        resource("/types/{id}/encryption/{key}")
            .get(types::encryption::show)
            .put(types::encryption::update)
            .delete(types::encryption::delete),
        resource("/types/{id}/os-volume-type-access").get(types::access::index),
        resource("/types/{id}/extra_specs")
            .get(types::specs::index)
            .post(types::specs::create),
        resource("/types/{id}/extra_specs/{key}")
            .get(types::specs::show)
            .put(types::specs::update)
            .delete(types::specs::delete),
        resource("/limits").get(limits::show),
        resource("/os-quota-sets/{quota_project}")
            .get(quotas::show)
            .put(quotas::update)
            .delete(quotas::delete),
        resource("/os-quota-sets/{quota_project}/defaults").get(quotas::defaults),
        resource("/os-quota-class-sets/{class}")
            .get(quotas::show_class)
            .put(quotas::update_class),
        resource("/messages").get(messages::index),
        resource("/messages/{id}").get(messages::show).delete(messages::delete),
        resource("/os-availability-zone").get(operator::availability_zones),
        resource("/extensions").get(extensions::index),
        resource("/extensions/{alias}").get(extensions::show),
        resource("/os-services").get(services::list),
        resource("/os-services/enable").put(services::enable),
        resource("/os-services/disable").put(services::disable),
        resource("/os-services/disable-log-reason").put(services::disable_log_reason),
        resource("/os-services/freeze").put(services::freeze),
        resource("/os-services/thaw").put(services::thaw),
        resource("/resource_filters").get(operator::resource_filters),
        resource("/scheduler-stats/get_pools").get(backend::pools),
        resource("/capabilities/{backend}").get(backend::capabilities),
    ]
}
