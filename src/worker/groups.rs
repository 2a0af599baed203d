//! Work on groups and on group snapshots.
//!
//! A group's own task has nothing to do in the back end: it waits for the tasks of the volumes, which are
//! older, and then says how the whole has ended. The task of a group snapshot does the work for all its
//! snapshots, which have no tasks of their own.

use super::{Worker, settle::Outcome};
use crate::{
    domain::{
        GroupEvent, GroupSnapshot, GroupSnapshotEvent, GroupSnapshotStatus, GroupStatus, IllegalTransition, Message,
        MessageAction, MessageDetail, MessageResource, Operation, Scope, Snapshot, SnapshotEvent, SnapshotId,
        SnapshotStatus, Task, VolumeStatus,
    },
    driver::{Context, DriverError, Kind},
    store::{StoreError, Tx},
};

impl Worker {
    /// Takes or removes the snapshots of a group snapshot. A row that is gone needs no driver.
    pub(super) async fn call_driver_for_group_snapshot(
        &self,
        cx: &Context,
        task: &Task,
    ) -> Result<Result<(), DriverError>, StoreError> {
        let id = task.resource.group_snapshot();
        let Some(found) = self.store.group_snapshot(&Scope::All, id).await? else {
            return Ok(Ok(()));
        };
        let members = self.store.group_snapshot_members(id).await?;
        if task.operation == Operation::CreateGroupSnapshot {
            let kind = self.store.group_type(&Scope::All, found.group_type_id).await?;
            let one_moment = kind.is_some_and(|kind| kind.wants_consistency());
            return Ok(self.driver.create_group_snapshot(cx, &members, one_moment).await);
        }
        for (id, _volume) in members {
            let Some(snapshot) = self.store.snapshot(&Scope::All, id).await? else {
                continue;
            };
            if let Err(error) = self.delete_snapshot(cx, &snapshot).await? {
                return Ok(Err(error));
            }
            if !self.member_removed(task, id).await? {
                return Ok(Err(DriverError::later(Kind::Cancelled, "the task was taken away")));
            }
        }
        Ok(Ok(()))
    }

    /// Writes that one snapshot of a group snapshot is gone. From then on the whole is not what it was, so a
    /// delete that fails later leaves it in error. False when the claim is lost.
    async fn member_removed(&self, task: &Task, id: SnapshotId) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let group_snapshot = task.resource.group_snapshot();
        let Some(mut found) = tx.group_snapshot_lock(&Scope::All, group_snapshot).await? else {
            return Ok(false);
        };
        let snapshot = tx.snapshot_lock(&Scope::All, id).await?;
        if !tx.task_hold(task).await? {
            return Ok(false);
        }
        if let Some(mut snapshot) = snapshot
            && let Ok(before) = snapshot.apply(SnapshotEvent::Deleted, now)
        {
            tx.snapshot_delete(id, before, now).await?;
        }
        found.previous_status = Some(GroupSnapshotStatus::Error);
        tx.group_snapshot_update(&found, found.status).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Writes how the work on a group snapshot has ended, and on its snapshots with it.
    pub(super) async fn settle_group_snapshot(
        &self,
        tx: &mut Tx,
        task: &Task,
        outcome: Outcome<'_>,
    ) -> Result<Result<(), IllegalTransition>, StoreError> {
        let id = task.resource.group_snapshot();
        let Some(mut found) = tx.group_snapshot_lock(&Scope::All, id).await? else {
            return Ok(Ok(()));
        };
        let creating = task.operation == Operation::CreateGroupSnapshot;
        let back_to = found.previous_status.unwrap_or(GroupSnapshotStatus::Error);
        let event = match (creating, outcome) {
            (true, Outcome::Done | Outcome::Adopted(_)) => GroupSnapshotEvent::Created,
            (true, Outcome::Failed(_) | Outcome::Busy(_)) => GroupSnapshotEvent::CreateFailed,
            (false, Outcome::Done | Outcome::Adopted(_)) => GroupSnapshotEvent::Deleted,
            (false, Outcome::Failed(_)) => GroupSnapshotEvent::DeleteFailed,
            (false, Outcome::Busy(_)) => GroupSnapshotEvent::DeleteBusy(back_to),
        };
        let before = match found.apply(event, self.clock.now()) {
            Ok(before) => before,
            Err(illegal) => return Ok(Err(illegal)),
        };
        for (member, _volume) in tx.group_snapshot_members(id).await? {
            if let Some(snapshot) = tx.snapshot_lock(&Scope::All, member).await? {
                self.settle_member(tx, task, snapshot, outcome).await?;
            }
        }
        if event == GroupSnapshotEvent::Deleted {
            tx.group_snapshot_delete(id).await?;
            return Ok(Ok(()));
        }
        found.previous_status = None;
        tx.group_snapshot_update(&found, before).await?;
        if let Outcome::Failed(cause) | Outcome::Busy(cause) = outcome {
            tx.message_insert(&self.group_snapshot_message(task, &found, outcome, cause))
                .await?;
        }
        Ok(Ok(()))
    }

