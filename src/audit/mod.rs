//! Whether what must always be true is true: the invariants of `docs/invariants.md`, checked on a live system.
//!
//! [`examine`] reads the database as it was at one moment, compares it with what the back end holds, and answers
//! with what is wrong, as data. The tests call it after their cases, `breezeblock doctor` on demand, and the
//! worker's reconciler uses the part about objects. [`Repair`] mends what can be mended without guessing.
//!
//! I1 (work), I2 (reasons), I3 (usage), I4 (objects), I5 (statuses) and I7 (order) can be seen in one look at the
//! state. I6 (what was answered is in the next read) and I8 (no secret in replies and logs) are about what
//! happens; tests check them.
//!
//! An invariant holds after every commit, so what one transaction reads needs no second look. Objects are
//! another matter: listing a folder takes time, and meanwhile others work. So what seems wrong is looked at again,
//! row and object, before it is told, and what somebody is at work on is left alone.

mod database;
mod finding;
mod lost;
mod objects;
mod order;
mod reasons;
mod repair;
mod restart;
mod restart_groups;
mod statuses;
mod usage;
mod work;

pub use self::{
    finding::{Finding, Invariant},
    lost::{Note, lose},
    objects::Objects,
    repair::{Mended, Repair, Repaired},
};
use crate::{
    domain::{BackendHost, ResourceKind},
    driver::{Driver, DriverError},
    store::{Counts, Store, StoreError},
};

/// The back end whose objects are compared with the rows of its host.
#[derive(Clone, Copy, Debug)]
pub struct Backend<'a> {
    /// How to look into it.
    pub driver: &'a dyn Driver,
    /// `host@backend#pool`, as its volumes have it.
    pub host: &'a BackendHost,
}

/// What keeps an audit from telling anything.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The database.
    #[error("the database cannot be read: {0}")]
    Store(#[from] StoreError),
    /// The storage, or it is not the one that the rows are about.
    #[error("the storage cannot be looked at: {0}")]
    Driver(#[from] DriverError),
    /// Everything of a kind is gone at once, which is what a folder looks like whose mount is missing.
    #[error("the storage has nothing left of any {0}; whatever should be mounted there may not be")]
    Emptied(ResourceKind),
}

/// The result of an audit.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many rows there are.
    pub rows: Counts,
    /// How many objects the back end holds; `None` if it was not asked or cannot tell.
    pub objects: Option<usize>,
    /// What is wrong, by invariant.
    pub findings: Vec<Finding>,
}

/// Looks at everything. Without a back end, nothing is said about objects.
///
/// # Errors
/// [`AuditError`] when the database or the storage cannot be read, or the storage is not the one that the
/// database knows.
pub async fn examine(store: &Store, backend: Option<Backend<'_>>) -> Result<Report, AuditError> {
    let mut findings = database::check(store).await?;
    let mut reading = store.reading().await?;
    let rows = reading.counts().await?;
    findings.extend(work::check(&mut reading).await?);
    findings.extend(reasons::check(&mut reading).await?);
    findings.extend(usage::check(&mut reading).await?);
    findings.extend(statuses::check(&mut reading).await?);
    findings.extend(order::check(&mut reading).await?);
    // What follows takes time, and needs to know what is true then.
    drop(reading);

    let mut objects = None;
    if let Some(backend) = backend
        && let Some(found) = Objects::compare(store, backend).await?
    {
        objects = Some(found.held.len());
        findings.extend(found.into_findings());
        findings.extend(objects::left_overs(store, backend).await?);
    }
    findings.sort_by_key(Finding::invariant);
    Ok(Report {
        rows,
        objects,
        findings,
    })
}
