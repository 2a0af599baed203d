//! `POST /volumes`.

use crate::{
    auth::policy::Action,
    domain::{
        AttachStatus, Gib, Group, GroupStatus, Label, Metadata, Operation, QuotaRequest, ResourceId, SnapshotId,
        SnapshotStatus, Volume, VolumeId, VolumeStatus, VolumeTypeId,
    },
    service::{Call, Service, ServiceError, types::encryption::refuse_encrypted, volumes::place::Place},
    store::{NewTask, Tx},
};

/// What a caller asks for. Ids and names are as they were written: what is no id is unknown.
#[derive(Clone, Debug, Default)]
pub struct NewVolume {
    /// The size; may be left out when a source gives it.
    pub size: Option<Gib>,
    /// Display name.
    pub name: Option<Label>,
    /// Display description.
    pub description: Option<Label>,
    /// User metadata.
    pub metadata: Metadata,
    /// Name or id of the type.
    pub volume_type: Option<String>,
    /// Availability zone.
    pub availability_zone: Option<String>,
    /// Where the bytes come from.
    pub source: Source,
    /// The group it is to be in.
    pub group: Option<String>,
}

/// Where a new volume's bytes come from.
#[derive(Clone, Debug, Default)]
pub enum Source {
    /// Nowhere: it reads as zeroes.
    #[default]
    Empty,
    /// A snapshot.
    Snapshot(String),
    /// Another volume, as it is at one moment.
    Volume(String),
}

/// A source that has been found and locked.
struct Origin {
    operation: Operation,
    resource: Option<ResourceId>,
    size: Option<Gib>,
    volume_type_id: Option<VolumeTypeId>,
    bootable: bool,
    snapshot_id: Option<SnapshotId>,
    source_volid: Option<VolumeId>,
    /// Where its bytes are, so where the new volume has to be.
    place: Option<Place>,
}

impl Origin {
    /// The place of the source, else `wanted`. A zone that was asked for must be the source's (Cinder:
    /// `cloned_volume_same_az`).
    fn place_or(&self, wanted: Option<Place>, zone: Option<&str>) -> Result<Option<Place>, ServiceError> {
        let Some(place) = &self.place else { return Ok(wanted) };
        if zone.is_some_and(|zone| zone != place.availability_zone) {
            let source = if self.snapshot_id.is_some() {
                "snapshot"
            } else {
                "source volume"
            };
            return Err(ServiceError::InvalidInput(format!(
                "Volume must be in the same availability zone as the {source}"
            )));
        }
        Ok(Some(place.clone()))
    }
}

impl Service {
    /// Accepts a volume: the row is `creating`, the worker does the rest.
    ///
    /// # Errors
    /// In this order: the source is missing or not usable, size, type, zone, policy, encryption, quota.
    pub async fn volume_create(&self, call: &Call, new: NewVolume) -> Result<Volume, ServiceError> {
        let limits = self.quota_limits(call.owner()?).await?;
        let wanted_type = match &new.volume_type {
            Some(name) => Some(self.type_named(call, name).await?),
            None => None,
        };
        let default_type = self.default_type().await?;
        let zone = new.availability_zone.as_deref();
        let place = self
            .place(&[wanted_type.as_ref().unwrap_or(&default_type)], zone)
            .await?;
        let (wanted_type, default_type) = (wanted_type.map(|kind| kind.id), default_type.id);

        let mut tx = self.store.begin().await?;
        // Groups are locked before everything that they have.
        let group = match &new.group {
            Some(id) => Some(self.group_lock(&mut tx, call, id, &[Action::GroupShow]).await?),
            None => None,
        };
        let origin = self.origin(&mut tx, call, &new.source).await?;
        call.authorize_own(Action::VolumeCreate)?;
        let mut place = origin.place_or(place, zone)?;
        if let Some(group) = &group {
            fits(group, wanted_type)?;
            // A group is in one place. What has a source elsewhere finds none there.
            let own = Place::stored(group.host.clone(), group.availability_zone.clone());
            let elsewhere = |own: &Place| origin.place.as_ref().is_some_and(|of| of.host != own.host);
            place = own.filter(|own| !elsewhere(own));
        }
        let size = size(new.size, &origin)?;
        let volume_type_id = match (origin.volume_type_id, wanted_type) {
            (Some(of_source), Some(wanted)) if of_source != wanted => {
                return Err(ServiceError::InvalidInput(format!(
                    "Invalid volume_type provided: {wanted} (requested type is not compatible; recommend omitting the \
                     type argument)."
                )));
            }
            (Some(of_source), _) => of_source,
            (None, wanted) => wanted.unwrap_or(default_type),
        };
        refuse_encrypted(&mut tx, volume_type_id).await?;

        limits.admit_size(size)?;
        let type_name = tx.volume_type_name(volume_type_id).await?;
        let snapshot_gigabytes = self.installation.quotas.snapshots_use_gigabytes();
        let usage = tx.quota_usage_lock(call.owner()?, snapshot_gigabytes).await?;
        QuotaRequest {
            type_name,
            volumes: 1,
            snapshots: 0,
            gigabytes: i64::from(size.get()),
        }
        .admit(&limits, &usage)?;

        let now = self.clock.now();
        let volume = Volume {
            id: VolumeId::new(self.ids.next()),
            project_id: call.owner()?.clone(),
            user_id: call.caller.user_id.clone(),
            volume_type_id,
            size,
            target_size: None,
            status: VolumeStatus::Creating,
            overridden: false,
            previous_status: None,
            attach_status: AttachStatus::Detached,
            attachment: None,
            readonly: None,
            migration_status: None,
            name: new.name,
            description: new.description,
            metadata: new.metadata,
            availability_zone: match (&place, zone) {
                (Some(place), _) => place.availability_zone.clone(),
                (None, zone) => zone.unwrap_or_default().to_owned(),
            },
            host: place.as_ref().map_or_else(String::new, |place| place.host.to_string()),
            snapshot_id: origin.snapshot_id,
            source_volid: origin.source_volid,
            revert_snapshot_id: None,
            group_id: group.map(|group| group.id),
            bootable: origin.bootable,
            consumes_quota: true,
            created_at: now,
            updated_at: None,
        };
        if place.is_none() {
            return self.volume_without_place(tx, call, volume).await;
        }
        tx.volume_insert(&volume).await?;
        tx.task_enqueue(NewTask {
            resource: volume.id.into(),
            source: origin.resource,
            operation: origin.operation,
            argument: None,
            now,
            request_id: &call.request_id,
        })
        .await?;
        self.accept(tx).await?;
        Ok(volume)
    }

