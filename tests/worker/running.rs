//! The loop: calls wake it, and so much runs at a time.

use std::time::Duration;

use breezeblock::{
    domain::{Operation, VolumeStatus},
    service::{DeleteOptions, Source},
    worker::{self, Options, Worker},
};
use chrono::TimeDelta;
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{
    script::Act,
    world::{MESSAGE_TTL, OPTIONS, World, call},
};

/// A worker's loop in the background.
pub struct Loop {
    tasks: JoinSet<()>,
    stop: CancellationToken,
}

impl Loop {
    pub fn start(world: &World, worker: Worker, grace: Duration) -> Self {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        tasks.spawn(worker::run(worker, world.wakeup.clone(), stop.clone(), grace));
        Self { tasks, stop }
    }

    /// Tells it to stop.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits for its end.
    pub async fn ended(self) {
        let ended = tokio::time::timeout(Duration::from_secs(30), self.tasks.join_all()).await;
        assert!(ended.is_ok(), "it does not end");
    }
}

/// Runs the world's worker while `scenario` goes on.
async fn while_running(world: &World, worker: Worker, scenario: impl Future<Output = ()>) {
    let running = Loop::start(world, worker, Duration::from_secs(30));
    scenario.await;
    running.stop();
    running.ended().await;
}

async fn all_done(world: &World) {
    world.eventually(async || world.tasks().await.is_empty()).await;
}

pub async fn accepted_work_is_done(world: &World) {
    // Accepted before the loop starts, and while it sleeps.
    let before = world.accept_volume(Source::Empty).await;
    while_running(world, world.worker.clone(), async {
        all_done(world).await;
        assert_eq!(world.volume_now(before.id).await.status, VolumeStatus::Available);
        let later = world.accept_volume(Source::Empty).await;
        all_done(world).await;
        assert_eq!(world.volume_now(later.id).await.status, VolumeStatus::Available);
    })
    .await;
}

pub async fn a_call_is_never_lost(world: &World) {
    // The poll is an hour away, so a call that came between a look and the sleep after it, and was
    // forgotten, would leave its work undone. Each round hits another moment of the loop.
    while_running(world, world.worker.clone(), async {
        for round in 0..40_u32 {
            world.accept_volume(Source::Empty).await;
            for _ in 0..round {
                tokio::task::yield_now().await;
            }
            world.accept_volume(Source::Empty).await;
            all_done(world).await;
        }
    })
    .await;
    assert_eq!(world.script.changes().len(), 80);
}

pub async fn finished_work_wakes_what_waits_for_it(world: &World) {
    let volume = world.volume().await;
    world.snapshot(&volume).await;
    let options = DeleteOptions {
        cascade: true,
        force: false,
    };
    // There is room for more, so the loop does not wait for room but for a call.
    let worker = world.worker_with(Options {
        concurrency: 10,
        ..OPTIONS
    });
    while_running(world, worker, async {
        let gate = world.script.pause_next();
        let id = volume.id.to_string();
        world.service.volume_delete(&call(), &id, options).await.unwrap();
        gate.reached().await;
        // Once this one is done, the loop has looked beyond the two tasks and found nothing.
        world.accept_volume(Source::Empty).await;
        world.eventually(async || world.tasks().await.len() == 2).await;
        gate.open();
        all_done(world).await;
    })
    .await;
    assert_eq!(world.find_volume(volume.id).await, None);
    assert_eq!(world.script.operations().last(), Some(&Operation::DeleteVolume));
}

pub async fn so_many_at_a_time(world: &World) {
    let gates: Vec<_> = (0..4).map(|_| world.script.pause_next()).collect();
    for _ in 0..4 {
        world.accept_volume(Source::Empty).await;
    }
    while_running(world, world.worker.clone(), async {
        gates[0].reached().await;
        gates[1].reached().await;
        let leased = async || world.tasks().await.iter().filter(|(.., leased)| *leased).count();
        assert_eq!(leased().await, OPTIONS.concurrency);
        assert_eq!(world.script.calls().len(), OPTIONS.concurrency);
        // As soon as there is room, the next one starts.
        gates[0].open();
        gates[2].reached().await;
        assert_eq!(leased().await, OPTIONS.concurrency);
        for gate in &gates[1..] {
            gate.open();
        }
        all_done(world).await;
    })
    .await;
}

pub async fn a_poll_finds_what_nobody_called_for(world: &World) {
    let volume = world.accept_volume(Source::Empty).await;
    world.script.next([Act::Unknown("nobody knows")]);
    let worker = world.worker_with(Options {
        poll_interval: Duration::from_millis(5),
        ..OPTIONS
    });
    while_running(world, worker, async {
        world.eventually(async || world.script.calls().len() == 1).await;
        // Due again, and only the clock knows.
        world.advance(TimeDelta::seconds(1));
        world
            .eventually(async || {
                world.advance(TimeDelta::seconds(1));
                world.tasks().await.is_empty()
            })
            .await;
    })
    .await;
    assert_eq!(world.volume_now(volume.id).await.status, VolumeStatus::Available);
}

pub async fn old_messages_go(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.snapshot(&volume).await;
    world
        .script
        .next([Act::Fatal(breezeblock::driver::Kind::Busy, "volumes were made from it")]);
    let id = snapshot.id.to_string();
    world.service.snapshot_delete(&call(), &id).await.unwrap();
    world.drain().await;
    world.message().await;
    world.advance(MESSAGE_TTL);
    while_running(world, world.worker.clone(), async {
        world.eventually(async || world.messages().await.is_empty()).await;
    })
    .await;
}

pub async fn a_recall_stops_the_driver_at_once(world: &World) {
    const ROUNDS: u32 = 5;
    /// At its next look the worker would notice anyway, a second after it has begun.
    const LOOK: Duration = Duration::from_secs(1);
    let volume = world.volume().await;
    let began = Instant::now();
    while_running(world, world.worker.clone(), async {
        for _ in 0..ROUNDS {
            let calls = world.script.calls().len();
            world.script.next([Act::UntilCancelled]);
            let snapshot = world.accept_snapshot(&volume).await;
            world.eventually(async || world.script.calls().len() > calls).await;
            let id = snapshot.id.to_string();
            world.service.snapshot_force_delete(&call(), &id).await.unwrap();
            all_done(world).await;
            assert_eq!(world.find_snapshot(snapshot.id).await, None);
        }
    })
    .await;
    assert!(began.elapsed() < LOOK * ROUNDS * 2 / 3, "{:?}", began.elapsed());
    assert_eq!(world.messages().await, []);
}
