//! Snapshots that the back end has and the service does not: list them, take one over, let one go
//! (Cinder: `contrib/snapshot_manage.py`, `contrib/snapshot_unmanage.py`).

use super::create::{NewSnapshot, Wanted};
use crate::{
    auth::policy::Action,
    domain::{Binary, Operation, Resource, ResourceKind, Snapshot, SnapshotEvent, SnapshotId, StoredSnapshot},
    service::{Call, Service, ServiceError, unless_lost},
    store::NewTask,
};

/// A snapshot in the back end.
#[derive(Clone, Debug)]
pub struct ManageableSnapshot {
    /// What the back end tells.
    pub stored: StoredSnapshot,
    /// Our own snapshot, if it is one.
    pub managed_as: Option<SnapshotId>,
}

impl Service {
    /// Every snapshot in the back end, by name, ours among them.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], [`ServiceError::ServiceNotFound`] for a host that nobody keeps,
    /// [`ServiceError::BackendUnavailable`].
    pub async fn snapshot_manageable(&self, call: &Call, host: &str) -> Result<Vec<ManageableSnapshot>, ServiceError> {
        call.authorize_own(Action::SnapshotListManageable)?;
        let Some(backend) = self.backend_named(host).await? else {
            let service = host.split('#').next().unwrap_or_default();
            return Err(ServiceError::ServiceNotFound {
                binary: Binary::Volume.as_str().to_owned(),
                host: service.to_owned(),
            });
        };
        let own = self.installation.backend.as_ref() == Some(&backend);
        let stored = match self.inventory.as_ref().filter(|_inventory| own) {
            Some(inventory) => inventory.snapshots().await?,
            // Another machine's disk cannot be looked at from here; its own worker tells what is on it.
            None => self.store.stored_snapshots_of(&backend).await?,
        };
        let ids: Vec<_> = stored.iter().filter_map(|stored| own_id(&stored.name)).collect();
        let known = self.store.snapshots_known(&ids).await?;
        Ok(stored
            .into_iter()
            .map(|stored| ManageableSnapshot {
                managed_as: own_id(&stored.name).filter(|id| known.contains(id)),
                stored,
            })
            .collect())
    }

    /// Accepts a snapshot that is already in the back end. `reference` is the JSON text of what names it
    /// there; whether anything has that name turns out later, as in Cinder.
    ///
    /// # Errors
    /// As [`Service::snapshot_create`].
    pub async fn snapshot_manage(
        &self,
        call: &Call,
        new: NewSnapshot,
        reference: String,
    ) -> Result<Snapshot, ServiceError> {
        let limits = self.quota_limits(call.owner()?).await?;
        let mut tx = self.store.begin().await?;
        let (volume, facts) = self
            .volume_lock_for_snapshot(&mut tx, call, &new.volume_id, Action::SnapshotManage)
            .await?;
        let wanted = Wanted {
            operation: Operation::ManageSnapshot,
            argument: Some(reference),
            limits,
        };
        self.snapshot_accept(tx, call, (&volume, facts), new, wanted).await
    }

    /// Accepts that an `available` or `error` snapshot is to be forgotten; its bytes stay in the back end.
    ///
    /// # Errors
    /// [`ServiceError::SnapshotNotFound`], [`ServiceError::Forbidden`], [`ServiceError::InvalidSnapshot`].
    pub async fn snapshot_unmanage(&self, call: &Call, id: &str) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        let actions = [Action::SnapshotShow, Action::SnapshotUnmanage, Action::SnapshotDelete];
        let mut snapshot = self.snapshot_lock(&mut tx, call, id, &actions).await?;
        let now = self.clock.now();
        let before = match snapshot.apply(SnapshotEvent::Unmanage, now) {
            Ok(before) if snapshot.group_snapshot_id.is_none() => before,
            _refused => return Err(super::delete::not_deletable()),
        };
        tx.snapshot_mark(snapshot.id, before, now).await?;
        unless_lost(tx.snapshot_update(&snapshot, before).await?)?;
        tx.task_enqueue(NewTask {
            resource: snapshot.id.into(),
            source: Some(snapshot.volume_id.into()),
            operation: Operation::UnmanageSnapshot,
            argument: None,
            now,
            request_id: &call.request_id,
        })
        .await?;
        Ok(self.accept(tx).await?)
    }
}

/// The id in a name of our own making.
fn own_id(name: &str) -> Option<SnapshotId> {
    let resource = Resource::of_object(ResourceKind::Snapshot, name)?;
    Some(SnapshotId::new(resource.id))
}
