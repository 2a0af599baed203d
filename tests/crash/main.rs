//! The real program, killed where it hurts most, told to stop in the middle of work, and run twice
//! at a time: nothing is lost, nothing is left over, nothing is stuck.
//!
//! Every case is a program of its own with a database and a storage folder of its own:
//! `scripts/with-postgres cargo test --test crash`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on must stop"
)]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "most operations of the matrix have nothing special about them"
)]

/// One test for each case and database.
macro_rules! on_both {
    ($($case:ident)+) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::$case(crate::database::Kind::Sqlite).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::$case(crate::database::Kind::Postgres).await;
            })+
        }
    };
}

mod api;
mod case;
mod check;
mod commands;
mod content;
#[path = "../support/database.rs"]
#[expect(dead_code, reason = "the program migrates its databases itself here")]
mod database;
mod doctor;
mod doctor_groups;
mod hold;
#[path = "../support/http.rs"]
mod http;
mod identity;
mod matrix;
mod model;
mod nemesis;
mod operation;
mod points;
#[path = "../support/raw.rs"]
mod raw;
mod roles;
mod server;
mod soak;
mod sql;
mod stopping;
mod template;
mod trace;
mod two_servers;
mod wait;
mod world;

/// Writes a line that is there whether or not the tests succeed.
fn report(line: &str) {
    use std::io::Write as _;
    // Not println: the test harness would keep it to itself.
    let _closed = writeln!(std::io::stderr(), "{line}");
}
