//! Cases for every driver. Each name is the rule that it checks.

pub mod copies;
pub mod exclusion;
pub mod inventory;
pub mod point_in_time;
pub mod reverts;
pub mod snapshots;
pub mod stopping;
pub mod volumes;
