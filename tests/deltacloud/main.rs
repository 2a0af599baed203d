//! Replays exchanges that were recorded from real Deltacloud servers and compares ours.
//!
//! `recorded/openstack.jsonl` is the last server, 1.1.3, with its driver for OpenStack; `recorded/mock.jsonl` an
//! original 1.1.1 with its mock driver, whose driver, version, realms and credentials are translated to ours. One
//! exchange a line: `call`, `as` (user name and password), `headers`, `form` (a body), and of the reply `status`,
//! `reply_headers` and `reply` (pages for people are left out, and white space between elements). What the recording
//! called `v-1` stands as `${v-1}`, what an exchange made as `${made-107}`, and a backend that answered with an error
//! as what has that effect here: a snapshot that is being made, a user without roles.
//!
//! `rows.rs` makes what was there before, `situations.rs` what was wrong for the time of one exchange. Everything
//! must then be equal: status, headers, elements, attributes, keys and texts, in their order. What is not, is listed
//! in `accepted.rs` with its entry of `docs/differences.md`, and `explain/` says exactly what that entry changes:
//! with it applied, both sides must be equal again, and it must have changed something.
//! `DELTACLOUD_REPORT=1` with `--nocapture` prints all that differ.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on must stop; the numbers are for people"
)]

mod accepted;
mod answer;
#[path = "../golden/clock.rs"]
mod clock;
mod complete;
#[expect(dead_code, reason = "other suites open the database without the application")]
#[path = "../support/database.rs"]
mod database;
mod exchange;
mod explain;
#[path = "../support/http.rs"]
mod http;
mod replay;
mod rows;
mod server;
mod situations;
#[expect(dead_code, reason = "the replay of Cinder's recordings writes ids and truths")]
#[path = "../golden/sql.rs"]
mod sql;
mod tree;
mod world;

use database::Kind;
use exchange::Set;

#[tokio::test]
async fn openstack_on_sqlite() {
    replay::set(Set::Openstack, Kind::Sqlite).await;
}

#[tokio::test]
async fn openstack_on_postgres() {
    replay::set(Set::Openstack, Kind::Postgres).await;
}

#[tokio::test]
async fn mock_on_sqlite() {
    replay::set(Set::Mock, Kind::Sqlite).await;
}

#[tokio::test]
async fn mock_on_postgres() {
    replay::set(Set::Mock, Kind::Postgres).await;
}
