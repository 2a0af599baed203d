//! A client of the service.

use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::Value;

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    /// Sends a request.
    pub async fn to(request: RequestBuilder) -> Self {
        let answer = request.send().await.expect("a reply");
        Self {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            text: answer.text().await.unwrap(),
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    root: String,
}

impl Client {
    pub fn new(root: String) -> Self {
        let http = crate::http::client().pool_max_idle_per_host(0).build().unwrap();
        Self { http, root }
    }

    /// A request to go on with; see [`Reply::to`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.root))
    }

    /// Gets `path` with a token.
    pub async fn get(&self, token: &str, path: &str) -> Reply {
        Reply::to(self.request(Method::GET, path).header("X-Auth-Token", token)).await
    }

    /// A request that anybody with a role can make.
    pub async fn list(&self, token: &str) -> Reply {
        self.get(token, "/v3/volumes").await
    }
}
