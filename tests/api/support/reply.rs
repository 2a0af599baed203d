//! A reply, and what must be true of each of them.

use std::fmt;

use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};

/// What came back.
pub struct Reply {
    pub status: u16,
    pub text: String,
    headers: HeaderMap,
    /// What was asked, for messages.
    asked: String,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {} {} {:?}", self.asked, self.status, self.text, self.headers)
    }
}

impl Reply {
    /// Sends a request, and holds its reply to the rules that all replies follow.
    pub async fn to(request: RequestBuilder) -> Self {
        let (http, request) = request.build_split();
        let request = request.unwrap();
        let method = request.method().clone();
        let asked = format!("{method} {}", request.url());
        let answer = http.execute(request).await.expect("a reply");
        let reply = Self {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            text: answer.text().await.expect("the whole body, as text"),
            asked,
        };
        reply.check(&method);
        reply
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// What is under one key of the body.
    #[track_caller]
    pub fn part(&self, key: &str) -> Value {
        let mut body = self.json();
        body.get_mut(key)
            .unwrap_or_else(|| panic!("no {key} in {self:?}"))
            .take()
    }

    /// Stops the test unless the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// Cinder's fault document for this status, with this text and nothing else.
    #[track_caller]
    pub fn expect_fault(self, status: u16, message: &str) -> Self {
        let reply = self.expect(status);
        let mut fault = json!({"code": status, "message": message});
        if status == 413 {
            fault["retryAfter"] = json!("0");
        }
        assert_eq!(reply.json(), json!({fault_name(status): fault}), "{reply:?}");
        reply
    }

    /// No body, but the type of one.
    #[track_caller]
    pub fn expect_empty_json(self, status: u16) -> Self {
        let reply = self.expect(status);
        assert_eq!(reply.text, "", "{reply:?}");
        assert_eq!(reply.header("content-type"), Some("application/json"), "{reply:?}");
        reply
    }

    /// No body, straight from the web framework.
    #[track_caller]
    pub fn expect_bare(self, status: u16) -> Self {
        let reply = self.expect(status);
        assert_eq!(reply.text, "", "{reply:?}");
        assert_eq!(
            reply.header("content-type"),
            Some("text/html; charset=UTF-8"),
            "{reply:?}"
        );
        reply
    }

    /// The router's own 404, as it is for clients that accept JSON.
    #[track_caller]
    pub fn expect_no_route(self) -> Self {
        let reply = self.expect(404);
        assert_eq!(
            reply.text,
            r#"{"message": "The resource could not be found.<br /><br />\n\n\n", "code": "404 Not Found", "title": "Not Found"}"#,
            "{reply:?}"
        );
        assert_eq!(reply.header("content-type"), Some("application/json"), "{reply:?}");
        assert_eq!(reply.header("openstack-api-version"), None, "{reply:?}");
        reply
    }

    /// What holds for each reply, whatever was asked.
    fn check(&self, method: &Method) {
        assert!(self.status < 500, "{self:?}");
        let id = self.header("x-openstack-request-id").expect("a request id");
        let uuid = id.strip_prefix("req-").expect("a request id begins with req-");
        assert!(uuid::Uuid::try_parse(uuid).is_ok() && uuid.len() == 36, "{self:?}");
        if self.asked.contains("/identity") {
            self.check_keystone(method);
            return;
        }
        assert_eq!(self.header("location").is_some(), self.status == 302, "{self:?}");

        let version = self.header("openstack-api-version");
        assert_eq!(version.is_some(), self.header("vary").is_some(), "{self:?}");
        if let (Some(version), Some(vary)) = (version, self.header("vary")) {
            assert!(version.starts_with("volume "), "{self:?}");
            assert_eq!(vary, "OpenStack-API-Version", "{self:?}");
        }
        if self.text.is_empty() && *method != Method::HEAD && self.status != 204 {
            assert_eq!(self.header("content-length"), Some("0"), "{self:?}");
        }

        let is_json = self.header("content-type") == Some("application/json");
        // These come from outside the API proper: the router, and whoever identifies callers.
        let by_router = matches!(self.status, 401 | 404) && version.is_none();
        if *method != Method::HEAD {
            let expected = (is_json && !by_router).then_some(id);
            assert_eq!(self.header("x-compute-request-id"), expected, "{self:?}");
        }
        assert!(!is_json || self.text.is_ascii(), "{self:?}");
        if is_json && self.status >= 400 && !by_router && *method != Method::HEAD {
            self.check_fault();
        }
    }

    /// What holds for each reply of the development identity.
    fn check_keystone(&self, method: &Method) {
        assert_eq!(self.header("vary"), Some("X-Auth-Token"), "{self:?}");
        assert_eq!(self.header("openstack-api-version"), None, "{self:?}");
        assert_eq!(self.header("x-compute-request-id"), None, "{self:?}");
        assert_eq!(self.header("location").is_some(), self.status == 300, "{self:?}");
        assert_eq!(
            self.header("www-authenticate").is_some(),
            self.status == 401,
            "{self:?}"
        );
        if self.status == 204 || *method == Method::HEAD {
            assert_eq!(self.text, "", "{self:?}");
            return;
        }
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        if self.status >= 400 {
            let body = self.json();
            assert_eq!(super::keys(&body), ["error"], "{self:?}");
            assert_eq!(super::keys(&body["error"]), ["code", "message", "title"], "{self:?}");
            assert_eq!(body["error"]["code"], json!(self.status), "{self:?}");
        }
    }

    /// Keystone's error document for this status, with this text.
    #[track_caller]
    pub fn expect_refusal(self, status: u16, message: &str) -> Self {
        let reply = self.expect(status);
        assert_eq!(reply.json()["error"]["message"], json!(message), "{reply:?}");
        reply
    }

    fn check_fault(&self) {
        let body = self.json();
        let fault = &body[fault_name(self.status)];
        assert_eq!(body.as_object().unwrap().len(), 1, "{self:?}");
        assert_eq!(fault["code"], json!(self.status), "{self:?}");
        assert!(
            fault["message"].as_str().is_some_and(|text| !text.is_empty()),
            "{self:?}"
        );
        let retry = fault.get("retryAfter").map(|seconds| seconds.as_str().unwrap());
        assert_eq!(self.header("retry-after"), retry, "{self:?}");
        assert_eq!(
            fault.as_object().unwrap().len(),
            if retry.is_some() { 3 } else { 2 },
            "{self:?}"
        );
    }
}

/// Cinder's name for the fault of a status.
pub fn fault_name(status: u16) -> &'static str {
    match status {
        400 => "badRequest",
        403 => "forbidden",
        404 => "itemNotFound",
        409 => "conflictingRequest",
        413 => "overLimit",
        415 => "badMediaType",
        406 => "computeFault",
        other => panic!("no fault has status {other}"),
    }
}
