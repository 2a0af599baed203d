//! The real program when something under it breaks: full and read-only disks, I/O errors, too many open files,
//! damaged and vanished databases, storage that goes away. And work that is cancelled in the middle of a large copy.
//!
//! What must hold: a definite answer in Cinder's envelope (503 for what passes), a clear refusal at the start where it
//! cannot go on, everything well again without a restart where that is possible, and nothing lost or half done.
//! Run it with `scripts/with-postgres cargo test --test faults`; it mounts images, so it needs root.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on must stop"
)]

mod api;
mod cancel;
mod damage;
#[path = "../support/database.rs"]
#[expect(dead_code, reason = "the program migrates its databases itself here")]
mod database;
mod disk;
mod files;
mod full;
mod gone;
#[path = "../support/http.rs"]
mod http;
mod io_errors;
#[path = "../support/raw.rs"]
mod raw;
mod read_only;
mod server;
mod site;
#[path = "../support/storage.rs"]
#[expect(dead_code, reason = "each case breaks an image of its own")]
mod storage;
#[path = "../crash/wait.rs"]
mod wait;
