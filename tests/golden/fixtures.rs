//! What is known of the recording's fixtures: some facts by name, and which of them it made itself.

use std::fmt::Write as _;

use serde_json::Value;

use crate::{exchange::Exchange, identity::id_of, rows::text, sql::Sql, usage::LIMITS, world::World};

/// Snapshots that no reply shows: name, volume, size. Others are of 1 GiB and of `vol1`.
pub const SNAPSHOTS: [(&str, &str, u32); 4] = [
    ("rev1", "revvol", 1),
    ("rev2", "revvol", 1),
    ("vsnap", "kvol", 1),
    ("bigsnap", "big", 3),
];

/// Volumes that requests name and no reply shows.
pub const VOLUMES: [&str; 5] = ["vol1", "vol_states", "altvol", "manvol", "revvol"];

/// The name by which later exchanges call something that the scenario created: what they show under a name
/// is of the same moment, or, in a list without details, has the same name.
pub fn alias(kind: &str, created: &Value, exchanges: &[Exchange]) -> Option<String> {
    let replies = exchanges.iter().filter(|it| !it.creates() && it.status == 200);
    for exchange in replies {
        let reply: Value = serde_json::from_str(&exchange.reply).unwrap_or_default();
        let one = reply.get(kind).into_iter();
        let many = reply
            .get(format!("{kind}s"))
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        for it in one.chain(many) {
            let name = text(it, "id").and_then(|id| id.strip_prefix("${")?.strip_suffix('}'));
            let same = match text(it, "created_at") {
                Some(moment) => text(created, "created_at") == Some(moment),
                None => text(created, "name").is_some() && text(created, "name") == text(it, "name"),
            };
            if let Some(name) = name.filter(|_named| same) {
                return Some(name.to_owned());
            }
        }
    }
    None
}

/// The volume type and the limits of the recording's installation.
pub async fn installation(database: &Sql, world: &mut World) {
    let peer = database.literal(world.resolve("${type_peer}").parse().unwrap());
    let mut sql = format!(
        "INSERT INTO volume_types (id, name, description, is_public, created_at)
         VALUES ({peer}, 'peer', NULL, {}, '2026-11-22T00:00:00+00:00');
         INSERT INTO volume_type_extra_specs VALUES ({peer}, 'volume_backend_name', 'peer');",
        database.truth()
    );
    for (project, resource, limit) in LIMITS {
        let project = id_of(&format!("project_{project}"));
        write!(sql, "INSERT INTO quotas VALUES ('{project}', '{resource}', {limit});").unwrap();
    }
    database.run(sql).await;
}
