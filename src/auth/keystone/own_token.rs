//! The service's own token, without which Keystone validates nobody else's.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{StatusCode, header::HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{
    Trouble,
    flight::{Flights, Perishable},
    http::Http,
    token::{self, Issued},
};
use crate::clock::Clock;

/// How the service itself logs in.
#[derive(Clone, Debug)]
pub enum Login {
    /// As a user, in a project in which it has the role `service` (or `admin`).
    Password {
        /// The user's name.
        username: String,
        /// The user's password.
        password: SecretString,
        /// Name of the user's domain.
        user_domain_name: String,
        /// Name of the project.
        project_name: String,
        /// Name of the project's domain.
        project_domain_name: String,
    },
    /// With an application credential, which knows its user and project.
    ApplicationCredential {
        /// Its id.
        id: String,
        /// Its secret.
        secret: SecretString,
    },
}

/// A token of the service's own.
pub struct OwnToken {
    /// Marked as sensitive, so that nothing prints it.
    pub value: HeaderValue,
    stands_on: Vec<String>,
    renew_at: DateTime<Utc>,
}

impl fmt::Debug for OwnToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnToken")
            .field("renew_at", &self.renew_at)
            .finish_non_exhaustive()
    }
}

impl OwnToken {
    /// Whether Keystone's words are about what this token stands on. When the service's user, project or
    /// application credential is gone, Keystone answers any validation with the same 404 as for an unknown
    /// token, only that it names what it cannot find.
    pub fn is_meant_by(&self, words: &str) -> bool {
        self.stands_on.iter().any(|id| words.contains(&**id))
    }
}

impl Perishable for OwnToken {
    fn keeping(&self) -> Option<Duration> {
        None
    }
}

/// A login that Keystone refused: when, and with what.
type Refusal = (DateTime<Utc>, StatusCode);

/// Where the current one comes from. Clones share it.
#[derive(Clone, Debug)]
pub struct OwnTokens {
    http: Http,
    login: Login,
    clock: Arc<dyn Clock>,
    current: Flights<(), OwnToken>,
    /// When and how Keystone last refused a login.
    refused: Arc<Mutex<Option<Refusal>>>,
}

/// A token is renewed this long before it ends, as keystoneauth does: it must survive the call it is
/// taken for.
const MARGIN: TimeDelta = TimeDelta::seconds(30);

/// After a login that Keystone refused, the next one waits so long: a Keystone that locks users out after
/// some failures must not be asked with each request.
const PAUSE: TimeDelta = TimeDelta::seconds(1);

impl OwnTokens {
    /// Logs in when first asked.
    pub fn new(http: Http, login: Login, clock: Arc<dyn Clock>) -> Self {
        Self {
            http,
            login,
            clock,
            current: Flights::new(1),
            refused: Arc::default(),
        }
    }

    /// The current token; a new one if there is none, if it ends soon, or if it is the one that Keystone
    /// has just refused.
    ///
    /// # Errors
    /// [`Trouble::NoOwnToken`].
    pub async fn current(&self, refused: Option<&Arc<OwnToken>>) -> Result<Arc<OwnToken>, Trouble> {
        let (now, refused, source) = (self.clock.now(), refused.cloned(), self.clone());
        let good = move |token: &Arc<OwnToken>| {
            now < token.renew_at && !refused.as_ref().is_some_and(|refused| Arc::ptr_eq(refused, token))
        };
        let made = self.current.get((), good, async move { source.log_in().await }).await;
        made.map_err(Trouble::NoOwnToken)
    }

    async fn log_in(&self) -> Result<OwnToken, Trouble> {
        let last = *self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        if let Some((_, status)) = last.filter(|(then, _)| (*then..*then + PAUSE).contains(&now)) {
            return Err(Trouble::Refused(status));
        }
        let made = self.try_to_log_in().await;
        let refusal = match &made {
            Err(Trouble::Refused(status)) => Some((now, *status)),
            Ok(_) | Err(_) => None,
        };
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = refusal;
        made
    }

    async fn try_to_log_in(&self) -> Result<OwnToken, Trouble> {
        let answer = self.http.issue(&request(&self.login)).await?;
        match answer.status {
            StatusCode::OK | StatusCode::CREATED => {}
            status @ (StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                return Err(Trouble::Refused(status));
            }
            // An application credential that was deleted.
            status @ StatusCode::NOT_FOUND if token::refusal(&answer.body).is_some() => {
                return Err(Trouble::Refused(status));
            }
            status => return Err(Trouble::Status(status)),
        }
        let mut value = answer
            .headers
            .get("X-Subject-Token")
            .cloned()
            .ok_or(Trouble::Nonsense("a new token without X-Subject-Token"))?;
        value.set_sensitive(true);
        let (now, Issued { ends, ids }) = (self.clock.now(), token::issued(&answer.body)?);
        tracing::debug!(%ends, "logged in to Keystone");
        Ok(OwnToken {
            value,
            stands_on: ids,
            // Of a short life, a part, or it would be renewed for each call.
            renew_at: ends - MARGIN.min((ends - now) / 5),
        })
    }
}

/// The body of `POST /v3/auth/tokens`.
pub(super) fn request(login: &Login) -> Value {
    match login {
        Login::Password {
            username,
            password,
            user_domain_name,
            project_name,
            project_domain_name,
        } => json!({"auth": {
            "identity": {
                "methods": ["password"],
                "password": {"user": {
                    "name": username,
                    "domain": {"name": user_domain_name},
                    "password": password.expose_secret(),
                }},
            },
            "scope": {"project": {"name": project_name, "domain": {"name": project_domain_name}}},
        }}),
        Login::ApplicationCredential { id, secret } => json!({"auth": {"identity": {
            "methods": ["application_credential"],
            "application_credential": {"id": id, "secret": secret.expose_secret()},
        }}}),
    }
}
