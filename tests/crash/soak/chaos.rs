//! Hurts a cluster at random: processes and the database are killed, frozen and restarted; between that it leaves it
//! alone at least as long as anything was excused.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use rand::{RngExt, rngs::StdRng, seq::SliceRandom};
use rustix::process::Signal;

use super::{
    cluster::{Cluster, FRONTS, WORKERS},
    front::Front,
    trouble::Trouble,
};

/// Longer than `worker.lease` and than PostgreSQL waits for a lock, so that a frozen worker is overtaken, and whoever
/// waits for its locks is told so.
const FROZEN: Duration = Duration::from_millis(4500);
/// Milliseconds that an API is frozen.
const STUNNED: std::ops::Range<u64> = 1000..4500;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attack {
    KillWorker,
    KillApi,
    FreezeWorker,
    FreezeApi,
    Roll,
    StopDatabase,
    KillDatabase,
}

pub const ATTACKS: [Attack; 7] = [
    Attack::KillWorker,
    Attack::KillApi,
    Attack::FreezeWorker,
    Attack::FreezeApi,
    Attack::Roll,
    Attack::StopDatabase,
    Attack::KillDatabase,
];

impl Attack {
    pub const fn name(self) -> &'static str {
        match self {
            Self::KillWorker => "SIGKILL of a worker",
            Self::KillApi => "SIGKILL of an API",
            Self::FreezeWorker => "SIGSTOP of a worker",
            Self::FreezeApi => "SIGSTOP of an API",
            Self::Roll => "rolling restart",
            Self::StopDatabase => "immediate stop of PostgreSQL",
            Self::KillDatabase => "SIGKILL of PostgreSQL",
        }
    }

    /// About how long something is excused by it, aftermath included.
    const fn costs(self) -> Duration {
        match self {
            // Nobody feels it.
            Self::KillWorker => Duration::ZERO,
            Self::KillApi | Self::Roll => Duration::from_secs(2),
            Self::StopDatabase | Self::KillDatabase => Duration::from_secs(3),
            Self::FreezeApi | Self::FreezeWorker => Duration::from_secs(6),
        }
    }
}

#[derive(Debug)]
pub struct Chaos {
    pub cluster: Arc<Cluster>,
    pub front: Arc<Front>,
    pub random: StdRng,
    pub start: Instant,
    pub end: Instant,
    pub done: BTreeMap<&'static str, usize>,
}

impl Chaos {
    /// Goes on until the end; leaves everything running.
    pub async fn run(mut self) -> BTreeMap<&'static str, usize> {
        // Each once before any comes again.
        let mut left = Vec::new();
        loop {
            if left.is_empty() {
                left = ATTACKS.to_vec();
                left.shuffle(&mut self.random);
            }
            self.pause(200..1000).await;
            self.rest().await;
            let Some(index) = left.iter().position(|attack| self.fits(*attack)) else {
                break;
            };
            let attack = left.remove(index);
            self.hurt(attack).await;
            *self.done.entry(attack.name()).or_default() += 1;
        }
        self.cluster.assert_alive().await;
        self.done
    }

    /// Until half of the time was calm.
    async fn rest(&self) {
        tokio::time::sleep_until((self.start + 2 * self.excused()).into()).await;
    }

    /// Whether it will be over, and the calm behind it, before the end.
    fn fits(&self, attack: Attack) -> bool {
        let cost = attack.costs();
        Instant::now() + cost < self.end && self.start + 2 * (self.excused() + cost) < self.end
    }

    /// With the aftermath of what has just ended.
    fn excused(&self) -> Duration {
        let soon = Instant::now() + super::trouble::AFTERMATH;
        self.front.troubles.cover(|_any| true, self.start, soon)
    }

    async fn hurt(&mut self, attack: Attack) {
        let front = FRONTS[self.random.random_range(0..2)];
        let worker = WORKERS[self.random.random_range(0..2)];
        let cluster = Arc::clone(&self.cluster);
        match attack {
            Attack::KillWorker => {
                cluster.kill(worker).await;
                self.pause(0..500).await;
                cluster.run(worker).await;
            }
            Attack::KillApi => {
                self.front.troubles.begin(Trouble::Down(front));
                cluster.kill(front).await;
                self.pause(0..500).await;
                cluster.run(front).await;
                self.front.troubles.end(Trouble::Down(front));
            }
            Attack::FreezeWorker => self.freeze(worker, FROZEN).await,
            Attack::FreezeApi => {
                let lasting = Duration::from_millis(self.random.random_range(STUNNED));
                self.freeze(front, lasting).await;
            }
            Attack::Roll => {
                cluster.stop(worker).await;
                cluster.run(worker).await;
                self.front.troubles.begin(Trouble::Down(front));
                cluster.stop(front).await;
                cluster.run(front).await;
                self.front.troubles.end(Trouble::Down(front));
            }
            Attack::StopDatabase => self.database(Signal::QUIT).await,
            Attack::KillDatabase => self.database(Signal::KILL).await,
        }
    }

    async fn freeze(&self, number: usize, lasting: Duration) {
        self.front.troubles.begin(Trouble::Frozen(number));
        self.cluster.signal(number, Signal::STOP).await;
        tokio::time::sleep(lasting).await;
        self.cluster.signal(number, Signal::CONT).await;
        self.front.troubles.end(Trouble::Frozen(number));
    }

    async fn database(&mut self, signal: Signal) {
        self.front.troubles.begin(Trouble::Database);
        self.cluster.postgres.kill(signal).await;
        self.pause(0..1000).await;
        self.cluster.postgres.go_on().await;
        self.front.troubles.end(Trouble::Database);
    }

    /// A time that somebody is down, or everybody is well: what is random is part of the test.
    async fn pause(&mut self, milliseconds: std::ops::Range<u64>) {
        tokio::time::sleep(Duration::from_millis(self.random.random_range(milliseconds))).await;
    }
}
