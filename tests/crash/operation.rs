//! The operations of the matrix: the request, what it should lead to, and which breakpoints are not
//! on its way.

use serde_json::json;
use uuid::Uuid;

use crate::{
    api::{Api, Reply},
    model::{Model, Snapshot, Volume},
    world::Scene,
};

/// One request for work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    CreateVolume,
    CreateSnapshot,
    DeleteSnapshot,
    VolumeFromSnapshot,
    Clone,
    Revert,
    Extend,
    CascadeDelete,
}

pub const ALL: [Operation; 8] = [
    Operation::CreateVolume,
    Operation::CreateSnapshot,
    Operation::DeleteSnapshot,
    Operation::VolumeFromSnapshot,
    Operation::Clone,
    Operation::Revert,
    Operation::Extend,
    Operation::CascadeDelete,
];

const REMOVAL: &[&str] = &["file.before_unlink", "file.unlinked"];
const CREATION: &[&str] = &[
    "file.temp_created",
    "file.temp_filled",
    "file.temp_synced",
    "file.renamed",
];
/// A file that grows is changed in place: no name of the folder comes or goes.
const ALL_OF_FILE: &[&str] = &[
    "file.temp_created",
    "file.temp_filled",
    "file.temp_synced",
    "file.renamed",
    "file.folder_synced",
    "file.before_unlink",
    "file.unlinked",
];

impl Operation {
    /// The points that it does **not** pass; it passes all others, and dies there.
    pub const fn not_passed(self) -> &'static [&'static str] {
        match self {
            Self::CreateVolume | Self::CreateSnapshot | Self::VolumeFromSnapshot | Self::Clone | Self::Revert => {
                REMOVAL
            }
            Self::DeleteSnapshot | Self::CascadeDelete => CREATION,
            Self::Extend => ALL_OF_FILE,
        }
    }

    pub fn passes(self, point: &str) -> bool {
        !self.not_passed().contains(&point)
    }

    /// Asks for it.
    pub async fn request(self, api: &Api, scene: &Scene) -> Reply {
        let (volume, [older, latest]) = (scene.volume, scene.snapshots);
        match self {
            Self::CreateVolume => api.create_volume(1, None).await,
            Self::CreateSnapshot => api.create_snapshot(volume).await,
            Self::DeleteSnapshot => api.delete_snapshot(older).await,
            Self::VolumeFromSnapshot => api.create_volume(2, Some(("snapshot_id", older))).await,
            Self::Clone => api.create_volume(1, Some(("source_volid", volume))).await,
            Self::Revert => {
                let action = json!({"revert": {"snapshot_id": latest.to_string()}});
                api.volume_action(volume, action).await
            }
            Self::Extend => api.volume_action(volume, json!({"os-extend": {"new_size": 2}})).await,
            Self::CascadeDelete => api.delete_volume_and_snapshots(volume).await,
        }
    }

    /// What there is when it is done; `created` is the id of what it creates.
    pub fn done(self, scene: &Scene, created: Option<Uuid>) -> Model {
        let mut model = scene.model.clone();
        let (volume, [older, _latest]) = (scene.volume, scene.snapshots);
        let new = || created.unwrap_or_else(|| panic!("{self:?} created nothing"));
        match self {
            Self::CreateVolume => {
                model.volumes.insert(new(), Volume { gib: 1, seed: 0 });
            }
            Self::CreateSnapshot => {
                model.snapshots.insert(
                    new(),
                    Snapshot {
                        volume,
                        gib: 1,
                        seed: 3,
                    },
                );
            }
            Self::DeleteSnapshot => {
                model.snapshots.remove(&older);
            }
            Self::VolumeFromSnapshot => {
                model.volumes.insert(new(), Volume { gib: 2, seed: 1 });
            }
            Self::Clone => {
                model.volumes.insert(new(), Volume { gib: 1, seed: 3 });
            }
            Self::Revert => {
                model.volumes.insert(volume, Volume { gib: 1, seed: 2 });
            }
            Self::Extend => {
                model.volumes.insert(volume, Volume { gib: 2, seed: 3 });
            }
            Self::CascadeDelete => model = Model::default(),
        }
        model
    }
}
