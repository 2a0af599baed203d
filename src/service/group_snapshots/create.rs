//! `POST /group_snapshots`.

use crate::{
    auth::policy::Action,
    domain::{
        Group, GroupSnapshot, GroupSnapshotId, GroupSnapshotStatus, GroupStatus, Label, Metadata, Operation,
        QuotaRequest, Snapshot, SnapshotId, SnapshotStatus, Volume,
    },
    service::{
        Call, Service, ServiceError,
        groups::members_lock,
        snapshots::create::{admit_volume, behind},
    },
    store::{NewTask, Tx},
};

/// What a caller asks for.
#[derive(Clone, Debug, Default)]
pub struct NewGroupSnapshot {
    /// The group, as it was written.
    pub group_id: String,
    /// Display name, of its snapshots too.
    pub name: Option<Label>,
    /// Display description, of its snapshots too.
    pub description: Option<Label>,
}

impl Service {
    /// Accepts a snapshot of a whole group: one snapshot for each volume, all `creating`, and one task that
    /// takes all or none.
    ///
    /// # Errors
    /// In this order: [`ServiceError::GroupNotFound`], [`ServiceError::Forbidden`],
    /// [`ServiceError::InvalidGroup`] when it is empty or changing, [`ServiceError::InvalidVolume`],
    /// [`ServiceError::QuotaExceeded`].
    pub async fn group_snapshot_create(
        &self,
        call: &Call,
        new: NewGroupSnapshot,
    ) -> Result<GroupSnapshot, ServiceError> {
        let limits = self.quota_limits(call.owner()?).await?;
        let mut tx = self.store.begin().await?;
        let actions = [Action::GroupShow, Action::GroupSnapshotCreate];
        let group = self.group_lock(&mut tx, call, &new.group_id, &actions).await?;
        let volumes = members_lock(&mut tx, group.id).await?;
        admit(call, &group, &volumes)?;
        for volume in &volumes {
            self.refuse_frozen(&mut tx, volume.id).await?;
        }

        let snapshot_gigabytes = self.installation.quotas.snapshots_use_gigabytes();
        let mut requests = Vec::new();
        for volume in &volumes {
            let gigabytes = if snapshot_gigabytes {
                i64::from(volume.size.get())
            } else {
                0
            };
            requests.push(QuotaRequest {
                type_name: tx.volume_type_name(volume.volume_type_id).await?,
                volumes: 0,
                snapshots: 1,
                gigabytes,
            });
        }
        let usage = tx.quota_usage_lock(call.owner()?, snapshot_gigabytes).await?;
        QuotaRequest::admit_all(&requests, &limits, &usage)?;

        let now = self.clock.now();
        let group_snapshot = GroupSnapshot {
            id: GroupSnapshotId::new(self.ids.next()),
            project_id: call.owner()?.clone(),
            user_id: call.caller.user_id.clone(),
            group_id: group.id,
            group_type_id: group.group_type_id,
            status: GroupSnapshotStatus::Creating,
            overridden: false,
            previous_status: None,
            name: new.name,
            description: new.description,
            created_at: now,
            updated_at: None,
        };
        tx.group_snapshot_insert(&group_snapshot).await?;
        tx.task_enqueue(NewTask {
            resource: group_snapshot.id.into(),
            // All are where the group is.
            source: volumes.first().map(|volume| volume.id.into()),
            operation: Operation::CreateGroupSnapshot,
            argument: None,
            now,
            request_id: &call.request_id,
        })
        .await?;
        for volume in &volumes {
            self.member_snapshot(&mut tx, call, &group_snapshot, volume).await?;
        }
        self.accept(tx).await?;
        Ok(group_snapshot)
    }

    /// The row of one snapshot of a group snapshot. It has no task of its own.
    async fn member_snapshot(
        &self,
        tx: &mut Tx,
        call: &Call,
        of: &GroupSnapshot,
        volume: &Volume,
    ) -> Result<(), ServiceError> {
        let newest = tx.snapshot_latest_of(volume.id).await?;
        let newest = newest.map(|snapshot| snapshot.created_at);
        let snapshot = Snapshot {
            id: SnapshotId::new(self.ids.next()),
            project_id: of.project_id.clone(),
            user_id: call.caller.user_id.clone(),
            volume_id: volume.id,
            volume_type_id: volume.volume_type_id,
            size: volume.size,
            status: SnapshotStatus::Creating,
            overridden: false,
            previous_status: None,
            progress: Some("0%".to_owned()),
            name: of.name.clone(),
            description: of.description.clone(),
            metadata: Metadata::new(),
            group_snapshot_id: Some(of.id),
            consumes_quota: true,
            created_at: behind(newest, of.created_at),
            updated_at: None,
        };
        tx.snapshot_insert(&snapshot).await?;
        tx.task_uses(of.id.into(), snapshot.id.into(), true).await?;
        tx.task_uses(of.id.into(), volume.id.into(), false).await?;
        Ok(())
    }
}

/// Cinder's checks, in Cinder's order (`db/api.py::group_snapshot_create`,
/// `volume/api.py::create_snapshots_in_db`). A group that is being deleted is refused too: Cinder would take a
/// snapshot of what is going away.
fn admit(call: &Call, group: &Group, volumes: &[Volume]) -> Result<(), ServiceError> {
    let changing = matches!(
        group.status,
        GroupStatus::Creating | GroupStatus::Updating | GroupStatus::Deleting
    );
    if volumes.is_empty() || changing {
        return Err(ServiceError::InvalidGroup(
            "Source group cannot be empty or in 'creating' or 'updating' state. No group snapshot will be created."
                .to_owned(),
        ));
    }
    for volume in volumes {
        call.authorize(Action::SnapshotCreate, &volume.project_id)?;
        if !volume.is_placed() {
            return Err(ServiceError::InvalidVolume(
                "The snapshot cannot be created because volume has not been scheduled to any host.".to_owned(),
            ));
        }
        admit_volume(volume)?;
    }
    Ok(())
}
