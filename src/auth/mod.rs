//! Who is asking, and what they may do. Knows nothing of HTTP frameworks.

pub mod keystone;
mod login;
mod noauth;
pub mod policy;

use std::sync::{Arc, LazyLock};

use async_trait::async_trait;

pub use self::{
    login::{LoggedIn, Logins, PasswordAuthenticator, PasswordLogin},
    noauth::NoAuth,
};
use crate::domain::{ProjectId, UserId};

/// Somebody whose identity is established.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user.
    pub user_id: UserId,
    /// The project that the request acts in; none with a token for the system, for a domain, or for nothing.
    pub project_id: Option<ProjectId>,
    /// Role names, implied ones included.
    pub roles: Vec<String>,
    /// Whether the token is for the whole system (`OpenStack-System-Scope: all`).
    pub system_scope: bool,
    /// Whether the project is Keystone's admin project; true where Keystone has none.
    pub is_admin_project: bool,
}

/// What a caller without a project has instead: the id of no project, which owns nothing.
static NO_PROJECT: LazyLock<ProjectId> = LazyLock::new(|| ProjectId::new(""));

impl Caller {
    /// Somebody who acts in a project, as nearly everybody does.
    pub fn in_project(user: &str, project: &str, roles: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            user_id: UserId::new(user),
            project_id: Some(ProjectId::new(project)),
            roles: roles.into_iter().map(Into::into).collect(),
            system_scope: false,
            is_admin_project: true,
        }
    }

    /// Whether the caller has a role, in just this spelling.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|own| own == role)
    }

    /// The project, or one that owns nothing.
    pub fn project(&self) -> &ProjectId {
        self.project_id.as_ref().unwrap_or(&NO_PROJECT)
    }
}

/// What a request shows of its sender.
#[derive(Clone, Copy, Debug, Default)]
pub struct Credentials<'a> {
    /// `X-Auth-Token`, or `X-Storage-Token`.
    pub token: Option<&'a str>,
    /// `X-Service-Token`: another service that vouches for the request.
    pub service_token: Option<&'a str>,
    /// `X-Project-Id`; believed under noauth only.
    pub project_header: Option<&'a str>,
    /// The project in the URL.
    pub project_in_url: Option<&'a str>,
    /// The request's method, for credentials that are good for some calls only.
    pub method: &'a str,
    /// The request's path.
    pub path: &'a str,
}

/// Why nobody could be identified.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum AuthError {
    /// No valid credentials.
    #[error("the request you have made requires authentication")]
    Unauthorized,
    /// A valid token that stands for no user.
    #[error("the token stands for no user")]
    NoUser,
    /// The identity service does not answer.
    #[error("the identity service is temporarily unavailable")]
    Unavailable,
}

/// A way to find out who is asking.
#[async_trait]
pub trait Authenticator: Send + Sync + std::fmt::Debug {
    /// Identifies the sender of a request. Shared, because the same callers come again and again.
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Arc<Caller>, AuthError>;

    /// What a 401 tells the client in `WWW-Authenticate`: where to get a token.
    fn challenge(&self) -> Option<String> {
        None
    }
}
