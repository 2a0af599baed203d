//! What can happen.
//!
//! A case is a list of actions, and every action has a meaning in every state: what does not exist is asked
//! for all the same, and refused. So a failing case can lose any action and still be a case, which is what
//! makes it shrink well; a generator that follows the state could not leave out the beginning.

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// A member of one project.
    Ann,
    /// A member of another.
    Bob,
    /// An admin, who has a project as well.
    Admin,
}

impl Who {
    pub const ALL: [Self; 3] = [Self::Ann, Self::Bob, Self::Admin];

    /// His project; a path of the API has it as hexadecimal digits.
    pub const fn project(self) -> &'static str {
        match self {
            Self::Ann => "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            Self::Bob => "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
            Self::Admin => "adadadadadadadadadadadadadadadad",
        }
    }

    /// Whether he sees what belongs to that one.
    pub fn sees(self, owner: Self) -> bool {
        self == Self::Admin || self == owner
    }
}

/// Who asks for what is somebody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Whose it is.
    Owner,
    /// An admin.
    Admin,
    /// Somebody who should not know of it.
    Stranger,
}

/// One of the rows that there are, counted from the oldest; large numbers name a row that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick(pub u8);

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A call of the API.
    Call(By, Call),
    /// A list, page by page, with an order and a filter.
    List(Who, Listing),
    /// Somebody writes to a volume, at one of a few places.
    Write(Pick, usize),
    /// Somebody puts a file into the folder of snapshots.
    Put,
    /// A worker claims a task and works on it, or goes on with the one that it holds.
    Step(usize, Fault, Option<Gate>),
    /// A worker is no more.
    Crash(usize),
    /// The whole process ends and starts again.
    Restart,
    /// The clock moves by so many seconds, backwards too.
    Clock(i64),
}

/// What the storage does to the next operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: it works.
    None,
    /// It fails for good, and changes nothing.
    Final,
    /// Something depends on the object.
    Busy,
    /// It fails and may work later.
    Later,
    /// Nobody knows how it ended; it was not done.
    UnknownUndone,
    /// Nobody knows how it ended; it was done.
    UnknownDone,
}

/// Where the storage waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Before it does anything.
    Before,
    /// When it has done everything.
    After,
}

/// Where a new volume's bytes come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Nothing,
    Snapshot(Pick),
    Volume(Pick),
}

/// A change of metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meta {
    Merge(u8),
    Replace(u8),
    Remove(u8),
}

/// Actions of those who attach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Attach,
    Detach,
    Reserve,
    Unreserve,
    BeginDetaching,
    RollDetaching,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    CreateVolume(Option<u8>, Origin, Option<u8>),
    DeleteVolume {
        of: Pick,
        cascade: bool,
        force: bool,
    },
    ForceDeleteVolume(Pick),
    Extend {
        of: Pick,
        to: u8,
        in_use: bool,
    },
    Revert {
        of: Pick,
        to: Option<Pick>,
    },
    ResetVolume(Pick, &'static str),
    Attachment(Pick, Verb),
    NameVolume(Pick, u8),
    VolumeMetadata(Pick, Meta),
    CreateSnapshot {
        of: Pick,
        force: Option<bool>,
        name: Option<u8>,
    },
    DeleteSnapshot(Pick),
    ForceDeleteSnapshot(Pick),
    NameSnapshot(Pick, u8),
    SnapshotMetadata(Pick, Meta),
    ResetSnapshot(Pick, &'static str),
    Report(Pick, &'static str),
    Manage(Pick, Pick),
    Unmanage(Pick),
    SetQuota(Who, &'static str, i64),
    ClearQuota(Who),
}

/// A list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    pub snapshots: bool,
    pub detail: bool,
    pub sort: &'static str,
    pub ascending: bool,
    pub filter: Filter,
    pub limit: u8,
}

/// Which rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    All,
    Status(&'static str),
    Name(u8),
    Of(Pick),
}
