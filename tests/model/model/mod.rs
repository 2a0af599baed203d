//! What must be the case, worked out with plain lists and maps: the rows, the work, the files, the messages
//! and the limits, and what each action does to them. It shares no rule with the program, not even the
//! tables of statuses; a status is a word here.

mod lists;
mod settle;
mod snapshots;
mod volumes;
mod work;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use self::{
    lists::{Row, text},
    work::{End, Operation, Task},
};
use crate::action::{By, Call, Origin, Pick, Who};

pub type Time = DateTime<Utc>;
pub type Word = &'static str;

/// Where in a volume somebody writes: its beginning, the end of its first GiB, and behind that.
pub const PLACES: [u64; 3] = [0, (1 << 30) - 4096, (1 << 30) + 8192];

/// Limits of those who have none of their own; the application is started with the same.
pub const DEFAULTS: [(&str, i64); 3] = [("volumes", 4), ("snapshots", 4), ("gigabytes", 9)];

/// Attempts before a passing failure is final; the application is started with the same.
pub const MAX_ATTEMPTS: i64 = 3;

/// Seconds that a claim holds; likewise.
pub const LEASE: i64 = 30;

#[derive(Clone, Debug)]
pub struct Volume {
    pub id: Uuid,
    pub owner: Who,
    pub size: u32,
    pub target: Option<u32>,
    pub status: Word,
    pub previous: Option<Word>,
    pub attached: bool,
    pub reverting_to: Option<Uuid>,
    pub name: Option<String>,
    pub metadata: BTreeMap<String, String>,
    pub source_snapshot: Option<Uuid>,
    pub copied_from: Option<Uuid>,
    pub created_at: Time,
    /// An admin has said what the status is, so no work need be behind it and no message before it.
    pub taken_over: bool,
}

#[derive(Clone, Debug)]
pub struct Snapshot {
    pub id: Uuid,
    pub owner: Who,
    pub volume: Uuid,
    pub size: u32,
    pub status: Word,
    pub previous: Option<Word>,
    pub progress: Word,
    pub name: Option<String>,
    pub metadata: BTreeMap<String, String>,
    pub created_at: Time,
    pub taken_over: bool,
}

/// What a user is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Message {
    pub owner: Who,
    pub resource: Uuid,
    pub event: String,
    pub request: String,
    pub created_at: Time,
}

/// A file: its size, what is at the few places, and for a snapshot the volume it says it is of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    pub gib: u32,
    pub content: [u64; PLACES.len()],
    pub of: Option<Uuid>,
}

#[derive(Debug)]
pub struct Model {
    pub now: Time,
    pub volumes: Vec<Volume>,
    pub snapshots: Vec<Snapshot>,
    pub tasks: Vec<Task>,
    pub messages: Vec<Message>,
    pub limits: BTreeMap<(Who, String), i64>,
    /// By path below the storage folder.
    pub objects: BTreeMap<String, Object>,
    held: [Option<work::Held>; 2],
    claims: u64,
    order: u64,
    marks: u64,
    /// Whether the file system keeps the note of a snapshot's volume.
    notes: bool,
}

/// The id of what is not there.
const NOBODY: Uuid = Uuid::from_u128(0x0bad_0bad_0bad_4bad_8bad_0bad_0bad_0bad);

impl Model {
    pub fn new(now: Time, notes: bool) -> Self {
        Self {
            now,
            volumes: Vec::new(),
            snapshots: Vec::new(),
            tasks: Vec::new(),
            messages: Vec::new(),
            limits: BTreeMap::new(),
            objects: BTreeMap::new(),
            held: [None, None],
            claims: 0,
            order: 0,
            marks: 0,
            notes,
        }
    }

    pub fn pick_volume(&self, pick: Pick) -> Uuid {
        picked(&self.volumes, pick).map_or(NOBODY, |volume| volume.id)
    }

    pub fn pick_snapshot(&self, pick: Pick) -> Uuid {
        picked(&self.snapshots, pick).map_or(NOBODY, |snapshot| snapshot.id)
    }

    /// A file in the folder of snapshots, by name.
    pub fn pick_file(&self, pick: Pick) -> String {
        let names: Vec<_> = self
            .objects
            .keys()
            .filter_map(|path| path.strip_prefix("snapshots/"))
            .collect();
        picked(&names, pick).map_or_else(|| "nothing".to_owned(), |name| (*name).to_owned())
    }

    /// The latest snapshot of a volume.
    pub fn latest(&self, volume: Uuid) -> Option<&Snapshot> {
        let own = self.snapshots.iter().filter(|snapshot| snapshot.volume == volume);
        own.max_by_key(|snapshot| snapshot.created_at)
    }

    /// How much of a resource somebody's project has.
    pub fn used(&self, who: Who, resource: &str) -> i64 {
        let volumes = || self.volumes.iter().filter(|volume| volume.owner == who);
        let snapshots = || self.snapshots.iter().filter(|snapshot| snapshot.owner == who);
        let gigabytes = || {
            let volumes = volumes().map(|volume| volume.target.unwrap_or(volume.size));
            volumes
                .chain(snapshots().map(|snapshot| snapshot.size))
                .map(i64::from)
                .sum()
        };
        match resource {
            "volumes" => i64::try_from(volumes().count()).unwrap(),
            "snapshots" => i64::try_from(snapshots().count()).unwrap(),
            _gigabytes => gigabytes(),
        }
    }

