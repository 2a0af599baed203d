//! The API from outside: the real application on a port of its own, spoken to over HTTP.
//!
//! A case is an `async fn(App)`, and its module lists it in [`api_suite!`], which runs it on SQLite and
//! on PostgreSQL (`scripts/with-postgres cargo test --test api`). The expected texts, headers and
//! orders are real Cinder's unless a comment says otherwise.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on must stop"
)]

#[expect(dead_code, reason = "other suites open the database without the application")]
#[path = "../support/database.rs"]
mod database;
#[expect(dead_code, reason = "other suites change things behind the service's back")]
#[path = "../support/history.rs"]
mod history;
#[path = "../support/http.rs"]
mod http;
#[path = "../support/raw.rs"]
mod raw;
mod support;

/// Runs each case on both databases, with settings of its own if it names some:
/// `api_suite!(a_case, another_case ["quota.snapshots" = "1"])`.
macro_rules! api_suite {
    ($($case:ident $([$($key:literal = $value:literal),+])?),+ $(,)?) => {
        api_suite!(@on sqlite Sqlite breezeblock::auth::NoAuth, $($case [$($($key = $value),+)?])+);
        api_suite!(@on postgres Postgres breezeblock::auth::NoAuth, $($case [$($($key = $value),+)?])+);
    };
    // With users who are not all admins.
    (identity $identity:path; $($case:ident $([$($key:literal = $value:literal),+])?),+ $(,)?) => {
        api_suite!(@on sqlite Sqlite $identity, $($case [$($($key = $value),+)?])+);
        api_suite!(@on postgres Postgres $identity, $($case [$($($key = $value),+)?])+);
    };
    // With the development identity.
    (dev; $($case:ident $([$($key:literal = $value:literal),+])?),+ $(,)?) => {
        api_suite!(@dev sqlite Sqlite, $($case [$($($key = $value),+)?])+);
        api_suite!(@dev postgres Postgres, $($case [$($($key = $value),+)?])+);
    };
    (@dev $name:ident $kind:ident, $($case:ident [$($key:literal = $value:literal),*])+) => {
        mod $name {
            $(
                #[tokio::test]
                async fn $case() {
                    let kind = crate::database::Kind::$kind;
                    crate::support::run_dev(kind, &[$(($key, $value)),*], super::$case).await;
                }
            )+
        }
    };
    (@on $name:ident $kind:ident $identity:path, $($case:ident [$($key:literal = $value:literal),*])+) => {
        mod $name {
            $(
                #[tokio::test]
                async fn $case() {
                    let kind = crate::database::Kind::$kind;
                    crate::support::run(kind, &[$(($key, $value)),*], $identity, super::$case).await;
                }
            )+
        }
    };
}

mod bad_input;
mod clock;
mod deltacloud;
mod dev_access;
mod dev_credentials;
mod dev_listings;
mod dev_tokens;
mod dev_users;
mod dev_versions;
mod fuzz;
mod group_members;
mod group_snapshots;
mod group_types;
mod groups;
mod headers;
mod hosts;
mod list_filters;
mod list_links;
mod list_paging;
mod list_parameters;
mod list_sort;
mod list_walk;
mod manage;
mod messages;
mod microversions;
mod neighbours;
mod openapi;
mod overload;
mod policy;
mod projects;
mod quota_sets;
mod quotas;
mod races;
mod reconcile;
mod roles;
mod routing;
mod services;
mod snapshot_actions;
mod snapshot_create;
mod snapshot_delete;
mod snapshot_force;
mod snapshot_metadata;
mod snapshot_refusals;
mod snapshot_show;
mod snapshot_update;
mod strangers;
mod type_encryption;
mod types;
mod versions;
mod volume_actions;
mod volume_attach;
mod volume_create;
mod volume_delete;
mod volume_metadata;
mod volume_place;
mod volume_revert;
mod volume_show;
mod volume_update;
