//! The API's side: whose token is this?

use std::sync::Arc;

use async_trait::async_trait;

use super::DevIdentity;
use crate::{
    auth::{AuthError, Authenticator, Caller, Credentials},
    domain::{ProjectId, UserId},
};

#[async_trait]
impl Authenticator for DevIdentity {
    /// Looks at the token in this process: a signature and a look into memory.
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Arc<Caller>, AuthError> {
        let token = credentials.token.ok_or(AuthError::Unauthorized)?;
        match self.session(token).await {
            Ok(Some(session)) => Ok(Arc::new(Caller {
                user_id: UserId::new(&session.user.id),
                project_id: session.project.map(|project| ProjectId::new(&project.id)),
                roles: session.roles.iter().map(|role| role.name().to_owned()).collect(),
                system_scope: false,
                is_admin_project: true,
            })),
            Ok(None) => Err(AuthError::Unauthorized),
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "cannot tell whether a token is revoked"
                );
                Err(AuthError::Unavailable)
            }
        }
    }

    fn challenge(&self) -> Option<String> {
        Some(format!("Keystone uri=\"{}\"", self.uri))
    }
}
