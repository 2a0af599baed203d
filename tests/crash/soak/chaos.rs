//! Hurts a cluster at random: processes and the database are killed, frozen and restarted.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use rand::{RngExt, rngs::StdRng};
use rustix::process::Signal;

use super::{
    cluster::{Cluster, FRONTS, WORKERS},
    front::Front,
};

/// Longer than `worker.lease`, so that a frozen worker is overtaken.
const FROZEN: Duration = Duration::from_millis(4500);

#[derive(Debug)]
pub struct Chaos {
    pub cluster: Arc<Cluster>,
    pub front: Arc<Front>,
    pub random: StdRng,
    pub done: BTreeMap<&'static str, usize>,
}

impl Chaos {
    /// Goes on until `end`; leaves everything running.
    pub async fn run(mut self, end: Instant) -> BTreeMap<&'static str, usize> {
        while Instant::now() < end {
            self.pause(200..1500).await;
            let what = self.hurt().await;
            *self.done.entry(what).or_default() += 1;
        }
        self.cluster.assert_alive().await;
        self.done
    }

    async fn hurt(&mut self) -> &'static str {
        let front = FRONTS[self.random.random_range(0..2)];
        let worker = WORKERS[self.random.random_range(0..2)];
        let cluster = Arc::clone(&self.cluster);
        match self.random.random_range(0..100) {
            0..30 => {
                cluster.kill(worker).await;
                self.pause(0..500).await;
                cluster.run(worker).await;
                "SIGKILL of a worker"
            }
            30..50 => {
                cluster.kill(front).await;
                self.pause(0..500).await;
                cluster.run(front).await;
                "SIGKILL of an API"
            }
            50..65 => {
                // In the middle of a transaction it keeps its locks.
                self.front.excuse(FROZEN);
                cluster.signal(worker, Signal::STOP).await;
                tokio::time::sleep(FROZEN).await;
                cluster.signal(worker, Signal::CONT).await;
                "SIGSTOP of a worker"
            }
            65..72 => {
                self.front.excuse(FROZEN);
                cluster.signal(front, Signal::STOP).await;
                tokio::time::sleep(FROZEN).await;
                cluster.signal(front, Signal::CONT).await;
                "SIGSTOP of an API"
            }
            72..86 => {
                for number in [worker, front] {
                    cluster.stop(number).await;
                    cluster.run(number).await;
                }
                "rolling restart"
            }
            86..95 => self.database(Signal::QUIT, "immediate stop of PostgreSQL").await,
            _ => self.database(Signal::KILL, "SIGKILL of PostgreSQL").await,
        }
    }

    async fn database(&mut self, signal: Signal, what: &'static str) -> &'static str {
        self.front.excuse(Duration::from_mins(1));
        self.cluster.postgres.kill(signal).await;
        self.pause(0..2000).await;
        self.cluster.postgres.go_on().await;
        what
    }

    /// A time that somebody is down, or everybody is well: what is random is part of the test.
    async fn pause(&mut self, milliseconds: std::ops::Range<u64>) {
        tokio::time::sleep(Duration::from_millis(self.random.random_range(milliseconds))).await;
    }
}
