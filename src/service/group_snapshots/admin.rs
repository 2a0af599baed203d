//! `reset_status` of a group snapshot.

use crate::{
    auth::policy::Action,
    domain::{
        GroupSnapshotEvent, GroupSnapshotStatus, MessageAction, MessageDetail, MessageResource, Scope, Snapshot,
        SnapshotEvent, SnapshotStatus,
    },
    service::{Call, Service, ServiceError, unless_lost},
    store::Tx,
};

impl Service {
    /// Sets the status to whatever an admin says. Work that is under way is cancelled and none is started. Its
    /// snapshots have no work of their own: those that were being taken or removed are in error then, and a
    /// message says why.
    ///
    /// # Errors
    /// [`ServiceError::GroupSnapshotNotFound`], [`ServiceError::Forbidden`].
    pub async fn group_snapshot_reset_status(
        &self,
        call: &Call,
        id: &str,
        status: GroupSnapshotStatus,
    ) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        let actions = [Action::GroupSnapshotShow, Action::GroupSnapshotResetStatus];
        let mut found = self.group_snapshot_lock(&mut tx, call, id, &actions).await?;
        let before = found
            .apply(GroupSnapshotEvent::Reset(status), self.clock.now())
            .map_err(|_illegal| ServiceError::Raced)?;
        found.previous_status = None;
        unless_lost(tx.group_snapshot_update(&found, before).await?)?;
        if tx.task_is_live(found.id.into()).await? {
            for (id, _volume) in tx.group_snapshot_members(found.id).await? {
                if let Some(snapshot) = tx.snapshot_lock(&Scope::All, id).await? {
                    self.abandon(&mut tx, call, snapshot).await?;
                }
            }
        }
        tx.task_cancel(found.id.into()).await?;
        tx.commit().await?;
        tracing::info!(group_snapshot = %found.id, %before, after = %status, user = %call.caller.user_id, "status reset");
        Ok(())
    }

    /// Ends what was being done with a snapshot whose group snapshot's task is about to go.
    async fn abandon(&self, tx: &mut Tx, call: &Call, mut snapshot: Snapshot) -> Result<(), ServiceError> {
        let (event, what) = match snapshot.status {
            SnapshotStatus::Creating => (
                SnapshotEvent::CreateFailed,
                (MessageAction::CreateSnapshot, MessageDetail::SnapshotCreateFailed),
            ),
            SnapshotStatus::Deleting => (
                SnapshotEvent::DeleteFailed,
                (MessageAction::DeleteSnapshot, MessageDetail::SnapshotDeleteFailed),
            ),
            SnapshotStatus::Error
            | SnapshotStatus::Available
            | SnapshotStatus::Deleted
            | SnapshotStatus::Updating
            | SnapshotStatus::ErrorDeleting
            | SnapshotStatus::Unmanaging
            | SnapshotStatus::BackingUp
            | SnapshotStatus::Restoring => return Ok(()),
        };
        let before = snapshot
            .apply(event, self.clock.now())
            .map_err(|_illegal| ServiceError::Raced)?;
        snapshot.previous_status = None;
        unless_lost(tx.snapshot_update(&snapshot, before).await?)?;
        let about = (MessageResource::Snapshot, snapshot.id.uuid());
        let cause = "an administrator set the status of the group snapshot meanwhile";
        tx.message_insert(&self.message_about(call, &snapshot.project_id, about, what, cause))
            .await?;
        Ok(())
    }
}
