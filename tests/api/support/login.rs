//! Logging in at the development identity.

use serde_json::{Value, json};

use super::{App, Client, Reply, text};

/// The password of the users in `config/default.toml`.
const PASSWORD: &str = "breezeblock";

/// Ids of users and projects, which depend on nothing but names.
#[derive(Debug)]
pub struct Ids;

impl Ids {
    pub const ADMIN: &str = "9bf35ea2e29451cc8c0c8aea03b0cc9a";
    pub const DEMO: &str = "a49342d8194b5394b2dff1d063bf2025";
    pub const READER: &str = "af9b2ae676005f2bbba5fe751d6cef87";
    pub const ADMIN_PROJECT: &str = "8a113e79a463503bb90c545728f2e892";
    pub const DEMO_PROJECT: &str = "564ae4863de859e7af24cc9b993c0112";
}

/// A client of the identity, without a token.
pub fn keystone(api: &Client) -> Client {
    api.anonymous().below("/identity/v3")
}

/// What shows who a user is, in an `identity` object.
pub fn password(user: &str) -> Value {
    json!({
        "methods": ["password"],
        "password": {"user": {"name": user, "domain": {"id": "default"}, "password": PASSWORD}},
    })
}

/// Asks for a token; without a scope for `null`.
pub async fn log_in(api: &Client, identity: Value, scope: Value) -> Reply {
    let mut auth = json!({"identity": identity});
    if !scope.is_null() {
        auth["scope"] = scope;
    }
    keystone(api).post("/auth/tokens", json!({"auth": auth})).await
}

/// A token of a user for the user's default project.
pub async fn token_of(api: &Client, user: &str) -> String {
    token_for(log_in(api, password(user), Value::Null).await)
}

/// The token of a login that was good.
#[track_caller]
pub fn token_for(reply: Reply) -> String {
    let reply = reply.expect(201);
    reply.header("x-subject-token").expect("a token").to_owned()
}

impl App {
    /// A user of the identity, asking the identity.
    pub async fn keystone_as(&self, user: &str) -> Client {
        keystone(&self.api).token(&token_of(&self.api, user).await)
    }

    /// A user of the identity in the user's default project, asking Cinder.
    pub async fn cinder_as(&self, user: &str) -> Client {
        let reply = log_in(&self.api, password(user), Value::Null).await.expect(201);
        let project = text(&reply.json()["token"]["project"], "id").to_owned();
        let token = token_for(reply);
        self.api.token(&token).below(&format!("/v3/{project}"))
    }
}
