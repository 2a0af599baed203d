//! A group type.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::GroupTypeId;

/// What a group type asks of a back end. Unlike an extra spec of a volume type, one may have no value.
pub type GroupSpecs = BTreeMap<String, Option<String>>;

/// The type that comes with the schema: Cinder keeps it for what were consistency groups once, and lets no
/// group be of it (`volume/group_types.py::DEFAULT_CGSNAPSHOT_TYPE`).
const RESERVED: &str = "default_cgsnapshot_type";

/// The spec, and its value, of types whose group snapshots must be one point in time.
const CONSISTENT: (&str, &str) = ("consistent_group_snapshot_enabled", "<is> True");

/// A group type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupType {
    /// Its id.
    pub id: GroupTypeId,
    /// Its unique name.
    pub name: String,
    /// Display description.
    pub description: Option<String>,
    /// Whether everybody may use it; a private one is for admins.
    pub is_public: bool,
    /// What it asks of a back end.
    pub specs: GroupSpecs,
    /// When it was made; the one that comes with the service does not say.
    pub created_at: Option<DateTime<Utc>>,
}

impl GroupType {
    /// Whether no group may be of it.
    pub fn is_reserved(&self) -> bool {
        self.name == RESERVED
    }

    /// Whether a snapshot of its groups must have the bytes that all volumes had at one moment, or fail.
    /// Otherwise each volume may have a moment of its own (Cinder: `volume_utils.is_group_a_cg_snapshot_type`).
    pub fn wants_consistency(&self) -> bool {
        let (key, value) = CONSISTENT;
        self.specs.get(key).and_then(Option::as_deref) == Some(value)
    }
}

/// What `PUT /group_types/{id}` changes; `None` leaves the field alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupTypePatch {
    /// New name.
    pub name: Option<String>,
    /// New description.
    pub description: Option<String>,
    /// Whether everybody may use it.
    pub is_public: Option<bool>,
}
