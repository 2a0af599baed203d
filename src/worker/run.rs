//! The loop around the step: wake, claim, perform side by side, shut down.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio::{sync::Semaphore, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Worker, reconcile};
use crate::{breakpoint, domain::Task, wakeup::Wakeup};

/// How often expired messages are removed (Cinder: daily).
const REAP_INTERVAL: Duration = Duration::from_hours(1);

/// How long a deleted row still serves as the marker of a list, at least.
const TOMBSTONES_KEPT: TimeDelta = TimeDelta::hours(1);

/// Works until `stop` fires, then claims no more, gives running tasks `grace` to finish, and gives the
/// rest back so that another worker need not wait for their leases to run out.
pub async fn run(worker: Worker, wakeup: Wakeup, stop: CancellationToken, grace: Duration) {
    let worker = worker.hearing(&wakeup);
    let permits = Arc::new(Semaphore::new(worker.options.concurrency.max(1)));
    let running = TaskTracker::new();
    // Fires when the grace is over; what still runs then is abandoned and given back.
    let abandon = CancellationToken::new();
    let mut reap = tokio::time::interval(REAP_INTERVAL);

    let mut looked = None;
    running.spawn(reconcile::regularly(worker.clone(), stop.clone()));

    while !stop.is_cancelled() {
        free_stranded(&worker, &mut looked).await;
        let permit = tokio::select! {
            () = stop.cancelled() => break,
            permit = Arc::clone(&permits).acquire_owned() => match permit {
                Ok(permit) => permit,
                Err(_closed) => break,
            },
        };
        // Whoever else is free gets work with the same claim.
        let mut free = vec![permit];
        free.extend(std::iter::from_fn(|| Arc::clone(&permits).try_acquire_owned().ok()));
        let tasks = match worker.claim_at_most(free.len()).await {
            Ok(tasks) => tasks,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "cannot look for tasks");
                Vec::new()
            }
        };
        if tasks.is_empty() {
            drop(free);
            idle(&worker, &wakeup, &stop, &mut reap).await;
            continue;
        }
        for (task, permit) in tasks.into_iter().zip(free) {
            let (worker, abandon, wakeup) = (worker.clone(), abandon.clone(), wakeup.clone());
            running.spawn(async move {
                perform_or_give_back(&worker, &task, &abandon).await;
                drop(permit);
                // A finished task may be what another one waits for.
                wakeup.notify();
            });
        }
    }

    running.close();
    if tokio::time::timeout(grace, running.wait()).await.is_err() {
        tracing::info!("giving back the tasks that did not finish in time");
        abandon.cancel();
        running.wait().await;
    }
}

async fn perform_or_give_back(worker: &Worker, task: &Task, abandon: &CancellationToken) {
    tokio::select! {
        done = worker.perform(task.clone()) => {
            if let Err(error) = done {
                // The lease runs out and the task comes back.
                tracing::error!(resource = %task.resource, %error, "cannot finish a task");
            }
        }
        () = abandon.cancelled() => {
            match worker.store.task_release(task).await {
                Ok(()) => breakpoint::hit("worker.released"),
                Err(error) => tracing::warn!(resource = %task.resource, %error, "cannot give a task back"),
            }
        }
    }
}

/// Looks for claims that a clock that was set back has stranded, a few times within the shortest lease.
async fn free_stranded(worker: &Worker, looked: &mut Option<Instant>) {
    let now = Instant::now();
    if looked.is_some_and(|last| now.duration_since(last) < worker.options.lease / 3) {
        return;
    }
    *looked = Some(now);
    if let Err(error) = worker.free_stranded(now).await {
        tracing::warn!(%error, "cannot look for stranded claims");
    }
}

/// Waits for a call, at most one poll interval with jitter, so that several workers do not look at
/// the same moment.
async fn idle(worker: &Worker, wakeup: &Wakeup, stop: &CancellationToken, reap: &mut tokio::time::Interval) {
    let jitter = rand::random_range(0.9..1.1);
    tokio::select! {
        () = stop.cancelled() => {}
        () = wakeup.notified() => {}
        () = tokio::time::sleep(worker.options.poll_interval.mul_f64(jitter)) => {}
        _tick = reap.tick() => sweep(worker).await,
    }
}

/// Removes what is kept for a while only.
async fn sweep(worker: &Worker) {
    let (store, now) = (&worker.store, worker.clock.now());
    let forgotten = now - TOMBSTONES_KEPT;
    for (what, done) in [
        ("messages", store.message_expire(now).await),
        ("snapshot tombstones", store.snapshot_tombstones_sweep(forgotten).await),
        ("volume tombstones", store.volume_tombstones_sweep(forgotten).await),
        ("revocations", store.revocations_sweep(now).await),
    ] {
        match done {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "expired {what} removed"),
            Err(error) => tracing::warn!(%error, "cannot remove expired {what}"),
        }
    }
}
