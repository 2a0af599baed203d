//! How the route table is written, so that it can be served and also read: the API's description and
//! the tests ask it what there is, and nothing is said twice.

use std::rc::Rc;

use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Responder, dev::Payload, http::Method};
use futures_util::{FutureExt as _, future::LocalBoxFuture};

use super::extract::{Body, May};
use crate::auth::policy::{Action, Permission};

/// A handler of any type, with what it takes found out from the request.
pub(super) type Call = Rc<dyn Fn(HttpRequest, Payload) -> LocalBoxFuture<'static, HttpResponse>>;

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
    }
}

/// A path and what it answers.
#[expect(missing_debug_implementations, reason = "handlers have none")]
pub struct Path {
    pub(super) template: &'static str,
    methods: Vec<(Method, &'static [Action], Call)>,
}

macro_rules! methods {
    ($($name:ident $method:ident)+) => {
        impl Path {
            $(
                #[doc = concat!("Answers `", stringify!($method), "` with `handler`.")]
                #[must_use]
                pub fn $name<F, Args>(mut self, handler: F) -> Self
            where
                F: Handler<Args>,
                Args: Guarded + FromRequest + 'static,
                F::Output: Responder + 'static,
            {
                self.methods.push((Method::$method, Args::ACTIONS, call(handler)));
                self
            })+
        }
    };
}
methods!(get GET post POST put PUT delete DELETE);

impl Path {
    /// The handler of a method.
    pub(super) fn handler(&self, method: &Method) -> Option<&Call> {
        let found = self.methods.iter().find(|(own, ..)| own == method);
        found.map(|(_method, _actions, call)| call)
    }
}

fn call<F, Args>(handler: F) -> Call
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    Rc::new(move |request, mut payload| {
        let handler = handler.clone();
        async move {
            match Args::from_request(&request, &mut payload).await {
                Ok(arguments) => {
                    let reply = handler.call(arguments).await;
                    reply.respond_to(&request).map_into_boxed_body()
                }
                Err(refusal) => HttpResponse::from_error(refusal),
            }
        }
        .boxed_local()
    })
}

/// What paths answer, in their order.
pub(super) fn list(paths: Vec<Path>) -> Vec<Route> {
    let calls = |Path { template, methods, .. }| {
        let route = move |(method, actions, _call)| Route {
            method,
            path: template,
            actions,
        };
        methods.into_iter().map(route)
    };
    paths.into_iter().flat_map(calls).collect()
}
