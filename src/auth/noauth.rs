//! `auth.strategy = noauth`: everybody is admin of the project they name. For development only; the
//! settings refuse it on an address that others can reach unless told otherwise.
//!
//! Real Cinder answers a request without a token with a 204 that offers one, which breaks every client
//! that discovers versions first; here such a request is simply served.

use std::sync::Arc;

use async_trait::async_trait;

use super::{AuthError, Authenticator, Caller, Credentials, LoggedIn, PasswordAuthenticator, PasswordLogin};

/// User and project when a request names none, as in Cinder.
const NOBODY: &str = "admin";

/// Believes what it is told.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAuth;

#[async_trait]
impl Authenticator for NoAuth {
    /// The project comes from a token of the form `user:project`; else (another text such as
    /// keystoneauth's `notused`, or no token) from `X-Project-Id`; else from the URL.
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Arc<Caller>, AuthError> {
        let from_token = credentials
            .token
            .and_then(|token| token.split_once(':'))
            .filter(|(_, project)| !project.is_empty());
        let (user, project) = if let Some(both) = from_token {
            both
        } else {
            let project = credentials.project_header.filter(|project| !project.is_empty());
            (NOBODY, project.or(credentials.project_in_url).unwrap_or(NOBODY))
        };
        Ok(believed(user, project))
    }
}

#[async_trait]
impl PasswordAuthenticator for NoAuth {
    /// Any password will do.
    async fn log_in(&self, login: &PasswordLogin) -> Result<LoggedIn, AuthError> {
        Ok(LoggedIn {
            caller: believed(&login.user, &login.project),
            ends: None,
        })
    }
}

fn believed(user: &str, project: &str) -> Arc<Caller> {
    let user = if user.is_empty() { NOBODY } else { user };
    Arc::new(Caller::in_project(user, project, ["admin", "member", "reader"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn project(credentials: Credentials<'_>) -> String {
        NoAuth.authenticate(credentials).await.unwrap().project().to_string()
    }

    #[tokio::test]
    async fn the_most_explicit_project_wins() {
        let all = Credentials {
            token: Some("demo:p1"),
            service_token: None,
            project_header: Some("p2"),
            project_in_url: Some("p3"),
            ..Credentials::default()
        };
        assert_eq!(project(all).await, "p1");
        assert_eq!(
            project(Credentials {
                token: Some("notused"),
                ..all
            })
            .await,
            "p2"
        );
        assert_eq!(
            project(Credentials {
                token: None,
                project_header: None,
                ..all
            })
            .await,
            "p3"
        );
        assert_eq!(project(Credentials::default()).await, "admin");
    }
}
