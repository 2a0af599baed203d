//! Who is asking, and what they may do. Knows nothing of HTTP frameworks.

mod noauth;
pub mod policy;

use async_trait::async_trait;

pub use self::noauth::NoAuth;
use crate::domain::{ProjectId, Scope, UserId};

/// Somebody whose identity is established.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user.
    pub user_id: UserId,
    /// The project that the request acts in.
    pub project_id: ProjectId,
    /// Role names, implied ones included.
    pub roles: Vec<String>,
}

impl Caller {
    /// Whether Cinder's rule `context_is_admin` holds: the role `admin` in any project.
    pub fn is_admin(&self) -> bool {
        self.has_role("admin")
    }

    /// Whether the caller has a role.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|own| own == role)
    }

    /// Whose rows the caller can look up by id: an admin everybody's.
    pub fn scope(&self) -> Scope {
        if self.is_admin() {
            Scope::All
        } else {
            Scope::Project(self.project_id.clone())
        }
    }
}

/// What a request shows of its sender.
#[derive(Clone, Copy, Debug, Default)]
pub struct Credentials<'a> {
    /// `X-Auth-Token`, or `X-Storage-Token`.
    pub token: Option<&'a str>,
    /// `X-Project-Id`; believed under noauth only.
    pub project_header: Option<&'a str>,
    /// The project in the URL.
    pub project_in_url: Option<&'a str>,
}

/// Why nobody could be identified.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// No valid credentials.
    #[error("the request you have made requires authentication")]
    Unauthorized,
    /// The identity service does not answer.
    #[error("the identity service is temporarily unavailable")]
    Unavailable,
}

/// A way to find out who is asking.
#[async_trait]
pub trait Authenticator: Send + Sync + std::fmt::Debug {
    /// Identifies the sender of a request.
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Caller, AuthError>;

    /// What a 401 tells the client in `WWW-Authenticate`: where to get a token.
    fn challenge(&self) -> Option<String> {
        None
    }
}
