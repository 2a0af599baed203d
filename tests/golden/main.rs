//! Replays exchanges that were recorded from real Cinder 29.0.0 with Keystone and compares ours.
//!
//! `cinder/<section>.jsonl` holds the exchanges of one scenario, in order: `call`, `version` (the
//! `OpenStack-API-Version` header), `json` (a body sent as JSON), `headers` (others), and of the reply
//! `status`, `reply_headers`, `ids` (how many request id headers it had) and `reply`. Ids that the
//! scenario named stand as `${name}`.
//!
//! What the recording does not say is derived from what it shows: `world.rs` makes the rows that were there
//! before and `stored.rs` the files, `forced.rs` and `usage.rs` what was changed behind its back, `pace.rs`
//! tells when the back end had worked. `accepted.rs` lists the exchanges that may differ, each with its entry
//! of `docs/differences.md`; `GOLDEN_REPORT=1` with `--nocapture` prints all that differ.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test that cannot go on must stop; the numbers are for people"
)]

mod accepted;
mod clock;
mod compare;
#[path = "../support/database.rs"]
mod database;
mod exchange;
mod fixtures;
mod forced;
#[path = "../support/http.rs"]
mod http;
mod identity;
mod pace;
mod replay;
mod report;
mod rows;
mod sql;
mod stored;
mod usage;
mod world;

use database::Kind;

macro_rules! sections {
    ($($section:ident)+) => {
        $(mod $section {
            #[tokio::test]
            async fn on_sqlite() {
                super::replay::section(stringify!($section), super::Kind::Sqlite).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                super::replay::section(stringify!($section), super::Kind::Postgres).await;
            }
        })+

        pub const SECTIONS: &[&str] = &[$(stringify!($section)),+];
    };
}

sections!(actions create delete list manage metadata microversions quota_limits revert update versions volumes);
