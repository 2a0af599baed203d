//! What each back end holds, as its own worker saw it last, for processes that cannot look into it. Only what
//! changes is written.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    Store, StoreError,
    engine::{Statement, statement},
    rows::gib,
};
use crate::domain::{BackendHost, Gib, ResourceKind, StoredSnapshot, VolumeId};

pub(super) const STATEMENTS: &[Statement] = &[OF_HOST, SNAPSHOTS, PUT, REMOVE];

statement!(OF_HOST = "SELECT kind, name, size, volume_id FROM stored_objects WHERE host = $1");
statement!(
    SNAPSHOTS = "SELECT name, size, volume_id FROM stored_objects
                  WHERE host = $1 AND kind = 'snapshot' ORDER BY name"
);
statement!(
    PUT = "INSERT INTO stored_objects (host, kind, name, size, volume_id, seen_at) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (host, kind, name)
           DO UPDATE SET size = excluded.size, volume_id = excluded.volume_id, seen_at = excluded.seen_at"
);
statement!(REMOVE = "DELETE FROM stored_objects WHERE host = $1 AND kind = $2 AND name = $3");

/// So many rows are written before others get their turn.
const AT_ONCE: usize = 500;

/// Something that a back end holds, as others are told of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KnownObject {
    /// What it is.
    pub kind: ResourceKind,
    /// Its name there.
    pub name: String,
    /// Its size in GiB, rounded up.
    pub size: u32,
    /// The volume that it is a snapshot of, if the back end remembers.
    pub volume: Option<Uuid>,
}

type Key = (ResourceKind, String);
type Facts = (i64, Option<Uuid>);

impl Store {
    /// Writes down what a back end holds now. How many rows that changed.
    ///
    /// # Errors
    /// [`StoreError`]; a part may be written then, and the rest is by the next call.
    pub async fn stored_objects_set(
        &self,
        host: &BackendHost,
        held: Vec<KnownObject>,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        let rows = self
            .all::<(String, String, i64, Option<Uuid>)>(OF_HOST.bind(host.as_str()))
            .await?;
        let mut gone: HashMap<Key, Facts> = HashMap::with_capacity(rows.len());
        for (kind, name, size, volume) in rows {
            let kind = kind
                .parse()
                .map_err(|_unknown| StoreError::corrupt("stored_objects", "kind", &name))?;
            gone.insert((kind, name), (size, volume));
        }
        let mut changed = Vec::new();
        for object in held {
            let key = (object.kind, object.name);
            let facts = (i64::from(object.size), object.volume);
            if gone.remove(&key) != Some(facts) {
                changed.push((key, Some(facts)));
            }
        }
        changed.extend(gone.into_keys().map(|key| (key, None)));
        // Two workers of one host write the same rows, so in the same order.
        changed.sort_by(|((one, one_name), _), ((other, other_name), _)| {
            (one.as_str(), one_name).cmp(&(other.as_str(), other_name))
        });
        for part in changed.chunks(AT_ONCE) {
            let mut tx = self.begin().await?;
            for ((kind, name), facts) in part {
                match facts {
                    Some((size, volume)) => {
                        tx.open
                            .execute(
                                PUT.bind(host.as_str())
                                    .bind(kind.as_str())
                                    .bind(name.as_str())
                                    .bind(*size)
                                    .bind(*volume)
                                    .bind(now),
                            )
                            .await?
                    }
                    None => {
                        tx.open
                            .execute(REMOVE.bind(host.as_str()).bind(kind.as_str()).bind(name.as_str()))
                            .await?
                    }
                };
            }
            tx.commit().await?;
        }
        Ok(changed.len())
    }

    /// The snapshots of a back end, by name, as its worker saw them last.
    pub async fn stored_snapshots_of(&self, host: &BackendHost) -> Result<Vec<StoredSnapshot>, StoreError> {
        let rows = self
            .all::<(String, i64, Option<Uuid>)>(SNAPSHOTS.bind(host.as_str()))
            .await?;
        rows.into_iter()
            .map(|(name, size, volume)| {
                let size: Gib = gib("stored_objects", "size", Uuid::nil(), size)?;
                Ok(StoredSnapshot {
                    name,
                    size,
                    volume: volume.map(VolumeId::new),
                })
            })
            .collect()
    }
}
