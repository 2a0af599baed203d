//! How the route table is written, so that it can be mounted and also read: the API's description and
//! the tests ask it what there is, and nothing is said twice.

use actix_web::{
    Resource,
    http::Method,
    web::{self, ServiceConfig},
};

use super::router;

/// One call that the API has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path below `/v3` or `/v3/<project>`, with its variables in braces: `/snapshots/{id}`.
    pub path: &'static str,
}

/// A path; methods that it lacks answer the router's 404.
pub(super) fn resource(path: &'static str) -> Path {
    Path {
        template: path,
        methods: Vec::new(),
        resource: web::resource(path),
    }
}

/// A path and what it answers.
pub(super) struct Path {
    template: &'static str,
    methods: Vec<Method>,
    resource: Resource,
}

macro_rules! methods {
    ($($name:ident $method:ident)+) => {
        impl Path {
            $(pub(super) fn $name<F, Args>(mut self, handler: F) -> Self
            where
                F: actix_web::Handler<Args>,
                Args: actix_web::FromRequest + 'static,
                F::Output: actix_web::Responder + 'static,
            {
                self.methods.push(Method::$method);
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
        let route = move |method| Route { method, path: template };
        methods.into_iter().map(route)
    };
    paths.into_iter().flat_map(calls).collect()
}
