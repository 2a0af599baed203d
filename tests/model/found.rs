//! Cases that have failed once, as short as they shrank.

use crate::action::Action;

/// Each with what it was about.
pub fn cases() -> Vec<(&'static str, Vec<Action>)> {
    vec![]
}
