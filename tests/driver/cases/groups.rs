//! Snapshots of several volumes: all or none, and one moment where that is asked for.

use breezeblock::{
    domain::{SnapshotId, VolumeId},
    driver::{Kind, Retry},
};

use crate::{
    content::{is_scattered, same, scatter},
    fences::{refused, wanted},
    fixture::{Fixture, snapshot_id, volume_id},
    writer::{Mode, Writer, writes_in},
};

/// Three volumes with 1, 2 and 3 in them, and where their snapshots go.
async fn members(fx: &Fixture) -> Vec<(SnapshotId, VolumeId)> {
    let mut members = Vec::new();
    for seed in 1..=3 {
        let volume = fx.new_volume().await;
        scatter(&fx.volume(volume), seed);
        members.push((snapshot_id(), volume));
    }
    members
}

pub async fn all_volumes_are_taken_once(fx: Fixture) {
    let members = members(&fx).await;
    fx.driver
        .create_group_snapshot(&wanted(), &members, true)
        .await
        .unwrap();
    for (snapshot, volume) in &members {
        assert!(same(&fx.snapshot(*snapshot), &fx.volume(*volume)));
        scatter(&fx.volume(*volume), 9);
    }
    // Asked again, they are there already.
    fx.driver
        .create_group_snapshot(&wanted(), &members, true)
        .await
        .unwrap();
    for ((snapshot, _volume), seed) in members.iter().zip(1..) {
        assert!(is_scattered(&fx.snapshot(*snapshot), seed));
    }
    assert_eq!(fx.stored().len(), 6, "{:?}", fx.stored());
}

pub async fn a_missing_volume_spoils_all(fx: Fixture) {
    let mut members = members(&fx).await;
    let missing = volume_id();
    members.push((snapshot_id(), missing));
    let before = fx.stored();
    let error = fx
        .driver
        .create_group_snapshot(&wanted(), &members, false)
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Kind::NotFound, Retry::Final));
    assert!(error.cause().contains(&missing.to_string()), "{error}");
    assert_eq!(fx.stored(), before);
}

pub async fn what_is_not_wanted_leaves_nothing(fx: Fixture) {
    let members = members(&fx).await;
    let before = fx.stored();
    let error = fx
        .driver
        .create_group_snapshot(&refused(), &members, false)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Cancelled);
    assert_eq!(fx.stored(), before);
}

/// What a killed attempt published is taken back by the next one, which begins anew.
pub async fn a_half_that_is_there_is_taken_again(fx: Fixture) {
    let members = members(&fx).await;
    let (first, volume) = members[0];
    fx.driver.create_snapshot(&wanted(), first, volume).await.unwrap();
    scatter(&fx.volume(volume), 9);
    fx.driver
        .create_group_snapshot(&wanted(), &members, true)
        .await
        .unwrap();
    assert!(
        is_scattered(&fx.snapshot(first), 9),
        "not of the same moment as the others"
    );

    // And if that attempt fails, nothing is left of either.
    let (second, other) = members[1];
    fx.driver.delete_snapshot(&wanted(), first, volume).await.unwrap();
    fx.driver.delete_volume(&wanted(), other).await.unwrap();
    let error = fx
        .driver
        .create_group_snapshot(&wanted(), &members, true)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    for (snapshot, _volume) in &members {
        assert!(!fx.snapshot(*snapshot).exists(), "{second}");
    }
}

/// One volume that is written to has a moment of its own, which is that of all where blocks are shared.
pub async fn one_writer(fx: Fixture) {
    let members = members(&fx).await;
    let fresh = fx.new_volume().await;
    let mut all = members.clone();
    all.push((snapshot_id(), fresh));
    let before = fx.stored();
    let writer = Writer::start(&fx.volume(fresh), Mode::Buffered, 1);
    let taken = fx.driver.create_group_snapshot(&wanted(), &all, true).await;
    drop(writer);
    if fx.driver.capability().reflink {
        taken.unwrap();
        let (snapshot, volume) = all[3];
        writes_in(&fx.snapshot(snapshot), &fx.volume(volume), false).unwrap();
    } else {
        let error = taken.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (Kind::InUse, Retry::Final));
        assert!(error.cause().contains(&format!("volume-{fresh}")), "{error}");
        assert_eq!(fx.stored(), before);
    }
}

/// Two that are written to have no common moment. Who does not ask for one gets two where blocks are shared.
pub async fn two_writers(fx: Fixture) {
    let all = [
        (snapshot_id(), fx.new_volume().await),
        (snapshot_id(), fx.new_volume().await),
    ];
    let before = fx.stored();
    let writers = all.map(|(_, volume)| Writer::start(&fx.volume(volume), Mode::Buffered, 1));
    let error = fx
        .driver
        .create_group_snapshot(&wanted(), &all, true)
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Kind::InUse, Retry::Final));
    assert_eq!(fx.stored(), before);
    let taken = fx.driver.create_group_snapshot(&wanted(), &all, false).await;
    drop(writers);
    if fx.driver.capability().reflink {
        taken.unwrap();
        for (snapshot, volume) in all {
            writes_in(&fx.snapshot(snapshot), &fx.volume(volume), false).unwrap();
        }
    } else {
        assert_eq!(taken.unwrap_err().kind(), Kind::InUse);
        assert_eq!(fx.stored(), before);
    }
}
