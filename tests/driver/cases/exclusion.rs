//! Operations at the same time.

use std::time::{Duration, Instant};

use breezeblock::driver::{Kind, Retry};

use crate::{
    content::{GIB, len},
    fences::{gated, wanted},
    fixture::{Fixture, GIB_1, GIB_2, volume_id},
};

pub async fn a_second_operation_waits_or_is_told_to_come_back(fx: Fixture) {
    let volume = volume_id();
    let (cx, gate) = gated();
    let first = fx.driver.create_volume(&cx, volume, GIB_1);
    let others = async {
        gate.reached().await;
        let asked = Instant::now();
        let error = fx.driver.delete_volume(&wanted(), volume).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (Kind::Busy, Retry::Unknown));
        assert_eq!(
            error.cause(),
            format!("another operation on volume-{volume} is still running")
        );
        assert!(asked.elapsed() < Duration::from_secs(10));

        let cx = wanted();
        let (second, ()) = tokio::join!(fx.driver.create_volume(&cx, volume, GIB_1), async { gate.open() });
        second.unwrap();
    };
    let (first, ()) = tokio::join!(first, others);
    first.unwrap();
    assert_eq!(len(&fx.volume(volume)), GIB);
}

pub async fn different_targets_do_not_wait(fx: Fixture) {
    let volume = fx.new_volume().await;
    let (cx, gate) = gated();
    let first = fx.take_in(&cx, volume);
    let others = async {
        gate.reached().await;
        let second = fx.take(volume).await.unwrap();
        let copy = volume_id();
        fx.driver
            .create_volume_from_snapshot(&wanted(), copy, GIB_1, second)
            .await
            .unwrap();
        fx.driver.delete_volume(&wanted(), copy).await.unwrap();
        gate.open();
    };
    let (first, ()) = tokio::join!(first, others);
    first.unwrap();
}

pub async fn a_volume_being_copied_is_not_changed(fx: Fixture) {
    let volume = fx.new_volume().await;
    crate::content::fill(&fx.volume(volume), 128);
    let cx = wanted();
    let growth = async {
        // Where a copy takes no time there is none to wait for.
        while cx.progress.percent() == 0 && !fx.driver.capability().reflink {
            tokio::task::yield_now().await;
        }
        fx.driver.extend_volume(&wanted(), volume, GIB_2).await
    };
    let (taken, grown) = tokio::join!(fx.take_in(&cx, volume), growth);
    let taken = fx.snapshot(taken.unwrap());
    grown.unwrap();
    assert!(crate::content::same(&taken, &fx.volume(volume)));
}