    /// What the outcome means for one snapshot; one that an admin has given another status keeps it.
    async fn settle_member(
        &self,
        tx: &mut Tx,
        task: &Task,
        mut snapshot: Snapshot,
        outcome: Outcome<'_>,
    ) -> Result<(), StoreError> {
        let creating = task.operation == Operation::CreateGroupSnapshot;
        let back_to = snapshot.previous_status.unwrap_or(SnapshotStatus::Error);
        let event = match (creating, outcome) {
            (true, Outcome::Done | Outcome::Adopted(_)) => SnapshotEvent::Created,
            (true, Outcome::Failed(_) | Outcome::Busy(_)) => SnapshotEvent::CreateFailed,
            (false, Outcome::Done | Outcome::Adopted(_)) => SnapshotEvent::Deleted,
            (false, Outcome::Failed(_)) => SnapshotEvent::DeleteFailed,
            (false, Outcome::Busy(_)) => SnapshotEvent::DeleteBusy(back_to),
        };
        let Ok(before) = snapshot.apply(event, self.clock.now()) else {
            return Ok(());
        };
        if event == SnapshotEvent::Deleted {
            tx.snapshot_delete(snapshot.id, before, self.clock.now()).await?;
            return Ok(());
        }
        snapshot.previous_status = None;
        if event == SnapshotEvent::Created {
            snapshot.progress = Some("100%".to_owned());
        }
        tx.snapshot_update(&snapshot, before).await?;
        if let Outcome::Failed(cause) | Outcome::Busy(cause) = outcome {
            let (action, detail) = match (creating, outcome) {
                (true, _) => (MessageAction::CreateSnapshot, MessageDetail::SnapshotCreateFailed),
                (false, Outcome::Busy(_)) => (MessageAction::DeleteSnapshot, MessageDetail::SnapshotBusy),
                (false, _) => (MessageAction::DeleteSnapshot, MessageDetail::SnapshotDeleteFailed),
            };
            let about = (MessageResource::Snapshot, action, detail);
            let message = self.message(task, &snapshot.project_id, about, cause);
            // The task is the group snapshot's; the message is about the snapshot.
            let resource_uuid = snapshot.id.uuid();
            tx.message_insert(&Message {
                resource_uuid,
                ..message
            })
            .await?;
        }
        Ok(())
    }

    fn group_snapshot_message(&self, task: &Task, of: &GroupSnapshot, outcome: Outcome<'_>, cause: &str) -> Message {
        let (action, detail) = match (task.operation, outcome) {
            (Operation::CreateGroupSnapshot, _) => (
                MessageAction::CreateGroupSnapshot,
                MessageDetail::GroupSnapshotCreateFailed,
            ),
            (_delete, Outcome::Busy(_)) => (MessageAction::DeleteGroupSnapshot, MessageDetail::GroupSnapshotBusy),
            (_delete, _) => (
                MessageAction::DeleteGroupSnapshot,
                MessageDetail::GroupSnapshotDeleteFailed,
            ),
        };
        let about = (MessageResource::GroupSnapshot, action, detail);
        self.message(task, &of.project_id, about, cause)
    }

    /// Looks how the tasks of a group's volumes have ended, and writes what that means for the group.
    pub(super) async fn settle_group(
        &self,
        tx: &mut Tx,
        task: &Task,
    ) -> Result<Result<(), IllegalTransition>, StoreError> {
        let Some(mut group) = tx.group_lock(&Scope::All, task.resource.group()).await? else {
            return Ok(Ok(()));
        };
        let volumes = tx.group_volumes(group.id).await?;
        let is = |status: &str, one: VolumeStatus| status == one.as_str();
        let (event, about, unfit): (_, _, Vec<_>) = if task.operation == Operation::CreateGroup {
            let unmade = |status: &str| is(status, VolumeStatus::Creating) || is(status, VolumeStatus::Error);
            let unfit: Vec<_> = volumes.iter().filter(|(_, status)| unmade(status)).collect();
            let event = if unfit.is_empty() {
                GroupEvent::Created
            } else {
                GroupEvent::CreateFailed
            };
            (
                event,
                (MessageAction::CreateGroup, MessageDetail::GroupCreateFailed),
                unfit,
            )
        } else {
            // A volume that something depends on has gone back to the status it had.
            let broken = |status: &str| is(status, VolumeStatus::ErrorDeleting) || is(status, VolumeStatus::Error);
            let event = if volumes.iter().any(|(_, status)| broken(status)) {
                GroupEvent::DeleteFailed
            } else {
                GroupEvent::DeleteBusy(group.previous_status.unwrap_or(GroupStatus::Error))
            };
            let about = (MessageAction::DeleteGroup, MessageDetail::GroupDeleteFailed);
            (event, about, volumes.iter().collect())
        };
        let before = match group.apply(event, self.clock.now()) {
            Ok(before) => before,
            Err(illegal) => return Ok(Err(illegal)),
        };
        if task.operation == Operation::DeleteGroup && unfit.is_empty() {
            tx.group_delete(group.id).await?;
            return Ok(Ok(()));
        }
        group.previous_status = None;
        tx.group_update(&group, before).await?;
        if !unfit.is_empty() {
            let (action, detail) = about;
            let verb = if action == MessageAction::CreateGroup {
                "made"
            } else {
                "deleted"
            };
            let named: Vec<_> = unfit.iter().map(|(id, status)| format!("{id} ({status})")).collect();
            let cause = format!("these volumes could not be {verb}: {}", named.join(", "));
            let about = (MessageResource::Group, action, detail);
            tx.message_insert(&self.message(task, &group.project_id, about, &cause))
                .await?;
        }
        Ok(Ok(()))
    }
}
