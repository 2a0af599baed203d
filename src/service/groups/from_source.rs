//! The action `create-from-src`: a group like another one, or like a group snapshot.

use crate::{
    auth::policy::Action,
    domain::{
        AttachStatus, Group, GroupId, GroupSnapshotId, GroupStatus, Label, Metadata, Operation, QuotaRequest,
        ResourceId, Scope, Snapshot, SnapshotStatus, Volume, VolumeId, VolumeStatus,
    },
    service::{Call, Service, ServiceError, groups::members_lock},
    store::{NewTask, Tx},
};

/// What a group is made from. Ids are as they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupSource {
    /// A group snapshot: each volume from one of its snapshots.
    Snapshot(String),
    /// A group: each volume from one of its volumes.
    Group(String),
}

/// What the volumes of the new group are made from, locked.
enum Origins {
    Snapshots(GroupSnapshotId, Vec<(Snapshot, Volume)>),
    Volumes(GroupId, Vec<Volume>),
}

impl Service {
    /// Accepts a group with volumes: each is made by a task of its own, and the group is `creating` until its
    /// task, which waits for them, finds them made.
    ///
    /// # Errors
    /// [`ServiceError::GroupSnapshotNotFound`], [`ServiceError::GroupNotFound`], [`ServiceError::Forbidden`],
    /// [`ServiceError::QuotaExceeded`], [`ServiceError::InvalidGroup`] when the source is empty,
    /// [`ServiceError::InvalidSnapshot`] or [`ServiceError::InvalidVolume`] when a part of it is not to be copied.
    pub async fn group_create_from(
        &self,
        call: &Call,
        (name, description): (Option<Label>, Option<Label>),
        source: &GroupSource,
    ) -> Result<Group, ServiceError> {
        let limits = self.quota_limits(call.owner()?).await?;
        // Groups are locked before group snapshots, so which group it is must be known first.
        let group_id = match source {
            GroupSource::Snapshot(id) => self.group_snapshot_show(call, id).await?.group_id.to_string(),
            GroupSource::Group(id) => id.clone(),
        };
        let mut tx = self.store.begin().await?;
        let source_group = self.group_lock(&mut tx, call, &group_id, &[Action::GroupShow]).await?;
        call.authorize_own(Action::GroupCreate)?;
        let origins = match source {
            GroupSource::Snapshot(id) => self.snapshots_to_copy(&mut tx, call, id).await?,
            GroupSource::Group(_) => volumes_to_copy(&mut tx, &source_group).await?,
        };

        let now = self.clock.now();
        let mut group = Group {
            id: GroupId::new(self.ids.next()),
            project_id: call.owner()?.clone(),
            user_id: call.caller.user_id.clone(),
            status: GroupStatus::Creating,
            overridden: false,
            previous_status: None,
            name,
            description,
            group_snapshot_id: None,
            source_group_id: None,
            created_at: now,
            updated_at: None,
            ..source_group
        };
        let mut copies = Vec::new();
        match origins {
            Origins::Snapshots(id, snapshots) => {
                group.group_snapshot_id = Some(id);
                for (snapshot, of) in &snapshots {
                    let volume = Volume {
                        size: snapshot.size,
                        volume_type_id: snapshot.volume_type_id,
                        snapshot_id: Some(snapshot.id),
                        source_volid: None,
                        ..self.volume_like(call, &group, of)?
                    };
                    copies.push((volume, Operation::CreateVolumeFromSnapshot, snapshot.id.into()));
                }
            }
            Origins::Volumes(id, volumes) => {
                group.source_group_id = Some(id);
                for of in &volumes {
                    let volume = self.volume_like(call, &group, of)?;
                    copies.push((volume, Operation::CreateVolumeFromVolume, of.id.into()));
                }
            }
        }
        for (volume, ..) in &copies {
            // A volume may have been made of a type that the source group was given later.
            if !group.volume_types.contains(&volume.volume_type_id) {
                group.volume_types.push(volume.volume_type_id);
            }
        }

        let snapshot_gigabytes = self.installation.quotas.snapshots_use_gigabytes();
        let mut requests = Vec::new();
        for (volume, ..) in &copies {
            requests.push(QuotaRequest {
                type_name: tx.volume_type_name(volume.volume_type_id).await?,
                volumes: 1,
                snapshots: 0,
                gigabytes: i64::from(volume.size.get()),
            });
        }
        let usage = tx.quota_usage_lock(call.owner()?, snapshot_gigabytes).await?;
        limits.admit_group(&usage)?;
        QuotaRequest::admit_all(&requests, &limits, &usage)?;

        tx.group_insert(&group).await?;
        let task = |resource: ResourceId, operation, source| NewTask {
            resource,
            source,
            operation,
            argument: None,
            now,
            request_id: &call.request_id,
        };
        for (volume, operation, source) in &copies {
            tx.volume_insert(volume).await?;
            tx.task_enqueue(task(volume.id.into(), *operation, Some(*source)))
                .await?;
        }
        // After those of the volumes, because a task waits for older ones only.
        tx.task_enqueue(task(group.id.into(), Operation::CreateGroup, None))
            .await?;
        for (volume, ..) in &copies {
            tx.task_uses(group.id.into(), volume.id.into(), false).await?;
        }
        self.accept(tx).await?;
        Ok(group)
    }

