//! A request as the handlers see it.

use actix_web::{
    HttpRequest,
    http::{Method, Version, header},
    web::Data,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    DRIVER, DeltacloudOptions, basic, collections::Name, date::DateForm, error::Failure, negotiate::Format,
    params::Params, route::Parsed,
};
use crate::{
    auth::{
        Logins,
        policy::{Permission, Policy},
    },
    http::links,
    service::{Call, Service},
    trail,
};

/// What needs no escape in a segment of a path.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request whose path, format and parameters are known. Who sends it is found out when a handler asks, which is
/// after everything that can be wrong without that.
#[derive(Clone, Debug)]
pub struct Cx {
    /// The use cases.
    pub service: Data<Service>,
    /// The front's settings.
    pub options: Data<DeltacloudOptions>,
    /// The format of the answer.
    pub format: Format,
    /// All parameters, the path's id at the end.
    pub params: Params,
    /// The path without what concerns the driver.
    pub path: String,
    /// Which driver.
    pub selected: Selected,
    /// Addresses of things.
    pub links: Links,
    logins: Data<Logins>,
    policy: Data<Policy>,
    request: HttpRequest,
}

/// The driver that a request has chosen, or was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected {
    /// The driver.
    pub driver: String,
    /// The provider, if there is one.
    pub provider: Option<String>,
}

/// Where things are, and how times are written: what a view needs beside the thing itself.
#[derive(Clone, Debug)]
pub struct Links {
    /// The address of the entry point.
    pub entry: String,
    /// How times are written.
    pub dates: DateForm,
}

impl Links {
    /// The address of a collection.
    pub fn collection(&self, name: Name) -> String {
        format!("{}/{}", self.entry, name.as_str())
    }

    /// The address of something in it.
    pub fn item(&self, name: Name, id: &str) -> String {
        format!("{}/{}/{}", self.entry, name.as_str(), utf8_percent_encode(id, SEGMENT))
    }

    /// The address of an instance, which is another service's.
    pub fn instance(&self, id: &str) -> String {
        format!("{}/instances/{}", self.entry, utf8_percent_encode(id, SEGMENT))
    }
}

impl Cx {
    /// Puts together what is known of a request. `None` if the front is mounted without what it needs.
    pub fn new(request: &HttpRequest, parsed: &Parsed, query: &Params) -> Option<Self> {
        let options = request.app_data::<Data<DeltacloudOptions>>()?.clone();
        let base = links::base(request, options.public_endpoint.as_deref());
        let base = without_default_port(links::without_version(&base));
        let links = Links {
            entry: format!("{base}{}", options.base_path),
            dates: options.dates,
        };
        Some(Self {
            service: request.app_data::<Data<Service>>()?.clone(),
            logins: request.app_data::<Data<Logins>>()?.clone(),
            policy: request.app_data::<Data<Policy>>()?.clone(),
            // Errors that come before the format is known are told in the one that everybody can read.
            format: Format::Xml,
            params: query.clone(),
            path: parsed.path.clone(),
            selected: selected(request, parsed, query, &options),
            links,
            options,
            request: request.clone(),
        })
    }

    /// A call with the permission `P`, by whoever sends this request.
    ///
    /// # Errors
    /// 401, 400 for a user name that names no project, 502 when nobody can tell.
    pub async fn call<P: Permission>(&self) -> Result<Call, Failure> {
        let header = self.request.headers().get(header::AUTHORIZATION);
        let login = basic::login(header.map(header::HeaderValue::as_bytes))?;
        let caller = self.logins.caller(&login).await?;
        let request_id = trail::id().unwrap_or_else(|| self.service.request_id());
        Ok(Call::new::<P>(caller, request_id, &self.policy))
    }

    /// What a browser shows when it asks for a password.
    pub fn challenge(&self) -> String {
        let authority = authority(&self.links.entry);
        // The colons of an address in brackets are no port's.
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => host,
            Some(_) | None => authority,
        };
        let host = host.replace(['"', '\\'], "");
        format!("Basic realm=\"{DRIVER}-deltacloud@{host}\"")
    }

    /// Whether the client speaks the oldest HTTP, which lacks a status.
    pub fn is_http_1_0(&self) -> bool {
        self.request.version() <= Version::HTTP_10
    }

    /// Whether the client wants no body.
    pub fn is_head(&self) -> bool {
        self.request.method() == Method::HEAD
    }

    /// Where a form of this page is sent: relative to the page, so that it goes to wherever the page came from.
    pub fn action(&self, name: Name, id: Option<&str>) -> String {
        let up = self.below().split('/').count().saturating_sub(2);
        let id = id.map(|id| format!("/{}", utf8_percent_encode(id, SEGMENT)));
        format!("{}{}{}", "../".repeat(up), name.as_str(), id.unwrap_or_default())
    }

    /// Whether a page at `origin` is one of ours: at the address of our links, or at the one that this request was
    /// sent to.
    pub fn is_own_origin(&self, origin: &str) -> bool {
        let own = links::own_base(&self.request, None);
        let entry = self.links.entry.as_str();
        let hosts = [entry, &own].map(|base| authority(without_default_port(base)));
        origin.contains("://") && hosts.contains(&authority(without_default_port(origin)))
    }

    /// The address of this very request, whatever its format.
    pub fn address(&self) -> String {
        let pairs = self.request.query_string().split('&');
        let others = pairs.filter(|pair| !pair.is_empty() && !pair.starts_with("format="));
        let query = others.collect::<Vec<_>>().join("&");
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{}{mark}{query}", self.links.entry, self.below())
    }

    /// Whether this request is about a collection or something in it.
    pub fn is_below(&self, name: Name) -> bool {
        self.below().split('/').nth(1) == Some(name.as_str())
    }

    /// Whether this request is about the entry point itself.
    pub fn is_entry(&self) -> bool {
        matches!(self.below(), "" | "/")
    }

    /// The path behind the entry point.
    fn below(&self) -> &str {
        self.path.strip_prefix(&*self.options.base_path).unwrap_or_default()
    }
}

/// Host and port of an address.
fn authority(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_scheme, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}

/// An address without the port that its scheme means anyway, if nothing follows.
fn without_default_port(base: &str) -> &str {
    let port = if base.starts_with("https://") { ":443" } else { ":80" };
    base.strip_suffix(port).unwrap_or(base)
}

/// The driver: the header counts most, then the query, then the path, which says nothing to a POST.
fn selected(request: &HttpRequest, parsed: &Parsed, query: &Params, options: &DeltacloudOptions) -> Selected {
    let choose = |header: &str, parameter: &str, in_path: Option<&String>| {
        let header = request.headers().get(header).and_then(|value| value.to_str().ok());
        let in_path = in_path.filter(|_chosen| request.method() != Method::POST);
        let text = header.or_else(|| query.get(parameter)).or(in_path.map(String::as_str));
        text.filter(|text| !text.is_empty()).map(str::to_lowercase)
    };
    let provider = choose("X-Deltacloud-Provider", "api[provider]", parsed.provider.as_ref());
    Selected {
        driver: choose("X-Deltacloud-Driver", "api[driver]", parsed.driver.as_ref())
            .unwrap_or_else(|| DRIVER.to_owned()),
        provider: provider.or_else(|| Some(options.provider.clone()).filter(|provider| !provider.is_empty())),
    }
}
