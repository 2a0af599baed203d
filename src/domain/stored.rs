//! What a back end holds, whether or not the service knows it.

use super::{Gib, VolumeId};

/// How full a back end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes altogether.
    pub total: u64,
    /// Bytes that are free for volumes.
    pub free: u64,
}

/// A snapshot as the back end sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSnapshot {
    /// Its name there.
    pub name: String,
    /// Its size, rounded up.
    pub size: Gib,
    /// The volume it was taken of, if the back end remembers.
    pub volume: Option<VolumeId>,
}
