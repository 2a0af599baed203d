//! What the fake Keystone knows, does and has seen.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard},
};

use breezeblock::clock::{Clock, ManualClock};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use super::{
    server::Server,
    tokens::{in_project, member, token},
};

/// The id of the service's user.
pub const OWN_USER: &str = "c1de4c1de4c1de4c1de4c1de4c1de4c1";

/// The name of the service's user.
const SERVICE_USER: &str = "cinder";

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Answers.
    Well,
    /// Takes requests and does not answer until it is well again.
    Held,
    /// Answers everything with this status.
    Broken(u16),
    /// Answers everything with 200 and this.
    Nonsense(&'static str),
}

/// A validation as it came in.
#[derive(Clone, Debug)]
pub struct Validation {
    pub own: String,
    pub subject: String,
    pub query: String,
    pub enforces_rules: bool,
    /// Identity headers and others that have no business there.
    pub headers: Vec<String>,
}

#[derive(Debug)]
pub struct State {
    pub tokens: HashMap<String, Value>,
    pub own_tokens: HashSet<String>,
    pub own_lifetime: TimeDelta,
    /// Answers validations of the service's own tokens with this.
    pub own_refused: Option<u16>,
    /// Own tokens from before whose user is gone.
    pub own_orphans: HashSet<String>,
    /// Answers logins with this.
    pub login_refused: Option<u16>,
    /// Says yes to tokens that have ended, as a Keystone with a slow clock does.
    pub slow_clock: bool,
    pub logins: Vec<Value>,
    /// Passwords of users, by name and project; the service is none of them.
    pub users: HashMap<(String, String), String>,
    /// Whether a password alone is not enough.
    pub wants_more: bool,
    pub validations: Vec<Validation>,
    /// Addresses that nobody should ask for.
    pub astray: Vec<String>,
    /// Every secret that went over the wire.
    pub secrets: Vec<String>,
}

/// A Keystone. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Fake {
    pub clock: Arc<ManualClock>,
    state: Arc<Mutex<State>>,
    mode: Arc<watch::Sender<Mode>>,
    server: Arc<tokio::sync::Mutex<Option<Server>>>,
    pub address: std::net::SocketAddr,
}

impl Fake {
    /// Starts.
    pub async fn start(clock: Arc<ManualClock>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let state = State {
            tokens: HashMap::new(),
            own_tokens: HashSet::new(),
            own_lifetime: TimeDelta::hours(1),
            own_refused: None,
            own_orphans: HashSet::new(),
            login_refused: None,
            slow_clock: false,
            logins: Vec::new(),
            users: HashMap::new(),
            wants_more: false,
            validations: Vec::new(),
            astray: Vec::new(),
            secrets: Vec::new(),
        };
        let fake = Self {
            clock,
            state: Arc::new(Mutex::new(state)),
            mode: Arc::new(watch::Sender::new(Mode::Well)),
            server: Arc::default(),
            address: listener.local_addr().unwrap(),
        };
        *fake.server.lock().await = Some(Server::start(listener, fake.clone()));
        fake
    }

