//! A small client: one project, one version, and every reply checked for what all replies share.

use reqwest::{Method, RequestBuilder, header::CONTENT_TYPE, redirect::Policy};
use serde_json::Value;

use super::{PROJECT, Reply, USER};

/// Speaks to one application.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    /// `http://127.0.0.1:<port>`
    root: String,
    /// What paths are below: `/v3/<project>`.
    prefix: String,
    token: Option<String>,
    version: Option<String>,
}

impl Client {
    /// As the user of the usual project, without a version.
    pub fn new(root: String) -> Self {
        let http = crate::http::client()
            .redirect(Policy::none())
            // Nothing stays open that the server would have to wait for when it stops.
            .pool_max_idle_per_host(0)
            .build()
            .unwrap();
        let client = Self {
            http,
            root,
            prefix: String::new(),
            token: None,
            version: None,
        };
        client.of(USER, PROJECT)
    }

    /// At a microversion.
    pub fn at(&self, version: &str) -> Self {
        Self {
            version: Some(format!("volume {version}")),
            ..self.clone()
        }
    }

    /// As somebody else, in the token and in the URL.
    pub fn of(&self, user: &str, project: &str) -> Self {
        self.token(&format!("{user}:{project}"))
            .below(&format!("/v3/{project}"))
    }

    /// With another token.
    pub fn token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// Without one.
    pub fn anonymous(&self) -> Self {
        Self {
            token: None,
            ..self.clone()
        }
    }

    /// With another prefix before each path.
    pub fn below(&self, prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            ..self.clone()
        }
    }

    /// `http://127.0.0.1:<port>`
    pub fn root(&self) -> &str {
        &self.root
    }

    pub async fn get(&self, path: &str) -> Reply {
        Reply::to(self.request(Method::GET, path)).await
    }

    /// With parameters that still need encoding.
    pub async fn get_with(&self, path: &str, query: &[(&str, &str)]) -> Reply {
        Reply::to(self.request(Method::GET, path).query(query)).await
    }

    /// An address as a link of a reply gave it.
    pub async fn follow(&self, href: &str) -> Reply {
        let path = href.strip_prefix(&self.root).expect("a link to this server");
        self.below("").get(path).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        Reply::to(self.request(Method::DELETE, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        Reply::to(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Reply {
        Reply::to(self.request(Method::PUT, path).json(&body)).await
    }

    /// A body that need not be JSON, although it says so.
    pub async fn send(&self, method: Method, path: &str, body: impl Into<Vec<u8>>) -> Reply {
        let request = self.request(method, path).header(CONTENT_TYPE, "application/json");
        Reply::to(request.body(body.into())).await
    }

    /// The one action of a snapshot or volume.
    pub async fn act(&self, path: &str, action: &str, argument: Value) -> Reply {
        let body = serde_json::Map::from_iter([(action.to_owned(), argument)]);
        self.post(&format!("{path}/action"), Value::Object(body)).await
    }

    /// A request to go on with; see [`Reply::to`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{}{path}", self.root, self.prefix));
        if let Some(token) = &self.token {
            request = request.header("X-Auth-Token", token);
        }
        if let Some(version) = &self.version {
            request = request.header("OpenStack-API-Version", version);
        }
        request
    }
}
