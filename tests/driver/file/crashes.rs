//! The driver's process is killed at each of the points that it names.

use std::{
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Command, ExitStatus},
};

use breezeblock::{
    domain::{SnapshotId, VolumeId},
    driver::{Driver, DriverError, file::FileDriver},
};

use crate::{
    content::{is_scattered, is_zero, scatter},
    fences::wanted,
    fixture::{Fixture, GIB_1, snapshot_id, volume_id},
};

const SIGKILL: i32 = 9;
const CREATION: &[&str] = &[
    "file.temp_created",
    "file.temp_filled",
    "file.temp_synced",
    "file.renamed",
    "file.folder_synced",
];
const DELETION: &[&str] = &["file.before_unlink", "file.unlinked", "file.folder_synced"];

/// Each operation and the points that it passes.
const OPERATIONS: [(&str, &[&str]); 7] = [
    ("create volume", CREATION),
    ("create snapshot", CREATION),
    ("volume from snapshot", CREATION),
    ("volume from volume", CREATION),
    ("revert", CREATION),
    ("delete volume", DELETION),
    ("delete snapshot", DELETION),
];

/// The folder and ids, and the operation, for [`child`].
const TASK: &str = "BREEZEBLOCK_TEST_DRIVER_TASK";

/// The volume has 2 in it; its snapshot, and nothing else so far, has 1.
#[derive(Clone, Copy)]
struct Ids {
    volume: VolumeId,
    snapshot: SnapshotId,
    target: VolumeId,
}

async fn operate(driver: &dyn Driver, operation: &str, ids: Ids) -> Result<(), DriverError> {
    let Ids {
        volume,
        snapshot,
        target,
    } = ids;
    let (cx, second) = (wanted(), second(ids));
    match operation {
        "create volume" => driver.create_volume(&cx, target, GIB_1).await,
        "create snapshot" => driver.create_snapshot(&cx, second, volume).await,
        "volume from snapshot" => driver.create_volume_from_snapshot(&cx, target, GIB_1, snapshot).await,
        "volume from volume" => driver.create_volume_from_volume(&cx, target, GIB_1, volume).await,
        "revert" => driver.revert_to_snapshot(&cx, volume, snapshot).await,
        "group snapshot" => {
            let members = [(snapshot, volume), (second, target)];
            driver.create_group_snapshot(&cx, &members, true).await
        }
        "delete volume" => driver.delete_volume(&cx, volume).await,
        "delete snapshot" => driver.delete_snapshot(&cx, snapshot, volume).await,
        other => panic!("no operation {other}"),
    }
}

/// The snapshot that "create snapshot" takes.
fn second(ids: Ids) -> SnapshotId {
    SnapshotId::new(ids.target.uuid())
}

pub async fn a_killed_operation_is_all_or_nothing(fx: Fixture) {
    for (operation, points) in OPERATIONS {
        for point in points {
            let ids = prepare(&fx).await;
            let status = killed_at(point, fx.root(), operation, ids);
            assert_eq!(status.signal(), Some(SIGKILL), "{operation} at {point}: {status}");
            assert_all_or_nothing(&fx, operation, ids, false);

            operate(&*fx.driver, operation, ids).await.unwrap();
            assert_all_or_nothing(&fx, operation, ids, true);
            assert!(
                !fx.stored().iter().any(|name| name.starts_with('.')),
                "{operation} at {point}"
            );
            clean(&fx, ids).await;
            assert!(fx.stored().is_empty(), "{operation} at {point}: {:?}", fx.stored());
        }
    }
}

