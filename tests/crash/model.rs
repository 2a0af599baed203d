//! What should be there: every volume and snapshot with its size and content.

use std::collections::BTreeMap;

use uuid::Uuid;

#[derive(Clone, Debug, Default)]
pub struct Model {
    pub volumes: BTreeMap<Uuid, Volume>,
    pub snapshots: BTreeMap<Uuid, Snapshot>,
    /// Further files below the storage folder, and whether they must be empty.
    pub files: Vec<(String, bool)>,
    /// How many messages there are about failures.
    pub messages: usize,
}

#[derive(Clone, Copy, Debug)]
pub struct Volume {
    pub gib: u64,
    /// For [`crate::content`]; 0 is nothing but zeroes.
    pub seed: u8,
}

#[derive(Clone, Copy, Debug)]
pub struct Snapshot {
    pub volume: Uuid,
    pub gib: u64,
    /// `None` if it has no bytes.
    pub seed: Option<u8>,
    pub status: &'static str,
}

impl Snapshot {
    /// One of 1 GiB that is `available`.
    pub const fn new(volume: Uuid, seed: u8) -> Self {
        Self {
            volume,
            gib: 1,
            seed: Some(seed),
            status: "available",
        }
    }
}

impl Model {
    /// Volumes, snapshots and gigabytes, as the quota should count them.
    pub fn usage(&self) -> [u64; 3] {
        let volumes = self.volumes.values().map(|volume| volume.gib);
        let snapshots = self.snapshots.values().map(|snapshot| snapshot.gib);
        [
            self.volumes.len() as u64,
            self.snapshots.len() as u64,
            volumes.chain(snapshots).sum(),
        ]
    }

    /// Every file below the storage folder, sorted; `true` for those that must be empty.
    pub fn files(&self) -> Vec<(String, bool)> {
        let volumes = self.volumes.keys().map(|id| ("volumes", format!("volume-{id}")));
        let snapshots = self.snapshots.iter().filter(|(_id, snapshot)| snapshot.seed.is_some());
        let snapshots = snapshots.map(|(id, _)| ("snapshots", format!("snapshot-{id}")));
        let mut files: Vec<_> = volumes
            .chain(snapshots)
            .flat_map(|(folder, name)| [(format!(".locks/{name}"), true), (format!("{folder}/{name}"), false)])
            .collect();
        files.push((".storage-id".to_owned(), false));
        files.extend(self.files.iter().cloned());
        files.sort();
        files
    }
}
