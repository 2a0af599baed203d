//! From a claimed task to an outcome: calls the driver, renews the claim meanwhile, and decides what a
//! failure means.

use std::{convert::Infallible, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::{Step, Worker, backoff, fence::ClaimFence, settle::Outcome};
use crate::{
    breakpoint,
    domain::{Gib, Operation, Scope, Subject, Task},
    driver::{Context, DriverError, Kind, Retry},
    store::StoreError,
    wakeup::Recalls,
};

/// How often progress is written, and the claim looked at, while a driver works.
const LOOK: Duration = Duration::from_secs(1);

/// How often a claim is renewed at least, however long the lease: so that others can tell a worker that lives from one
/// that does not without knowing the length of its leases (see stranded.rs).
pub(super) const RENEW: Duration = Duration::from_secs(10);

impl Worker {
    /// Drives a claimed task to an outcome and writes it.
    ///
    /// # Errors
    /// [`StoreError`]; the task comes back when its lease runs out.
    pub async fn perform(&self, task: Task) -> Result<Step, StoreError> {
        let cancel = CancellationToken::new();
        let fence = ClaimFence {
            store: self.store.clone(),
            task: task.clone(),
        };
        let cx = Context::new(cancel.clone(), Arc::new(fence));

        // Side by side and not in turns: the work may have the connection that the watch waits for.
        let result = tokio::select! {
            result = self.call_driver(&cx, &task) => result?,
            never = self.watch(&cx, &task, &cancel) => match never {},
        };
        breakpoint::hit("worker.driver_done");

        match result {
            Ok(None) => self.settle(&task, Outcome::Done).await,
            Ok(Some(size)) => self.settle(&task, Outcome::Adopted(size)).await,
            Err(error) => self.failed(&task, &error).await,
        }
    }

    /// Renews the claim each third of the lease, or sooner, and shows progress each second, until the claim is lost.
    async fn watch(&self, cx: &Context, task: &Task, cancel: &CancellationToken) -> Infallible {
        let every = |period| {
            let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + period, period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        };
        let (mut renewals, mut looks) = (every(RENEW.min(self.options.lease / 3)), every(LOOK));
        let mut recalls = self.recalls.as_ref().map(Recalls::from_now_on);
        let mut shown = 0;
        while !cancel.is_cancelled() {
            tokio::select! {
                _tick = renewals.tick() => self.renew(task, cancel).await,
                _tick = looks.tick() => self.look(cx, task, cancel, &mut shown).await,
                () = recalled(recalls.as_mut()) => self.look(cx, task, cancel, &mut shown).await,
            }
        }
        std::future::pending().await
    }

    /// Holds the claim. Trouble with the database does not stop the driver, because the lease may well
    /// outlive it, and the fence has the last word.
    async fn renew(&self, task: &Task, cancel: &CancellationToken) {
        match self.store.task_renew(task, self.clock.now() + self.lease()).await {
            Ok(true) => breakpoint::hit("worker.renewed"),
            Ok(false) => lost(task, cancel),
            Err(error) => tracing::warn!(resource = %task.resource, %error, "cannot renew a claim"),
        }
    }

    /// Stops the driver soon after an admin has taken the task away, and shows how far a copy is.
    async fn look(&self, cx: &Context, task: &Task, cancel: &CancellationToken, shown: &mut u8) {
        if let Ok(false) = self.store.task_owned(task).await {
            return lost(task, cancel);
        }
        let percent = cx.progress.percent();
        let copies = matches!(
            task.operation,
            Operation::CreateSnapshot | Operation::CreateGroupSnapshot
        );
        if percent > *shown && copies {
            *shown = percent;
            if let Err(error) = self.store.task_progress(task, percent).await {
                tracing::warn!(resource = %task.resource, %error, "cannot show progress");
            }
        }
    }

    /// Decides what a driver's failure means for the task.
    async fn failed(&self, task: &Task, error: &DriverError) -> Result<Step, StoreError> {
        let source = std::error::Error::source(error).map(ToString::to_string);
        tracing::warn!(
            resource = %task.resource, operation = %task.operation, attempts = task.attempts, request_id = task.request_id,
            kind = ?error.kind(), retry = ?error.retry(), source, "{error}"
        );
        if error.kind() == Kind::Cancelled {
            // Only a lost claim cancels; then there is nothing left to write.
            return self.postpone(task, self.clock.now(), error.cause()).await;
        }
        match error.retry() {
            Retry::Final if error.kind() == Kind::Busy => self.settle(task, Outcome::Busy(error.cause())).await,
            Retry::Final => self.settle(task, Outcome::Failed(error.cause())).await,
            Retry::Later if task.attempts >= self.options.max_attempts => {
                let cause = format!("{} (gave up after {} attempts)", error.cause(), task.attempts);
                self.settle(task, Outcome::Failed(&cause)).await
            }
            Retry::Later | Retry::Unknown => {
                let wait = if error.kind() == Kind::Busy {
                    backoff::BUSY
                } else {
                    backoff::after(task.attempts)
                };
                self.postpone(task, self.clock.now() + wait, error.cause()).await
            }
        }
    }

    /// Gives the task up until `run_at`.
    async fn postpone(&self, task: &Task, run_at: DateTime<Utc>, cause: &str) -> Result<Step, StoreError> {
        let kept = self.store.task_postpone(task, run_at, cause).await?;
        breakpoint::hit("worker.postponed");
        Ok(if kept {
            Step::Retried(task.resource)
        } else {
            Step::LeaseLost(task.resource)
        })
    }

    /// The driver call of a task. The parameters are on the resource's row; a row that is gone needs no
    /// driver, and its task ends without one. Answers with the size of what was taken over.
    async fn call_driver(&self, cx: &Context, task: &Task) -> Result<Result<Option<Gib>, DriverError>, StoreError> {
        if task.operation == Operation::ManageSnapshot {
            return self.manage(cx, task).await;
        }
        let done = match task.operation.subject() {
            Subject::Snapshot => self.call_driver_for_snapshot(cx, task).await?,
            Subject::Volume => self.call_driver_for_volume(cx, task).await?,
            Subject::GroupSnapshot => self.call_driver_for_group_snapshot(cx, task).await?,
            // Its volumes have tasks of their own.
            Subject::Group => Ok(()),
        };
        Ok(done.map(|()| None))
    }

    async fn call_driver_for_snapshot(&self, cx: &Context, task: &Task) -> Result<Result<(), DriverError>, StoreError> {
        let driver = &self.driver;
        let Some(snapshot) = self.store.snapshot(&Scope::All, task.resource.snapshot()).await? else {
            return Ok(Ok(()));
        };
        Ok(match task.operation {
            Operation::CreateSnapshot => driver.create_snapshot(cx, snapshot.id, snapshot.volume_id).await,
            Operation::UnmanageSnapshot => driver.unmanage_snapshot(cx, snapshot.id).await,
            Operation::DeleteSnapshot => self.delete_snapshot(cx, &snapshot).await?,
            Operation::ManageSnapshot
            | Operation::CreateVolume
            | Operation::CreateVolumeFromSnapshot
            | Operation::CreateVolumeFromVolume
            | Operation::DeleteVolume
            | Operation::ExtendVolume
            | Operation::RevertVolume
            | Operation::CreateGroup
            | Operation::DeleteGroup
            | Operation::CreateGroupSnapshot
            | Operation::DeleteGroupSnapshot => {
                Err(DriverError::fatal(Kind::Failed, "the task is not about a snapshot"))
            }
        })
    }

    async fn call_driver_for_volume(&self, cx: &Context, task: &Task) -> Result<Result<(), DriverError>, StoreError> {
        let driver = &self.driver;
        let Some(volume) = self.store.volume(&Scope::All, task.resource.volume()).await? else {
            return Ok(Ok(()));
        };
        let (id, size) = (volume.id, volume.size);
        let incomplete = || DriverError::fatal(Kind::Failed, "the task lacks its parameters");
        Ok(match (task.operation, task.source) {
            (Operation::CreateVolume, _) => driver.create_volume(cx, id, size).await,
            (Operation::CreateVolumeFromSnapshot, Some(source)) => {
                driver
                    .create_volume_from_snapshot(cx, id, size, source.snapshot())
                    .await
            }
            (Operation::CreateVolumeFromVolume, Some(source)) => {
                driver.create_volume_from_volume(cx, id, size, source.volume()).await
            }
            (Operation::ExtendVolume, _) => match volume.target_size {
                Some(target) => driver.extend_volume(cx, id, target).await,
                None => Err(incomplete()),
            },
            (Operation::RevertVolume, Some(source)) => driver.revert_to_snapshot(cx, id, source.snapshot()).await,
            (Operation::DeleteVolume, _) => match self.snapshots_in_the_way(task).await? {
                None => driver.delete_volume(cx, id).await,
                Some(in_the_way) => Err(in_the_way),
            },
            (
                Operation::CreateVolumeFromSnapshot | Operation::CreateVolumeFromVolume | Operation::RevertVolume,
                None,
            )
            | (
                Operation::CreateSnapshot
                | Operation::DeleteSnapshot
                | Operation::ManageSnapshot
                | Operation::UnmanageSnapshot
                | Operation::CreateGroup
                | Operation::DeleteGroup
                | Operation::CreateGroupSnapshot
                | Operation::DeleteGroupSnapshot,
                _,
            ) => Err(incomplete()),
        })
    }
}

async fn recalled(recalls: Option<&mut Recalls>) {
    match recalls {
        Some(recalls) => recalls.recalled().await,
        None => std::future::pending().await,
    }
}

fn lost(task: &Task, cancel: &CancellationToken) {
    tracing::info!(resource = %task.resource, operation = %task.operation, "claim lost, stopping");
    cancel.cancel();
}
