//! From a name and a password to a caller, for clients that know no tokens.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use moka::future::Cache;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use tokio::{sync::Semaphore, time::timeout};

use super::{AuthError, Caller};
use crate::clock::Clock;

/// Who wants to act in which project, and how he shows that he is who he says. Both are names.
#[derive(Clone, Debug)]
pub struct PasswordLogin {
    /// The user's name.
    pub user: String,
    /// The project's name.
    pub project: String,
    /// The password.
    pub password: SecretString,
}

/// Somebody who has logged in.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// Who.
    pub caller: Arc<Caller>,
    /// Until when that holds, if somebody has said.
    pub ends: Option<DateTime<Utc>>,
}

/// A way to find out who is asking from a name and a password.
#[async_trait]
pub trait PasswordAuthenticator: Send + Sync + fmt::Debug {
    /// Logs somebody in.
    async fn log_in(&self, login: &PasswordLogin) -> Result<LoggedIn, AuthError>;
}

/// Most passwords that are checked at a time: whoever tries many shall take neither this machine's time from others
/// nor the identity service's.
const MOST_CHECKS: usize = 8;

/// See [`Logins`].
const PATIENCE: Duration = Duration::from_secs(5);

/// Remembers logins for a while: clients of Basic authentication send the password with each request, and each
/// check is slow on purpose, or a call of Keystone.
pub struct Logins {
    authenticator: Arc<dyn PasswordAuthenticator>,
    clock: Arc<dyn Clock>,
    believed: TimeDelta,
    /// Its key is of this process alone, so that what is remembered is worth nothing elsewhere.
    mac: Hmac<Sha256>,
    kept: Cache<[u8; 32], Arc<Kept>>,
    turns: Semaphore,
    /// How long somebody waits for the turn of his password.
    patience: Duration,
}

struct Kept {
    caller: Arc<Caller>,
    good_until: DateTime<Utc>,
}

// Not derived: it would print the key.
impl fmt::Debug for Logins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logins")
            .field("authenticator", &self.authenticator)
            .finish_non_exhaustive()
    }
}

impl Logins {
    /// Believes a login for `believed`, which is also how long an old password still works; keeps at most `size`.
    pub fn new(
        authenticator: Arc<dyn PasswordAuthenticator>,
        clock: Arc<dyn Clock>,
        believed: TimeDelta,
        size: u64,
    ) -> Self {
        // The cache's own time only bounds memory; what counts is the clock, asked anew each time.
        let longest = believed.to_std().unwrap_or_default().max(Duration::from_secs(1));
        Self {
            authenticator,
            clock,
            believed,
            mac: Hmac::new(&rand::random::<[u8; 64]>().into()),
            kept: Cache::builder().max_capacity(size).time_to_live(longest).build(),
            turns: Semaphore::new(MOST_CHECKS),
            patience: PATIENCE,
        }
    }

    /// Who it is.
    ///
    /// # Errors
    /// [`AuthError`]. A refusal is not remembered, or a mended password would not work at once.
    pub async fn caller(&self, login: &PasswordLogin) -> Result<Arc<Caller>, AuthError> {
        let (digest, now) = (self.digest(login), self.clock.now());
        if let Some(kept) = self.kept.get(&digest).await {
            if kept.good_until > now {
                return Ok(Arc::clone(&kept.caller));
            }
            self.kept.invalidate(&digest).await;
        }
        let make = async {
            let Ok(Ok(_turn)) = timeout(self.patience, self.turns.acquire()).await else {
                tracing::warn!("too many passwords are being checked; one was not");
                return Err(AuthError::Unavailable);
            };
            let LoggedIn { caller, ends } = self.authenticator.log_in(login).await?;
            let longest = now + self.believed;
            let good_until = ends.map_or(longest, |ends| ends.min(longest));
            Ok(Arc::new(Kept { caller, good_until }))
        };
        // One flight for all who come with the same.
        let kept = self.kept.try_get_with(digest, make).await;
        let kept = kept.map_err(|error: Arc<AuthError>| *error)?;
        Ok(Arc::clone(&kept.caller))
    }