    /// The snapshots of a group snapshot and the volumes they were taken of.
    async fn snapshots_to_copy(&self, tx: &mut Tx, call: &Call, id: &str) -> Result<Origins, ServiceError> {
        let found = self
            .group_snapshot_lock(tx, call, id, &[Action::GroupSnapshotShow])
            .await?;
        let mut snapshots = Vec::new();
        for (id, volume) in tx.group_snapshot_members(found.id).await? {
            let (Some(snapshot), Some(volume)) =
                (tx.snapshot_lock(&Scope::All, id).await?, tx.volume_read(volume).await?)
            else {
                continue;
            };
            if snapshot.status != SnapshotStatus::Available {
                return Err(ServiceError::InvalidSnapshot(
                    "Originating snapshot status must be one of 'available' values".to_owned(),
                ));
            }
            snapshots.push((snapshot, volume));
        }
        if snapshots.is_empty() {
            return Err(ServiceError::InvalidGroup(
                "Group snapshot is empty. No group will be created.".to_owned(),
            ));
        }
        Ok(Origins::Snapshots(found.id, snapshots))
    }

    /// A new volume of `group` with the size and type of `source`, which it says that it was made from.
    fn volume_like(&self, call: &Call, group: &Group, source: &Volume) -> Result<Volume, ServiceError> {
        Ok(Volume {
            id: VolumeId::new(self.ids.next()),
            project_id: call.owner()?.clone(),
            user_id: call.caller.user_id.clone(),
            volume_type_id: source.volume_type_id,
            size: source.size,
            target_size: None,
            status: VolumeStatus::Creating,
            overridden: false,
            previous_status: None,
            attach_status: AttachStatus::Detached,
            attachment: None,
            readonly: None,
            migration_status: None,
            // Cinder gives them none.
            name: None,
            description: None,
            metadata: Metadata::new(),
            availability_zone: group.availability_zone.clone(),
            host: source.host.clone(),
            snapshot_id: None,
            source_volid: Some(source.id),
            revert_snapshot_id: None,
            group_id: Some(group.id),
            bootable: source.bootable,
            consumes_quota: true,
            created_at: group.created_at,
            updated_at: None,
        })
    }
}

/// The volumes of a locked group.
async fn volumes_to_copy(tx: &mut Tx, group: &Group) -> Result<Origins, ServiceError> {
    let volumes = members_lock(tx, group.id).await?;
    if volumes.is_empty() {
        return Err(ServiceError::InvalidGroup(
            "Source Group is empty. No group will be created.".to_owned(),
        ));
    }
    for volume in &volumes {
        if !matches!(volume.status, VolumeStatus::Available | VolumeStatus::InUse) {
            return Err(ServiceError::InvalidVolume(
                "Source volume status must be one of 'in-use, available' values".to_owned(),
            ));
        }
    }
    Ok(Origins::Volumes(group.id, volumes))
}
