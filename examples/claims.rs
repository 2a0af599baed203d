//! Works on tasks whose work is nothing: what `make bench` counts claims per second with.
//!
//! ```text
//! claims DATABASE_URL BACKEND_HOST
//! ```
//!
//! Sixteen workers of one process step side by side until nothing is left, and it prints how many tasks they have finished
//! and when, in microseconds since 1970, the first was claimed and the last was done. Several processes may share a database.

use std::{
    env,
    error::Error,
    io::Write as _,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use breezeblock::{
    clock::{Clock, RandomIds, SystemClock},
    domain::{BackendHost, Gib, SnapshotId, VolumeId},
    driver::{Capability, Context, Driver, DriverError},
    store::{Database, Store, StoreError},
    worker::{Options, Step, Worker},
};
use chrono::TimeDelta;
use tokio::time::{Instant, sleep};
use tokio_util::task::TaskTracker;

const SIDE_BY_SIDE: usize = 16;
/// A worker sees nothing while others hold what is left, so it looks again for so long before it ends.
const PATIENCE: Duration = Duration::from_millis(200);

const OPTIONS: Options = Options {
    concurrency: SIDE_BY_SIDE,
    lease: Duration::from_secs(30),
    poll_interval: Duration::from_secs(1),
    max_attempts: 3,
    message_ttl: TimeDelta::days(1),
    reconcile_interval: None,
};

/// Succeeds at once.
#[derive(Debug)]
struct Nothing;

#[derive(Debug, Default)]
struct Tally {
    finished: AtomicU64,
    last: AtomicI64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let [url, host] = env::args()
        .skip(1)
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_other| "usage: claims DATABASE_URL HOST@BACKEND#POOL")?;
    let (machine, backend) = host
        .split_once('@')
        .and_then(|(machine, rest)| Some((machine, rest.split_once('#')?.0)))
        .ok_or("the host must be HOST@BACKEND#POOL")?;
    let database = Database {
        url,
        max_connections: 8,
    };
    let store = Store::open(&database).await?;
    let worker = Worker::new(
        store.clone(),
        BackendHost::new(machine, backend),
        Arc::new(Nothing),
        Arc::new(SystemClock),
        Arc::new(RandomIds),
        OPTIONS,
    );
    let first = SystemClock.now().timestamp_micros();
    let tally = Arc::new(Tally::default());
    let workers = TaskTracker::new();
    let running: Vec<_> = (0..SIDE_BY_SIDE)
        .map(|_worker| workers.spawn(work(worker.clone(), Arc::clone(&tally))))
        .collect();
    for worker in running {
        worker.await??;
    }
    store.close().await;
    let (finished, last) = (&tally.finished, &tally.last);
    let (finished, last) = (finished.load(Ordering::Relaxed), last.load(Ordering::Relaxed));
    writeln!(std::io::stdout(), "{finished} {first} {last}")?;
    Ok(())
}

async fn work(worker: Worker, tally: Arc<Tally>) -> Result<(), StoreError> {
    let mut idle = Instant::now();
    while idle.elapsed() < PATIENCE {
        match worker.step().await? {
            Step::Finished(_) => {
                tally.finished.fetch_add(1, Ordering::Relaxed);
                tally
                    .last
                    .fetch_max(SystemClock.now().timestamp_micros(), Ordering::Relaxed);
                idle = Instant::now();
            }
            Step::Idle | Step::Retried(_) | Step::LeaseLost(_) => sleep(Duration::from_millis(5)).await,
        }
    }
    Ok(())
}

#[async_trait]
impl Driver for Nothing {
    fn capability(&self) -> Capability {
        Capability {
            reflink: true,
            clone_dependents: false,
            extend_in_use: true,
        }
    }

    async fn check(&self) -> Result<(), DriverError> {
        Ok(())
    }

    async fn create_volume(&self, cx: &Context, _volume: VolumeId, _size: Gib) -> Result<(), DriverError> {
        cx.confirm().await
    }

    async fn create_volume_from_snapshot(
        &self,
        cx: &Context,
        _volume: VolumeId,
        _size: Gib,
        _snapshot: SnapshotId,
    ) -> Result<(), DriverError> {
        cx.confirm().await
    }

    async fn create_volume_from_volume(
        &self,
        cx: &Context,
        _volume: VolumeId,
        _size: Gib,
        _source: VolumeId,
    ) -> Result<(), DriverError> {
        cx.confirm().await
    }

    async fn extend_volume(&self, cx: &Context, _volume: VolumeId, _size: Gib) -> Result<(), DriverError> {
        cx.confirm().await
    }

    async fn delete_volume(&self, cx: &Context, _volume: VolumeId) -> Result<(), DriverError> {
        cx.confirm().await
    }

    /// Asks whether it is still wanted, as the contract of drivers says, and is done.
    async fn create_snapshot(&self, cx: &Context, _snapshot: SnapshotId, _volume: VolumeId) -> Result<(), DriverError> {
        cx.confirm().await
    }

    async fn delete_snapshot(&self, cx: &Context, _snapshot: SnapshotId, _volume: VolumeId) -> Result<(), DriverError> {
        cx.confirm().await
    }

    async fn revert_to_snapshot(
        &self,
        cx: &Context,
        _volume: VolumeId,
        _snapshot: SnapshotId,
    ) -> Result<(), DriverError> {
        cx.confirm().await
    }
}
