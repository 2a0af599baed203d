//! The few requests that the cases make, and what their answers must be.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::wait::Deadline;

pub const PROJECT: &str = "0123456789abcdef0123456789abcdef";
const PATIENCE: Duration = Duration::from_mins(1);

/// Speaks to one server.
#[derive(Clone, Debug)]
pub struct Api {
    client: Client,
    base: String,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// That it is 503, in Cinder's words.
    #[track_caller]
    pub fn assert_unavailable(&self) {
        let body = json!({"serviceUnavailable": {"code": 503, "message": "The service is unavailable at this time."}});
        assert_eq!((self.status, &self.body), (503, &body));
    }

    /// That it is 500, in Cinder's words.
    #[track_caller]
    pub fn assert_internal(&self) {
        let message = "The server has either erred or is incapable of performing the requested operation.";
        let body = json!({"computeFault": {"code": 500, "message": message}});
        assert_eq!((self.status, &self.body), (500, &body));
    }

    /// The body of a success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.body
    }

    /// The id of what was accepted.
    #[track_caller]
    pub fn id(self) -> Uuid {
        let body = self.ok();
        let created = body.as_object().unwrap().values().next().unwrap();
        created["id"].as_str().unwrap().parse().unwrap()
    }
}

impl Api {
    pub fn new(address: &str) -> Self {
        Self {
            client: crate::http::client().timeout(PATIENCE).build().unwrap(),
            base: address.to_owned(),
        }
    }

    /// The same with connections of its own, and less patience.
    pub fn hasty(&self, patience: Duration) -> Self {
        let client = crate::http::client().pool_max_idle_per_host(0).timeout(patience);
        Self {
            client: client.build().unwrap(),
            base: self.base.clone(),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await.unwrap()
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await.unwrap()
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await.unwrap()
    }

    pub async fn volume(&self, gib: u64) -> Answer {
        self.post("/volumes", json!({"volume": {"size": gib}})).await
    }

    pub async fn snapshot(&self, volume: Uuid) -> Answer {
        self.post(
            "/snapshots",
            json!({"snapshot": {"volume_id": volume.to_string(), "force": true}}),
        )
        .await
    }

    pub async fn force_delete(&self, kind: &str, id: Uuid) -> Answer {
        self.post(&format!("/{kind}/{id}/action"), json!({"os-force_delete": {}}))
            .await
    }

    /// The status of a volume or snapshot; `None` when it is gone.
    pub async fn status(&self, kind: &str, id: Uuid) -> Option<String> {
        let answer = self.get(&format!("/{kind}/{id}")).await;
        if answer.status == 404 {
            return None;
        }
        let body = answer.ok();
        let shown = body.as_object().unwrap().values().next().unwrap();
        Some(shown["status"].as_str().unwrap().to_owned())
    }

    /// Waits until it has that status.
    pub async fn becomes(&self, kind: &str, id: Uuid, status: Option<&str>) {
        self.becomes_within(PATIENCE, kind, id, status).await;
    }

    /// The same for what may take long.
    pub async fn becomes_within(&self, patience: Duration, kind: &str, id: Uuid, status: Option<&str>) {
        let mut deadline = Deadline::new("a status changes", patience);
        loop {
            let found = self.status(kind, id).await;
            if found.as_deref() == status {
                return;
            }
            deadline.pause(&format!("{kind} {id} is {found:?}")).await;
        }
    }

    /// A volume that can be used.
    pub async fn new_volume(&self, gib: u64) -> Uuid {
        let id = self.volume(gib).await.id();
        self.becomes("volumes", id, Some("available")).await;
        id
    }

    /// Volumes, snapshots and gigabytes in use.
    pub async fn usage(&self) -> [u64; 3] {
        let set = self.get(&format!("/os-quota-sets/{PROJECT}?usage=true")).await.ok();
        ["volumes", "snapshots", "gigabytes"].map(|name| set["quota_set"][name]["in_use"].as_u64().unwrap())
    }

    /// What the messages about a resource say, newest first.
    pub async fn messages(&self, id: Uuid) -> Vec<String> {
        let body = self.get(&format!("/messages?resource_uuid={id}")).await.ok();
        let texts = body["messages"].as_array().unwrap().iter();
        texts
            .map(|one| one["user_message"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Whether all parts of the service work.
    pub async fn health(&self) -> (u16, String) {
        let reply = self
            .client
            .get(format!("{}/healthcheck", self.base))
            .send()
            .await
            .unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    }

    /// Sends a request; an error if nobody answers.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Result<Answer, reqwest::Error> {
        let request = self
            .client
            .request(method, format!("{}/v3/{PROJECT}{path}", self.base))
            .header("OpenStack-API-Version", "volume 3.71");
        let reply = body.iter().fold(request, RequestBuilder::json).send().await?;
        let status = reply.status().as_u16();
        let text = reply.text().await?;
        Ok(Answer {
            status,
            body: serde_json::from_str(&text).unwrap_or_default(),
        })
    }
}
