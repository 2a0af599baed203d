//! File systems for tests: images mounted through loop devices, one of each kind per test process.
//!
//! Nothing stays mounted when the process ends, however it ends: a small shell waits for the end of
//! its input, which the kernel closes with the process, and then unmounts and removes everything.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test without its file system must stop"
)]

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// Set to 1 where loop mounts are impossible: the tests that need them then do nothing.
const WITHOUT_MOUNTS: &str = "BREEZEBLOCK_TEST_WITHOUT_MOUNTS";

/// Unmounts with patience, because a program started by a test may still be ending.
const CARETAKER: &str = r#"
    trap '' INT TERM HUP
    cat >/dev/null
    for mount in "$0"/*/mnt; do
        for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            mountpoint -q "$mount" || break
            umount "$mount" 2>/dev/null && break
            sleep 0.1
        done
        mountpoint -q "$mount" && umount -l "$mount"
    done
    rm -rf --one-file-system "$0"
"#;

/// What the storage folder is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileSystem {
    /// Cannot share blocks between files.
    Ext4,
    /// Can.
    Xfs,
}

/// A mounted image of its own for one test, such as one that fills it up.
#[derive(Debug)]
pub struct Image {
    mount: PathBuf,
}

impl Image {
    /// Makes, formats and mounts an image of `mib` MiB; XFS takes no less than 300.
    fn new(kind: FileSystem, mib: u64) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let folder = home().join(NUMBER.fetch_add(1, Ordering::Relaxed).to_string());
        let (image, mount) = (folder.join("image"), folder.join("mnt"));
        fs::create_dir_all(&mount).expect("the target folder can be written");
        fs::File::create(&image)
            .and_then(|file| file.set_len(mib << 20))
            .expect("an image can be made");
        let mut mkfs = match kind {
            FileSystem::Ext4 => Command::new("mkfs.ext4"),
            FileSystem::Xfs => Command::new("mkfs.xfs"),
        };
        match kind {
            // No blocks for root, who runs the tests; no background work that would slow them down.
            FileSystem::Ext4 => mkfs.args(["-q", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0"]),
            FileSystem::Xfs => mkfs.args(["-q", "-m", "reflink=1"]),
        };
        run(mkfs.arg(&image));
        run(Command::new("mount").args(["-o", "loop"]).arg(&image).arg(&mount));
        Self { mount }
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.mount
    }

    /// Makes it read-only for everybody, even root.
    pub fn make_read_only(&self) {
        run(Command::new("mount").args(["-o", "remount,ro"]).arg(&self.mount));
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        // If that fails, the caretaker does it later.
        let _busy = Command::new("umount").arg(&self.mount).stderr(Stdio::null()).status();
    }
}

/// Where the image of that kind is mounted that all tests of this process share; `None` where the
/// tests were told to do without mounts.
///
/// # Panics
///
/// If mounting is impossible, with advice: a test that did not run must not look like a success.
pub fn shared(kind: FileSystem) -> Option<&'static Path> {
    static EXT4: OnceLock<Image> = OnceLock::new();
    static XFS: OnceLock<Image> = OnceLock::new();
    if !mounts_wanted() {
        return None;
    }
    let image = match kind {
        FileSystem::Ext4 => &EXT4,
        FileSystem::Xfs => &XFS,
    };
    Some(image.get_or_init(|| Image::new(kind, 2048)).path())
}

/// An image for one test; `None` where the tests were told to do without mounts.
///
/// # Panics
///
/// As [`shared`].
pub fn own(kind: FileSystem, mib: u64) -> Option<Image> {
    mounts_wanted().then(|| Image::new(kind, mib))
}

/// Whether tests that mount images should run.
fn mounts_wanted() -> bool {
    if std::env::var_os(WITHOUT_MOUNTS).is_some_and(|value| value == "1") {
        // Not println: the test harness would keep it to itself.
        let _closed = writeln!(
            std::io::stderr(),
            "SKIPPED, because {WITHOUT_MOUNTS}=1: a test that mounts an image"
        );
        return false;
    }
    true
}

/// The folder of all images of this process.
fn home() -> &'static Path {
    static HOME: OnceLock<(PathBuf, Child)> = OnceLock::new();
    let start = || {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mounts-{}", std::process::id()));
        fs::create_dir_all(&home).expect("the target folder can be written");
        // In a process group of its own, so that Ctrl-C at the terminal does not reach it.
        let mut caretaker = Command::new("sh");
        caretaker
            .args(["-c", CARETAKER])
            .arg(&home)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        std::os::unix::process::CommandExt::process_group(&mut caretaker, 0);
        let caretaker = caretaker.spawn().expect("sh can be started");
        (home, caretaker)
    };
    // The child is kept for the pipe to its input.
    &HOME.get_or_init(start).0
}

fn run(command: &mut Command) {
    let advice = format!(
        "these tests mount disk images: run them as root with loop devices, mkfs.ext4 and mkfs.xfs \
         (sudo -E cargo test --test driver), or set {WITHOUT_MOUNTS}=1 to go without them"
    );
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}\n{advice}"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {stderr}\n{advice}");
}