    /// `http://127.0.0.1:<port>/v3`
    pub fn url(&self) -> String {
        format!("http://{}/v3", self.address)
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Changes how it is.
    pub fn become_(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// How it is, once it is not held.
    pub async fn mode(&self) -> Mode {
        let mut mode = self.mode.subscribe();
        *mode.wait_for(|mode| *mode != Mode::Held).await.unwrap()
    }

    /// Closes the port and all connections.
    pub async fn die(&self) {
        let server = self.server.lock().await.take();
        server.expect("it lives").stop().await;
    }

    /// Opens the same port again.
    pub async fn rise(&self) {
        let listener = std::net::TcpListener::bind(self.address).unwrap();
        *self.server.lock().await = Some(Server::start(listener, self.clone()));
    }

    /// A new token for what `describe` says; it lasts for `seconds`.
    pub fn grant(&self, seconds: i64, describe: impl FnOnce(chrono::DateTime<chrono::Utc>) -> Value) -> String {
        let name = secret("user");
        let ends = self.clock.now() + TimeDelta::seconds(seconds);
        let mut state = self.state();
        state.secrets.push(name.clone());
        state.tokens.insert(name.clone(), describe(ends));
        name
    }

    /// A new token of a member for an hour.
    pub fn member(&self) -> String {
        self.grant(3600, member)
    }

    /// A new token of a service for an hour.
    pub fn service(&self, roles: &[&str]) -> String {
        self.grant(3600, |ends| token(ends, &in_project("5e41ce", roles)))
    }

    /// Forgets a token.
    pub fn revoke(&self, token: &str) {
        self.state().tokens.remove(token).expect("a token to revoke");
    }

    /// How often it was asked about a token.
    pub fn asked_about(&self, token: &str) -> usize {
        let state = self.state();
        state.validations.iter().filter(|seen| seen.subject == token).count()
    }

    /// How often it was asked for a token.
    pub fn logins(&self) -> usize {
        self.state().logins.len()
    }

    /// Lets somebody log in with a name and a password.
    pub fn enrol(&self, user: &str, project: &str, password: &str) {
        let mut state = self.state();
        state.secrets.push(password.to_owned());
        let key = (user.to_owned(), project.to_owned());
        state.users.insert(key, password.to_owned());
    }

    /// How often somebody's password was checked.
    pub fn logins_of(&self, user: &str) -> usize {
        let state = self.state();
        let own = |body: &&Value| body.pointer("/auth/identity/password/user/name") == Some(&json!(user));
        state.logins.iter().filter(own).count()
    }

    /// Issues a token to the service, or to somebody who was enrolled: status, value, body.
    pub fn log_in(&self, body: Value) -> (u16, String, Value) {
        let now = self.clock.now();
        let mut state = self.state();
        state.logins.push(body);
        if let Some(status) = state.login_refused {
            return (status, String::new(), json!({"error": {"code": status}}));
        }
        let asked = state.logins.last().unwrap();
        let said = |place: &str| {
            asked
                .pointer(place)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let user = said("/auth/identity/password/user/name");
        if user != SERVICE_USER && !user.is_empty() {
            let key = (user, said("/auth/scope/project/name"));
            let password = said("/auth/identity/password/user/password");
            if state.users.get(&key) != Some(&password) {
                let words = "The request you have made requires authentication.";
                return (
                    401,
                    String::new(),
                    json!({"error": {"code": 401, "message": words, "title": "Unauthorized"}}),
                );
            }
            if state.wants_more {
                let receipt =
                    json!({"receipt": {"methods": ["password"]}, "required_auth_methods": [["password", "totp"]]});
                return (401, String::new(), receipt);
            }
            let value = secret("login");
            state.secrets.push(value.clone());
            let token = token(
                now + state.own_lifetime,
                &in_project("0123456789abcdef0123456789abcdef", &["member", "reader"]),
            );
            return (201, value, json!({"token": token}));
        }
        let value = secret("own");
        state.secrets.push(value.clone());
        state.own_tokens.insert(value.clone());
        let ends = now + state.own_lifetime;
        let mut own = token(ends, &in_project("5e41ce", &["service"]));
        own["user"]["id"] = json!(OWN_USER);
        (201, value, json!({"token": own}))
    }

    /// Answers a validation: status, body.
    pub fn validate(&self, asked: Validation) -> (u16, Value) {
        let now = self.clock.now();
        let mut state = self.state();
        let (known, refused) = (state.own_tokens.contains(&asked.own), state.own_refused);
        let orphaned = state.own_orphans.contains(&asked.own);
        let expired_too = asked.query.contains("allow_expired=1") || state.slow_clock;
        let token = state.tokens.get(&asked.subject).cloned();
        state.validations.push(asked);
        if let Some(status) = refused {
            return (status, json!({"error": {"code": status}}));
        }
        if !known {
            return (401, json!({"error": {"code": 401}}));
        }
        let not_found = |message: &str| {
            (
                404,
                json!({"error": {"code": 404, "message": message, "title": "Not Found"}}),
            )
        };
        if orphaned {
            return not_found(&format!("Could not find user: {OWN_USER}."));
        }
        let ended = |token: &Value| {
            let ends = token["expires_at"].as_str().unwrap();
            chrono::DateTime::parse_from_rfc3339(ends).unwrap() <= now
        };
        match token.filter(|token| expired_too || !ended(token)) {
            Some(token) => (200, json!({"token": token})),
            None => (
                404,
                json!({"error": {"code": 404, "message": "Could not find token.", "title": "Not Found"}}),
            ),
        }
    }
}

/// A text that nothing else has, so that it can be looked for.
#[expect(clippy::disallowed_methods, reason = "the ids of the application are not involved")]
fn secret(kind: &str) -> String {
    format!("gAAAAAB-{kind}-{}", Uuid::new_v4().simple())
}
