//! The programs of an installation, as they report themselves (Cinder: table `services`).

use chrono::{DateTime, TimeDelta, Utc};

use super::{BackendHost, Space, status_enum};

status_enum! {
    /// What a program does, under the names that clients know.
    Binary {
        Scheduler = "cinder-scheduler",
        Volume = "cinder-volume",
    }
}

/// One program on one host; any number of processes may be behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRecord {
    /// `host@backend` for the program that keeps volumes, `host` for the one that takes requests.
    pub host: String,
    /// Which program.
    pub binary: Binary,
    /// The availability zone of what it keeps.
    pub availability_zone: String,
    /// Whether an operator wants no new volumes there.
    pub disabled: bool,
    /// Why, in the operator's words.
    pub disabled_reason: Option<String>,
    /// Whether an operator wants no snapshots taken, nothing deleted and no new volumes there.
    pub frozen: bool,
    /// How full its back end was at the last heartbeat.
    pub space: Option<Space>,
    /// When it was first seen.
    pub created_at: DateTime<Utc>,
    /// When it was last seen.
    pub heartbeat_at: DateTime<Utc>,
    /// When an operator last changed the record.
    pub modified_at: Option<DateTime<Utc>>,
}

impl ServiceRecord {
    /// Whether it was seen within `down_time` of `now`. A heartbeat from the future is one from a clock that
    /// is ahead, and as far off as it says (Cinder: `api/v3/services.py` compares without the sign).
    pub fn is_up(&self, now: DateTime<Utc>, down_time: TimeDelta) -> bool {
        (now - self.heartbeat_at).abs() <= down_time
    }

    /// The back end that it keeps.
    pub fn backend(&self) -> BackendHost {
        BackendHost::of_service(&self.host)
    }
}

/// What an operator does to a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceChange {
    /// It takes new volumes.
    Enable,
    /// It takes no new volumes; the reason stays as it is if there is none here.
    Disable(Option<String>),
    /// It is frozen (true), or no longer is.
    Freeze(bool),
}
