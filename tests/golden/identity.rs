//! The users of the recordings: a token is a user's name.

use std::sync::Arc;

use async_trait::async_trait;
use breezeblock::auth::{AuthError, Authenticator, Caller, Credentials};

/// User, project, roles.
const USERS: [(&str, &str, &[&str]); 6] = [
    ("demo", "demo", &["member", "reader"]),
    ("reader", "demo", &["reader"]),
    ("padmin", "demo", &["admin", "member", "reader"]),
    ("alt", "alt", &["member", "reader"]),
    ("admin", "admin", &["admin", "member", "reader"]),
    ("svc", "svc", &["service"]),
];

/// 32 hexadecimal digits, as Keystone's.
pub fn id_of(name: &str) -> String {
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_DNS, name.as_bytes())
        .simple()
        .to_string()
}

#[derive(Debug)]
pub struct Recorded;

#[async_trait]
impl Authenticator for Recorded {
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Arc<Caller>, AuthError> {
        let token = credentials.token.ok_or(AuthError::Unauthorized)?;
        let (user, project, roles) = USERS
            .iter()
            .find(|(user, ..)| *user == token)
            .ok_or(AuthError::Unauthorized)?;
        Ok(Arc::new(Caller::in_project(
            &id_of(&format!("user_{user}")),
            &id_of(&format!("project_{project}")),
            roles.iter().copied(),
        )))
    }

    fn challenge(&self) -> Option<String> {
        Some("Keystone uri=\"http://127.0.0.1:5000/v3\"".to_owned())
    }
}
