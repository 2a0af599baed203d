//! Snapshots of a volume that a program is writing to all the time.

use breezeblock::driver::{Kind, Retry};

use crate::{
    content::same,
    fences::wanted,
    fixture::Fixture,
    writer::{ANNOUNCED, BLOCKS, Mode, Writer, writes_in},
};

const RUNS: u64 = 20;

pub async fn buffered_writes(fx: Fixture) {
    written(fx, Mode::Buffered).await;
}

pub async fn direct_writes(fx: Fixture) {
    written(fx, Mode::Direct).await;
}

pub async fn mapped_writes(fx: Fixture) {
    written(fx, Mode::Mmap).await;
}

async fn written(fx: Fixture, mode: Mode) {
    if fx.driver.capability().reflink {
        exact_under_a_writer(&fx, mode).await;
    } else {
        refused_under_a_writer(&fx, mode).await;
    }
}

/// Every snapshot has all writes up to one of them and none after it.
async fn exact_under_a_writer(fx: &Fixture, mode: Mode) {
    let mut counts = Vec::new();
    for seed in 0..RUNS {
        let volume = fx.new_volume().await;
        let writer = Writer::start(&fx.volume(volume), mode, seed);
        let snapshot = fx.take(volume).await.unwrap();
        drop(writer);
        let count = writes_in(&fx.snapshot(snapshot), &fx.volume(volume), mode == Mode::Mmap)
            .unwrap_or_else(|problem| panic!("{mode} writes, run {seed}: {problem}"));
        assert!(
            count >= ANNOUNCED,
            "{mode} writes, run {seed}: {count} are older than the call"
        );
        counts.push(count);
        fx.driver.delete_snapshot(&wanted(), snapshot, volume).await.unwrap();
        fx.driver.delete_volume(&wanted(), volume).await.unwrap();
    }
    #[expect(clippy::print_stdout, reason = "the evidence, for those who run with --nocapture")]
    {
        println!("{mode} writes in the snapshots: {counts:?} of {BLOCKS}");
    }
    let cut = counts.iter().filter(|count| **count < BLOCKS).count() as u64;
    assert!(
        cut > RUNS / 2,
        "the snapshots came too late to show anything: {counts:?} of {BLOCKS}"
    );
}

/// No snapshot as long as somebody could write, and the reason; afterwards an equal one.
async fn refused_under_a_writer(fx: &Fixture, mode: Mode) {
    let volume = fx.new_volume().await;
    let mut writer = Writer::start(&fx.volume(volume), mode, 0);
    let stored = fx.stored();
    for finished in [false, true] {
        if finished {
            writer.finish();
        }
        let error = fx.take(volume).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (Kind::InUse, Retry::Final));
        for word in [
            format!("volume-{volume} is open for writing"),
            "close".to_owned(),
            "XFS".to_owned(),
        ] {
            assert!(error.cause().contains(&word), "{error}");
        }
        assert_eq!(fx.stored(), stored);
    }
    drop(writer);
    let snapshot = fx.take(volume).await.unwrap();
    assert!(same(&fx.snapshot(snapshot), &fx.volume(volume)));
    assert_eq!(writes_in(&fx.snapshot(snapshot), &fx.volume(volume), false), Ok(BLOCKS));
}
