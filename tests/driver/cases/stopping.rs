//! Operations that the worker stops, or loses.

use std::future::Future;

use breezeblock::driver::{Context, DriverError, Kind, Progress};
use tokio_util::sync::CancellationToken;

use crate::{
    content::{fill, is_scattered, len, same, scatter},
    fences::{cancellable, gated, refused, wanted},
    fixture::{Fixture, GIB_1, GIB_2, snapshot_id, volume_id},
};

/// Enough for a few dozen steps of a copy.
const MUCH: u64 = 256;
/// The percentage after the last step of a copy.
const ALL_COPIED: u8 = 99;

pub async fn progress_rises_and_stays_below_100(fx: Fixture) {
    let volume = fx.new_volume().await;
    fill(&fx.volume(volume), MUCH);
    let cx = wanted();
    let seen = watch(&cx.progress, fx.take_in(&cx, volume)).await;
    assert!(seen.is_sorted(), "{seen:?}");
    assert!(seen.iter().all(|percent| *percent < 100), "{seen:?}");
    if !fx.driver.capability().reflink {
        assert!(seen.iter().any(|percent| (1..ALL_COPIED).contains(percent)), "{seen:?}");
    }
}

/// Every percentage that shows up while `operation` runs.
async fn watch<T>(progress: &Progress, operation: impl Future<Output = Result<T, DriverError>>) -> Vec<u8> {
    let mut seen = vec![progress.percent()];
    let watching = async {
        loop {
            let now = progress.percent();
            if seen.last() != Some(&now) {
                seen.push(now);
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        done = operation => drop(done.unwrap()),
        () = watching => {}
    }
    seen
}

pub async fn a_cancelled_copy_leaves_nothing(fx: Fixture) {
    let volume = fx.new_volume().await;
    fill(&fx.volume(volume), MUCH);
    let snapshot = fx.take(volume).await.unwrap();
    let stored = fx.stored();

    for operation in ["snapshot", "volume from snapshot", "volume from volume", "revert"] {
        let (cx, token) = cancellable();
        let canceller = cancel_soon(cx.progress.clone(), token, fx.driver.capability().reflink);
        let result = match operation {
            "snapshot" => fx.take_in(&cx, volume).await.map(drop),
            "volume from snapshot" => {
                fx.driver
                    .create_volume_from_snapshot(&cx, volume_id(), GIB_1, snapshot)
                    .await
            }
            "volume from volume" => {
                fx.driver
                    .create_volume_from_volume(&cx, volume_id(), GIB_1, volume)
                    .await
            }
            _ => fx.driver.revert_to_snapshot(&cx, volume, snapshot).await,
        };
        canceller.join().unwrap();
        assert_eq!(result.unwrap_err().kind(), Kind::Cancelled, "{operation}");
        assert!(cx.progress.percent() < ALL_COPIED, "{operation} went on to the end");
        assert_eq!(fx.stored(), stored, "{operation}");
        assert!(same(&fx.volume(volume), &fx.snapshot(snapshot)), "{operation}");
    }
}

/// Cancels as soon as the copy has begun, or at once where a copy takes no time.
fn cancel_soon(progress: Progress, token: CancellationToken, at_once: bool) -> std::thread::JoinHandle<()> {
    if at_once {
        token.cancel();
    }
    std::thread::spawn(move || {
        while !token.is_cancelled() {
            if progress.percent() > 0 {
                token.cancel();
            }
            std::thread::yield_now();
        }
    })
}

pub async fn a_cancelled_operation_does_not_start(fx: Fixture) {
    let volume = fx.new_volume().await;
    scatter(&fx.volume(volume), 1);
    let snapshot = fx.take(volume).await.unwrap();
    scatter(&fx.volume(volume), 2);
    let (cx, token) = cancellable();
    token.cancel();
    nothing_happens(&fx, &cx, (volume, snapshot)).await;
}

pub async fn a_refused_fence_changes_nothing(fx: Fixture) {
    let volume = fx.new_volume().await;
    scatter(&fx.volume(volume), 1);
    let snapshot = fx.take(volume).await.unwrap();
    scatter(&fx.volume(volume), 2);
    nothing_happens(&fx, &refused(), (volume, snapshot)).await;
}

/// Tries everything with a volume that has 2 in it, and its snapshot that has 1.
async fn nothing_happens(
    fx: &Fixture,
    cx: &Context,
    (volume, snapshot): (breezeblock::domain::VolumeId, breezeblock::domain::SnapshotId),
) {
    let stored = fx.stored();
    let size = len(&fx.volume(volume));
    let driver = &fx.driver;
    let results = [
        driver.create_volume(cx, volume_id(), GIB_1).await,
        driver
            .create_volume_from_snapshot(cx, volume_id(), GIB_1, snapshot)
            .await,
        driver.create_volume_from_volume(cx, volume_id(), GIB_1, volume).await,
        driver.extend_volume(cx, volume, GIB_2).await,
        driver.create_snapshot(cx, snapshot_id(), volume).await,
        driver.revert_to_snapshot(cx, volume, snapshot).await,
        driver.delete_snapshot(cx, snapshot, volume).await,
        driver.delete_volume(cx, volume).await,
    ];
    for (number, result) in results.into_iter().enumerate() {
        assert_eq!(result.unwrap_err().kind(), Kind::Cancelled, "operation {number}");
    }
    assert_eq!(fx.stored(), stored);
    assert_eq!(len(&fx.volume(volume)), size);
    assert!(is_scattered(&fx.volume(volume), 2));
    assert!(is_scattered(&fx.snapshot(snapshot), 1));
}

pub async fn a_dropped_copy_leaves_nothing(fx: Fixture) {
    let volume = fx.new_volume().await;
    fill(&fx.volume(volume), MUCH);
    let stored = fx.stored();
    let snapshot = snapshot_id();
    let (cx, gate) = gated();
    let begun = async {
        while cx.progress.percent() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _never = fx.driver.create_snapshot(&cx, snapshot, volume) => unreachable!("the gate stays shut"),
        () = begun, if !fx.driver.capability().reflink => {}
        () = gate.reached() => {}
    }
    // The thread that copies goes on until it notices; the deletion has to wait for it.
    fx.driver.delete_snapshot(&wanted(), snapshot, volume).await.unwrap();
    assert!(cx.progress.percent() < ALL_COPIED, "it went on to the end");
    assert_eq!(fx.stored(), stored);
}

pub async fn a_stale_creation_cannot_follow_a_deletion(fx: Fixture) {
    let volume = fx.new_volume().await;
    let snapshot = snapshot_id();
    let stored = fx.stored();
    fx.driver
        .create_snapshot(&refused(), snapshot, volume)
        .await
        .unwrap_err();
    fx.driver.delete_snapshot(&wanted(), snapshot, volume).await.unwrap();
    assert_eq!(fx.stored(), stored);

    // The other way round: the deletion comes while the stale worker is about to finish.
    let (cx, gate) = gated();
    let stale = fx.driver.create_snapshot(&cx, snapshot, volume);
    let deletion = async {
        gate.reached().await;
        let cx = wanted();
        let (deleted, ()) = tokio::join!(fx.driver.delete_snapshot(&cx, snapshot, volume), async { gate.open() });
        deleted.unwrap();
    };
    let (created, ()) = tokio::join!(stale, deletion);
    created.unwrap();
    assert_eq!(fx.stored(), stored);
}
