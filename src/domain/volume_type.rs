//! A volume type.

use super::VolumeTypeId;

/// A volume type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeType {
    /// Its id.
    pub id: VolumeTypeId,
    /// Its unique name, part of the per-type quota names.
    pub name: String,
    /// Display description.
    pub description: Option<String>,
    /// Whether every project may use it.
    pub is_public: bool,
}
