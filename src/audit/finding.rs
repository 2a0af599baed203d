//! What an audit can find, and how it is told.

use std::fmt;

use crate::domain::{
    Gib, GroupSnapshotId, Item, LeftOver, Operation, ProjectId, Resource, ResourceId, ResourceKind, SnapshotId,
    StoredObject, VolumeId,
};

/// What is broken: the database itself, or one of the invariants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// The database's own structure.
    Database,
    /// Work and status belong together.
    I1,
    /// Every error has a reason.
    I2,
    /// Quota usage is what the rows say.
    I3,
    /// Objects are what the rows say.
    I4,
    /// Only statuses that the service comes to.
    I5,
    /// The order of snapshots is total.
    I7,
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Database => "database",
            Self::I1 => "I1",
            Self::I2 => "I2",
            Self::I3 => "I3",
            Self::I4 => "I4",
            Self::I5 => "I5",
            Self::I7 => "I7",
        })
    }
}

/// One thing that is wrong. `Display` is one sentence without a dot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The database says that it is damaged.
    Damage(String),
    /// Nobody is to do the work that the status speaks of.
    WorkMissing {
        /// Whose status. The work of a group snapshot is that of all its snapshots.
        item: Item,
        /// The status.
        status: &'static str,
    },
    /// A task for a row that is not there.
    WorkWithoutRow {
        /// The row that was there.
        resource: ResourceId,
        /// What was to be done.
        operation: Operation,
    },
    /// A task for a row that does not wait for it.
    WorkDoesNotFit {
        /// The row.
        item: Item,
        /// Its status.
        status: &'static str,
        /// What is to be done.
        operation: Operation,
    },
    /// A volume names the snapshot it is reverted to, and is not being reverted, or not to that one.
    RevertDoesNotFit {
        /// The volume.
        volume: VolumeId,
        /// Its status.
        status: &'static str,
        /// What it names.
        snapshot: Option<SnapshotId>,
    },
    /// A snapshot waits for the end of a revert that nobody does.
    RestoringAlone(SnapshotId),
    /// A snapshot is part of a group snapshot that is not there, and so nobody can delete it.
    LeftBehind {
        /// The snapshot.
        snapshot: SnapshotId,
        /// What it is part of.
        whole: GroupSnapshotId,
    },
    /// An error, and nobody tells its owner why.
    ReasonMissing {
        /// What is in error.
        item: Item,
        /// Which error.
        status: &'static str,
    },
    /// The quota counts something else than there is.
    UsageDiffers {
        /// Whose quota.
        project: ProjectId,
        /// `volumes`, `snapshots` or `gigabytes`.
        what: &'static str,
        /// What the quota counts.
        counted: i64,
        /// What the rows are.
        there: i64,
    },
    /// The quota counts a growth that is over.
    GrowthRemains(VolumeId),
    /// The row promises bytes that the storage does not have.
    ObjectMissing(Resource),
    /// The storage has fewer bytes than the row promises.
    ObjectTooSmall {
        /// Whose bytes.
        resource: Resource,
        /// How many there should be, at least.
        size: Gib,
        /// How many there are.
        bytes: u64,
    },
    /// The storage has what no row is about.
    ObjectUnknown(StoredObject),
    /// The storage has what an operation left that nobody goes on with.
    Remains(LeftOver),
    /// A status that the service does not come to by itself, and nobody has said.
    StatusUnreachable {
        /// Whose.
        item: Item,
        /// The status.
        status: &'static str,
    },
    /// Two snapshots of one volume and one moment: none is the latest.
    SameMoment(VolumeId),
}

impl Finding {
    /// What it breaks.
    pub const fn invariant(&self) -> Invariant {
        match self {
            Self::Damage(_) => Invariant::Database,
            Self::WorkMissing { .. }
            | Self::WorkWithoutRow { .. }
            | Self::WorkDoesNotFit { .. }
            | Self::RevertDoesNotFit { .. }
            | Self::RestoringAlone(_)
            | Self::LeftBehind { .. } => Invariant::I1,
            Self::ReasonMissing { .. } => Invariant::I2,
            Self::UsageDiffers { .. } | Self::GrowthRemains(_) => Invariant::I3,
            Self::ObjectMissing(_) | Self::ObjectTooSmall { .. } | Self::ObjectUnknown(_) | Self::Remains(_) => {
                Invariant::I4
            }
            Self::StatusUnreachable { .. } => Invariant::I5,
            Self::SameMoment(_) => Invariant::I7,
        }
    }

