//! The worker: claims tasks and drives them to an outcome.
//!
//! One [`Worker::step`] is one task from claim to outcome; production runs many side by side, tests
//! call it one at a time. After a crash nothing special happens: the lease of the dead worker's claim
//! runs out and the same claim statement picks the task up again. Drivers are idempotent, so doing it
//! again is safe.

mod backoff;
mod dependents;
mod drive;
mod fence;
mod groups;
mod manage;
mod reconcile;
mod run;
mod settle;
mod stranded;

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;

use self::reconcile::Sightings;
pub use self::{reconcile::Reconciled, run::run};
use crate::{
    breakpoint,
    clock::{Clock, Ids},
    domain::{BackendHost, LeaseToken, ResourceId, Task},
    driver::Driver,
    standing::Standing,
    store::{Store, StoreError},
    wakeup::{Recalls, Wakeup},
};

/// How a worker behaves.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Tasks at a time.
    pub concurrency: usize,
    /// How long a claim holds without being renewed.
    pub lease: Duration,
    /// How long to wait between looks at the database when nobody calls.
    pub poll_interval: Duration,
    /// Attempts before a passing failure becomes final. Failures of unknown outcome never do.
    pub max_attempts: i64,
    /// How long user messages are kept.
    pub message_ttl: TimeDelta,
    /// How often storage and database are compared; `None`: never.
    pub reconcile_interval: Option<Duration>,
}

/// Works on tasks.
#[derive(Clone, Debug)]
pub struct Worker {
    store: Store,
    host: BackendHost,
    driver: Arc<dyn Driver>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    options: Options,
    standing: Standing,
    recalls: Option<Recalls>,
    stranded: Arc<stranded::Watch>,
    sightings: Arc<Sightings>,
}

/// What one step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing was due.
    Idle,
    /// The task has its outcome, good or bad.
    Finished(ResourceId),
    /// The task will be tried again later.
    Retried(ResourceId),
    /// Somebody else has the task now, or an admin took it away; the outcome was dropped.
    LeaseLost(ResourceId),
}

impl Worker {
    /// Puts the parts together: a worker for the back end `host`, which `driver` reaches.
    pub fn new(
        store: Store,
        host: BackendHost,
        driver: Arc<dyn Driver>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        options: Options,
    ) -> Self {
        Self {
            store,
            host,
            driver,
            clock,
            ids,
            options,
            standing: Standing::default(),
            recalls: None,
            stranded: Arc::default(),
            sightings: Arc::default(),
        }
    }

    /// Lets it claim nothing while it may not.
    #[must_use]
    pub fn standing(self, standing: Standing) -> Self {
        Self { standing, ..self }
    }

    /// Lets it hear at once when work is taken away, and not only at its next look at the database.
    #[must_use]
    pub fn hearing(self, wakeup: &Wakeup) -> Self {
        Self {
            recalls: Some(wakeup.recalls()),
            ..self
        }
    }

    /// Claims one task, if one is due, and drives it to an outcome.
    ///
    /// # Errors
    /// [`StoreError`]; the task, if one was claimed, comes back when its lease runs out.
    pub async fn step(&self) -> Result<Step, StoreError> {
        match self.claim().await? {
            Some(task) => self.perform(task).await,
            None => Ok(Step::Idle),
        }
    }

    /// Claims one task, if one is due.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim(&self) -> Result<Option<Task>, StoreError> {
        Ok(self.claim_at_most(1).await?.pop())
    }

    /// Claims as many tasks as are due, at most `most`, at the price of one.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn claim_at_most(&self, most: usize) -> Result<Vec<Task>, StoreError> {
        if !self.standing.may_work() {
            return Ok(Vec::new());
        }
        let (now, most) = (self.clock.now(), i64::try_from(most).unwrap_or(i64::MAX));
        let lease = LeaseToken::new(self.ids.next());
        let tasks = self
            .store
            .tasks_claim(&self.host, lease, now, now + self.lease(), most)
            .await?;
        for task in &tasks {
            breakpoint::hit("worker.claimed");
            tracing::debug!(resource = %task.resource, operation = %task.operation, attempts = task.attempts, "claimed");
        }
        Ok(tasks)
    }

    fn lease(&self) -> TimeDelta {
        TimeDelta::from_std(self.options.lease).unwrap_or(TimeDelta::MAX)
    }
}
