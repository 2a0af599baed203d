//! The end of the loop: what runs is finished or given back.

use std::time::Duration;

use breezeblock::{
    domain::{Operation, VolumeStatus},
    service::Source,
    worker::{Options, Step},
};

use crate::{
    running::Loop,
    world::{OPTIONS, World},
};

pub async fn running_work_is_finished_and_no_more_claimed(world: &World) {
    let gate = world.script.pause_next();
    let first = world.accept_volume(Source::Empty).await;
    let second = world.accept_volume(Source::Empty).await;
    let worker = world.worker_with(Options {
        concurrency: 1,
        ..OPTIONS
    });
    let running = Loop::start(world, worker, Duration::from_secs(30));
    gate.reached().await;
    running.stop();
    gate.open();
    running.ended().await;

    assert_eq!(world.volume_now(first.id).await.status, VolumeStatus::Available);
    let untouched = (second.id.uuid(), Operation::CreateVolume.to_string(), 0, false);
    assert_eq!(world.tasks().await, [untouched]);
    assert_eq!(world.script.calls().len(), 1);
    assert_eq!(world.step().await, Step::Finished(second.id.into()));
}

pub async fn work_that_takes_too_long_is_given_back(world: &World) {
    let gates = [world.script.pause_next(), world.script.pause_next()];
    let volumes = [
        world.accept_volume(Source::Empty).await,
        world.accept_volume(Source::Empty).await,
    ];
    let running = Loop::start(world, world.worker.clone(), Duration::ZERO);
    for gate in &gates {
        gate.reached().await;
    }
    running.stop();
    running.ended().await;

    // As if nobody had begun, so that another worker need not wait for the lease.
    let given_back = volumes
        .each_ref()
        .map(|volume| (volume.id.uuid(), Operation::CreateVolume.to_string(), 0, false));
    assert_eq!(world.tasks().await, given_back);
    assert_eq!(world.script.changes(), []);
    for volume in &volumes {
        assert_eq!(world.step().await, Step::Finished(volume.id.into()));
    }
}

pub async fn an_idle_worker_stops_at_once(world: &World) {
    let running = Loop::start(world, world.worker.clone(), Duration::from_secs(30));
    // It has looked and found nothing, or is about to: either way nothing keeps it.
    running.stop();
    running.ended().await;
    let volume = world.accept_volume(Source::Empty).await;
    assert_eq!(world.script.calls(), []);
    assert_eq!(world.step().await, Step::Finished(volume.id.into()));
}
