//! What is in the folder, and what is only in the way.

use std::{
    fs,
    os::unix::fs::symlink,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use breezeblock::{
    domain::{LeftOver, Resource, ResourceKind},
    driver::{Driver, Kind, file::FileDriver},
};

use crate::{
    fences::wanted,
    fixture::{Fixture, snapshot_id, volume_id},
};

/// What is left over, by place, as soon as it is so many. A program that another test starts just then has our locks
/// open for a moment, until it is that program.
async fn left_overs(fx: &Fixture, count: usize) -> Vec<LeftOver> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let mut left = fx.driver.left_overs().await.unwrap();
        if left.len() == count || Instant::now() > deadline {
            left.sort_by(|one, other| one.place.cmp(&other.place));
            return left;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub async fn only_plain_files_are_objects(fx: Fixture) {
    let snapshots = fx.root().join("snapshots");
    fs::write(snapshots.join("found"), b"12345").unwrap();
    fs::write(snapshots.join(".hidden"), b"").unwrap();
    let folder = Resource::from(snapshot_id()).object_name();
    fs::create_dir(snapshots.join(&folder)).unwrap();
    let link = Resource::from(snapshot_id()).object_name();
    symlink(snapshots.join("found"), snapshots.join(&link)).unwrap();

    let [object] = fx.driver.stored_objects().await.unwrap().unwrap().try_into().unwrap();
    assert_eq!(
        (object.kind, object.name.as_str(), object.bytes),
        (ResourceKind::Snapshot, "found", 5)
    );
    assert_eq!(object.resource(), None);
    for name in [folder.as_str(), &link, ".hidden", "../volumes", "", "a/b"] {
        let found = fx.driver.stored_object(ResourceKind::Snapshot, name).await.unwrap();
        assert_eq!(found, None, "{name}");
    }
    assert_eq!(fx.driver.left_overs().await.unwrap(), []);
}

pub async fn left_overs_are_found_and_removed(fx: Fixture) {
    let volume = fx.new_volume().await;
    let (copied, locked) = (snapshot_id(), volume_id());
    let temp = |of: Resource| format!("{}s/.{}.tmp", of.kind, of.object_name());
    let lock = |of: Resource| format!(".locks/{}", of.object_name());
    for place in [
        temp(volume.into()),
        temp(copied.into()),
        lock(copied.into()),
        lock(locked.into()),
    ] {
        fs::write(fx.root().join(place), b"").unwrap();
    }
    // Not of our making.
    for place in ["volumes/.volume-7.tmp", "volumes/.storage.tmp", ".locks/other"] {
        fs::write(fx.root().join(place), b"").unwrap();
    }
    let found = |of: Resource, place: String| LeftOver {
        of,
        has_bytes: !place.starts_with(".locks"),
        place,
    };
    let left = left_overs(&fx, 3).await;
    let mut expected = [
        found(locked.into(), lock(locked.into())),
        found(copied.into(), temp(copied.into())),
        found(volume.into(), temp(volume.into())),
    ];
    expected.sort_by(|one, other| one.place.cmp(&other.place));
    assert_eq!(left, expected);

    for left_over in left {
        fx.driver.remove_left_over(&wanted(), left_over.of).await.unwrap();
    }
    assert_eq!(fx.driver.left_overs().await.unwrap(), []);
    assert!(fx.volume(volume).exists() && fx.root().join(lock(volume.into())).exists());
    assert!(!fx.root().join(lock(copied.into())).exists());
    assert!(fx.root().join(".locks/other").exists());
}

pub async fn what_somebody_works_on_is_no_left_over(fx: Fixture) {
    let of = Resource::from(snapshot_id());
    let lock = fx.root().join(".locks").join(of.object_name());
    let temp = fx.root().join(format!("snapshots/.{}.tmp", of.object_name()));
    fs::write(&temp, b"half").unwrap();
    let mut holder = Command::new("flock")
        .arg(&lock)
        .args(["sh", "-c", "echo held; cat"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut held = [0; 5];
    std::io::Read::read_exact(holder.stdout.as_mut().unwrap(), &mut held).unwrap();
    assert_eq!(fx.driver.left_overs().await.unwrap(), []);
    let busy = fx.driver.remove_left_over(&wanted(), of).await.unwrap_err();
    assert_eq!(busy.kind(), Kind::Busy);
    assert!(temp.exists());

    drop(holder.stdin.take());
    holder.wait().unwrap();
    assert_eq!(left_overs(&fx, 1).await.len(), 1);
}

pub async fn looking_makes_nothing(fx: Fixture) {
    let volume = fx.new_volume().await;
    let looking = FileDriver::inspect(fx.root()).await.unwrap();
    assert_eq!(looking.stored_objects().await.unwrap().unwrap().len(), 1);
    assert!(fx.volume(volume).exists());
    let nowhere = fx.root().join("nowhere");
    FileDriver::inspect(&nowhere).await.unwrap_err();
    assert!(!nowhere.exists());
    fs::remove_dir(fx.root().join("snapshots")).unwrap();
    FileDriver::inspect(fx.root()).await.unwrap_err();
    assert!(!fx.root().join("snapshots").exists());
}
