//! The rows that a scenario starts from, and those that the recording changed behind its own back.
//!
//! A row that a reply shows and that nobody created before is put into the database as it is shown.
//! Statuses and times depend on when the recording looked, and some statuses were forced in the
//! database; so before a row is read, its status, progress and times are set to what the reply shows.
//! Names, descriptions, metadata and everything else must come about by our own doing.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    str::FromStr,
};

use breezeblock::{
    domain::{Direction, ListQuery, Scope, SnapshotId, SnapshotStatus, VolumeKey, VolumeStatus},
    store::Store,
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    exchange::Exchange,
    identity::id_of,
    rows::{text, time},
};

#[derive(Debug)]
pub struct World {
    pub(super) store: Store,
    pub(super) storage: PathBuf,
    /// What the recording calls something, and what it is here.
    names: HashMap<String, String>,
    /// Ids, as recorded, of what the scenario itself creates.
    made: Vec<String>,
    pub(super) default_time: DateTime<Utc>,
}

impl World {
    pub fn new(store: Store, storage: &Path) -> Self {
        Self {
            store,
            storage: storage.to_owned(),
            names: HashMap::new(),
            made: Vec::new(),
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
        out
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

    /// What the recording created has this id here.
    pub fn created(&mut self, recorded: &Value, ours: &Value) {
        for kind in ["snapshot", "volume"] {
            let of = |value: &Value| value.get(kind).and_then(|it| text(it, "id")).map(str::to_owned);
            if let (Some(recorded), Some(ours)) = (of(recorded), of(ours)) {
                self.names.insert(recorded, ours);
            }
        }
    }

    /// Ids that sort as the recording's do, where a recorded list is sorted by them.
    pub fn order_ids(&mut self, exchanges: &[Exchange]) {
        let by_id = exchanges
            .iter()
            .find(|exchange| exchange.path().ends_with("/snapshots?sort=id:asc") && exchange.status == 200);
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
        for exchange in exchanges {
            let recorded: Value = serde_json::from_str(&exchange.reply).unwrap_or_default();
            if exchange.creates() {
                self.made.extend(
                    ["snapshot", "volume"]
                        .iter()
                        .filter_map(|kind| text(&recorded[kind], "id").map(str::to_owned)),
                );
            } else if exchange.status < 300 {
                let fresh = self.without_made(recorded);
                let ours = serde_json::from_str(&self.resolve(&fresh.to_string())).unwrap();
                self.prepare(&ours, false).await;
            }
        }
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
            self.named_snapshot(name, &metadata).await;
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

    async fn named_snapshot(&self, name: &str, metadata: &Value) {
        let alt = name.starts_with("alt");
        let (project, volume) = match name {
            _other if alt => ("project_alt", "altvol"),
            "rev1" | "rev2" => ("project_demo", "revvol"),
            _other => ("project_demo", "vol1"),
        };
        let metadata = if metadata.is_object() {
            metadata.clone()
        } else {
            serde_json::json!({})
        };
        let it = serde_json::json!({
            "id": self.id(name),
            "volume_id": self.id(volume),
            "status": "available",
            "size": 1,
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
        let complete = exchanges
            .iter()
            .find(|it| it.call.ends_with("GET /v3/${project_demo}/volumes") && it.status == 200);
        let Some(complete) = complete else { return };
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
                tx.snapshot_delete(snapshot.id, snapshot.status).await.unwrap();
            }
            tx.volume_delete(volume.id, volume.status).await.unwrap();
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

    /// The status that the recording forced, by what it says of itself: `delete while error`,
    /// `volume error force=…`, `update_snapshot_status creating->error`.
    pub async fn force(&mut self, exchange: &Exchange) {
        let (what, path) = (exchange.what.as_str(), exchange.path());
        let in_body = exchange
            .sent()
            .split("\"snapshot_id\": \"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let in_path = path.split('/').nth(4).map(|id| id.split('?').next().unwrap());
        let target = in_body.or(in_path).map(|id| self.resolve(id));
        let status = what
            .split_once("while ")
            .map(|(_, status)| status)
            .or_else(|| {
                what.strip_prefix("update_snapshot_status ")
                    .and_then(|rest| rest.split("->").next())
            })
            .or_else(|| what.strip_prefix("from snapshot in "))
            .or_else(|| what.strip_prefix("update_snapshot_status {").map(|_any| "creating"))
            .map(|status| status.split_whitespace().next().unwrap());
        if let (Some(status), Some(id)) = (
            status.and_then(|it| it.parse().ok()),
            target.as_ref().and_then(|id| id.parse().ok()),
        ) {
            self.force_snapshot(id, status).await;
        }
        if let Some(status) = what
            .strip_prefix("volume ")
            .and_then(|rest| rest.split(' ').next()?.parse().ok())
        {
            self.force_volume("vol_states", status).await;
        }
    }

    async fn force_snapshot(&self, id: SnapshotId, status: SnapshotStatus) {
        let mut tx = self.store.begin().await.unwrap();
        if let Some(mut known) = tx.snapshot_lock(&Scope::All, id).await.unwrap() {
            let before = known.status;
            known.status = status;
            tx.snapshot_update(&known, before).await.unwrap();
            tx.task_cancel(id.into()).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    async fn force_volume(&self, name: &str, status: VolumeStatus) {
        self.named_volume(name).await;
        let mut tx = self.store.begin().await.unwrap();
        let mut known = tx
            .volume_lock(&Scope::All, self.id(name).parse().unwrap())
            .await
            .unwrap()
            .unwrap();
        let before = known.status;
        known.status = status;
        tx.volume_update(&known, before).await.unwrap();
        tx.commit().await.unwrap();
    }
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
