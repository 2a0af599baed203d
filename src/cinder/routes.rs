//! How the route table is written, so that it can be mounted and also read: the API's description and
//! the tests ask it what there is, and nothing is said twice.

use actix_web::{
    Resource,
    http::Method,
    web::{self, ServiceConfig},
};

use super::{
    extract::{Body, May},
    router,
};
use crate::auth::policy::{Action, Permission};

/// One call that the API has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path below `/v3` or `/v3/<project>`, with its variables in braces: `/snapshots/{id}`.
    pub path: &'static str,
    /// What its handler may do, as the handler's type says.
    pub actions: &'static [Action],
}

/// What a handler takes: its permission first. A handler with one can be put into the table:
///
/// ```
/// use actix_web::HttpResponse;
/// use breezeblock::{
///     auth::policy::may::SnapshotShow,
///     cinder::{May, resource},
/// };
///
/// async fn guarded(_cx: May<SnapshotShow>) -> HttpResponse {
///     HttpResponse::Ok().finish()
/// }
/// let _path = resource("/guarded").get(guarded);
/// ```
///
/// and a handler without one cannot:
///
/// ```compile_fail
/// use actix_web::HttpResponse;
/// use breezeblock::cinder::resource;
///
/// async fn open() -> HttpResponse {
///     HttpResponse::Ok().finish()
/// }
/// let _path = resource("/open").get(open);
/// ```
pub trait Guarded {
    /// The permission.
    const ACTIONS: &'static [Action];
}

impl<P: Permission> Guarded for (May<P>,) {
    const ACTIONS: &'static [Action] = P::ACTIONS;
}

impl<P: Permission> Guarded for (May<P>, Body) {
    const ACTIONS: &'static [Action] = P::ACTIONS;
}

/// A path; methods that it lacks answer the router's 404.
pub fn resource(path: &'static str) -> Path {
    Path {
        template: path,
        methods: Vec::new(),
        resource: web::resource(path),
    }
}

/// A path and what it answers.
#[expect(missing_debug_implementations, reason = "actix's resource has none")]
pub struct Path {
    template: &'static str,
    methods: Vec<(Method, &'static [Action])>,
    resource: Resource,
}

macro_rules! methods {
    ($($name:ident $method:ident)+) => {
        impl Path {
            $(
                #[doc = concat!("Answers `", stringify!($method), "` with `handler`.")]
                #[must_use]
                pub fn $name<F, Args>(mut self, handler: F) -> Self
            where
                F: actix_web::Handler<Args>,
                Args: Guarded + actix_web::FromRequest + 'static,
                F::Output: actix_web::Responder + 'static,
            {
                self.methods.push((Method::$method, Args::ACTIONS));
                self.resource = self.resource.route(web::$name().to(handler));
                self
            })+
        }
    };
}
methods!(get GET post POST put PUT delete DELETE);

impl Path {
    pub(super) fn done(self) -> Resource {
        self.resource.default_service(web::to(router::not_found))
    }
}

/// Mounts paths in their order: of two that fit a request, the first gets it.
pub(super) fn mount(paths: Vec<Path>, config: &mut ServiceConfig) {
    for path in paths {
        config.service(path.done());
    }
}

/// What paths answer, in their order.
pub(super) fn list(paths: Vec<Path>) -> Vec<Route> {
    let calls = |Path { template, methods, .. }| {
        let route = move |(method, actions)| Route {
            method,
            path: template,
            actions,
        };
        methods.into_iter().map(route)
    };
    paths.into_iter().flat_map(calls).collect()
}
