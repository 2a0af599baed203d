//! What every handler needs.

use std::future::{Ready, ready};

use actix_web::{
    Error, FromRequest, HttpRequest,
    dev::Payload,
    http::{Method, StatusCode, header::CONTENT_TYPE},
    web::{Bytes, Data},
};
use serde_json::Value;

use super::refusal::Refusal;
use crate::{
    http::{links, query::Params},
    identity::{DevIdentity, IdentityError, session::Session},
};

/// The settings of the front.
#[derive(Clone, Debug)]
pub struct Options {
    /// Scheme, host and prefix for links, if requests do not tell.
    pub public_endpoint: Option<String>,
}

/// A request.
#[derive(Debug)]
pub struct Cx {
    pub(super) identity: Data<DevIdentity>,
    /// Scheme, host and prefix under which the client knows this program.
    pub(super) base: String,
    request: HttpRequest,
}

impl FromRequest for Cx {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let Some(identity) = request.app_data::<Data<DevIdentity>>() else {
            return ready(Err(IdentityError::internal("no identity is configured").into()));
        };
        ready(Ok(Self {
            identity: Data::clone(identity),
            base: base(request),
            request: request.clone(),
        }))
    }
}

/// The address of this program as the client knows it.
pub fn base(request: &HttpRequest) -> String {
    let options = request.app_data::<Data<Options>>();
    let endpoint = options.and_then(|options| options.public_endpoint.as_deref());
    links::without_version(&links::base(request, endpoint)).to_owned()
}

impl Cx {
    /// Whose token the request carries.
    ///
    /// # Errors
    /// 401 without a valid one.
    pub async fn session(&self) -> Result<Session, Refusal> {
        let token = self.header("X-Auth-Token").ok_or(IdentityError::Unauthorized)?;
        let session = self.identity.session(token).await?;
        Ok(session.ok_or(IdentityError::Unauthorized)?)
    }

    /// The same for an API that only admins may use.
    ///
    /// # Errors
    /// 401, and 403 naming the API.
    pub async fn admin(&self, api: &str) -> Result<Session, Refusal> {
        let session = self.session().await?;
        session.admin_or(false, api)?;
        Ok(session)
    }

    /// A header, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether this is a `HEAD`.
    pub fn is_head(&self) -> bool {
        *self.request.method() == Method::HEAD
    }

    /// The parameters.
    ///
    /// # Errors
    /// 400 when they are not text.
    pub fn params(&self) -> Result<Params, Refusal> {
        Params::parse(self.request.query_string())
            .map_err(|_not_utf8| IdentityError::expecting("UTF-8", "query string").into())
    }

    /// The address that was asked for.
    pub fn url(&self) -> String {
        let uri = self.request.uri();
        match uri.query() {
            Some(query) => format!("{}{}?{query}", self.base, uri.path()),
            None => format!("{}{}", self.base, uri.path()),
        }
    }

    /// An address below `/identity/v3`.
    pub fn link(&self, path: &str) -> String {
        format!("{}/identity/v3/{path}", self.base)
    }

    /// The body as a JSON object, with Keystone's words when it is none.
    ///
    /// # Errors
    /// 400, and 413 for one that is over the limit of the settings.
    pub fn body(&self, bytes: &Result<Bytes, Error>) -> Result<Value, Refusal> {
        let bytes = bytes.as_ref().map_err(|error| {
            let too_large = error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE;
            if too_large {
                IdentityError::TooLarge
            } else {
                IdentityError::expecting("the whole body", "request")
            }
        })?;
        let kind = self.header(CONTENT_TYPE.as_str()).unwrap_or_default();
        if !bytes.is_empty() && !kind.starts_with("application/json") {
            return Err(IdentityError::expecting("application/json", "Content-Type header").into());
        }
        let body: Value =
            serde_json::from_slice(bytes).map_err(|_source| IdentityError::expecting("valid JSON", "request body"))?;
        if !body.is_object() {
            return Err(IdentityError::expecting("valid JSON object", "request body").into());
        }
        Ok(body)
    }
}
