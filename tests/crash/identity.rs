//! The development identity of the real program: what must survive its death, and what it must not say.

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use crate::{database::Kind, world::World};

const SETTINGS: [(&str, &str); 2] = [
    ("BREEZEBLOCK__AUTH__STRATEGY", "dev"),
    ("BREEZEBLOCK__LOG__FILTER", "trace"),
];
const PASSWORD: &str = "breezeblock";
const SECRET: &str = "the-secret-of-the-credential";
/// Of the user `demo`, whose id is made from the name.
const CREDENTIALS: &str = "/identity/v3/users/a49342d8194b5394b2dff1d063bf2025/application_credentials";

/// Speaks to one server.
struct Keystone {
    client: Client,
    address: String,
}

impl Keystone {
    fn new(address: &str) -> Self {
        Self {
            client: crate::http::client().pool_max_idle_per_host(0).build().unwrap(),
            address: address.to_owned(),
        }
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Response {
        let mut request = self.client.request(method, format!("{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await.unwrap()
    }

    async fn token(&self, identity: Value) -> Result<String, u16> {
        let body = json!({"auth": {"identity": identity}});
        let reply = self
            .send(Method::POST, "/identity/v3/auth/tokens", &[], Some(body))
            .await;
        match reply.headers().get("x-subject-token") {
            Some(token) => Ok(token.to_str().unwrap().to_owned()),
            None => Err(reply.status().as_u16()),
        }
    }

    async fn status(&self, token: &str) -> u16 {
        let reply = self
            .send(Method::GET, "/v3/volumes", &[("X-Auth-Token", token)], None)
            .await;
        reply.status().as_u16()
    }
}

fn by_password(password: &str) -> Value {
    let user = json!({"name": "demo", "domain": {"id": "default"}, "password": password});
    json!({"methods": ["password"], "password": {"user": user}})
}

fn by_credential(id: &str) -> Value {
    json!({"methods": ["application_credential"], "application_credential": {"id": id, "secret": SECRET}})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_loses_no_revocation_and_no_credential() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind, "kill under the development identity").await;
        let (server, _api) = world.serve_with(None, &SETTINGS).await;
        let keystone = Keystone::new(&server.address);
        let kept = keystone.token(by_password(PASSWORD)).await.unwrap();
        let revoked = keystone.token(by_password(PASSWORD)).await.unwrap();
        let made = make_credential(&keystone, &kept, "kept").await;
        let deleted = make_credential(&keystone, &kept, "deleted").await;
        let of_made = keystone.token(by_credential(&made)).await.unwrap();
        let of_deleted = keystone.token(by_credential(&deleted)).await.unwrap();

        let headers = [("X-Auth-Token", kept.as_str()), ("X-Subject-Token", &revoked)];
        let reply = keystone
            .send(Method::DELETE, "/identity/v3/auth/tokens", &headers, None)
            .await;
        assert_eq!(reply.status(), 204);
        let path = format!("{CREDENTIALS}/{deleted}");
        let reply = keystone.send(Method::DELETE, &path, &headers[..1], None).await;
        assert_eq!(reply.status(), 204);
        server.kill();

        let (server, _api) = world.serve_with(None, &SETTINGS).await;
        let keystone = Keystone::new(&server.address);
        for (token, status) in [(&kept, 200), (&revoked, 401), (&of_made, 200), (&of_deleted, 401)] {
            assert_eq!(keystone.status(token).await, status, "{kind:?}");
        }
        keystone.token(by_credential(&made)).await.unwrap();
        assert_eq!(keystone.token(by_credential(&deleted)).await, Err(401));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_is_logged() {
    let world = World::new(Kind::Sqlite, "the log of the development identity").await;
    let (server, _api) = world.serve_with(None, &SETTINGS).await;
    let keystone = Keystone::new(&server.address);
    let token = keystone.token(by_password(PASSWORD)).await.unwrap();
    assert_eq!(keystone.token(by_password("a-wrong-guess")).await, Err(401));
    let id = make_credential(&keystone, &token, "ci").await;
    let other = keystone.token(by_credential(&id)).await.unwrap();
    assert_eq!(keystone.status(&token).await, 200);
    assert_eq!(keystone.status("a-wrong-token").await, 401);

    let log = server.log();
    assert!(
        log.contains("development identity built into breezeblock; not for production"),
        "{log}"
    );
    assert!(log.contains("/identity/v3/auth/tokens"), "it logs requests");
    let signature = |token: &str| token.split_once('.').unwrap().1.to_owned();
    for secret in [
        signature(&token),
        signature(&other),
        SECRET.to_owned(),
        "a-wrong-guess".to_owned(),
        "a-wrong-token".to_owned(),
        "argon2".to_owned(),
    ] {
        assert!(!log.contains(&secret), "{secret} is in the log");
    }
}

async fn make_credential(keystone: &Keystone, token: &str, name: &str) -> String {
    let body = json!({"application_credential": {"name": name, "secret": SECRET}});
    let reply = keystone
        .send(Method::POST, CREDENTIALS, &[("X-Auth-Token", token)], Some(body))
        .await;
    assert_eq!(reply.status(), 201);
    let made: Value = reply.json().await.unwrap();
    made["application_credential"]["id"].as_str().unwrap().to_owned()
}
