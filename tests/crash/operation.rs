//! The operations of the matrix: what is asked for, and what it should lead to.

use std::fs::File;

use serde_json::json;
use uuid::Uuid;

use crate::{
    api::{Api, Reply},
    content,
    hold::Hold,
    model::{Model, Snapshot, Volume},
    trace::Point,
    world::{Scene, World},
};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// The first start on an empty database and an empty folder.
    FirstStart,
    CreateVolume,
    CreateSnapshot,
    /// It fails, because somebody has the volume open.
    FailingSnapshot,
    DeleteSnapshot,
    /// It finds the snapshot locked for longer than it waits.
    PostponedDelete,
    /// The server is told to stop, without time, while the delete waits.
    ReleasedDelete,
    /// Force-delete of a snapshot that is being taken.
    ForceDelete,
    Reset,
    Manage,
    Unmanage,
    VolumeFromSnapshot,
    Clone,
    Revert,
    Extend,
    CascadeDelete,
    /// Of a group of two volumes.
    GroupSnapshot,
}

pub const ALL: [Operation; 17] = [
    Operation::FirstStart,
    Operation::CreateVolume,
    Operation::CreateSnapshot,
    Operation::FailingSnapshot,
    Operation::DeleteSnapshot,
    Operation::PostponedDelete,
    Operation::ReleasedDelete,
    Operation::ForceDelete,
    Operation::Reset,
    Operation::Manage,
    Operation::Unmanage,
    Operation::VolumeFromSnapshot,
    Operation::Clone,
    Operation::Revert,
    Operation::Extend,
    Operation::CascadeDelete,
    Operation::GroupSnapshot,
];

/// A file that nobody has taken over yet.
const FOUND: &str = "found.raw";

