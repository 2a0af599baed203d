//! The API's side: whose token is this?

use std::sync::Arc;

use async_trait::async_trait;
use chrono::DateTime;

use super::{
    DevIdentity, IdentityError,
    directory::{DomainRef, Named},
    request::{Login, Proof, Scope},
    session::Session,
};
use crate::{
    auth::{AuthError, Authenticator, Caller, Credentials, LoggedIn, PasswordAuthenticator, PasswordLogin},
    domain::{ProjectId, UserId},
};

#[async_trait]
impl Authenticator for DevIdentity {
    /// Looks at the token in this process: a signature and a look into memory.
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Arc<Caller>, AuthError> {
        let token = credentials.token.ok_or(AuthError::Unauthorized)?;
        match self.session(token).await {
            Ok(Some(session)) => Ok(caller(&session)),
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

#[async_trait]
impl PasswordAuthenticator for DevIdentity {
    /// As a client would log in, in the one domain that there is.
    async fn log_in(&self, login: &PasswordLogin) -> Result<LoggedIn, AuthError> {
        let named = |name: &str| Named::Name(name.to_owned(), DomainRef::Id("default".to_owned()));
        let login = Login {
            proof: Proof::Password(named(&login.user), login.password.clone()),
            scope: Scope::Project(named(&login.project)),
        };
        match self.login(&login).await {
            Ok((_token, session)) => Ok(LoggedIn {
                caller: caller(&session),
                ends: DateTime::from_timestamp(session.claims.expires_at, 0),
            }),
            Err(IdentityError::Unauthorized) => Err(AuthError::Unauthorized),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a password cannot be checked");
                Err(AuthError::Unavailable)
            }
        }
    }
}

fn caller(session: &Session) -> Arc<Caller> {
    Arc::new(Caller {
        user_id: UserId::new(&session.user.id),
        project_id: session.project.as_ref().map(|project| ProjectId::new(&project.id)),
        roles: session.roles.iter().map(|role| role.name().to_owned()).collect(),
        system_scope: false,
        is_admin_project: true,
    })
}
