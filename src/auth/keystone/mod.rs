//! `auth.strategy = keystone`: a real identity service decides who is asking, as keystonemiddleware's
//! `auth_token` filter does in front of Cinder. What differs, and why, is in `docs/adr/0006-keystone.md`.
//!
//! Only tokens count. Identity headers that a client sends (`X-User-Id`, `X-Roles`, `X-Project-Id`, …)
//! are read nowhere.

mod access_rules;
mod flight;
mod http;
mod own_token;
mod password;
mod token;
mod trouble;
mod verdict;

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::TimeDelta;

pub use self::{http::ClientError, own_token::Login};
use self::{
    http::Http,
    own_token::OwnTokens,
    token::Identity,
    trouble::Trouble,
    verdict::{CacheTimes, Verdict, Verdicts},
};
use super::{AuthError, Authenticator, Caller, Credentials, LoggedIn, PasswordAuthenticator, PasswordLogin};
use crate::clock::Clock;

/// Where Keystone is, who we are to it, and how long it is believed.
#[derive(Clone, Debug)]
pub struct KeystoneOptions {
    /// Its address, with or without `/v3`.
    pub auth_url: String,
    /// The address that strangers are sent to; empty: the same.
    pub www_authenticate_uri: String,
    /// The service's own credentials.
    pub login: Login,
    /// The domain of users and projects that come with a name and a password.
    pub login_domain_name: String,
    /// Certificate authorities beside the machine's.
    pub ca_file: Option<PathBuf>,
    /// How long a validated token is believed, and so how long a revoked one still works.
    pub token_cache_time: TimeDelta,
    /// How long a token that Keystone does not know stays unknown.
    pub invalid_cache_time: TimeDelta,
    /// Most tokens that are remembered.
    pub cache_size: u64,
    /// How long a call of Keystone may take.
    pub timeout: Duration,
    /// Roles that make a service token.
    pub service_token_roles: Vec<String>,
    /// Whether a service token without such a role makes the request a stranger's.
    pub service_token_roles_required: bool,
}

/// Asks Keystone who a token stands for.
pub struct Keystone {
    http: Http,
    login_domain_name: String,
    verdicts: Verdicts,
    clock: Arc<dyn Clock>,
    challenge: String,
    service_token_roles: Vec<String>,
    service_token_roles_required: bool,
}

impl fmt::Debug for Keystone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keystone")
            .field("challenge", &self.challenge)
            .finish_non_exhaustive()
    }
}

impl Keystone {
    /// Prepares everything and calls nobody yet: the service starts before its Keystone does, too.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn new(options: KeystoneOptions, clock: Arc<dyn Clock>) -> Result<Self, ClientError> {
        if !options.service_token_roles_required {
            tracing::warn!(
                "keystone.service_token_roles_required=false: any valid token passes for a service token, and with one \
                 the access rules of application credentials do not count"
            );
        }
        let http = Http::new(&options.auth_url, options.ca_file.as_deref(), options.timeout)?;
        let own = OwnTokens::new(http.clone(), options.login, Arc::clone(&clock));
        let times = CacheTimes {
            valid: options.token_cache_time,
            invalid: options.invalid_cache_time,
        };
        let uri = if options.www_authenticate_uri.is_empty() {
            options.auth_url
        } else {
            options.www_authenticate_uri
        };
        Ok(Self {
            login_domain_name: options.login_domain_name,
            verdicts: Verdicts::new(http.clone(), own, Arc::clone(&clock), times, options.cache_size),
            clock,
            challenge: format!("Keystone uri=\"{uri}\""),
            service_token_roles: options.service_token_roles,
            service_token_roles_required: options.service_token_roles_required,
            http,
        })
    }

    async fn identify(&self, token: &str, allow_expired: bool) -> Result<Arc<Identity>, AuthError> {
        match self.verdicts.of(token, allow_expired).await {
            Ok(Verdict::Valid(identity)) if allow_expired || identity.ends > self.clock.now() => Ok(identity),
            Ok(Verdict::Valid(_) | Verdict::Invalid) => Err(AuthError::Unauthorized),
            Ok(Verdict::Nobody) => Err(AuthError::NoUser),
            Err(_logged) => Err(AuthError::Unavailable),
        }
    }

    /// Whether the service token has a role that lets it vouch for tokens that have ended.
    ///
    /// # Errors
    /// [`AuthError::Unauthorized`] for a token that is no service token.
    async fn vouches(&self, service_token: &str) -> Result<bool, AuthError> {
        let service = match self.identify(service_token, false).await {
            Err(AuthError::NoUser) => Err(AuthError::Unauthorized),
            other => other,
        }?;
        let has_role = self
            .service_token_roles
            .iter()
            .any(|role| service.caller.has_role(role));
        if self.service_token_roles_required && !has_role {
            tracing::info!("X-Service-Token has none of the roles in keystone.service_token_roles");
            return Err(AuthError::Unauthorized);
        }
        Ok(has_role)
    }
}

#[async_trait]
impl Authenticator for Keystone {
    /// The order of keystonemiddleware: the service token first, because a bad one spoils the request
    /// and a good one lets a user's token count that ended during a chain of long requests.
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Arc<Caller>, AuthError> {
        let given = |token: Option<&'_ str>| {
            token
                .map(str::trim)
                .filter(|token| !token.is_empty())
                .map(str::to_owned)
        };
        let service_token = given(credentials.service_token);
        let Some(token) = given(credentials.token) else {
            return Err(AuthError::Unauthorized);
        };
        let allow_expired = match &service_token {
            Some(service_token) => self.vouches(service_token).await?,
            None => false,
        };
        let identity = self.identify(&token, allow_expired).await?;
        if let Some(rules) = &identity.access_rules {
            // With a service token this is a later link of a chain whose first was checked.
            let allowed = service_token.is_some()
                || rules
                    .iter()
                    .any(|rule| rule.allows(credentials.method, credentials.path));
            if !allowed {
                tracing::info!("no access rule of the application credential allows this call");
                return Err(AuthError::Unauthorized);
            }
        }
        Ok(Arc::clone(&identity.caller))
    }

    fn challenge(&self) -> Option<String> {
        Some(self.challenge.clone())
    }
}

#[async_trait]
impl PasswordAuthenticator for Keystone {
    /// Asks for a token in the caller's name, and takes only what it says: the token itself is thrown away.
    async fn log_in(&self, login: &PasswordLogin) -> Result<LoggedIn, AuthError> {
        match password::identity(&self.http, &self.login_domain_name, login).await {
            Ok(Verdict::Valid(identity)) => Ok(LoggedIn {
                caller: Arc::clone(&identity.caller),
                ends: Some(identity.ends),
            }),
            Ok(Verdict::Invalid) => Err(AuthError::Unauthorized),
            Ok(Verdict::Nobody) => Err(AuthError::NoUser),
            Err(trouble) => {
                tracing::error!(cause = %trouble, "a password cannot be checked");
                Err(AuthError::Unavailable)
            }
        }
    }
}