impl Operation {
    /// Settings of its server.
    pub const fn settings(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::ReleasedDelete => &[("BREEZEBLOCK__SERVER__SHUTDOWN_GRACE", "0")],
            _ => &[],
        }
    }

    /// Whether it is killed at a point that it passes. Those that wait are only for what others do not pass.
    pub fn is_killed_at(self, point: &Point) -> bool {
        match self {
            Self::PostponedDelete => ["worker.renewed", "worker.postponed"].contains(&point.name.as_str()),
            Self::ReleasedDelete => ["worker.released", "store.wrote"].contains(&point.name.as_str()),
            _ => true,
        }
    }

    /// Whether the number of passes depends on time: several workers or a clock take part.
    pub fn may_miss(self, point: &Point) -> bool {
        matches!(self, Self::ForceDelete | Self::PostponedDelete | Self::ReleasedDelete)
            // What is committed the worker may have done before the one who asked for it has noticed.
            || ["worker.renewed", "store.wrote", "store.committed"].contains(&point.name.as_str())
    }

    /// Whether it is killed at the same point again on PostgreSQL too, whose cases cost several times as much. What
    /// differs between the databases is the store, and these use all of it.
    pub const fn dies_twice(self) -> bool {
        matches!(
            self,
            Self::CreateSnapshot | Self::DeleteSnapshot | Self::Revert | Self::CascadeDelete
        )
    }

    /// Puts what it needs besides the scene.
    pub async fn prepare(self, world: &World, mut scene: Scene) -> Scene {
        if self == Self::Manage {
            let path = world.storage().join("snapshots").join(FOUND);
            File::create(&path).unwrap().set_len(content::GIB).unwrap();
            content::write(&path, 4);
            scene.model.files.push((format!("snapshots/{FOUND}"), false));
            world.take_stock(6).await;
        }
        scene
    }

    /// What keeps it waiting, or makes it fail.
    pub fn hold(self, world: &World, scene: &Scene) -> Option<Hold> {
        match self {
            Self::FailingSnapshot => Some(Hold::open(&world.volume(scene.volume))),
            Self::PostponedDelete | Self::ReleasedDelete => {
                Some(Hold::lock(world, &format!("snapshot-{}", scene.snapshots[0])))
            }
            Self::ForceDelete => Some(Hold::lock(world, &format!("volume-{}", scene.volume))),
            _ => None,
        }
    }

    /// Whether the hold ends with the server that it was meant for.
    pub fn lets_go(self) -> bool {
        self != Self::FailingSnapshot
    }

    /// The first request.
    pub async fn request(self, api: &Api, scene: &Scene) -> Reply {
        let (volume, [older, latest]) = (scene.volume, scene.snapshots);
        match self {
            Self::FirstStart => Reply::None,
            Self::CreateVolume => api.create_volume(1, None).await,
            Self::CreateSnapshot | Self::FailingSnapshot | Self::ForceDelete => api.create_snapshot(volume).await,
            Self::DeleteSnapshot | Self::PostponedDelete | Self::ReleasedDelete => api.delete_snapshot(older).await,
            Self::Reset => {
                let action = json!({"os-reset_status": {"status": "error"}});
                api.snapshot_action(older, action).await
            }
            Self::Manage => api.manage_snapshot(volume, FOUND).await,
            Self::Unmanage => api.snapshot_action(older, json!({"os-unmanage": {}})).await,
            Self::VolumeFromSnapshot => api.create_volume(2, Some(("snapshot_id", older))).await,
            Self::Clone => api.create_volume(1, Some(("source_volid", volume))).await,
            Self::Revert => {
                let action = json!({"revert": {"snapshot_id": latest.to_string()}});
                api.volume_action(volume, action).await
            }
            Self::Extend => api.volume_action(volume, json!({"os-extend": {"new_size": 2}})).await,
            Self::CascadeDelete => api.delete_volume_and_snapshots(volume).await,
            Self::GroupSnapshot => api.create_group_snapshot(scene.group).await,
        }
    }

    /// What there should be in the end: `created` is the id of what is new, `answered` how many requests were
    /// answered, and `at` where the server was killed first.
    pub fn outcome(self, scene: &Scene, created: Option<Uuid>, answered: usize, at: Option<&Point>) -> Model {
        if at.is_some_and(|point| point.name == "store.before_commit" && point.pass == 1) {
            assert_eq!(answered, 0, "answered before it was committed");
            return scene.model.clone();
        }
        if self == Self::ForceDelete && (answered == 2 || created.is_none()) {
            return scene.model.clone();
        }
        self.done(scene, created)
    }

    fn done(self, scene: &Scene, created: Option<Uuid>) -> Model {
        let mut model = scene.model.clone();
        let (volume, [older, _latest]) = (scene.volume, scene.snapshots);
        let new = || created.unwrap_or_else(|| panic!("{self:?} created nothing"));
        match self {
            Self::FirstStart => {}
            Self::CreateVolume => {
                model.volumes.insert(new(), Volume { gib: 1, seed: 0 });
            }
            Self::CreateSnapshot | Self::ForceDelete => {
                model.snapshots.insert(new(), Snapshot::new(volume, 3));
            }
            Self::FailingSnapshot => {
                let failed = Snapshot {
                    seed: None,
                    status: "error",
                    ..Snapshot::new(volume, 0)
                };
                model.snapshots.insert(new(), failed);
                model.messages = 1;
            }
            Self::DeleteSnapshot | Self::PostponedDelete | Self::ReleasedDelete => {
                model.snapshots.remove(&older);
            }
            Self::Reset => {
                model.snapshots.get_mut(&older).unwrap().status = "error";
            }
            Self::Manage => {
                model.files.clear();
                model.snapshots.insert(new(), Snapshot::new(volume, 4));
            }
            Self::Unmanage => {
                model.snapshots.remove(&older);
                model.files.push((format!("snapshots/snapshot-{older}"), false));
                model.files.push((format!(".locks/snapshot-{older}"), true));
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
            Self::CascadeDelete => {
                model.snapshots.clear();
                model.volumes.remove(&volume);
            }
            Self::GroupSnapshot => {
                for (snapshot, of) in &scene.taken {
                    let seed = model.volumes[of].seed;
                    model.snapshots.insert(*snapshot, Snapshot::new(*of, seed));
                }
                assert_eq!(scene.taken.len(), 2, "one for each volume of the group");
            }
        }
        model
    }
}