    /// What somebody can do about it.
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Damage(_) => "stop the service and restore the database from a backup",
            Self::WorkMissing { .. } => "--repair starts the work again, or ends it in an error with a message",
            Self::WorkWithoutRow { .. } | Self::WorkDoesNotFit { .. } => "--repair removes the task",
            Self::RevertDoesNotFit { .. } => "--repair starts the revert again, or ends it",
            Self::RestoringAlone(_) => "--repair makes the snapshot available again",
            Self::LeftBehind { .. } => "--repair makes it a snapshot of its own",
            Self::ReasonMissing { .. } => "--repair adds a message that says so",
            Self::UsageDiffers { .. } => "report it: the quota is counted from these rows",
            Self::GrowthRemains(_) => "--repair gives the quota back",
            Self::ObjectMissing(_) => "put the file back, or let --repair set an error with a message",
            Self::ObjectTooSmall { .. } => "put the whole file back, or delete the volume or snapshot",
            Self::ObjectUnknown(object) => match object.kind {
                ResourceKind::Volume => "nothing deletes it; remove or move the file if nobody needs it",
                ResourceKind::Snapshot => {
                    "nothing deletes it; take it over with `cinder snapshot-manage`, or remove the file"
                }
            },
            Self::Remains(_) => "--repair removes it",
            Self::StatusUnreachable { .. } => "find out who changed it, and reset the status",
            Self::SameMoment(_) => "report it: the database should have refused the second one",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damage(what) => write!(f, "the database is damaged: {what}"),
            Self::WorkMissing { item, status } => {
                write!(f, "{item} is {status}, and no task does anything about it")
            }
            Self::WorkWithoutRow { resource, operation } => {
                write!(f, "the task {operation} is about {resource}, which is not there")
            }
            Self::WorkDoesNotFit {
                item,
                status,
                operation,
            } => write!(f, "the task {operation} is about {item}, which is {status}"),
            Self::RevertDoesNotFit {
                volume,
                status,
                snapshot: Some(snapshot),
            } => write!(
                f,
                "volume {volume} is {status} and names snapshot {snapshot} to be reverted to, which does not fit"
            ),
            Self::RevertDoesNotFit {
                volume,
                status,
                snapshot: None,
            } => write!(f, "volume {volume} is {status} and names no snapshot"),
            Self::RestoringAlone(snapshot) => {
                write!(
                    f,
                    "snapshot {snapshot} is restoring, and its volume is not being reverted to it"
                )
            }
            Self::LeftBehind { snapshot, whole } => {
                write!(
                    f,
                    "snapshot {snapshot} is part of group snapshot {whole}, which is not there"
                )
            }
            Self::ReasonMissing { item, status } => {
                write!(f, "{item} is {status}, and no message tells its project why")
            }
            Self::UsageDiffers {
                project,
                what,
                counted,
                there,
            } => write!(
                f,
                "the quota of project {project} counts {counted} {what}, and there are {there}"
            ),
            Self::GrowthRemains(volume) => write!(f, "volume {volume} uses quota for a growth that is over"),
            Self::ObjectMissing(resource) => {
                write!(
                    f,
                    "{resource} has lost its bytes: {} is not in the storage",
                    resource.object_name()
                )
            }
            Self::ObjectTooSmall { resource, size, bytes } => write!(
                f,
                "{resource} has {size} GiB, and {} in the storage only {bytes} bytes",
                resource.object_name()
            ),
            Self::ObjectUnknown(object) => {
                write!(
                    f,
                    "{}s/{} is in the storage, and no {} is it",
                    object.kind, object.name, object.kind
                )
            }
            Self::Remains(left_over) => {
                write!(
                    f,
                    "{} is in the storage, and nobody works on {}",
                    left_over.place, left_over.of
                )
            }
            Self::StatusUnreachable { item, status } => {
                write!(
                    f,
                    "{item} is {status}, which neither the service nor an admin has made it"
                )
            }
            Self::SameMoment(volume) => write!(f, "volume {volume} has several snapshots of the same moment"),
        }
    }
}
