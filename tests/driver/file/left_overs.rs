//! What a killed process leaves.

use std::{
    fs::{self, File},
    process::Command,
};

use breezeblock::driver::{Kind, Retry};

use crate::{
    content::scatter,
    fences::{refused, wanted},
    fixture::{Fixture, GIB_1, GIB_2, snapshot_id, volume_id},
};

pub async fn the_next_operation_removes_a_killed_one_s_file(fx: Fixture) {
    let volume = fx.new_volume().await;
    let snapshot = fx.take(volume).await.unwrap();
    let stored = fx.stored();
    let volume_temp = fx.root().join(format!("volumes/.volume-{volume}.tmp"));
    let snapshot_temp = fx.root().join(format!("snapshots/.snapshot-{snapshot}.tmp"));
    let driver = &fx.driver;
    for number in 0..4 {
        fs::write(&volume_temp, "half").unwrap();
        fs::write(&snapshot_temp, "half").unwrap();
        match number {
            0 => driver.create_volume(&wanted(), volume, GIB_1).await.unwrap(),
            1 => driver.revert_to_snapshot(&wanted(), volume, snapshot).await.unwrap(),
            2 => driver.extend_volume(&wanted(), volume, GIB_2).await.unwrap(),
            _ => driver
                .create_volume_from_snapshot(&wanted(), volume, GIB_1, snapshot)
                .await
                .unwrap(),
        }
        driver.create_snapshot(&wanted(), snapshot, volume).await.unwrap();
        assert_eq!(fx.stored(), stored, "operation {number}");
    }
    fs::write(&volume_temp, "half").unwrap();
    fs::write(&snapshot_temp, "half").unwrap();
    driver.delete_snapshot(&wanted(), snapshot, volume).await.unwrap();
    driver.delete_volume(&wanted(), volume).await.unwrap();
    assert!(fx.stored().is_empty());
}

pub async fn a_stale_lock_file_does_not_matter(fx: Fixture) {
    let volume = volume_id();
    fs::write(lock_file(&fx, volume), "").unwrap();
    fx.driver.create_volume(&wanted(), volume, GIB_1).await.unwrap();
    fx.driver.delete_volume(&wanted(), volume).await.unwrap();
    assert!(!lock_file(&fx, volume).exists());
}

pub async fn another_process_is_respected(fx: Fixture) {
    let volume = fx.new_volume().await;
    let lock = File::create(lock_file(&fx, volume)).unwrap();
    let mut holder = Command::new("flock")
        .arg(lock_file(&fx, volume))
        .args(["sh", "-c", "echo held; cat"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut held = [0; 5];
    std::io::Read::read_exact(holder.stdout.as_mut().unwrap(), &mut held).unwrap();
    let error = fx.driver.extend_volume(&wanted(), volume, GIB_2).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Kind::Busy, Retry::Unknown));

    drop(holder.stdin.take());
    holder.wait().unwrap();
    fx.driver.extend_volume(&wanted(), volume, GIB_2).await.unwrap();
    drop(lock);
}

pub async fn lock_files_go_with_their_objects(fx: Fixture) {
    let locks = || fx.root().join(".locks").read_dir().unwrap().count();
    let volume = fx.new_volume().await;
    scatter(&fx.volume(volume), 1);
    let snapshot = fx.take(volume).await.unwrap();
    assert_eq!(locks(), 2);

    fx.driver
        .create_snapshot(&refused(), snapshot_id(), volume)
        .await
        .unwrap_err();
    fx.driver
        .create_snapshot(&wanted(), snapshot_id(), volume_id())
        .await
        .unwrap_err();
    fx.driver
        .extend_volume(&wanted(), volume_id(), GIB_1)
        .await
        .unwrap_err();
    assert_eq!(locks(), 2, "nothing was created");

    fx.driver.delete_snapshot(&wanted(), snapshot, volume).await.unwrap();
    fx.driver.delete_volume(&wanted(), volume).await.unwrap();
    assert_eq!(locks(), 0);
}

pub async fn a_shorter_file_of_the_same_name_is_foreign(fx: Fixture) {
    let volume = volume_id();
    fs::write(fx.volume(volume), "something else").unwrap();
    let error = fx.driver.create_volume(&wanted(), volume, GIB_1).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Kind::Exists, Retry::Final));
    assert_eq!(fs::read_to_string(fx.volume(volume)).unwrap(), "something else");
}

fn lock_file(fx: &Fixture, volume: breezeblock::domain::VolumeId) -> std::path::PathBuf {
    fx.root().join(format!(".locks/volume-{volume}"))
}