    /// How much of a resource somebody's project may have.
    pub fn limit(&self, who: Who, resource: &str) -> i64 {
        let default = DEFAULTS.iter().find(|(name, _)| *name == resource).unwrap().1;
        self.limits.get(&(who, resource.to_owned())).copied().unwrap_or(default)
    }

    /// Whether all of that is still allowed to somebody.
    fn fits(&self, who: Who, more: &[(&str, i64)]) -> bool {
        more.iter().all(|(resource, more)| {
            let limit = self.limit(who, resource);
            *more == 0 || limit < 0 || self.used(who, resource) + more <= limit
        })
    }

    /// Who that is for this call.
    pub fn asker(&self, by: By, call: &Call) -> Who {
        let owner = self.owner(call);
        match (by, owner) {
            (By::Owner, owner) => owner,
            (By::Admin, _anybody) => Who::Admin,
            (By::Stranger, Who::Ann) => Who::Bob,
            (By::Stranger, Who::Bob | Who::Admin) => Who::Ann,
        }
    }

    /// Whose the thing is that a call is about; what is nobody's could be Ann's.
    fn owner(&self, call: &Call) -> Who {
        let volume = |pick| {
            let found = self.volumes.iter().find(|volume| volume.id == self.pick_volume(pick));
            found.map(|volume| volume.owner)
        };
        let snapshot = |pick| {
            let found = self
                .snapshots
                .iter()
                .find(|snapshot| snapshot.id == self.pick_snapshot(pick));
            found.map(|snapshot| snapshot.owner)
        };
        let owner = match call {
            Call::CreateVolume(_, Origin::Nothing, _) => None,
            Call::CreateVolume(_, Origin::Snapshot(of), _)
            | Call::DeleteSnapshot(of)
            | Call::ForceDeleteSnapshot(of)
            | Call::NameSnapshot(of, _)
            | Call::SnapshotMetadata(of, _)
            | Call::ResetSnapshot(of, _)
            | Call::Report(of, _)
            | Call::Unmanage(of) => snapshot(*of),
            Call::CreateVolume(_, Origin::Volume(of), _)
            | Call::DeleteVolume { of, .. }
            | Call::ForceDeleteVolume(of)
            | Call::Extend { of, .. }
            | Call::Revert { of, .. }
            | Call::ResetVolume(of, _)
            | Call::Attachment(of, _)
            | Call::NameVolume(of, _)
            | Call::VolumeMetadata(of, _)
            | Call::CreateSnapshot { of, .. }
            | Call::Manage(of, _) => volume(*of),
            Call::SetQuota(of, ..) | Call::ClearQuota(of) => Some(*of),
        };
        owner.unwrap_or(Who::Ann)
    }

    pub fn set_quota(&mut self, who: Who, of: Who, resource: &str, limit: i64) -> u16 {
        if who != Who::Admin {
            return 403;
        }
        let key = (of, resource.to_owned());
        if self.limits.contains_key(&key) && limit >= 0 && self.used(of, resource) > limit {
            return 400;
        }
        self.limits.insert(key, limit);
        200
    }

    pub fn clear_quota(&mut self, who: Who, of: Who) -> u16 {
        if who != Who::Admin {
            return 403;
        }
        self.limits.retain(|(owner, _resource), _limit| *owner != of);
        200
    }

    /// Somebody writes to the file of a volume, if there is one that reaches so far: where, and what.
    pub fn write(&mut self, pick: Pick, place: usize) -> Option<(String, u64, u64)> {
        let path = volume_path(self.pick_volume(pick));
        let mark = self.mark();
        let object = self.objects.get_mut(&path)?;
        let within = PLACES[place] < u64::from(object.gib) << 30;
        within.then(|| {
            object.content[place] = mark;
            (path, PLACES[place], mark)
        })
    }

    /// Somebody puts a file of 1 GiB into the folder of snapshots: where, and what is in it.
    pub fn put(&mut self) -> (String, u64) {
        let mark = self.mark();
        let path = format!("snapshots/foreign-{mark}");
        let object = Object {
            gib: 1,
            content: [mark, 0, 0],
            of: None,
        };
        self.objects.insert(path.clone(), object);
        (path, mark)
    }

    fn mark(&mut self) -> u64 {
        self.marks += 1;
        self.marks
    }

    fn volume(&self, who: Who, id: Uuid) -> Result<usize, u16> {
        let found = self
            .volumes
            .iter()
            .position(|volume| volume.id == id && who.sees(volume.owner));
        found.ok_or(404)
    }

    fn snapshot(&self, who: Who, id: Uuid) -> Result<usize, u16> {
        let found = self
            .snapshots
            .iter()
            .position(|snapshot| snapshot.id == id && who.sees(snapshot.owner));
        found.ok_or(404)
    }
}

fn picked<T>(rows: &[T], Pick(number): Pick) -> Option<&T> {
    let index = usize::from(number).checked_rem(rows.len())?;
    (number < 248).then(|| &rows[index])
}

pub fn volume_path(id: Uuid) -> String {
    format!("volumes/volume-{id}")
}

pub fn snapshot_path(id: Uuid) -> String {
    format!("snapshots/snapshot-{id}")
}

/// Name number so-and-so.
pub fn named(number: u8) -> String {
    format!("name-{number}")
}

/// Metadata number so-and-so; all of it shares the key `k0`.
pub fn items(number: u8) -> BTreeMap<String, String> {
    let pair = |key: u8| (format!("k{key}"), format!("v{number}"));
    BTreeMap::from([pair(0), pair(number)])
}
