//! The few requests that the cases make.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

/// Of every caller here.
pub const PROJECT: &str = "0123456789abcdef0123456789abcdef";
const PATIENCE: Duration = Duration::from_secs(30);

/// The whole body of a 503.
pub const UNAVAILABLE: &str =
    r#"{"serviceUnavailable": {"code": 503, "message": "The service is unavailable at this time."}}"#;

/// Speaks to one server.
#[derive(Clone, Debug)]
pub struct Api {
    client: Client,
    base: String,
    /// Whether a 503 is as good as no answer.
    may_be_unavailable: bool,
}

/// What came back from a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// 2xx with this body.
    Accepted(Value),
    /// The server died before it answered.
    None,
}

impl Reply {
    /// Whether there was one.
    pub const fn answered(&self) -> bool {
        matches!(self, Self::Accepted(_))
    }

    /// The id of what was created.
    pub fn id(&self) -> Uuid {
        let Self::Accepted(body) = self else {
            panic!("the server did not answer")
        };
        let created = body.as_object().unwrap().values().next().unwrap();
        created["id"].as_str().unwrap().parse().unwrap()
    }
}

impl Api {
    pub fn new(address: &str) -> Self {
        // No connection outlives its request, because servers here come and go.
        let client = crate::http::client().pool_max_idle_per_host(0).timeout(PATIENCE);
        Self {
            client: client.build().unwrap(),
            base: format!("{address}/v3/{PROJECT}"),
            may_be_unavailable: false,
        }
    }

    /// For a server that may lose its database.
    pub fn that_may_be_unavailable(self) -> Self {
        Self {
            may_be_unavailable: true,
            ..self
        }
    }

    /// Status and body, whatever they are; `None` if there was no reply.
    pub async fn raw(&self, method: Method, path: &str, body: Option<Value>) -> Option<(u16, String)> {
        let request = self
            .client
            .request(method, format!("{}{path}", self.base))
            .header("OpenStack-API-Version", "volume 3.71");
        let request = body.iter().fold(request, RequestBuilder::json);
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        // A server that dies in the middle of the body had sent the status line already.
        Some((status, response.text().await.unwrap_or_default()))
    }

    /// A new volume: empty, or made from what `source` names, such as `("snapshot_id", id)`.
    pub async fn create_volume(&self, gib: u64, source: Option<(&str, Uuid)>) -> Reply {
        let mut volume = json!({"size": gib});
        if let Some((key, id)) = source {
            volume[key] = json!(id.to_string());
        }
        self.send(Method::POST, "/volumes", Some(json!({"volume": volume})))
            .await
    }

    pub async fn create_snapshot(&self, volume: Uuid) -> Reply {
        let body = json!({"snapshot": {"volume_id": volume.to_string()}});
        self.send(Method::POST, "/snapshots", Some(body)).await
    }

    pub async fn delete_snapshot(&self, snapshot: Uuid) -> Reply {
        self.send(Method::DELETE, &format!("/snapshots/{snapshot}"), None).await
    }

    pub async fn delete_volume_and_snapshots(&self, volume: Uuid) -> Reply {
        self.send(Method::DELETE, &format!("/volumes/{volume}?cascade=true"), None)
            .await
    }

    /// Such as `{"os-extend": {…}}`.
    pub async fn volume_action(&self, volume: Uuid, action: Value) -> Reply {
        self.send(Method::POST, &format!("/volumes/{volume}/action"), Some(action))
            .await
    }

    /// Such as `{"os-force_delete": {}}`.
    pub async fn snapshot_action(&self, snapshot: Uuid, action: Value) -> Reply {
        self.send(Method::POST, &format!("/snapshots/{snapshot}/action"), Some(action))
            .await
    }

    /// Takes over the file `name` as a snapshot.
    pub async fn manage_snapshot(&self, volume: Uuid, name: &str) -> Reply {
        let body = json!({"snapshot": {"volume_id": volume.to_string(), "ref": {"source-name": name}}});
        self.send(Method::POST, "/os-snapshot-manage", Some(body)).await
    }

    /// An empty group; its volumes may be of the default type.
    pub async fn create_group(&self) -> Reply {
        let kind = json!({"group_type": {"name": "group"}});
        let kind = self.send(Method::POST, "/group_types", Some(kind)).await.id();
        let group = json!({"group_type": kind.to_string(), "volume_types": ["__DEFAULT__"]});
        self.send(Method::POST, "/groups", Some(json!({"group": group}))).await
    }

    /// A new volume in a group.
    pub async fn create_volume_in(&self, group: Uuid) -> Reply {
        let volume = json!({"size": 1, "volume_type": "__DEFAULT__", "group_id": group.to_string()});
        self.send(Method::POST, "/volumes", Some(json!({"volume": volume})))
            .await
    }

    /// A group like another one, with copies of its volumes.
    pub async fn create_group_from(&self, group: Uuid) -> Reply {
        let body = json!({"create-from-src": {"source_group_id": group.to_string()}});
        self.send(Method::POST, "/groups/action", Some(body)).await
    }

    pub async fn create_group_snapshot(&self, group: Uuid) -> Reply {
        let body = json!({"group_snapshot": {"group_id": group.to_string()}});
        self.send(Method::POST, "/group_snapshots", Some(body)).await
    }

    /// Volumes, snapshots and gigabytes in use, as the quota counts them.
    pub async fn usage(&self) -> [u64; 3] {
        let path = format!("/os-quota-sets/{PROJECT}?usage=true");
        let Reply::Accepted(body) = self.send(Method::GET, &path, None).await else {
            panic!("the server did not answer")
        };
        let set = &body["quota_set"];
        ["volumes", "snapshots", "gigabytes"].map(|name| {
            assert_eq!(set[name]["reserved"], 0, "{name}");
            set[name]["in_use"].as_u64().unwrap()
        })
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let Some((status, text)) = self.raw(method, path, body).await else {
            return Reply::None;
        };
        if status == 503 && self.may_be_unavailable {
            assert_eq!(text, UNAVAILABLE, "{path}");
            return Reply::None;
        }
        assert!((200..300).contains(&status), "{path}: {status} {text}");
        Reply::Accepted(serde_json::from_str(&text).unwrap_or_default())
    }
}
