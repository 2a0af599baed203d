//! Claims that a clock that was set back has stranded.
//!
//! A claim ends at a time. If its worker dies and the clock is then set back a day, that time is a day away, and
//! nobody would touch the task until then. But a time far ahead does not prove that the worker is dead: it may be on
//! a machine whose clock is right, and ours the wrong one. So nobody's clock is believed. Who lives renews its claims
//! each [`RENEW`] at least; one that has not changed for as long as a lease **while we were watching** is stranded, and
//! freed. How long that is, our own monotonic clock says, which nobody can set.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::{Worker, drive::RENEW};
use crate::{
    domain::{LeaseToken, ResourceId},
    store::{Claim, StoreError},
};

/// The claims that end too far ahead, and since when they have not changed.
#[derive(Debug, Default)]
pub(super) struct Watch(Mutex<HashMap<Holder, Seen>>);

/// Which claim it is.
type Holder = (ResourceId, LeaseToken);

/// When it ends, and since when it has said so.
type Seen = (DateTime<Utc>, Instant);

impl Watch {
    /// Takes note of all that there are `now`, and returns those that have not changed for `patience`.
    fn unchanged(&self, claims: Vec<Claim>, now: Instant, patience: Duration) -> Vec<Claim> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut watched = HashMap::with_capacity(claims.len());
        let mut stranded = Vec::new();
        for claim in claims {
            let key = (claim.resource, claim.lease);
            let since = match seen.get(&key) {
                Some((until, since)) if *until == claim.until => *since,
                Some(_) | None => now,
            };
            watched.insert(key, (claim.until, since));
            if now.duration_since(since) >= patience {
                stranded.push(claim);
            }
        }
        *seen = watched;
        stranded
    }
}

impl Worker {
    /// Frees the claims of dead workers that end too far ahead, as seen at `now`. Answers with how many; the tasks can
    /// be claimed then.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn free_stranded(&self, now: Instant) -> Result<usize, StoreError> {
        // No claim ends after one lease, unless its worker has longer ones, or another clock.
        let limit = self.clock.now() + self.lease() * 2;
        let claims = self.store.task_claims_beyond(limit).await?;
        let patience = self.options.lease.max(RENEW * 3);
        let mut freed = 0;
        for claim in self.stranded.unchanged(claims, now, patience) {
            if self.store.task_free(&claim).await? {
                tracing::warn!(
                    resource = %claim.resource, until = %claim.until,
                    "a claim that ends far ahead was not renewed; freed, as if it had run out"
                );
                freed += 1;
            }
        }
        Ok(freed)
    }
}
