//! What Keystone says of a token, for as long as it may be believed.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{StatusCode, header::HeaderValue};
use sha2::{Digest as _, Sha256};

use super::{
    Trouble,
    flight::{Flights, Perishable},
    http::Http,
    own_token::OwnTokens,
    token::{self, Identity},
};
use crate::clock::Clock;

/// Whom a token stands for.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Somebody.
    Valid(Arc<Identity>),
    /// Nobody: Keystone does not know the token, or no longer.
    Invalid,
    /// Valid, but without a user.
    Nobody,
}

/// A verdict and its time.
#[derive(Debug)]
pub struct Kept {
    /// The verdict.
    pub verdict: Verdict,
    made: DateTime<Utc>,
    good_until: DateTime<Utc>,
}

impl Perishable for Kept {
    fn keeping(&self) -> Option<Duration> {
        Some((self.good_until - self.made).to_std().unwrap_or_default())
    }
}

/// How a token is asked about: its digest, so that the cache holds no tokens, and whether its end counts.
type Key = ([u8; 32], bool);

/// How long verdicts are believed.
#[derive(Clone, Copy, Debug)]
pub struct CacheTimes {
    /// Good ones. This is also how long a revoked token still works.
    pub valid: TimeDelta,
    /// Bad ones.
    pub invalid: TimeDelta,
}

/// Asks Keystone, once for all who want to know the same. Clones share the cache.
#[derive(Clone, Debug)]
pub struct Verdicts {
    http: Http,
    own: OwnTokens,
    clock: Arc<dyn Clock>,
    times: CacheTimes,
    flights: Flights<Key, Kept>,
}

impl Verdicts {
    /// Keeps at most `size` verdicts.
    pub fn new(http: Http, own: OwnTokens, clock: Arc<dyn Clock>, times: CacheTimes, size: u64) -> Self {
        Self {
            http,
            own,
            clock,
            times,
            flights: Flights::new(size),
        }
    }

    /// What a token is worth now. With `allow_expired`, one that has ended may still be worth what it was.
    ///
    /// # Errors
    /// [`Trouble`], which is logged once for all who wait for the same answer.
    pub async fn of(&self, token: &str, allow_expired: bool) -> Result<Verdict, Arc<Trouble>> {
        let subject = HeaderValue::from_str(token).ok();
        // Keystone's tokens are plain text, so that nothing else has to be sent there.
        let Some(mut subject) = subject.filter(|_sendable| token.bytes().all(|c| c.is_ascii_graphic())) else {
            return Ok(Verdict::Invalid);
        };
        subject.set_sensitive(true);
        let now = self.clock.now();
        let digest: [u8; 32] = Sha256::digest(token).into();
        let good = move |kept: &Arc<Kept>| kept.good_until > now;
        if let Some(kept) = self.flights.kept(&(digest, allow_expired)).await.filter(good) {
            return Ok(kept.verdict.clone());
        }
        // The answer to the other question often answers this one too.
        let other = self.flights.kept(&(digest, !allow_expired)).await;
        if let Some(kept) = other.filter(good) {
            let answers = match &kept.verdict {
                Verdict::Valid(identity) => allow_expired || identity.ends > now,
                Verdict::Invalid | Verdict::Nobody => !allow_expired,
            };
            if answers {
                return Ok(kept.verdict.clone());
            }
        }
        let asker = self.clone();
        let make = async move { asker.ask(&subject, allow_expired).await };
        let kept = self.flights.get((digest, allow_expired), good, make).await?;
        Ok(kept.verdict.clone())
    }

    async fn ask(&self, subject: &HeaderValue, allow_expired: bool) -> Result<Kept, Trouble> {
        let verdict = self.verdict(subject, allow_expired).await.inspect_err(|trouble| {
            tracing::error!(cause = %trouble, "a token cannot be validated");
        })?;
        let made = self.clock.now();
        Ok(match verdict {
            // Keystone's clock may be behind ours; ours decides what we do.
            Verdict::Valid(identity) if !allow_expired && identity.ends <= made => self.bad(Verdict::Invalid, made),
            Verdict::Valid(identity) => {
                let longest = made + self.times.valid;
                let good_until = if identity.ends > made {
                    longest.min(identity.ends)
                } else {
                    longest
                };
                Kept {
                    verdict: Verdict::Valid(identity),
                    made,
                    good_until,
                }
            }
            Verdict::Invalid | Verdict::Nobody => self.bad(verdict, made),
        })
    }

    fn bad(&self, verdict: Verdict, made: DateTime<Utc>) -> Kept {
        Kept {
            verdict,
            made,
            good_until: made + self.times.invalid,
        }
    }

    async fn verdict(&self, subject: &HeaderValue, allow_expired: bool) -> Result<Verdict, Trouble> {
        let own = self.own.current(None).await?;
        let mut answer = self.http.validate(&own.value, subject, allow_expired).await?;
        let own_is_refused = match answer.status {
            StatusCode::UNAUTHORIZED => true,
            StatusCode::NOT_FOUND => token::refusal(&answer.body).is_some_and(|words| own.is_meant_by(&words)),
            _other => false,
        };
        if own_is_refused {
            // Ours was revoked, or Keystone has new keys: once more with a new one.
            tracing::info!("Keystone refused the service's own token; logging in again");
            let own = self.own.current(Some(&own)).await?;
            answer = self.http.validate(&own.value, subject, allow_expired).await?;
        }
        match answer.status {
            StatusCode::OK => Ok(match token::identity(&answer.body)? {
                Some(identity) => Verdict::Valid(Arc::new(identity)),
                None => Verdict::Nobody,
            }),
            // A proxy before a Keystone that is not up yet knows the address as little.
            StatusCode::NOT_FOUND if token::refusal(&answer.body).is_some() => Ok(Verdict::Invalid),
            StatusCode::UNAUTHORIZED => Err(Trouble::Refused(answer.status)),
            StatusCode::FORBIDDEN => Err(Trouble::MayNotValidate),
            status => Err(Trouble::Status(status)),
        }
    }
}
