//! The state of the service, in SQLite or PostgreSQL.
//!
//! One concrete [`Store`] over a private `engine`, which alone knows how statements are executed. Every statement is
//! written once, in SQL that both databases understand; `statement!` holds the differences. Reads go through
//! [`Store`], writes through [`Tx`], so that a status change and the task it asks for commit together.
//!
//! To add a statement: declare it with `statement!` next to the one function that uses it, and list
//! it in that module's `STATEMENTS`; start-up and a test then prepare it on both databases.
//!
//! Lookups return `Option`: a missing row is a normal answer that callers treat differently. Methods
//! that take a [`Scope`] see one project's rows, or everybody's for admins.
//!
//! [`Scope`]: crate::domain::Scope

mod application_credentials;
mod attachments;
mod audit;
mod audit_groups;
mod backends;
mod columns;
mod damage;
mod db;
mod dependents;
mod engine;
mod error;
mod group_rows;
mod group_snapshots;
mod group_types;
mod groups;
mod keyset;
mod list;
mod list_sql;
mod listen;
mod messages;
mod migrate;
mod quotas;
mod reading;
mod revocations;
mod rows;
mod served;
mod services;
mod signing_key;
mod snapshots;
mod stored_objects;
mod tasks;
mod tombstones;
mod type_access;
mod type_encryption;
mod types;
mod verify;
mod volumes;

use self::db::Access;
pub use self::{
    audit::{Counts, Expected, RevertRow, UsageRow, WorkRow},
    db::{Database, Store, Tx},
    dependents::Dependent,
    error::{Cause, StoreError},
    list_sql::ListSql,
    listen::{Call, Listener},
    quotas::LimitFacts,
    reading::Reading,
    services::Heartbeat,
    stored_objects::KnownObject,
    tasks::{Claim, NewTask},
    volumes::SnapshotFacts,
};
