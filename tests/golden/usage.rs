//! Usage and limits that a reply shows and that come from what was not recorded: other scenarios had left
//! things behind or taken them away, and limits were changed behind the scene.
//!
//! For the time of such an exchange the project uses what the reply says, in nameless fixtures, and its own
//! rows do not count.

use breezeblock::domain::{Gib, ProjectId, Scope, VolumeId};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{exchange::Exchange, identity::id_of, world::World};

/// Limits that the recording's installation has, as `fixtures` sets them.
pub const LIMITS: [(&str, &str, i64); 7] = [
    ("demo", "volumes", 100),
    ("demo", "snapshots", 400),
    ("demo", "gigabytes", 2000),
    ("demo", "groups", 20),
    ("alt", "volumes", 20),
    ("alt", "snapshots", 50),
    ("alt", "gigabytes", 200),
];

/// What a reply tells of a project.
#[derive(Debug, Default)]
pub struct Shown {
    project: String,
    volumes: Option<u64>,
    snapshots: Option<u64>,
    gigabytes: Option<u64>,
    limits: Vec<(&'static str, i64)>,
}

impl Shown {
    /// `reply` has our ids in it, and so has `path`.
    pub fn of(path: &str, reply: &Value) -> Option<Self> {
        let in_url = path.split('/').nth(2)?.to_owned();
        if let Some(set) = reply.get("quota_set") {
            let one = |name: &str, what: &str| set[name].get(what).and_then(Value::as_i64);
            return Some(Self {
                project: set["id"].as_str()?.to_owned(),
                volumes: one("volumes", "in_use").and_then(|it| it.try_into().ok()),
                snapshots: one("snapshots", "in_use").and_then(|it| it.try_into().ok()),
                gigabytes: one("gigabytes", "in_use").and_then(|it| it.try_into().ok()),
                limits: ["volumes", "snapshots", "gigabytes"]
                    .into_iter()
                    .filter_map(|name| Some((name, one(name, "limit")?)))
                    .collect(),
            });
        }
        if let Some(all) = reply.pointer("/limits/absolute") {
            // Of the caller's project or, for an admin, of another: its limits tell which.
            let owner = LIMITS
                .iter()
                .find(|(_, resource, limit)| *resource == "volumes" && all["maxTotalVolumes"] == *limit);
            return Some(Self {
                project: owner.map_or(in_url, |(project, ..)| id_of(&format!("project_{project}"))),
                volumes: all["totalVolumesUsed"].as_u64(),
                snapshots: all["totalSnapshotsUsed"].as_u64(),
                gigabytes: all["totalGigabytesUsed"].as_u64(),
                limits: Vec::new(),
            });
        }
        Self::told(path, in_url, reply.as_object()?.values().next()?["message"].as_str()?)
    }

    /// What a refusal says.
    fn told(path: &str, in_url: String, message: &str) -> Option<Self> {
        let mut shown = Self {
            project: in_url,
            ..Self::default()
        };
        if let Some(limit) = number(message, "Maximum number of snapshots allowed (") {
            shown.limits = vec![("snapshots", limit)];
        } else if let Some(limit) = number(message, "quota is ") {
            shown.limits = vec![("gigabytes", limit)];
            shown.gigabytes = number(message, &format!("quota is {limit}G and "));
        } else {
            path.split_once("/os-quota-sets/")?.1.clone_into(&mut shown.project);
            let usage = number(message, "Current usage is ");
            match message.strip_prefix("Quota ")?.split(' ').next()? {
                "volumes" => shown.volumes = usage,
                "snapshots" => shown.snapshots = usage,
                "gigabytes" => shown.gigabytes = usage,
                _another => return None,
            }
        }
        Some(shown)
    }

