//! The exchanges that may differ, each with the reason: an entry of `docs/differences.md`, by the name in its first
//! column. One that is equal after all must go from here, so the list cannot grow stale. And those that cannot be
//! replayed.

use crate::exchange::Set::{self, Mock, Openstack};

/// Difference, set, exchanges.
pub const ACCEPTED: &[(&str, Set, &[u32])] = &[
    (
        "dc-added-elements",
        Openstack,
        &[20, 21, 23, 24, 26, 107, 108, 109, 113, 114],
    ),
    ("dc-added-elements", Mock, &[8, 9, 14, 15, 19, 20, 23]),
    ("dc-attach", Mock, &[3, 4, 30, 31, 41]),
    ("dc-capacity-number", Openstack, &[122]),
    ("dc-collections", Openstack, &[1, 2, 11, 12]),
    ("dc-collections", Mock, &[1, 37]),
    ("dc-date-form", Mock, &[19, 33]),
    ("dc-driver-features", Mock, &[1, 37]),
    ("dc-entry-login", Mock, &[36, 38, 45]),
    (
        "dc-error-declaration",
        Openstack,
        &[
            4, 5, 6, 7, 9, 10, 28, 29, 30, 31, 35, 36, 38, 39, 40, 43, 52, 54, 55, 56, 58, 59, 61, 70, 71, 72, 73, 77,
            78, 81, 82, 85, 94, 96, 97, 98, 100, 101, 103, 112, 115, 116,
        ],
    ),
    ("dc-error-declaration", Mock, &[22, 25, 27, 35]),
    (
        "dc-error-status",
        Openstack,
        &[36, 37, 38, 39, 56, 57, 58, 59, 78, 79, 81, 98, 99, 100, 101, 118],
    ),
    (
        "dc-error-texts",
        Openstack,
        &[
            35, 36, 37, 39, 40, 41, 43, 52, 53, 55, 56, 57, 59, 61, 77, 78, 79, 81, 82, 83, 85, 94, 95, 97, 98, 99,
            101, 103, 112, 115, 116, 117, 118, 119,
        ],
    ),
    ("dc-error-texts", Mock, &[25, 27, 35]),
    ("dc-list-order", Openstack, &[20, 21, 62, 63]),
    ("dc-list-order", Mock, &[8]),
    ("dc-one-driver", Mock, &[5, 6, 11, 28, 40, 42, 43, 44]),
    ("dc-providers", Openstack, &[14]),
    (
        "dc-quoted-etag",
        Openstack,
        &[
            1, 2, 3, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 62, 63, 64, 65, 66, 67, 68, 104, 105,
            106, 107, 108, 109, 110, 113, 114, 120, 122, 123,
        ],
    ),
    (
        "dc-quoted-etag",
        Mock,
        &[1, 2, 5, 8, 9, 10, 14, 15, 16, 17, 18, 19, 20, 23, 29, 32, 33, 37],
    ),
    ("dc-realm-at-once", Openstack, &[120, 123]),
    ("dc-realm-at-once", Mock, &[33]),
    ("dc-realm-limit", Openstack, &[15, 16, 18]),
    ("dc-router-parameters", Mock, &[22, 25, 27, 35]),
    ("dc-runtime", Mock, &[22, 25, 27, 35]),
    ("dc-snapshot-name", Openstack, &[107, 108]),
    ("dc-snapshot-name", Mock, &[19]),
    ("dc-unknown-id", Openstack, &[27, 42, 69, 80, 84]),
    ("dc-volume-state", Openstack, &[62, 63, 106, 120, 122, 123]),
    ("dc-volume-state", Mock, &[33]),
    ("dc-zones", Openstack, &[15, 16]),
];

/// What is not replayed, and why.
pub const NOT_REPLAYED: &[(&str, Set, &[u32])] = &[
    (
        "the backend answers a look at a snapshot with 400; nothing makes a look wrong here",
        Openstack,
        &[32, 33, 34],
    ),
    ("the same with a volume", Openstack, &[74, 75, 76]),
    (
        "the backend answers with 409; nothing that this front asks for is a conflict here",
        Openstack,
        &[44, 45, 46, 47, 86, 87, 88, 89],
    ),
    (
        "the backend answers a look or a deletion with 413; these need no quota here",
        Openstack,
        &[48, 49, 50, 51, 90, 91, 92, 93],
    ),
    (
        "the backend answers in HTML; there is no backend with words of its own here",
        Openstack,
        &[60, 102],
    ),
    ("the states of the mock driver's instances", Mock, &[7]),
];
