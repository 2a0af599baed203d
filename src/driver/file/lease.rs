//! Read leases: the kernel's promise to say so when somebody starts to write to a file.
//!
//! `fcntl(2)` with `F_SETLEASE` grants a read lease only while **nobody** has the file open for
//! writing (or mapped shared and writable). From then on an open for writing, or a truncation,
//! waits until the holder gives the lease up or `/proc/sys/fs/lease-break-time` passes, and the
//! holder sees that somebody waits. A copy made under a lease that is intact at the end is
//! therefore exact, without any help from the writers.
//!
//! The kernel announces a broken lease with `SIGIO`, which kills a process that does not handle
//! it; [`super::FileDriver::open`] sees to that. Nobody acts on the signal: copies ask
//! [`ReadLease::held`] between two chunks.

use std::{
    fs::File,
    io,
    os::fd::AsRawFd,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// How long a refused lease is asked for again. A program that is started elsewhere in this
/// process inherits all descriptors for the moment between fork and exec, and would otherwise
/// pass for a writer of a file that is just closed.
const PATIENCE: Duration = Duration::from_millis(250);
const PAUSE: Duration = Duration::from_millis(10);

/// A read lease on an open file, given up on drop.
#[derive(Debug)]
pub(super) struct ReadLease {
    file: Arc<File>,
}

impl ReadLease {
    /// Takes the lease; `file` must be open for reading only. Blocks up to a quarter of a second.
    ///
    /// Errors: `EAGAIN` while somebody has the file open for writing, `EACCES` for a file of
    /// another owner (unless the process has `CAP_LEASE`), `EINVAL` where leases do not exist.
    pub(super) fn take(file: &Arc<File>) -> io::Result<Self> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match fcntl(file, libc::F_SETLEASE, libc::F_RDLCK) {
                Ok(_zero) => return Ok(Self { file: Arc::clone(file) }),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < deadline => {
                    thread::sleep(PAUSE);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether nobody has opened the file for writing since the lease was taken. Once `false`,
    /// somebody waits for the drop of this lease.
    pub(super) fn held(&self) -> bool {
        fcntl(&self.file, libc::F_GETLEASE, 0).is_ok_and(|kind| kind == libc::F_RDLCK)
    }
}

impl Drop for ReadLease {
    fn drop(&mut self) {
        // It can only fail when the kernel has already taken the lease away.
        let _gone = fcntl(&self.file, libc::F_SETLEASE, libc::F_UNLCK);
    }
}

#[expect(unsafe_code, reason = "no crate wraps F_SETLEASE and F_GETLEASE")]
fn fcntl(file: &File, command: libc::c_int, argument: libc::c_int) -> io::Result<libc::c_int> {
    // SAFETY: `file` is borrowed, so the descriptor is open during the call. Both commands take
    // their argument by value (F_GETLEASE ignores it), so the kernel touches no memory of ours.
    let result = unsafe { libc::fcntl(file.as_raw_fd(), command, argument) };
    if result == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(result)
}
