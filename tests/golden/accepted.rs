//! How exact we are, as numbers that may only rise, and the differences that we want.

/// Exchanges that are equal, by section. A run with fewer fails; a run with more asks for the new
/// number to be written here.
pub const EQUAL: &[(&str, usize)] = &[
    ("actions", 106),
    ("create", 228),
    ("delete", 20),
    ("list", 616),
    ("manage", 7),
    ("metadata", 135),
    ("microversions", 87),
    ("quota_limits", 72),
    ("revert", 19),
    ("update", 35),
    ("versions", 63),
    ("volumes", 172),
];