/// Some of the files may have their names when it dies. They are of no use by themselves: the next attempt, for
/// which the volumes have changed, either finds all there or takes all anew.
pub async fn a_killed_group_snapshot_is_of_one_moment_after_the_next_attempt(fx: Fixture) {
    for point in CREATION {
        let ids = Ids {
            volume: fx.new_volume().await,
            snapshot: snapshot_id(),
            target: fx.new_volume().await,
        };
        let volumes = [ids.volume, ids.target].map(|id| fx.volume(id));
        for path in &volumes {
            scatter(path, 1);
        }
        let status = killed_at(point, fx.root(), "group snapshot", ids);
        assert_eq!(status.signal(), Some(SIGKILL), "{point}: {status}");

        for path in &volumes {
            scatter(path, 2);
        }
        operate(&*fx.driver, "group snapshot", ids).await.unwrap();
        let seed = if *point == "file.folder_synced" { 1 } else { 2 };
        for snapshot in [ids.snapshot, second(ids)] {
            assert!(is_scattered(&fx.snapshot(snapshot), seed), "{point}");
        }
        assert!(!fx.stored().iter().any(|name| name.starts_with('.')), "{point}");
        clean(&fx, ids).await;
        assert!(fx.stored().is_empty(), "{point}: {:?}", fx.stored());
    }
}

async fn prepare(fx: &Fixture) -> Ids {
    let volume = fx.new_volume().await;
    scatter(&fx.volume(volume), 1);
    let snapshot = fx.take(volume).await.unwrap();
    scatter(&fx.volume(volume), 2);
    Ids {
        volume,
        snapshot,
        target: volume_id(),
    }
}

async fn clean(fx: &Fixture, ids: Ids) {
    for volume in [ids.volume, ids.target] {
        fx.driver.delete_volume(&wanted(), volume).await.unwrap();
    }
    for snapshot in [ids.snapshot, second(ids)] {
        fx.driver
            .delete_snapshot(&wanted(), snapshot, ids.volume)
            .await
            .unwrap();
    }
}

/// What the operation changes is as before or as it should be; `done` rules out "as before".
fn assert_all_or_nothing(fx: &Fixture, operation: &str, ids: Ids, done: bool) {
    let has = |path: &Path, seed| path.exists() && is_scattered(path, seed);
    let (volume, target) = (fx.volume(ids.volume), fx.volume(ids.target));
    let (snapshot, second) = (fx.snapshot(ids.snapshot), fx.snapshot(second(ids)));
    let (before, after) = match operation {
        "create volume" => (!target.exists(), target.exists() && is_zero(&target, &(0..u64::MAX))),
        "create snapshot" => (!second.exists(), has(&second, 2)),
        "volume from snapshot" => (!target.exists(), has(&target, 1)),
        "volume from volume" => (!target.exists(), has(&target, 2)),
        "revert" => (has(&volume, 2), has(&volume, 1)),
        "delete volume" => (has(&volume, 2), !volume.exists()),
        _ => (has(&snapshot, 1), !snapshot.exists()),
    };
    assert!(
        after || (before && !done),
        "{operation}: before {before}, after {after}"
    );
}

fn killed_at(point: &str, root: &Path, operation: &str, ids: Ids) -> ExitStatus {
    let task = [
        root.to_str().unwrap(),
        operation,
        &ids.volume.to_string(),
        &ids.snapshot.to_string(),
        &ids.target.to_string(),
    ];
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "file::crashes::child"])
        .env("BREEZEBLOCK_BREAKPOINT", point)
        .env(TASK, task.join("\n"))
        .output()
        .unwrap()
        .status
}

/// Not a test of its own: [`killed_at`] runs it in another process.
#[tokio::test]
async fn child() {
    let Ok(task) = std::env::var(TASK) else { return };
    let [root, operation, volume, snapshot, target] = task.lines().collect::<Vec<_>>()[..] else {
        panic!("not a task: {task}")
    };
    let ids = Ids {
        volume: volume.parse().unwrap(),
        snapshot: snapshot.parse().unwrap(),
        target: target.parse().unwrap(),
    };
    let driver = FileDriver::open(Path::new(root)).await.unwrap();
    operate(&driver, operation, ids).await.unwrap();
}