    /// What is remembered in place of the password.
    fn digest(&self, login: &PasswordLogin) -> [u8; 32] {
        let mut mac = self.mac.clone();
        for part in [&*login.user, &*login.project, login.password.expose_secret()] {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use super::*;
    use crate::clock::ManualClock;

    /// Knows one password, and counts.
    #[derive(Debug, Default)]
    struct Counting(AtomicUsize);

    #[async_trait]
    impl PasswordAuthenticator for Counting {
        async fn log_in(&self, login: &PasswordLogin) -> Result<LoggedIn, AuthError> {
            self.0.fetch_add(1, SeqCst);
            if login.password.expose_secret() != "good" {
                return Err(AuthError::Unauthorized);
            }
            Ok(LoggedIn {
                caller: Arc::new(Caller::in_project(&login.user, &login.project, ["member"])),
                ends: None,
            })
        }
    }

    fn login(user: &str, project: &str, password: &str) -> PasswordLogin {
        PasswordLogin {
            user: user.to_owned(),
            project: project.to_owned(),
            password: password.into(),
        }
    }

    #[tokio::test]
    async fn a_good_login_is_believed_for_a_while_and_a_bad_one_never() {
        let counting = Arc::new(Counting::default());
        let clock = Arc::new(ManualClock::new(DateTime::from_timestamp(1_800_000_000, 0).unwrap()));
        let authenticator = Arc::<Counting>::clone(&counting);
        let logins = Logins::new(
            authenticator,
            Arc::<ManualClock>::clone(&clock),
            TimeDelta::seconds(60),
            10,
        );
        for _again in 0..3 {
            let caller = logins.caller(&login("ann", "p", "good")).await.unwrap();
            assert_eq!(caller.project().as_str(), "p");
        }
        assert_eq!(counting.0.load(SeqCst), 1);
        for _again in 0..2 {
            assert!(logins.caller(&login("ann", "p", "bad")).await.is_err());
        }
        assert_eq!(counting.0.load(SeqCst), 3);
        // The same letters, parted elsewhere, are another login.
        let other = logins.caller(&login("an", "np", "good")).await.unwrap();
        assert_eq!(other.project().as_str(), "np");
        assert_eq!(counting.0.load(SeqCst), 4);
        clock.advance(TimeDelta::seconds(61));
        assert!(logins.caller(&login("ann", "p", "good")).await.is_ok());
        assert_eq!(counting.0.load(SeqCst), 5);
        let printed = format!("{logins:?} {:?}", login("ann", "p", "good"));
        assert!(!printed.contains("good"), "{printed}");
    }

    /// Never comes to an end.
    #[derive(Debug)]
    struct Stuck;

    #[async_trait]
    impl PasswordAuthenticator for Stuck {
        async fn log_in(&self, _login: &PasswordLogin) -> Result<LoggedIn, AuthError> {
            std::future::pending().await
        }
    }

    #[tokio::test]
    async fn no_more_than_so_many_are_checked_at_a_time() {
        let clock = Arc::new(ManualClock::new(DateTime::from_timestamp(1_800_000_000, 0).unwrap()));
        let mut logins = Logins::new(Arc::new(Stuck), clock, TimeDelta::seconds(60), 10);
        logins.patience = Duration::ZERO;
        let names: Vec<_> = (0..MOST_CHECKS)
            .map(|number| login(&format!("user{number}"), "p", "x"))
            .collect();
        let mut checked: Vec<_> = names.iter().map(|name| Box::pin(logins.caller(name))).collect();
        for one in &mut checked {
            assert!(futures_util::poll!(one).is_pending());
        }
        let late = login("late", "p", "x");
        let refused = timeout(Duration::from_secs(10), logins.caller(&late)).await.unwrap();
        assert!(matches!(refused, Err(AuthError::Unavailable)), "{refused:?}");
        // Whoever goes away makes room.
        checked.pop();
        let mut next = Box::pin(logins.caller(&names[MOST_CHECKS - 1]));
        assert!(futures_util::poll!(&mut next).is_pending());
    }
}
