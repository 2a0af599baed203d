//! What handlers are given: who asks, at which version, with which parameters and body.

use std::{future::Future, marker::PhantomData, ops::Deref, pin::Pin};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest, dev::Payload, error::PayloadError, http::header::CONTENT_TYPE, web,
};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{CinderOptions, entry::Arrival, error::Fault, microversion::Microversion, router};
use crate::{
    auth::policy::{Permission, Policy},
    http::{body, links, query::Params},
    service::{Call, Service, ServiceError},
    trail,
};

/// A request whose sender is known: what a handler takes first. `P` is what the handler may do; without
/// it there is no way to the use cases, and the route table takes no handler that does not begin with
/// it.
#[derive(Debug)]
pub struct May<P> {
    cx: Cx,
    permission: PhantomData<P>,
}

impl<P> Deref for May<P> {
    type Target = Cx;

    fn deref(&self) -> &Cx {
        &self.cx
    }
}

/// A request that is authenticated and whose version is negotiated.
#[derive(Clone, Debug)]
pub struct Cx {
    /// The use cases.
    pub service: web::Data<Service>,
    /// The front's settings.
    pub options: web::Data<CinderOptions>,
    /// Who asks.
    pub call: Call,
    /// At which version.
    pub version: Microversion,
    template: &'static str,
    project: Option<(usize, usize)>,
    rest: usize,
    request: HttpRequest,
}

impl Cx {
    /// A part of the path, percent-decoded.
    pub fn path(&self, name: &str) -> String {
        let path = self.request.match_info().as_str().get(self.rest..).unwrap_or_default();
        let raw = router::variable(self.template, path, name).unwrap_or_default();
        percent_decode_str(raw).decode_utf8_lossy().into_owned()
    }

    /// The query.
    ///
    /// # Errors
    /// 400 when it is not UTF-8.
    pub fn query(&self) -> Result<Params, Fault> {
        Params::parse(self.request.query_string()).map_err(|_not_utf8| undecodable())
    }

    /// A request header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// Scheme, host and prefix for links.
    pub fn base(&self) -> String {
        links::base(&self.request, self.options.public_endpoint.as_deref())
    }

    /// `/<project>` when the request's own path names it, so that links have the same form.
    pub fn project_segment(&self) -> String {
        in_url(&self.request, self.project)
            .map(|project| format!("/{project}"))
            .unwrap_or_default()
    }

    /// Refuses unless the version is at least `since`: what a version does not have is not found.
    ///
    /// # Errors
    /// 404.
    pub fn since(&self, since: Microversion) -> Result<(), Fault> {
        if self.version >= since {
            Ok(())
        } else {
            Err(Fault::not_found())
        }
    }

    /// Whether the caller is an admin.
    pub fn is_admin(&self) -> bool {
        self.call.is_admin()
    }
}

impl<P: Permission> FromRequest for May<P> {
    type Error = Fault;
    type Future = std::future::Ready<Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        std::future::ready(extract::<P>(request).map(|cx| Self {
            cx,
            permission: PhantomData,
        }))
    }
}

/// The project that the request's own path names.
fn in_url(request: &HttpRequest, at: Option<(usize, usize)>) -> Option<&str> {
    let (start, end) = at?;
    request.match_info().as_str().get(start..end)
}

fn undecodable() -> Fault {
    Fault::bad_request(
        "Error decoding your request. Either the URL or the request body contained characters that could not be \
         decoded by Cinder.",
    )
}

/// Whether a text anywhere in the value holds a NUL. PostgreSQL has no such texts, and Cinder fails
/// with a 500; here both databases refuse them alike.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(map) => map.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
    }
}

fn extract<P: Permission>(request: &HttpRequest) -> Result<Cx, Fault> {
    let (Some(arrival), Some(request_id)) = (request.extensions_mut().remove::<Arrival>(), trail::id()) else {
        tracing::error!("a handler is mounted outside the entry");
        return Err(Fault::internal());
    };
    let (Some(service), Some(options), Some(policy)) = (
        request.app_data::<web::Data<Service>>().cloned(),
        request.app_data::<web::Data<CinderOptions>>().cloned(),
        request.app_data::<web::Data<Policy>>(),
    ) else {
        return Err(Fault::internal());
    };
    let Arrival {
        caller,
        version,
        template,
        project,
        rest,
    } = arrival;
    if in_url(request, project).is_some_and(|project| project != caller.project().as_str()) {
        return Err(Fault::bad_request("Malformed request url"));
    }
    let target = request.uri().path_and_query();
    if target.is_some_and(|target| target.as_str().contains("%00")) {
        return Err(undecodable());
    }
    let call = Call::new::<P>(caller, request_id, policy);
    // Cinder's database layer refuses whoever is neither an admin nor in a project; what needs no policy
    // needs no rows.
    if call.caller.project_id.is_none() && !call.is_admin() && !P::ACTIONS.is_empty() {
        return Err(ServiceError::NoProject.into());
    }
    Ok(Cx {
        service,
        options,
        call,
        version,
        template,
        project,
        rest,
        request: request.clone(),
    })
}

/// The body of a request: JSON, or nothing at all.
#[derive(Clone, Debug)]
pub struct Body(Option<Value>);

impl Body {
    /// The value; nothing counts as JSON `null`, which every schema refuses with a clear text where
    /// Cinder fails with a 500 (gap G10).
    pub fn value(self) -> Value {
        self.0.unwrap_or(Value::Null)
    }

    /// The one action that the body of an `/action` request names, and its argument.
    ///
    /// # Errors
    /// 400 unless there is exactly one.
    pub fn action(self) -> Result<(String, Value), Fault> {
        match self.0 {
            None => Err(no_such_action("None")),
            Some(Value::Object(map)) if map.len() == 1 => map
                .into_iter()
                .next()
                .ok_or_else(|| Fault::bad_request("Malformed request body")),
            Some(_other) => Err(Fault::bad_request("Malformed request body")),
        }
    }
}

/// The 400 for an action that the resource does not have.
pub fn no_such_action(name: &str) -> Fault {
    Fault::bad_request(format!(
        "There is no such action: {name}. Verify the request body and Content-Type header and try again."
    ))
}

impl FromRequest for Body {
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Fault>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = web::Bytes::from_request(request, payload);
        let media = media_type(request);
        Box::pin(async move {
            let bytes = bytes.await.map_err(|error| match error.as_error() {
                Some(PayloadError::Overflow) => Fault::too_large(),
                Some(error) if body::is_late(error) => Fault::late(),
                _other => Fault::malformed(),
            })?;
            if bytes.is_empty() {
                return Ok(Self(None));
            }
            match media {
                Media::None => Ok(Self(None)),
                Media::Other => Err(Fault::unsupported_media_type()),
                Media::Json => match serde_json::from_slice(&bytes) {
                    Ok(value) if has_nul(&value) => Err(undecodable()),
                    Ok(value) => Ok(Self(Some(value))),
                    Err(_not_json) => Err(Fault::bad_request("Malformed request body")),
                },
            }
        })
    }
}

enum Media {
    None,
    Json,
    Other,
}

fn media_type(request: &HttpRequest) -> Media {
    let Some(header) = request.headers().get(CONTENT_TYPE) else {
        return Media::None;
    };
    match header
        .to_str()
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
    {
        "" => Media::None,
        "application/json" | "application/vnd.openstack.volume+json" => Media::Json,
        _other => Media::Other,
    }
}
