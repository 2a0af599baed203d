//! Who works on what next, what that does to the files, and what comes of it.

use chrono::TimeDelta;
use uuid::Uuid;

use super::{LEASE, Model, Object, Time, Word, snapshot_path, volume_path};
use crate::action::{Fault, Gate};

/// Nothing is put off for so long, unless the clock was set back meanwhile.
const FARTHEST: TimeDelta = TimeDelta::minutes(10);

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    CreateVolume,
    CreateVolumeFromSnapshot,
    CreateVolumeFromVolume,
    DeleteVolume,
    ExtendVolume,
    RevertVolume,
    CreateSnapshot,
    DeleteSnapshot,
    ManageSnapshot,
    UnmanageSnapshot,
}

impl Operation {
    /// As the table of tasks has it.
    pub const fn word(self) -> Word {
        match self {
            Self::CreateVolume => "create_volume",
            Self::CreateVolumeFromSnapshot => "create_volume_from_snapshot",
            Self::CreateVolumeFromVolume => "create_volume_from_volume",
            Self::DeleteVolume => "delete_volume",
            Self::ExtendVolume => "extend_volume",
            Self::RevertVolume => "revert_volume",
            Self::CreateSnapshot => "create_snapshot",
            Self::DeleteSnapshot => "delete_snapshot",
            Self::ManageSnapshot => "manage_snapshot",
            Self::UnmanageSnapshot => "unmanage_snapshot",
        }
    }

