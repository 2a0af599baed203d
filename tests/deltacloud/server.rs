//! The application, with users as the recording's Keystone had them.

use std::{io::Write as _, path::Path, sync::Arc};

use breezeblock::{
    app::{Application, Sources},
    clock::RandomIds,
    settings::Settings,
};
use tempfile::NamedTempFile;

use crate::{clock::RecordedClock, database::TestDatabase, exchange::Set};

/// Where everything happens.
pub const PROJECT: &str = "0123456789abcdef0123456789abcdef";

/// The password of both is "secret". A stranger may log in, and nothing more.
const USERS: &str = r#"
[[dev.projects]]
name = "demoproj"
id = "0123456789abcdef0123456789abcdef"

[[dev.users]]
name = "demo"
password_hash = "$argon2id$v=19$m=19456,t=2,p=1$FKvn5+rC56Egi2sbcvPtCQ$1RjJ65ptIe1ze9eIY7h7eQfHjBqvoBvjGliB+1NoBfE"
default_project = "demoproj"
projects = { demoproj = ["member"] }

[[dev.users]]
name = "stranger"
password_hash = "$argon2id$v=19$m=19456,t=2,p=1$FKvn5+rC56Egi2sbcvPtCQ$1RjJ65ptIe1ze9eIY7h7eQfHjBqvoBvjGliB+1NoBfE"
default_project = "demoproj"
projects = { demoproj = ["service"] }
"#;

/// Built and listening, not yet running.
pub async fn build(set: Set, database: &TestDatabase, storage: &Path, clock: &Arc<RecordedClock>) -> Application {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(USERS.as_bytes()).unwrap();
    let settings = [
        ("AUTH__STRATEGY", "dev"),
        ("DATABASE__URL", database.url.as_str()),
        ("SERVER__BIND", "127.0.0.1:0"),
        ("SERVER__WORKERS", "1"),
        ("STORAGE__PATH", storage.to_str().unwrap()),
        ("STORAGE__HOST", "peer"),
        ("STORAGE__BACKEND", "peer"),
        ("DELTACLOUD__PROVIDER", set.provider()),
        ("DELTACLOUD__DATES", set.dates()),
    ]
    .map(|(key, value)| (format!("BREEZEBLOCK__{key}"), value.to_owned()));
    let settings = Settings::load(Some(file.path()), settings).unwrap();
    let sources = Sources {
        clock: Arc::<RecordedClock>::clone(clock),
        ids: Arc::new(RandomIds),
        ..Sources::default()
    };
    Application::build(settings, sources).await.unwrap().by_hand()
}
