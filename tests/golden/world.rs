//! The rows that a scenario starts from, and those that the recording changed behind its own back.
//!
//! A row that a reply shows and that nobody created before is put into the database as it is shown.
//! Times depend on when the recording looked, so before a row is read, that of its last change is set to what
//! the reply shows. Statuses, names and everything else must come about by our own doing.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    str::FromStr,
};

use breezeblock::{
    domain::{Direction, Label, ListQuery, Scope, VolumeKey},
    store::Store,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    exchange::Exchange,
    fixtures::{SNAPSHOTS, alias},
    identity::id_of,
    rows::{text, time},
    sql::Sql,
    stored::{LVM_PREFIX, PREFIX},
};

#[derive(Debug)]
pub struct World {
    pub(super) store: Store,
    pub(super) database: Sql,
    pub(super) storage: PathBuf,
    /// What the recording calls something, and what it is here.
    names: HashMap<String, String>,
    /// Ids, as recorded, of what the scenario itself creates.
    made: Vec<String>,
    /// The name that later exchanges use for such an id.
    aliases: HashMap<String, String>,
    pub(super) default_time: DateTime<Utc>,
}

impl World {
    pub fn new(store: Store, database: Sql, storage: &Path) -> Self {
        Self {
            store,
            database,
            storage: storage.to_owned(),
            names: HashMap::new(),
            made: Vec::new(),
            aliases: HashMap::new(),
            default_time: time("2026-11-22T07:00:00.000000"),
        }
    }

