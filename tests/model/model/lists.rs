//! Lists: whose rows, which of them, in which order.

use std::cmp::Ordering;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Model, Snapshot, Time, Volume, Word, named};
use crate::action::{Filter, Listing, Who};

/// What volumes and snapshots have in common for a list.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: Uuid,
    owner: Who,
    created_at: Time,
    name: Option<String>,
    status: Word,
    size: u32,
    of: Option<Uuid>,
    /// What its detailed form must say.
    pub shown: Value,
}

impl From<&Volume> for Row {
    fn from(volume: &Volume) -> Self {
        let mut metadata = volume.metadata.clone();
        if volume.attached {
            metadata.insert("attached_mode".to_owned(), "rw".to_owned());
        }
        let shown = json!({
            "id": volume.id.to_string(),
            "status": volume.status,
            "size": volume.size,
            "name": volume.name,
            "metadata": metadata,
            "snapshot_id": volume.source_snapshot.map(|id| id.to_string()),
            "source_volid": volume.copied_from.map(|id| id.to_string()),
            "created_at": text(volume.created_at),
            "os-vol-tenant-attr:tenant_id": volume.owner.project(),
        });
        Self {
            id: volume.id,
            owner: volume.owner,
            created_at: volume.created_at,
            name: volume.name.clone(),
            status: volume.status,
            size: volume.size,
            of: None,
            shown,
        }
    }
}

impl From<&Snapshot> for Row {
    fn from(snapshot: &Snapshot) -> Self {
        let shown = json!({
            "id": snapshot.id.to_string(),
            "volume_id": snapshot.volume.to_string(),
            "status": snapshot.status,
            "size": snapshot.size,
            "name": snapshot.name,
            "metadata": snapshot.metadata,
            "created_at": text(snapshot.created_at),
            "os-extended-snapshot-attributes:progress": snapshot.progress,
            "os-extended-snapshot-attributes:project_id": snapshot.owner.project(),
        });
        Self {
            id: snapshot.id,
            owner: snapshot.owner,
            created_at: snapshot.created_at,
            name: snapshot.name.clone(),
            status: snapshot.status,
            size: snapshot.size,
            of: Some(snapshot.volume),
            shown,
        }
    }
}

/// A time as replies have it.
pub fn text(time: Time) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

impl Model {
    /// Everybody's rows, or somebody's, the newest first.
    pub fn rows(&self, snapshots: bool, of: Option<Who>) -> Vec<Row> {
        let mut rows: Vec<Row> = if snapshots {
            self.snapshots.iter().map(Row::from).collect()
        } else {
            self.volumes.iter().map(Row::from).collect()
        };
        rows.retain(|row| of.is_none_or(|owner| row.owner == owner));
        rows.sort_by_key(|row| std::cmp::Reverse((row.created_at, row.id)));
        rows
    }

    /// What somebody sees who asks for that list.
    pub fn listed(&self, who: Who, listing: Listing) -> Vec<Row> {
        let mut rows = self.rows(listing.snapshots, Some(who));
        rows.retain(|row| match listing.filter {
            Filter::All => true,
            Filter::Status(status) => row.status == status,
            Filter::Name(name) => row.name == Some(named(name)),
            // Volumes have no such filter.
            Filter::Of(volume) => !listing.snapshots || row.of == Some(self.pick_volume(volume)),
        });
        rows.sort_by(|one, other| {
            let order = by(listing.sort, one, other);
            let order = order.then(one.created_at.cmp(&other.created_at));
            let order = order.then(one.id.cmp(&other.id));
            if listing.ascending { order } else { order.reverse() }
        });
        rows
    }
}

fn by(key: &str, one: &Row, other: &Row) -> Ordering {
    match key {
        "created_at" => one.created_at.cmp(&other.created_at),
        "id" => one.id.cmp(&other.id),
        "status" => one.status.cmp(other.status),
        "size" => one.size.cmp(&other.size),
        // A row without a name is larger than any with one.
        _name => match (&one.name, &other.name) {
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (one, other) => one.cmp(other),
        },
    }
}