    /// What the message about its failure is called.
    pub(super) const fn event(self, busy: bool) -> Word {
        match (self, busy) {
            (Self::CreateVolume | Self::CreateVolumeFromSnapshot | Self::CreateVolumeFromVolume, _) => {
                "VOLUME_VOLUME_008_012"
            }
            (Self::DeleteVolume, _) => "VOLUME_VOLUME_901_901",
            (Self::ExtendVolume, _) => "VOLUME_VOLUME_007_010",
            (Self::RevertVolume, _) => "VOLUME_VOLUME_902_902",
            (Self::CreateSnapshot, _) => "VOLUME_VOLUME_SNAPSHOT_009_013",
            (Self::ManageSnapshot, _) => "VOLUME_VOLUME_SNAPSHOT_905_905",
            (Self::UnmanageSnapshot, _) => "VOLUME_VOLUME_SNAPSHOT_906_906",
            (Self::DeleteSnapshot, true) => "VOLUME_VOLUME_SNAPSHOT_010_015",
            (Self::DeleteSnapshot, false) => "VOLUME_VOLUME_SNAPSHOT_010_016",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Task {
    order: u64,
    pub resource: Uuid,
    source: Option<Uuid>,
    pub operation: Operation,
    pub attempts: i64,
    pub run_at: Time,
    /// Who has it, and until when nobody else gets it.
    pub lease: Option<(u64, Time)>,
    /// The request that asked for it; known when its reply is.
    pub request: Option<String>,
    file: Option<String>,
    /// What the worker read when it claimed the task.
    size: u32,
}

impl Task {
    /// When somebody can claim it at the latest.
    pub fn due(&self) -> Time {
        self.lease.map_or(self.run_at, |(_claim, until)| until.max(self.run_at))
    }
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Idle,
    Finished(Uuid),
    Retried(Uuid),
    Lost(Uuid),
}

/// How a call of the storage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    Adopted(u32),
    Failed,
    Busy,
    Later,
    Unknown,
    /// The claim was lost, and nothing was done.
    Refused,
}

/// A step that waits at a gate.
#[derive(Clone, Debug)]
pub(super) struct Held {
    task: Task,
    fault: Fault,
    /// What the storage did, if it did already.
    done: Option<Outcome>,
}

impl Model {
    pub(super) fn enqueue(&mut self, resource: Uuid, source: Option<Uuid>, operation: Operation, file: Option<String>) {
        self.order += 1;
        self.tasks.push(Task {
            order: self.order,
            resource,
            source,
            operation,
            attempts: 0,
            run_at: self.now,
            lease: None,
            request: None,
            file,
            size: 0,
        });
    }

    pub(super) fn cancel(&mut self, resource: Uuid) {
        self.tasks.retain(|task| task.resource != resource);
    }

    /// The last call had this request id; the work it asked for has it too.
    pub fn requested(&mut self, request: &str) {
        for task in self.tasks.iter_mut().filter(|task| task.request.is_none()) {
            task.request = Some(request.to_owned());
        }
    }

    pub fn is_held(&self, worker: usize) -> bool {
        self.held[worker].is_some()
    }

    /// A worker dies; what it claimed stays claimed.
    pub fn crash(&mut self, worker: usize) {
        self.held[worker] = None;
    }

    /// A worker claims a task and works on it. `None`: it waits at the gate.
    pub fn step(&mut self, worker: usize, fault: Fault, gate: Option<Gate>) -> Option<End> {
        let Some(task) = self.claim() else {
            return Some(End::Idle);
        };
        if let Some(outcome) = self.without_storage(&task) {
            return Some(self.end(&task, outcome));
        }
        let done = (gate != Some(Gate::Before)).then(|| self.drive(&task, fault));
        match (gate, done) {
            (None, Some(outcome)) => Some(self.end(&task, outcome)),
            _waits => {
                self.held[worker] = Some(Held { task, fault, done });
                None
            }
        }
    }

    /// A worker goes on with the step that waits at the gate.
    pub fn resume(&mut self, worker: usize) -> End {
        let Held { task, fault, done } = self.held[worker].take().unwrap();
        let outcome = done.unwrap_or_else(|| self.drive(&task, fault));
        self.end(&task, outcome)
    }

    /// The task that waits longest, is due, is nobody's and need not wait for an older one.
    fn claim(&mut self) -> Option<Task> {
        let now = self.now;
        let waits = |task: &Task| {
            self.tasks.iter().any(|older| {
                older.order < task.order && (older.source == Some(task.resource) || Some(older.resource) == task.source)
            })
        };
        // What was never tried, or put off farther than anything ever is, waits for no clock.
        let due = |task: &Task| task.run_at <= now || task.run_at > now + FARTHEST || task.attempts == 0;
        let free = |task: &&Task| due(task) && task.lease.is_none_or(|(_claim, until)| until <= now) && !waits(task);
        let first = self
            .tasks
            .iter()
            .filter(free)
            .min_by_key(|task| (task.run_at, task.order))?
            .order;
        self.claims += 1;
        let lease = (self.claims, now + TimeDelta::seconds(LEASE));
        let row = self
            .tasks
            .iter()
            .find(|task| task.order == first)
            .map(|task| task.resource)?;
        let size = self
            .volumes
            .iter()
            .find(|volume| volume.id == row)
            .map_or(0, |volume| volume.target.unwrap_or(volume.size));
        let task = self.tasks.iter_mut().find(|task| task.order == first)?;
        task.lease = Some(lease);
        task.attempts += 1;
        task.size = size;
        Some(task.clone())
    }

    pub(super) fn owns(&self, task: &Task) -> bool {
        let claim = task.lease.map(|(claim, _until)| claim);
        let mut live = self.tasks.iter().filter(|live| live.resource == task.resource);
        live.any(|live| live.lease.map(|(claim, _until)| claim) == claim)
    }

    /// What is decided before the storage is asked.
    fn without_storage(&self, task: &Task) -> Option<Outcome> {
        let blocked = match task.operation {
            Operation::DeleteVolume => return self.snapshots_in_the_way(task.resource),
            Operation::ManageSnapshot => self
                .snapshots
                .iter()
                .any(|snapshot| task.file.as_deref() == Some(&format!("snapshot-{}", snapshot.id))),
            Operation::CreateVolume
            | Operation::CreateVolumeFromSnapshot
            | Operation::CreateVolumeFromVolume
            | Operation::ExtendVolume
            | Operation::RevertVolume
            | Operation::CreateSnapshot
            | Operation::DeleteSnapshot
            | Operation::UnmanageSnapshot => false,
        };
        blocked.then_some(Outcome::Failed)
    }

    /// A volume with a snapshot that could not be deleted cannot be deleted either; with another one it is busy.
    fn snapshots_in_the_way(&self, volume: Uuid) -> Option<Outcome> {
        let left = || self.snapshots.iter().filter(|snapshot| snapshot.volume == volume);
        let failed = left().any(|snapshot| snapshot.status == "error_deleting");
        left()
            .next()
            .map(|_left| if failed { Outcome::Failed } else { Outcome::Busy })
    }

    fn drive(&mut self, task: &Task, fault: Fault) -> Outcome {
        match fault {
            Fault::None => self.touch(task),
            Fault::Final => Outcome::Failed,
            Fault::Busy => Outcome::Busy,
            Fault::Later => Outcome::Later,
            Fault::UnknownUndone => Outcome::Unknown,
            Fault::UnknownDone => match self.touch(task) {
                Outcome::Done | Outcome::Adopted(_) => Outcome::Unknown,
                failed @ (Outcome::Failed | Outcome::Busy | Outcome::Later | Outcome::Unknown | Outcome::Refused) => {
                    failed
                }
            },
        }
    }

    /// What the storage does to its files.
    fn touch(&mut self, task: &Task) -> Outcome {
        if !self.owns(task) {
            return Outcome::Refused;
        }
        let (volume, snapshot) = (volume_path(task.resource), snapshot_path(task.resource));
        let of_source = |path: fn(Uuid) -> String| path(task.source.unwrap_or_default());
        match task.operation {
            Operation::CreateVolume => self.make(volume, task.size, None, None),
            Operation::CreateVolumeFromSnapshot => self.make(volume, task.size, Some(of_source(snapshot_path)), None),
            Operation::CreateVolumeFromVolume => self.make(volume, task.size, Some(of_source(volume_path)), None),
            Operation::CreateSnapshot => self.make(snapshot, u32::MAX, Some(of_source(volume_path)), task.source),
            Operation::DeleteVolume => self.unmake(&volume),
            Operation::DeleteSnapshot => self.unmake(&snapshot),
            Operation::UnmanageSnapshot => Outcome::Done,
            Operation::ExtendVolume => match self.objects.get_mut(&volume) {
                Some(object) => {
                    object.gib = object.gib.max(task.size);
                    Outcome::Done
                }
                None => Outcome::Failed,
            },
            Operation::RevertVolume => {
                let content = self.objects.get(&of_source(snapshot_path)).cloned();
                match (self.objects.get_mut(&volume), content) {
                    (Some(volume), Some(content)) if volume.gib == content.gib => {
                        volume.content = content.content;
                        Outcome::Done
                    }
                    _missing_or_of_another_size => Outcome::Failed,
                }
            }
            Operation::ManageSnapshot => self.adopt(task, snapshot),
        }
    }

    /// A new file, empty or a copy. One that is there already is fine if it is large enough.
    fn make(&mut self, path: String, size: u32, source: Option<String>, of: Option<Uuid>) -> Outcome {
        if let Some(there) = self.objects.get(&path) {
            // A snapshot is as large as it is.
            return if of.is_some() || there.gib >= size {
                Outcome::Done
            } else {
                Outcome::Failed
            };
        }
        let mut object = match source.map(|source| self.objects.get(&source).cloned()) {
            None => Object::default(),
            Some(Some(source)) if source.gib <= size => source,
            Some(_missing_or_too_large) => return Outcome::Failed,
        };
        object.gib = if of.is_some() { object.gib } else { size };
        object.of = of.filter(|_of| self.notes);
        self.objects.insert(path, object);
        Outcome::Done
    }

    fn unmake(&mut self, path: &str) -> Outcome {
        self.objects.remove(path);
        Outcome::Done
    }

    fn adopt(&mut self, task: &Task, path: String) -> Outcome {
        if let Some(there) = self.objects.get(&path) {
            return Outcome::Adopted(there.gib);
        }
        let file = format!("snapshots/{}", task.file.as_deref().unwrap_or_default());
        match self.objects.get(&file) {
            Some(object) if object.of.is_none() || object.of == task.source => {
                let of = task.source.filter(|_of| self.notes);
                let object = Object { of, ..object.clone() };
                let size = object.gib;
                self.objects.remove(&file);
                self.objects.insert(path, object);
                Outcome::Adopted(size)
            }
            _missing_or_of_another_volume => Outcome::Failed,
        }
    }
}
