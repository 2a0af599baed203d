//! Wire shapes: functions of the version and the domain value, nothing else.

pub mod group;
pub mod group_type;
pub mod manageable;
pub mod message;
pub mod snapshot;
pub mod type_encryption;
pub mod volume;
pub mod volume_type;

use chrono::{DateTime, Utc};

/// Cinder's times: UTC, six digits, no zone. gophercloud cannot read any other form.
pub fn time(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}
