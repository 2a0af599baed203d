//! `reset_status` of a group snapshot.

use crate::{
    auth::policy::Action,
    domain::{
        GroupSnapshotEvent, GroupSnapshotId, GroupSnapshotStatus, MessageAction, MessageDetail, MessageResource, Scope,
        Snapshot, SnapshotId, SnapshotStatus,
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
        self.wakeup.recall();
        tracing::info!(group_snapshot = %found.id, %before, after = %status, user = %call.caller.user_id, "status reset");
        Ok(())
    }

    /// The group snapshot that a snapshot is part of. It never changes, and it must be known before anything is
    /// locked, because group snapshots are locked before snapshots.
    pub(in crate::service) async fn group_snapshot_of(
        &self,
        id: &str,
    ) -> Result<Option<GroupSnapshotId>, ServiceError> {
        let Ok(id) = id.parse::<SnapshotId>() else {
            return Ok(None);
        };
        let snapshot = self.store.snapshot(&Scope::All, id).await?;
        Ok(snapshot.and_then(|snapshot| snapshot.group_snapshot_id))
    }

    /// Keeps the work on a group snapshot from ending while one of its snapshots is looked at.
    pub(in crate::service) async fn group_snapshot_hold(
        &self,
        tx: &mut Tx,
        id: Option<GroupSnapshotId>,
    ) -> Result<(), ServiceError> {
        if let Some(id) = id {
            tx.group_snapshot_lock(&Scope::All, id).await?;
        }
        Ok(())
    }

    /// Somebody else has decided what becomes of one snapshot while all of them were being taken or removed:
    /// that is all or none no more, so the work ends, and the whole is in error.
    pub(in crate::service) async fn group_snapshot_spoilt(
        &self,
        tx: &mut Tx,
        call: &Call,
        id: Option<GroupSnapshotId>,
        decided: SnapshotId,
    ) -> Result<(), ServiceError> {
        let Some(id) = id else { return Ok(()) };
        if !tx.task_is_live(id.into()).await? {
            return Ok(());
        }
        let Some(mut whole) = tx.group_snapshot_lock(&Scope::All, id).await? else {
            return Ok(());
        };
        let (event, what) = if whole.status == GroupSnapshotStatus::Creating {
            let detail = MessageDetail::GroupSnapshotCreateFailed;
            (
                GroupSnapshotEvent::CreateFailed,
                (MessageAction::CreateGroupSnapshot, detail),
            )
        } else {
            let detail = MessageDetail::GroupSnapshotDeleteFailed;
            (
                GroupSnapshotEvent::DeleteFailed,
                (MessageAction::DeleteGroupSnapshot, detail),
            )
        };
        let before = whole
            .apply(event, self.clock.now())
            .map_err(|_illegal| ServiceError::Raced)?;
        whole.previous_status = None;
        unless_lost(tx.group_snapshot_update(&whole, before).await?)?;
        for (member, _volume) in tx.group_snapshot_members(id).await? {
            if member != decided
                && let Some(snapshot) = tx.snapshot_lock(&Scope::All, member).await?
            {
                self.abandon(tx, call, snapshot).await?;
            }
        }
        tx.task_cancel(id.into()).await?;
        let about = (MessageResource::GroupSnapshot, id.uuid());
        let cause = "the status of one of its snapshots was set meanwhile";
        tx.message_insert(&self.message_about(call, &whole.project_id, about, what, cause))
            .await?;
        Ok(())
    }

    /// Ends what was being done with a snapshot whose group snapshot's task is about to go.
    async fn abandon(&self, tx: &mut Tx, call: &Call, mut snapshot: Snapshot) -> Result<(), ServiceError> {
        let Some(event) = snapshot.status.failure_of_the_whole() else {
            return Ok(());
        };
        let what = if snapshot.status == SnapshotStatus::Creating {
            (MessageAction::CreateSnapshot, MessageDetail::SnapshotCreateFailed)
        } else {
            (MessageAction::DeleteSnapshot, MessageDetail::SnapshotDeleteFailed)
        };
        let before = snapshot
            .apply(event, self.clock.now())
            .map_err(|_illegal| ServiceError::Raced)?;
        snapshot.previous_status = None;
        unless_lost(tx.snapshot_update(&snapshot, before).await?)?;
        let about = (MessageResource::Snapshot, snapshot.id.uuid());
        let cause = "an administrator took over before all snapshots of the group snapshot were done";
        tx.message_insert(&self.message_about(call, &snapshot.project_id, about, what, cause))
            .await?;
        Ok(())
    }
}
