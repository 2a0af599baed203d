//! The one way in below `/v3`, with a project or without: who asks, what answers, at which version, and on the way
//! out the headers that Cinder's replies have. As in Cinder the question who asks comes before routing, so that a
//! stranger does not even learn which paths exist.

use std::{rc::Rc, sync::Arc};

use actix_web::{
    Error, HttpMessage as _,
    dev::{AppService, HttpServiceFactory, ResourceDef, ServiceRequest, ServiceResponse, fn_service},
};

use super::{
    error::Fault,
    microversion::Microversion,
    middleware::{self, identify},
    reply::VERSION_HEADER,
    router::{Router, not_found, split_project},
    routes::Path,
};
use crate::{auth::Caller, http::panics};

/// What is known of a request before its handler is called.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Who asks.
    pub caller: Arc<Caller>,
    /// At which version.
    pub version: Microversion,
    /// The handler's path, with its variables in braces.
    pub template: &'static str,
    /// Where the project is in the request's path, if it is there.
    pub project: Option<(usize, usize)>,
    /// Where what follows it begins.
    pub rest: usize,
}

/// Everything below `/v3`.
pub(super) struct Entry(Router);

impl Entry {
    pub(super) fn new(paths: Vec<Path>) -> Self {
        Self(Router::new(paths))
    }
}

const BELOW: &str = "/v3";

impl HttpServiceFactory for Entry {
    fn register(self, config: &mut AppService) {
        let router = Rc::new(self.0);
        let enter = move |request| enter(Rc::clone(&router), request);
        config.register_service(ResourceDef::prefix(BELOW), None, fn_service(enter), None);
    }
}

async fn enter(router: Rc<Router>, request: ServiceRequest) -> Result<ServiceResponse, Error> {
    let path = request.match_info().as_str();
    let below = path.get(BELOW.len()..).unwrap_or_default();
    let (project, rest) = split_project(below);
    let identified = identify(&request, project).await;
    let project = project.map(|project| (BELOW.len() + 1, BELOW.len() + 1 + project.len()));
    let (start, found) = (path.len() - rest.len(), router.find(rest));
    let caller = match identified {
        Ok(caller) => caller,
        Err(refusal) => return Ok(request.into_response(refusal)),
    };
    let handler = found.and_then(|path| Some((path.template, Rc::clone(path.handler(request.method())?))));
    let (request, payload) = request.into_parts();
    let Some((template, handler)) = handler else {
        let reply = not_found(request.clone()).await;
        return Ok(ServiceResponse::new(request, reply));
    };

    // Bytes that are no text are no version; an empty value fails like any other word.
    let asked = request
        .headers()
        .get(VERSION_HEADER)
        .map(|value| value.to_str().unwrap_or_default());
    let version = match Microversion::negotiate(asked) {
        Ok(version) => version,
        Err(refusal) => {
            let response = ServiceResponse::from_err(refusal, request);
            return Ok(middleware::dressed(response, None));
        }
    };
    request.extensions_mut().insert(Arrival {
        caller,
        version,
        template,
        project,
        rest: start,
    });
    let answer = async { Ok(handler(request.clone(), payload).await) };
    let reply = panics::caught(answer, || Fault::internal().into()).await?;
    Ok(middleware::dressed(ServiceResponse::new(request, reply), Some(version)))
}
