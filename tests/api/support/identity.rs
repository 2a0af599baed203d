//! Users who are not all admins.

use std::sync::Arc;

use async_trait::async_trait;
use breezeblock::auth::{AuthError, Authenticator, Caller, Credentials, NoAuth};

/// A token `roles/user:project` is a user with these roles (`reader+member/ann:p1`), one without roles
/// an admin as under noauth, and nobody else gets in. With an empty project the token is for the system.
#[derive(Clone, Copy, Debug)]
pub struct Cast;

#[async_trait]
impl Authenticator for Cast {
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Arc<Caller>, AuthError> {
        let token = credentials.token.ok_or(AuthError::Unauthorized)?;
        let (user, project) = token.split_once(':').ok_or(AuthError::Unauthorized)?;
        let Some((roles, user)) = user.split_once('/') else {
            return NoAuth.authenticate(credentials).await;
        };
        let caller = Caller::in_project(user, project, roles.split('+'));
        if project.is_empty() {
            return Ok(Arc::new(Caller {
                project_id: None,
                system_scope: true,
                ..caller
            }));
        }
        Ok(Arc::new(caller))
    }

    fn challenge(&self) -> Option<String> {
        Some("Keystone uri=\"http://keystone.example\"".to_owned())
    }
}