    /// Finds and locks the source, so that it cannot start to go away before the task is committed.
    async fn origin(&self, tx: &mut Tx, call: &Call, source: &Source) -> Result<Origin, ServiceError> {
        match source {
            Source::Empty => Ok(Origin {
                operation: Operation::CreateVolume,
                resource: None,
                size: None,
                volume_type_id: None,
                bootable: false,
                snapshot_id: None,
                source_volid: None,
                place: None,
            }),
            Source::Snapshot(id) => {
                let snapshot = self.snapshot_lock(tx, call, id, &[Action::SnapshotShow]).await?;
                if snapshot.status != SnapshotStatus::Available {
                    return Err(ServiceError::InvalidSnapshot(
                        "Originating snapshot status must be one of 'available' values".to_owned(),
                    ));
                }
                let (bootable, host, zone) = tx.volume_origin(snapshot.volume_id).await?.unwrap_or_default();
                Ok(Origin {
                    operation: Operation::CreateVolumeFromSnapshot,
                    resource: Some(snapshot.id.into()),
                    size: Some(snapshot.size),
                    volume_type_id: Some(snapshot.volume_type_id),
                    bootable,
                    snapshot_id: Some(snapshot.id),
                    source_volid: None,
                    place: Place::stored(host, zone),
                })
            }
            Source::Volume(id) => {
                let volume = self.volume_lock(tx, call, id, &[]).await?;
                if !matches!(volume.status, VolumeStatus::Available | VolumeStatus::InUse) {
                    return Err(ServiceError::InvalidVolume(
                        "Source volume status must be one of 'in-use, available' values".to_owned(),
                    ));
                }
                Ok(Origin {
                    operation: Operation::CreateVolumeFromVolume,
                    resource: Some(volume.id.into()),
                    size: Some(volume.size),
                    volume_type_id: Some(volume.volume_type_id),
                    bootable: volume.bootable,
                    snapshot_id: None,
                    source_volid: Some(volume.id),
                    place: Place::stored(volume.host, volume.availability_zone),
                })
            }
        }
    }
}

/// What Cinder asks of a volume that is to be in a group (`volume/api.py::create`,
/// `flows/api/create_volume.py::_extract_group`).
fn fits(group: &Group, wanted_type: Option<VolumeTypeId>) -> Result<(), ServiceError> {
    let Some(kind) = wanted_type else {
        return Err(ServiceError::InvalidInput(
            "volume_type must be provided when creating a volume in a group.".to_owned(),
        ));
    };
    if !group.volume_types.contains(&kind) {
        return Err(ServiceError::InvalidInput(format!(
            "Invalid volume_type provided: {kind} (requested type must be supported by this group)."
        )));
    }
    if !matches!(group.status, GroupStatus::Available | GroupStatus::Creating) {
        return Err(ServiceError::InvalidGroup(
            "Originating group status must be one of 'available, creating' values".to_owned(),
        ));
    }
    Ok(())
}

fn size(wanted: Option<Gib>, origin: &Origin) -> Result<Gib, ServiceError> {
    match (wanted, origin.size) {
        (Some(wanted), Some(least)) if wanted < least => {
            Err(ServiceError::InvalidInput(if origin.snapshot_id.is_some() {
                format!(
                    "Volume size '{wanted}'GB cannot be smaller than the snapshot size {least}GB. They must be >= \
                     original snapshot size."
                )
            } else {
                // Two blanks: Cinder's text has them.
                format!(
                    "Volume size '{wanted}'GB cannot be smaller than original volume size  {least}GB. They must be \
                     >= original volume size."
                )
            }))
        }
        (Some(size), _) | (None, Some(size)) => Ok(size),
        // The fronts ask for a size when there is no source; this is Cinder's answer if one does not.
        (None, None) => Err(ServiceError::InvalidInput("Volume size must be specified".to_owned())),
    }
}
