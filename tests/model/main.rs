//! Random sequences of calls, of the workers' steps and of what goes wrong, played to the whole application
//! over a real database and real files, and to a small model beside it that says what must come of them.
//!
//! Run it with `scripts/with-postgres cargo test --test model`. `BREEZEBLOCK_MODEL_CASES` is how many cases
//! there are on each database (`make soak` asks for 10,000), `BREEZEBLOCK_MODEL_SEED` where they start; a
//! failure names its seed and shows the shortest case that fails as well. What has failed once is kept: a
//! seed in `seeds.txt` is played first, and a short case in `found.rs`, because seeds mean something else
//! as soon as the generator changes.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on must stop"
)]

mod action;
mod api;
mod check;
#[expect(dead_code, reason = "other suites open the database without the application")]
#[path = "../support/database.rs"]
mod database;
mod driver;
mod found;
#[path = "../support/gate.rs"]
mod gate;
mod generate;
#[path = "../support/http.rs"]
mod http;
#[path = "../api/support/identity.rs"]
mod identity;
mod ids;
mod mismatch;
mod model;
mod place;
mod play;
mod request;
mod run;
mod tally;
mod world;

#[test]
fn sqlite() {
    run::run(database::Kind::Sqlite);
}

#[test]
fn postgres() {
    run::run(database::Kind::Postgres);
}
