//! A volume type.

use chrono::{DateTime, Utc};

use super::{Metadata, VolumeTypeId};

/// A volume type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeType {
    /// Its id.
    pub id: VolumeTypeId,
    /// Its unique name, part of the per-type quota names.
    pub name: String,
    /// Display description.
    pub description: Option<String>,
    /// Whether every project may use it; a private one is for those that were given access.
    pub is_public: bool,
    /// What it asks of a back end.
    pub extra_specs: Metadata,
    /// When it was made; the one that comes with the service does not say.
    pub created_at: Option<DateTime<Utc>>,
}

/// What `PUT /types/{id}` changes; `None` leaves the field alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VolumeTypePatch {
    /// New name.
    pub name: Option<String>,
    /// New description.
    pub description: Option<String>,
    /// Whether everybody may use it.
    pub is_public: Option<bool>,
}