    /// Replaces `${name}` by our id of it.
    pub fn resolve(&mut self, recorded: &str) -> String {
        let mut out = String::new();
        let mut rest = recorded;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').unwrap();
            out.push_str(before);
            out.push_str(&self.id(name));
            rest = after;
        }
        out.push_str(rest);
        for (recorded, ours) in &self.names {
            if Uuid::from_str(recorded).is_ok() {
                out = out.replace(recorded, ours);
            }
        }
        out.replace(LVM_PREFIX, PREFIX)
    }

    pub(super) fn id(&self, name: &str) -> String {
        if let Some(known) = self.names.get(name) {
            return known.clone();
        }
        if name.starts_with("project_") || name.starts_with("user_") {
            return id_of(name);
        }
        Uuid::new_v5(&Uuid::NAMESPACE_DNS, name.as_bytes())
            .hyphenated()
            .to_string()
    }

    /// What the recording calls `recorded` is `ours` here.
    pub(super) fn name(&mut self, recorded: &str, ours: &str) {
        self.names.insert(recorded.to_owned(), ours.to_owned());
    }

    /// What the recording created has this id here.
    pub async fn created(&mut self, recorded: &Value, ours: &Value) {
        for kind in ["snapshot", "volume"] {
            let of = |value: &Value| value.get(kind).and_then(|it| text(it, "id")).map(str::to_owned);
            if let (Some(recorded), Some(ours)) = (of(recorded), of(ours)) {
                if let Some(alias) = self.aliases.get(&recorded).cloned() {
                    self.names.insert(alias.clone(), ours.clone());
                    for (name, ..) in SNAPSHOTS.iter().filter(|(_, volume, _)| *volume == alias) {
                        self.fixture(name, &Value::Null).await;
                    }
                }
                self.names.insert(recorded, ours);
            }
        }
    }

    /// Ids that sort as the recording's do, where a recorded list is sorted by them.
    pub fn order_ids(&mut self, exchanges: &[Exchange]) {
        let by_id = exchanges
            .iter()
            .find(|exchange| exchange.path().ends_with("?sort=id:asc") && exchange.status == 200);
        let names = by_id
            .into_iter()
            .flat_map(|exchange| exchange.reply.split("\"id\": \"${").skip(1));
        for (index, name) in names.map(|rest| rest.split('}').next().unwrap()).enumerate() {
            let id = format!("0000000{index}-0000-4000-8000-{}", &id_of(name)[..12]);
            self.names.insert(name.to_owned(), id);
        }
    }

    /// The rows that were there when the scenario began: those that replies show and nothing in it
    /// created, as they are first shown, and plain ones for those that are only asked for.
    pub async fn begin(&mut self, exchanges: &[Exchange]) {
        for exchange in exchanges.iter().filter(|it| it.creates()) {
            let recorded: Value = serde_json::from_str(&exchange.reply).unwrap_or_default();
            for kind in ["snapshot", "volume"] {
                let Some(id) = text(&recorded[kind], "id") else {
                    continue;
                };
                if let Some(alias) = alias(kind, &recorded[kind], exchanges) {
                    self.made.push(format!("${{{alias}}}"));
                    self.aliases.insert(id.to_owned(), alias);
                }
                self.made.push(id.to_owned());
            }
        }
        self.name_as_listed(exchanges);
        for exchange in exchanges.iter().filter(|it| !it.creates() && it.status < 300) {
            let recorded: Value = serde_json::from_str(&exchange.reply).unwrap_or_default();
            self.learn_default_type(&recorded).await;
            let fresh = self.without_made(recorded);
            let ours = serde_json::from_str(&self.resolve(&fresh.to_string())).unwrap();
            self.prepare(&ours, false).await;
        }
        self.summarised(exchanges).await;
        self.store_as_listed(exchanges).await;
        let mut asked_for = std::collections::BTreeMap::new();
        for exchange in exchanges {
            let named = exchange
                .path()
                .split("/snapshots/${")
                .nth(1)
                .and_then(|rest| rest.split('}').next());
            let in_body = exchange
                .sent()
                .split("\"snapshot_id\": \"${")
                .nth(1)
                .and_then(|rest| rest.split('}').next());
            for name in [named, in_body].into_iter().flatten() {
                let first = exchanges.iter().find(|other| {
                    other.call.starts_with("GET")
                        && other.path().ends_with(&format!("${{{name}}}/metadata"))
                        && other.status == 200
                });
                let metadata: Value = first.map_or(Value::Null, |first| serde_json::from_str(&first.reply).unwrap());
                asked_for.insert(name, metadata["metadata"].clone());
            }
        }
        // In the order of their names, so that `rev2` is newer than `rev1`.
        for (name, metadata) in asked_for {
            if self.aliases.values().any(|alias| alias == name) {
                continue;
            }
            self.fixture(name, &metadata).await;
        }
    }

    /// The type that every installation has, under its recorded id.
    async fn learn_default_type(&mut self, reply: &Value) {
        let types = reply.get("volume_types").and_then(Value::as_array);
        for kind in types.into_iter().flatten().filter(|it| it["name"] == "__DEFAULT__") {
            let ours = self
                .store
                .volume_type_by_name(&Scope::All, "__DEFAULT__")
                .await
                .unwrap()
                .unwrap();
            let recorded = text(kind, "id").unwrap().to_owned();
            self.names.insert(recorded, ours.id.to_string());
        }
    }

    /// Volumes that only a list without details shows: as old as their place in it tells.
    async fn summarised(&mut self, exchanges: &[Exchange]) {
        let Some(complete) = complete_list(exchanges) else {
            return;
        };
        let recorded = self.without_made(serde_json::from_str(&complete.reply).unwrap());
        for (index, it) in recorded["volumes"].as_array().unwrap().iter().enumerate() {
            let id = self.resolve(text(it, "id").unwrap()).parse().unwrap();
            let mut volume = self.plain_volume(id, &id_of("project_demo"));
            volume.name = text(it, "name").map(|name| Label::stored(name.to_owned()));
            volume.created_at = self.default_time - TimeDelta::seconds(i64::try_from(index).unwrap());
            volume.updated_at = Some(volume.created_at);
            self.add_volume(&volume).await;
        }
    }

    fn without_made(&self, mut reply: Value) -> Value {
        let made = |it: &Value| text(it, "id").is_some_and(|id| self.made.iter().any(|made| made == id));
        for (one, many) in [("snapshot", "snapshots"), ("volume", "volumes")] {
            if reply.get(one).is_some_and(made) {
                reply[one] = Value::Null;
            }
            if let Some(items) = reply.get_mut(many).and_then(Value::as_array_mut) {
                items.retain(|it| !made(it));
            }
        }
        reply
    }

    /// A snapshot that requests name and no reply shows.
    async fn fixture(&self, name: &str, metadata: &Value) {
        let plain = if name.starts_with("alt") { "altvol" } else { "vol1" };
        let (volume, size) = SNAPSHOTS
            .iter()
            .find(|(snapshot, ..)| *snapshot == name)
            .map_or((plain, 1), |(_, volume, size)| (*volume, *size));
        // Of a volume that is yet to be made: `created` comes back to it.
        let awaited = !self.names.contains_key(volume) && self.aliases.values().any(|alias| alias == volume);
        if !awaited {
            self.named_snapshot(name, &self.id(volume), size, metadata).await;
        }
    }

    pub(super) async fn named_snapshot(&self, name: &str, volume_id: &str, size: u32, metadata: &Value) {
        let project = if name.starts_with("alt") {
            "project_alt"
        } else {
            "project_demo"
        };
        let metadata = if metadata.is_object() {
            metadata.clone()
        } else {
            serde_json::json!({})
        };
        let it = serde_json::json!({
            "id": self.id(name),
            "volume_id": volume_id,
            "status": "available",
            "size": size,
            "name": name,
            "metadata": metadata,
            "created_at": self.default_time.format("%Y-%m-%dT%H:%M:%S%.6f").to_string(),
            "os-extended-snapshot-attributes:project_id": id_of(project),
        });
        self.snapshot(&it, false).await;
    }

    /// Puts rows that the reply shows, with our ids in it, into the state that it shows.
    pub async fn prepare(&self, reply: &Value, reading: bool) {
        let mut shown = Vec::new();
        for (one, many) in [("snapshot", "snapshots"), ("volume", "volumes")] {
            shown.extend(reply.get(one).filter(|it| it.is_object()).map(|it| (one, it)));
            shown.extend(
                reply
                    .get(many)
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .map(|it| (one, it)),
            );
        }
        for (kind, it) in shown {
            match kind {
                "snapshot" => self.snapshot(it, reading).await,
                _volume => self.volume(it, reading).await,
            }
        }
    }

    /// Removes the volumes that the recording's scenario had removed, unrecorded, by the time it listed
    /// them: before its first list, all that its first complete list does not show.
    pub async fn prune(&mut self, exchanges: &[Exchange]) {
        let Some(complete) = complete_list(exchanges) else {
            return;
        };
        let shown = self.resolve(&complete.reply);
        let all = self.store.volume_list(&everything()).await.unwrap().unwrap();
        for volume in all
            .items
            .iter()
            .filter(|volume| !shown.contains(&volume.id.to_string()))
        {
            if volume.project_id.as_str() != id_of("project_demo") {
                continue;
            }
            let mut tx = self.store.begin().await.unwrap();
            for snapshot in tx.snapshots_of(volume.id).await.unwrap() {
                tx.snapshot_delete(snapshot.id, snapshot.status, chrono::DateTime::UNIX_EPOCH)
                    .await
                    .unwrap();
            }
            tx.volume_delete(volume.id, volume.status, chrono::DateTime::UNIX_EPOCH)
                .await
                .unwrap();
            tx.commit().await.unwrap();
        }
    }

    /// A volume that requests name and no reply shows.
    pub async fn named_volume(&self, name: &str) {
        let project = if name.starts_with("alt") {
            "project_alt"
        } else {
            "project_demo"
        };
        self.volume_for(self.id(name).parse().unwrap(), &id_of(project)).await;
    }
}

/// The first list of all volumes.
fn complete_list(exchanges: &[Exchange]) -> Option<&Exchange> {
    exchanges
        .iter()
        .find(|it| it.call == "GET /v3/${project_demo}/volumes" && it.status == 200)
}

fn everything() -> ListQuery<VolumeKey> {
    ListQuery {
        scope: Scope::All,
        filters: Vec::new(),
        sort: vec![
            (VolumeKey::CreatedAt, Direction::Desc),
            (VolumeKey::Id, Direction::Desc),
        ],
        marker: None,
        marker_scope: Scope::All,
        limit: 1000,
        offset: 0,
        with_count: false,
    }
}
