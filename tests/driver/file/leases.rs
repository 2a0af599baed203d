//! Copies on a file system that cannot take an instant one.

use std::{
    fs::{File, OpenOptions},
    path::PathBuf,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use breezeblock::driver::{Kind, Progress, Retry};

use crate::{
    content::{fill, same},
    fences::wanted,
    fixture::Fixture,
};

/// Far below the time after which the kernel lets a waiting writer in anyway (45 seconds).
const MOMENT: Duration = Duration::from_secs(10);

pub async fn a_writer_that_comes_during_a_copy_spoils_it_and_does_not_wait(fx: Fixture) {
    let volume = fx.new_volume().await;
    fill(&fx.volume(volume), 256);
    let stored = fx.stored();
    let cx = wanted();
    let writer = open_during(cx.progress.clone(), fx.volume(volume));
    let error = fx.take_in(&cx, volume).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Kind::InUse, Retry::Final), "{error}");
    assert_eq!(fx.stored(), stored);
    let (file, waited) = writer.join().unwrap();
    assert!(waited < MOMENT, "{waited:?}");

    drop(file);
    let snapshot = fx.take(volume).await.unwrap();
    assert!(same(&fx.snapshot(snapshot), &fx.volume(volume)));
}

pub async fn a_reader_does_not_matter(fx: Fixture) {
    let volume = fx.new_volume().await;
    fill(&fx.volume(volume), 1);
    let reader = File::open(fx.volume(volume)).unwrap();
    let snapshot = fx.take(volume).await.unwrap();
    fx.driver.revert_to_snapshot(&wanted(), volume, snapshot).await.unwrap();
    drop(reader);
    assert!(same(&fx.snapshot(snapshot), &fx.volume(volume)));
}

pub async fn a_writer_that_comes_during_a_revert_spoils_it(fx: Fixture) {
    let volume = fx.new_volume().await;
    fill(&fx.volume(volume), 256);
    let snapshot = fx.take(volume).await.unwrap();
    let stored = fx.stored();
    let cx = wanted();
    let writer = open_during(cx.progress.clone(), fx.volume(volume));
    let error = fx.driver.revert_to_snapshot(&cx, volume, snapshot).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Kind::InUse, Retry::Final), "{error}");
    assert_eq!(fx.stored(), stored);
    let (file, waited) = writer.join().unwrap();
    assert!(waited < MOMENT, "{waited:?}");

    let kept = std::os::unix::fs::MetadataExt::ino(&fx.volume(volume).metadata().unwrap());
    assert_eq!(
        kept,
        std::os::unix::fs::MetadataExt::ino(&file.metadata().unwrap()),
        "the writer's file is the volume"
    );
}

/// Opens the volume for writing once its copy has begun, and tells how long that took.
fn open_during(progress: Progress, volume: PathBuf) -> JoinHandle<(File, Duration)> {
    thread::spawn(move || {
        while progress.percent() == 0 {
            thread::yield_now();
        }
        let asked = Instant::now();
        let file = OpenOptions::new().write(true).open(volume).unwrap();
        (file, asked.elapsed())
    })
}
