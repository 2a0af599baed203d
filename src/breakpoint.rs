//! Named points at which a test kills the process, to show that nothing is lost there.
//!
//! Debug builds look at `BREEZEBLOCK_BREAKPOINT`; release builds contain none of this. The process
//! kills itself with SIGKILL, so neither destructors nor the runtime can tidy up: the same as a
//! `kill -9` or an out-of-memory kill at exactly that instruction.

/// Every breakpoint, in the order in which the operations reach them. The crash test walks this
/// list; [`hit`] of a name that is not in it is a bug that the test finds.
pub const ALL: &[&str] = &[
    // The store: around the transaction that accepts work.
    "store.accept.before_commit",
    "store.accept.after_commit",
    // The worker: around the driver call and the transaction that writes the outcome.
    "worker.claimed",
    "worker.driver_done",
    "worker.finish.before_commit",
    "worker.finish.after_commit",
    // The file driver: around each step that changes the storage folder.
    "file.temp_created",
    "file.temp_filled",
    "file.temp_synced",
    "file.renamed",
    "file.folder_synced",
    "file.before_unlink",
    "file.unlinked",
];

/// Dies here if the environment names this point.
#[inline]
pub fn hit(name: &'static str) {
    #[cfg(debug_assertions)]
    if std::env::var_os("BREEZEBLOCK_BREAKPOINT").is_some_and(|wanted| wanted == name) {
        tracing::warn!(name, "breakpoint reached, dying");
        // Failing to die would only let the test run on and fail.
        let _ignored = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        loop {
            std::thread::park();
        }
    }
    #[cfg(not(debug_assertions))]
    let _unused = name;
}
