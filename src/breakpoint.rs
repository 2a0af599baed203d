//! Named points at which a test kills the process, to show that nothing is lost there.
//!
//! Debug builds look at `BREEZEBLOCK_BREAKPOINT`, which is a name, or `name@3` for the third time that the process
//! comes past, with `:stop` behind it to be frozen there instead (SIGSTOP) and to go on when it is told to; release
//! builds contain none of this. The process kills itself with SIGKILL, so neither destructors
//! nor the runtime can tidy up: the same as a `kill -9` or an out-of-memory kill at exactly that instruction.
//!
//! **There is no list of the points.** A call of [`hit`] with its name is all that a new one needs. The crash tests
//! read the names from the source text, and let the program write which ones each operation passes (the log target
//! is this module's, at level TRACE); so a point that no operation of the tests reaches is a failure, and so is a
//! change of the storage or a commit without a point behind it. A registry that the linker fills (`linkme`,
//! `inventory`) would say the same about the names, but ships in releases, needs unsafe code, and knows nothing
//! about the calls that lack a point.

/// Dies here if the environment names this point.
#[inline]
pub fn hit(name: &'static str) {
    #[cfg(debug_assertions)]
    debug::hit(name);
    #[cfg(not(debug_assertions))]
    let _unused = name;
}

#[cfg(debug_assertions)]
mod debug {
    use std::sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    };

    use rustix::process::{Signal, getpid, kill_process};

    struct Wanted {
        name: String,
        /// How often the process has still to come past, counting the last time.
        left: AtomicU32,
        signal: Signal,
    }

    static WANTED: OnceLock<Option<Wanted>> = OnceLock::new();

    pub(super) fn hit(name: &'static str) {
        tracing::trace!(target: "breezeblock::breakpoint", name, "passed");
        let Some(wanted) = WANTED.get_or_init(wanted) else {
            return;
        };
        if wanted.name == name && wanted.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            tracing::warn!(name, "breakpoint reached");
            // Failing to die would only let the test run on and fail.
            let _ignored = kill_process(getpid(), wanted.signal);
            while wanted.signal == Signal::KILL || stop_is_pending() {
                std::thread::yield_now();
            }
        }
    }

    /// Whether no thread has taken the SIGSTOP yet. Until one has, this one may run on; from then on none gets out of
    /// the kernel, and this question asks the kernel.
    fn stop_is_pending() -> bool {
        const STOP: u64 = 1 << (19 - 1);
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let pending = status.lines().find_map(|line| line.strip_prefix("ShdPnd:"));
        pending.is_some_and(|bits| u64::from_str_radix(bits.trim(), 16).is_ok_and(|bits| bits & STOP != 0))
    }

    fn wanted() -> Option<Wanted> {
        let text = std::env::var("BREEZEBLOCK_BREAKPOINT").ok()?;
        let (point, signal) = match text.strip_suffix(":stop") {
            Some(point) => (point, Signal::STOP),
            None => (text.as_str(), Signal::KILL),
        };
        let (name, times) = point.split_once('@').unwrap_or((point, "1"));
        Some(Wanted {
            signal,
            name: name.to_owned(),
            left: AtomicU32::new(times.parse().ok()?),
        })
    }
}