    fn tells_usage(&self) -> bool {
        self.volumes.or(self.snapshots).or(self.gigabytes).is_some()
    }
}

fn number<T: std::str::FromStr>(text: &str, after: &str) -> Option<T> {
    let rest = text.split_once(after)?.1;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Whether the scenario itself sets limits; then they are its own doing, and never fixed.
pub fn sets_limits(exchanges: &[Exchange]) -> bool {
    exchanges
        .iter()
        .any(|it| it.method() == "PUT" && it.path().contains("/os-quota-sets/"))
}

impl World {
    /// Makes the project use what is shown, and the limits too unless the scenario sets them itself.
    pub async fn pretend(&self, shown: &Shown, with_limits: bool) {
        if with_limits {
            self.limit(&shown.project, &shown.limits).await;
        }
        if !shown.tells_usage() {
            return;
        }
        self.count(&shown.project, false).await;
        let snapshots = shown.snapshots.unwrap_or(0);
        let gigabytes = shown.gigabytes.unwrap_or(shown.volumes.unwrap_or(0) + snapshots);
        let volumes = shown.volumes.unwrap_or(u64::from(gigabytes > snapshots));
        let mut rest = gigabytes;
        for index in 0..snapshots {
            let last = volumes == 0 && index + 1 == snapshots;
            let size = if last { rest } else { 1 };
            rest -= size;
            let it = json!({
                "id": stand_in("snapshot", index).to_string(),
                "volume_id": stand_in("holder", 0).to_string(),
                "status": "available",
                "size": size,
                "name": null,
                "metadata": {},
                "created_at": format!("2026-11-01T00:00:00.{index:06}"),
                "os-extended-snapshot-attributes:project_id": shown.project,
            });
            self.snapshot(&it, false).await;
        }
        self.count_volume(stand_in("holder", 0), false).await;
        for index in 0..volumes {
            let size = if index + 1 == volumes { rest } else { 1 };
            rest -= size;
            let mut volume = self.plain_volume(id_of_volume(stand_in("volume", index)), &shown.project);
            volume.size = Gib::new(u32::try_from(size).unwrap()).unwrap();
            let mut tx = self.store.begin().await.unwrap();
            tx.volume_insert(&volume).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    /// Ends it.
    pub async fn end_pretending(&self, shown: &Shown, with_limits: bool) {
        if with_limits {
            let usual: Vec<_> = LIMITS
                .into_iter()
                .filter(|(project, ..)| id_of(&format!("project_{project}")) == shown.project)
                .map(|(_, resource, limit)| (resource, limit))
                .collect();
            self.limit(&shown.project, &usual).await;
        }
        if !shown.tells_usage() {
            return;
        }
        let mut tx = self.store.begin().await.unwrap();
        let holder = id_of_volume(stand_in("holder", 0));
        for snapshot in tx.snapshots_of(holder).await.unwrap() {
            tx.snapshot_delete(snapshot.id, snapshot.status, chrono::DateTime::UNIX_EPOCH)
                .await
                .unwrap();
        }
        let volumes = (0..shown.volumes.unwrap_or(1)).map(|index| id_of_volume(stand_in("volume", index)));
        for id in volumes.chain([holder]) {
            if let Some(volume) = tx.volume_lock(&Scope::All, id).await.unwrap() {
                tx.volume_delete(volume.id, volume.status, chrono::DateTime::UNIX_EPOCH)
                    .await
                    .unwrap();
            }
        }
        tx.commit().await.unwrap();
        self.count(&shown.project, true).await;
    }

    async fn limit(&self, project: &str, limits: &[(&'static str, i64)]) {
        let mut tx = self.store.begin().await.unwrap();
        for (resource, limit) in limits {
            tx.quota_set(&ProjectId::new(project), resource, *limit).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// Whether the project's own rows count.
    async fn count(&self, project: &str, counts: bool) {
        for table in ["volumes", "snapshots"] {
            self.database
                .run(format!(
                    "UPDATE {table} SET consumes_quota = {counts} WHERE project_id = '{project}'"
                ))
                .await;
        }
    }

    async fn count_volume(&self, id: Uuid, counts: bool) {
        let id = self.database.literal(id);
        self.database
            .run(format!("UPDATE volumes SET consumes_quota = {counts} WHERE id = {id}"))
            .await;
    }
}

fn stand_in(kind: &str, index: u64) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_DNS, format!("{kind} {index}").as_bytes())
}

fn id_of_volume(id: Uuid) -> VolumeId {
    VolumeId::new(id)
}
