//! What a back end holds, whether or not the service knows it.

use super::{Gib, VolumeId};

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
