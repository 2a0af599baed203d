//! Tokens that are valid now, and what they allow here.

use std::sync::Arc;

use chrono::DateTime;

use super::{
    DevIdentity, IdentityError,
    directory::{Project, User},
    roles::with_implied,
    token::Claims,
};
use crate::settings::Role;

/// Somebody with a valid token.
#[derive(Clone, Debug)]
pub struct Session {
    /// What the token says.
    pub claims: Claims,
    /// Whose it is.
    pub user: Arc<User>,
    /// What it is for; `None` if it is unscoped.
    pub project: Option<Arc<Project>>,
    /// The roles there, implied ones included.
    pub roles: Vec<Role>,
}

impl Session {
    /// Keystone's rule `admin_required`: the role in whatever project.
    pub fn is_admin(&self) -> bool {
        self.roles.contains(&Role::Admin)
    }

    /// Whether the token is for this project.
    pub fn is_in(&self, project: &str) -> bool {
        self.project.as_ref().is_some_and(|own| own.id == project)
    }

    /// The token's own audit id.
    pub fn audit_id(&self) -> &str {
        self.claims.audit_ids.first().map_or("", String::as_str)
    }

    /// Lets admins pass, and others if `own`.
    ///
    /// # Errors
    /// [`IdentityError::ForbiddenAction`] naming the API.
    pub fn admin_or(&self, own: bool, api: &str) -> Result<(), IdentityError> {
        if own || self.is_admin() {
            return Ok(());
        }
        Err(IdentityError::forbidden(api))
    }
}

/// Under which id a deleted application credential stands among the revocations.
pub fn credential_revocation(id: &str) -> String {
    format!("application_credential:{id}")
}

impl DevIdentity {
    /// The session of a token; `None` if it was not made here, is over, was revoked, or is for a user or a
    /// project that the settings do not have any more.
    ///
    /// # Errors
    /// [`IdentityError::Store`] when it cannot be known what was revoked.
    pub async fn session(&self, token: &str) -> Result<Option<Session>, IdentityError> {
        let now = self.clock.now();
        let Some(claims) = self.signer.open(token) else {
            return Ok(None);
        };
        if DateTime::from_timestamp(claims.expires_at, 0).is_none_or(|end| end <= now) {
            return Ok(None);
        }
        let Some(session) = self.session_of(claims) else {
            return Ok(None);
        };
        let credential = session.claims.credential.as_ref();
        let credential = credential.map(|credential| credential_revocation(&credential.id));
        let mut ids = vec![session.audit_id()];
        ids.extend(credential.as_deref());
        let revoked = self.revocations.any(&ids, now).await?;
        Ok(Some(session).filter(|_session| !revoked))
    }

    /// What claims are worth, looked up in the settings as they are now.
    pub(super) fn session_of(&self, claims: Claims) -> Option<Session> {
        let user = Arc::clone(self.directory.user(&claims.user)?);
        let Some(id) = &claims.project else {
            return Some(Session {
                claims,
                user,
                project: None,
                roles: Vec::new(),
            });
        };
        let project = Arc::clone(self.directory.project(id)?);
        let mut roles = user.roles_on(id);
        if let Some(credential) = &claims.credential {
            let own = with_implied(credential.roles.iter().filter_map(|name| Role::named(name)));
            roles.retain(|role| own.contains(role));
        }
        // A role that was taken away takes the tokens with it.
        (!roles.is_empty()).then_some(Session {
            claims,
            user,
            project: Some(project),
            roles,
        })
    }

    /// Ends a token before its time.
    ///
    /// # Errors
    /// [`IdentityError::Store`].
    pub async fn revoke(&self, session: &Session) -> Result<(), IdentityError> {
        let end = DateTime::from_timestamp(session.claims.expires_at, 0).unwrap_or(DateTime::<chrono::Utc>::MAX_UTC);
        Ok(self.revocations.add(session.audit_id(), end).await?)
    }
}
