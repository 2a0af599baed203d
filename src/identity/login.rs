//! From a login to a token.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::{
    DevIdentity, IdentityError,
    directory::{Named, User},
    request::{CredentialRef, Login, Proof, Scope},
    session::Session,
    token::{Claims, CredentialClaims, Method},
};
use crate::domain::ApplicationCredential;

/// A login that was good, before its scope is decided.
struct Known {
    user: Arc<User>,
    methods: Vec<Method>,
    /// The end and the first audit id of the token that this one descends from.
    parent: Option<(i64, String)>,
    credential: Option<Delegated>,
}

/// What an application credential, or a token of one, hands on.
struct Delegated {
    project: String,
    claims: CredentialClaims,
    /// When the credential ends, in seconds since 1970. A token of one has its end already.
    expires_at: Option<i64>,
}

impl DevIdentity {
    /// A new token, and what it is worth.
    ///
    /// # Errors
    /// [`IdentityError::Unauthorized`] when the user is not known or the secret is wrong, or the user has
    /// no role in the project; neither takes less time than the other. Keystone's other refusals of
    /// scopes that an application credential may not ask for.
    pub async fn login(&self, login: &Login) -> Result<(String, Session), IdentityError> {
        let known = match &login.proof {
            Proof::Password(user, password) => self.by_password(user, password).await?,
            Proof::Token(token) => self.by_token(token, &login.scope).await?,
            Proof::Credential(reference, secret) => self.by_credential(reference, secret, &login.scope).await?,
        };
        let project = match &known.credential {
            Some(credential) => Some(credential.project.clone()),
            None => self.project_for(&known.user, &login.scope)?,
        };
        let now = self.clock.now();
        let (expires_at, chain) = match known.parent {
            // Nobody stays for ever by asking for one token with another.
            Some((end, first)) => (end, Some(first)),
            None => ((now + self.token_lifetime).timestamp(), None),
        };
        // A token does not outlive the application credential that it was got with.
        let over = known.credential.as_ref().and_then(|credential| credential.expires_at);
        let expires_at = over.map_or(expires_at, |over| over.min(expires_at));
        let own = BASE64.encode(self.ids.next().as_bytes());
        let claims = Claims {
            user: known.user.id.clone(),
            project,
            issued_at: now.timestamp(),
            expires_at,
            methods: known.methods,
            audit_ids: std::iter::once(own).chain(chain).collect(),
            credential: known.credential.map(|credential| credential.claims),
        };
        let token = self.signer.sign(&claims)?;
        let session = self.session_of(claims).ok_or(IdentityError::Unauthorized)?;
        Ok((token, session))
    }

    async fn by_password(&self, named: &Named, password: &SecretString) -> Result<Known, IdentityError> {
        let user = self.directory.find_user(named);
        let Some(user) = self.check_secret(user, |user| &user.password_hash, password).await? else {
            return Err(IdentityError::Unauthorized);
        };
        Ok(Known {
            user: Arc::clone(user),
            methods: vec![Method::Password],
            parent: None,
            credential: None,
        })
    }

    async fn by_token(&self, token: &SecretString, scope: &Scope) -> Result<Known, IdentityError> {
        let session = self.session(token.expose_secret()).await?;
        let session = session.ok_or(IdentityError::TokenNotFound("Failed to validate token"))?;
        let claims = session.claims;
        let credential = match (claims.credential, claims.project) {
            (Some(_), _) if *scope != Scope::Default => {
                return Err(IdentityError::ForbiddenAction(
                    "Using an application credential token to create a scoped token is not allowed.".to_owned(),
                ));
            }
            (Some(claims), Some(project)) => Some(Delegated {
                project,
                claims,
                expires_at: None,
            }),
            (_none, _project) => None,
        };
        let first = claims.audit_ids.last().cloned().unwrap_or_default();
        let mut methods = claims.methods;
        if !methods.contains(&Method::Token) {
            methods.insert(0, Method::Token);
        }
        Ok(Known {
            user: session.user,
            methods,
            parent: Some((claims.expires_at, first)),
            credential,
        })
    }

    async fn by_credential(
        &self,
        reference: &CredentialRef,
        secret: &SecretString,
        scope: &Scope,
    ) -> Result<Known, IdentityError> {
        let found = self.find_credential(reference).await?;
        let hash_of = |(_credential, hash): &(ApplicationCredential, SecretString)| hash.clone();
        let hash = found.as_ref().map(hash_of);
        let good = self.check_secret(hash.as_ref(), |hash| hash, secret).await?.is_some();
        let Some((credential, _hash)) = found.filter(|_found| good) else {
            return Err(IdentityError::Unauthorized);
        };
        let over = credential.expires_at.is_some_and(|end| end <= self.clock.now());
        let user = self.directory.user(&credential.user_id).filter(|_user| !over);
        let user = user.ok_or(IdentityError::Unauthorized)?;
        let own = match scope {
            Scope::Default => true,
            // Keystone refuses this too, but the `cinder` command cannot help naming a project.
            Scope::Project(named) => self
                .directory
                .find_project(named)
                .is_some_and(|project| project.id == credential.project_id),
            Scope::Unscoped | Scope::Elsewhere => false,
        };
        if !own {
            return Err(IdentityError::ScopeOfCredential);
        }
        Ok(Known {
            user: Arc::clone(user),
            methods: vec![Method::ApplicationCredential],
            parent: None,
            credential: Some(Delegated {
                expires_at: credential.expires_at.map(|end| end.timestamp()),
                project: credential.project_id,
                claims: CredentialClaims {
                    id: credential.id.simple().to_string(),
                    name: credential.name,
                    restricted: !credential.unrestricted,
                    roles: credential.roles,
                },
            }),
        })
    }

    async fn find_credential(
        &self,
        reference: &CredentialRef,
    ) -> Result<Option<(ApplicationCredential, SecretString)>, IdentityError> {
        let found = match reference {
            CredentialRef::Id(id) => match Uuid::try_parse(id) {
                Ok(id) => self.store.application_credential(id).await?,
                Err(_not_an_id) => None,
            },
            CredentialRef::Name(name, user) => match self.directory.find_user(user) {
                Some(user) => self.store.application_credential_by_name(&user.id, name).await?,
                None => None,
            },
        };
        Ok(found.map(|credential| {
            let hash = SecretString::from(credential.secret_hash.clone());
            (credential, hash)
        }))
    }

    /// Gives `found` back if the secret is its own. Who is looked for in vain costs as much time, so that
    /// nobody learns from the clock who there is.
    async fn check_secret<'f, T>(
        &self,
        found: Option<&'f T>,
        hash: impl Fn(&T) -> &SecretString,
        secret: &SecretString,
    ) -> Result<Option<&'f T>, IdentityError> {
        let stand_in = self.directory.users.first().map(|user| &user.password_hash);
        let Some(compared) = found.map(hash).or(stand_in) else {
            return Ok(None);
        };
        let good = self.passwords.verify(secret, compared).await?;
        Ok(found.filter(|_found| good))
    }

    /// The project that a user's token is for.
    fn project_for(&self, user: &User, scope: &Scope) -> Result<Option<String>, IdentityError> {
        match scope {
            Scope::Default => Ok(user.default_project.clone()),
            Scope::Unscoped => Ok(None),
            Scope::Elsewhere => Err(IdentityError::Unauthorized),
            Scope::Project(named) => {
                let project = self.directory.find_project(named);
                let project = project.filter(|project| !user.roles_on(&project.id).is_empty());
                project
                    .map(|project| Some(project.id.clone()))
                    .ok_or(IdentityError::Unauthorized)
            }
        }
    }
}
