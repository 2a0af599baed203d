//! Works on tasks whose work is nothing: what `make bench` counts claims per second with.
//!
//! ```text
//! claims DATABASE_URL BACKEND_HOST
//! ```
//!
//! The worker of the service, sixteen tasks at a time, works until nothing is left. It prints how many tasks it has done and
//! when, in microseconds since 1970, it began and the last was done. Several processes may share a database.

use std::{
    env,
    error::Error,
    io::Write as _,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use breezeblock::{
    clock::{Clock, RandomIds, SystemClock},
    domain::{BackendHost, Gib, SnapshotId, VolumeId},
    driver::{Capability, Context, Driver, DriverError},
    store::{Database, Store},
    wakeup::Wakeup,
    worker::{self, Options, Worker},
};
use chrono::TimeDelta;
use tokio::time::timeout;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Without an outcome for so long nothing is left.
const PATIENCE: Duration = Duration::from_millis(500);

const OPTIONS: Options = Options {
    concurrency: 16,
    lease: Duration::from_secs(30),
    // Nobody calls when others give up what they hold.
    poll_interval: Duration::from_millis(50),
    max_attempts: 3,
    message_ttl: TimeDelta::days(1),
    reconcile_interval: None,
};

/// Succeeds at once, and counts.
#[derive(Debug, Default)]
struct Nothing {
    done: Arc<AtomicU64>,
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
    let nothing = Nothing::default();
    let done = Arc::clone(&nothing.done);
    let worker = Worker::new(
        store.clone(),
        BackendHost::new(machine, backend),
        Arc::new(nothing),
        Arc::new(SystemClock),
        Arc::new(RandomIds),
        OPTIONS,
    );
    let (wakeup, stop) = (Wakeup::default(), CancellationToken::new());
    let begun = SystemClock.now().timestamp_micros();
    let mut last = begun;
    let running = TaskTracker::new();
    running.spawn(worker::run(worker, wakeup.clone(), stop.clone(), PATIENCE));
    // It calls whenever a task has its outcome.
    while timeout(PATIENCE, wakeup.to_pass_on()).await.is_ok() {
        last = SystemClock.now().timestamp_micros();
    }
    stop.cancel();
    running.close();
    running.wait().await;
    store.close().await;
    let done = done.load(Ordering::Relaxed);
    writeln!(std::io::stdout(), "{done} {begun} {last}")?;
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
        cx.confirm().await?;
        self.done.fetch_add(1, Ordering::Relaxed);
        Ok(())
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
