//! What the cases do to disks.

use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    process::Command,
};

pub const MIB: u64 = 1 << 20;

/// Fills the first `mib` MiB of a volume with data, and waits until the disk has it.
pub fn fill(path: &Path, mib: u64) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    for number in 0..mib {
        file.write_all_at(&piece(number), number * MIB).unwrap();
    }
    file.sync_all().unwrap();
}

/// Whether the first `mib` MiB are as [`fill`] left them.
pub fn is_filled(path: &Path, mib: u64) -> bool {
    let file = File::open(path).unwrap();
    let mut buffer = vec![0; 1 << 20];
    (0..mib).all(|number| {
        file.read_exact_at(&mut buffer, number * MIB).unwrap();
        buffer == piece(number)
    })
}

fn piece(number: u64) -> Vec<u8> {
    vec![u8::try_from(number % 255).unwrap() + 1; 1 << 20]
}

/// Takes all space of a file system, to the last block.
pub fn use_up(folder: &Path) -> PathBuf {
    let path = folder.join("filler");
    let mut file = File::create(&path).unwrap();
    for piece in [1 << 20, 4096] {
        while file.write_all(&vec![1; piece]).is_ok() {}
        // What was only promised so far is taken now, or given back.
        file.sync_all().unwrap();
    }
    path
}

/// Bytes that are free on the file system.
pub fn free(folder: &Path) -> u64 {
    let found = rustix::fs::statvfs(folder).unwrap();
    found.f_bfree * found.f_frsize
}

/// Mounts a mounted file system in another way, such as `ro`.
pub fn remount(mount: &Path, how: &str) {
    run(Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(mount));
}

/// From now on every access ends with an I/O error, and what was not yet on the disk never gets there: what happens
/// when a disk is pulled out.
pub fn pull_out(mount: &Path) {
    run(Command::new("xfs_io").args(["-x", "-c", "shutdown"]).arg(mount));
}

/// Puts the disk of [`pull_out`] in again, which is possible once nobody has anything on it open.
pub fn plug_in(mount: &Path) {
    let found = Command::new("findmnt")
        .args(["-no", "SOURCE"])
        .arg(mount)
        .output()
        .unwrap();
    let device = String::from_utf8(found.stdout).unwrap();
    let image = fs::canonicalize(mount.parent().unwrap().join("image")).unwrap();
    assert!(device.starts_with("/dev/loop"), "{device}");
    run(Command::new("umount").arg(mount));
    run(Command::new("mount").args(["-o", "loop"]).arg(image).arg(mount));
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {stderr}");
}
