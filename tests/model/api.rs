//! The client: one connection, three people.

use reqwest::Client;
use serde_json::Value;

use crate::{
    action::Who,
    mismatch::{Mismatch, same},
    request::Request,
};

/// Speaks to one process of the service.
#[derive(Debug)]
pub struct Api {
    http: Client,
    root: String,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub body: Value,
    pub request: String,
    text: String,
}

impl Api {
    pub fn new(root: String) -> Self {
        let http = crate::http::client().build().unwrap();
        Self { http, root }
    }

    pub async fn send(&self, who: Who, request: &Request) -> Result<Reply, Mismatch> {
        let project = who.project();
        let token = match who {
            Who::Ann => format!("member+reader/ann:{project}"),
            Who::Bob => format!("member+reader/bob:{project}"),
            Who::Admin => format!("root:{project}"),
        };
        let url = format!("{}/v3/{project}{}", self.root, request.path);
        let mut sent = self
            .http
            .request(request.method.clone(), url)
            .header("X-Auth-Token", token)
            .header("OpenStack-API-Version", request.version);
        if let Some(body) = &request.body {
            sent = sent.json(body);
        }
        let broken = |error: reqwest::Error| Mismatch::new(format!("{request:?}: {error}"));
        let answer = sent.send().await.map_err(broken)?;
        let status = answer.status().as_u16();
        let id = answer.headers().get("x-openstack-request-id");
        let id = id.and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
        let text = answer.text().await.map_err(broken)?;
        Ok(Reply {
            status,
            body: serde_json::from_str(&text).unwrap_or_default(),
            request: id,
            text,
        })
    }

    /// What is at a path.
    pub async fn get(&self, who: Who, path: &str) -> Result<Value, Mismatch> {
        let reply = self.send(who, &Request::get(path)).await?;
        reply.expect(path, 200)?;
        Ok(reply.body)
    }
}

impl Reply {
    /// The status must be this one.
    pub fn expect(&self, what: &str, status: u16) -> Result<(), Mismatch> {
        same(what, &self.status, &status).map_err(|mismatch| mismatch.about(&self.text))
    }
}
