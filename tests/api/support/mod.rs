//! What every case stands on.

mod app;
mod audit;
mod client;
mod identity;
mod login;
mod reply;

pub use self::{
    app::{App, Neighbour, run, run_dev},
    client::Client,
    identity::Cast,
    login::{Ids, keystone, log_in, password, token_for, token_of},
    reply::Reply,
};

/// The project that cases act in, unless they say otherwise, and its user.
pub const PROJECT: &str = "0123456789abcdef0123456789abcdef";
pub const USER: &str = "demo";
/// Another project.
pub const OTHER: &str = "fedcba9876543210fedcba9876543210";
/// The id of nothing.
pub const NOWHERE: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
/// Cinder's texts for what it does not explain.
pub const NOT_FOUND: &str = "The resource could not be found.";
pub const MALFORMED: &str =
    "The server could not comply with the request since it is either malformed or otherwise incorrect.";

/// The statuses of a snapshot, in Cinder's order.
pub const SNAPSHOT_STATUSES: [&str; 10] = [
    "error",
    "available",
    "creating",
    "deleting",
    "deleted",
    "updating",
    "error_deleting",
    "unmanaging",
    "backing-up",
    "restoring",
];
/// The fields that every snapshot shows, in Cinder's order.
pub const SNAPSHOT_FIELDS: [&str; 9] = [
    "id",
    "created_at",
    "updated_at",
    "name",
    "description",
    "volume_id",
    "status",
    "size",
    "metadata",
];

/// The text for a value that its field does not take.
pub fn invalid(field: &str, value: &str, reason: &str) -> String {
    format!("Invalid input for field/attribute {field}. Value: {value}. {reason}")
}

/// The keys of an object, in the order of the reply.
#[track_caller]
pub fn keys(value: &serde_json::Value) -> Vec<&str> {
    value
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect()
}

/// A text of the reply.
#[track_caller]
pub fn text<'v>(value: &'v serde_json::Value, key: &str) -> &'v str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("no text {key} in {value}"))
}

/// The ids, or any other texts, of a list's items.
#[track_caller]
pub fn column<'v>(items: &'v serde_json::Value, key: &str) -> Vec<&'v str> {
    let items = items.as_array().expect("a list");
    items.iter().map(|item| text(item, key)).collect()
}

/// Writes into the middle of a file, as somebody who uses a volume does.
pub fn write_at(path: &std::path::Path, offset: u64, bytes: &[u8]) {
    let file = std::fs::File::options().write(true).open(path).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, bytes, offset).unwrap();
}

/// What is there in a file.
pub fn read_at(path: &std::path::Path, offset: u64, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    let file = std::fs::File::open(path).unwrap();
    std::os::unix::fs::FileExt::read_exact_at(&file, &mut bytes, offset).unwrap();
    bytes
}
