//! I4: the back end holds one object for each row that promises bytes, at least as large as the row says, and
//! otherwise only what somebody is at work on.

use std::collections::{HashMap, HashSet};

use super::{AuditError, Backend, Finding};
use crate::{
    domain::{Gib, Resource, ResourceKind, StoredObject},
    driver::source_name,
    store::{Expected, Store},
};

/// A back end compared with the rows of its host.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    /// Everything that there is.
    pub held: Vec<StoredObject>,
    /// Rows that promise bytes which are not there.
    pub missing: Vec<Resource>,
    /// Rows that promise more bytes than are there.
    pub too_small: Vec<(Resource, Gib, u64)>,
    /// Objects that no row is about.
    pub unknown: Vec<StoredObject>,
}

impl Objects {
    /// Compares. `None` where the back end cannot list what it holds.
    ///
    /// # Errors
    /// [`AuditError`], above all when the storage is not the one that the database knows: an unmounted folder
    /// must not look like the loss of everything.
    pub async fn compare(store: &Store, backend: Backend<'_>) -> Result<Option<Self>, AuditError> {
        let Backend { driver, host } = backend;
        is_the_one(store, backend).await?;
        let Some(objects) = driver.stored_objects().await? else {
            return Ok(None);
        };
        let mut reading = store.reading().await?;
        let expected = reading.expected(host).await?;
        let wanted = reading.references().await?;
        drop(reading);

        let mut found = Self::default();
        let mut rows: HashMap<Resource, Expected> = expected.into_iter().map(|row| (row.resource, row)).collect();
        // A name that a task is about to take over is that task's.
        let wanted: HashSet<_> = wanted.iter().filter_map(|text| source_name(text)).collect();
        for object in &objects {
            match object.resource().and_then(|resource| rows.remove(&resource)) {
                Some(row) if row.promised && object.bytes < row.size.bytes() => {
                    found.too_small.push((row.resource, row.size, object.bytes));
                }
                Some(_fits) => {}
                None if object.kind == ResourceKind::Snapshot && wanted.contains(&object.name) => {}
                None => found.unknown.push(object.clone()),
            }
        }
        found.held = objects;
        found.missing = rows
            .into_values()
            .filter(|row| row.promised)
            .map(|row| row.resource)
            .collect();
        found
            .missing
            .sort_by_key(|resource| (resource.kind.as_str(), resource.id));
        found.look_again(store, backend).await?;
        // Had the folder gone meanwhile, everything would have looked lost.
        is_the_one(store, backend).await?;
        Ok(Some(found))
    }

    /// The kind of which several should be there and not one is.
    pub fn emptied(&self) -> Option<ResourceKind> {
        [ResourceKind::Volume, ResourceKind::Snapshot].into_iter().find(|kind| {
            let missing = self.missing.iter().filter(|resource| resource.kind == *kind);
            missing.count() > 1 && self.held.iter().all(|object| object.kind != *kind)
        })
    }

    /// Drops what is right by now.
    async fn look_again(&mut self, store: &Store, backend: Backend<'_>) -> Result<(), AuditError> {
        let Backend { driver, host } = backend;
        for resource in std::mem::take(&mut self.missing) {
            if is_missing(store, backend, resource).await? {
                self.missing.push(resource);
            }
        }
        for (resource, _size, _bytes) in std::mem::take(&mut self.too_small) {
            let row = store.expected_now(host, resource).await?.filter(|row| row.promised);
            let object = driver.stored_object(resource.kind, &resource.object_name()).await?;
            if let (Some(row), Some(object)) = (row, object)
                && object.bytes < row.size.bytes()
            {
                self.too_small.push((resource, row.size, object.bytes));
            }
        }
        for object in std::mem::take(&mut self.unknown) {
            let row = match object.resource() {
                Some(resource) => store.expected_now(host, resource).await?,
                None => None,
            };
            if row.is_none()
                && let Some(object) = driver.stored_object(object.kind, &object.name).await?
            {
                self.unknown.push(object);
            }
        }
        Ok(())
    }

    /// The same as findings.
    pub fn into_findings(self) -> impl Iterator<Item = Finding> {
        let missing = self.missing.into_iter().map(Finding::ObjectMissing);
        let too_small = self.too_small.into_iter();
        let too_small = too_small.map(|(resource, size, bytes)| Finding::ObjectTooSmall { resource, size, bytes });
        let unknown = self.unknown.into_iter().map(Finding::ObjectUnknown);
        missing.chain(too_small).chain(unknown)
    }
}

/// Whether a row promises bytes that are not there, at this moment.
///
/// # Errors
/// [`AuditError`].
pub(super) async fn is_missing(store: &Store, backend: Backend<'_>, resource: Resource) -> Result<bool, AuditError> {
    // The object first: had the row gone first, the object could have been there until then.
    let object = backend
        .driver
        .stored_object(resource.kind, &resource.object_name())
        .await?;
    let row = store.expected_now(backend.host, resource).await?;
    Ok(object.is_none() && row.is_some_and(|row| row.promised))
}

/// What operations left that nobody goes on with.
pub(super) async fn left_overs(store: &Store, backend: Backend<'_>) -> Result<Vec<Finding>, AuditError> {
    let first = backend.driver.left_overs().await?;
    let mut remains = Vec::new();
    for left_over in first {
        // With a task it is the next attempt's, and that removes it. The lock of a row goes with the row.
        let worked_on = store.task_of(left_over.of.into()).await?.is_some();
        let locks_a_row = !left_over.has_bytes && store.expected_now(backend.host, left_over.of).await?.is_some();
        if !worked_on && !locks_a_row {
            remains.push(left_over);
        }
    }
    if !remains.is_empty() {
        // One that was tidied up meanwhile is none.
        let still = backend.driver.left_overs().await?;
        remains.retain(|left_over| still.contains(left_over));
    }
    Ok(remains.into_iter().map(Finding::Remains).collect())
}

/// Refuses a storage that is not the one that the rows are about, or is not where it was.
async fn is_the_one(store: &Store, backend: Backend<'_>) -> Result<(), AuditError> {
    backend.driver.check().await?;
    if let Some(known) = store.storage_of(backend.host).await? {
        backend.driver.identify(Some(&known), &known).await?;
    }
    Ok(())
}
