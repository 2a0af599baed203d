//! `POST /snapshots`.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::try_join;

use crate::{
    auth::policy::Action,
    domain::{
        Label, Limits, Metadata, Operation, QuotaRequest, Snapshot, SnapshotId, SnapshotStatus, Volume, VolumeId,
        VolumeStatus,
    },
    service::{Call, Service, ServiceError, hosts::frozen},
    store::{NewTask, SnapshotFacts, Tx},
};

/// What a caller asks for.
#[derive(Clone, Debug, Default)]
pub struct NewSnapshot {
    /// The volume, as it was written: a text that is no id is an unknown volume.
    pub volume_id: String,
    /// Display name.
    pub name: Option<Label>,
    /// Display description.
    pub description: Option<Label>,
    /// User metadata.
    pub metadata: Metadata,
    /// Whether a volume that is in use may be taken too.
    pub allow_in_use: bool,
}

/// How a snapshot is to come about.
pub(super) struct Wanted {
    pub(super) operation: Operation,
    /// See [`crate::domain::Task::argument`].
    pub(super) argument: Option<String>,
    /// The limits of the caller's project.
    pub(super) limits: Limits,
}

impl Service {
    /// Accepts a snapshot: the row is `creating`, the worker does the rest.
    ///
    /// The snapshot belongs to the **caller's** project, and uses its quota, even when an admin takes
    /// one of another project's volume (Cinder: `volume/api.py::create_snapshot_in_db`).
    ///
    /// # Errors
    /// In this order: [`ServiceError::VolumeNotFound`], [`ServiceError::Forbidden`],
    /// [`ServiceError::InvalidVolume`], [`ServiceError::QuotaExceeded`].
    pub async fn snapshot_create(&self, call: &Call, new: NewSnapshot) -> Result<Snapshot, ServiceError> {
        let begun = async {
            let mut tx = self.store.begin().await?;
            let (volume, facts) = self
                .volume_lock_for_snapshot(&mut tx, call, &new.volume_id, Action::SnapshotCreate)
                .await?;
            Ok((tx, volume, facts))
        };
        // Both are on their way to the database at once.
        let (limits, (tx, volume, facts)) = try_join(self.quota_limits(call.owner()?), begun).await?;
        let wanted = Wanted {
            operation: Operation::CreateSnapshot,
            argument: None,
            limits,
        };
        self.snapshot_accept(tx, call, (&volume, facts), new, wanted).await
    }

    /// The volume, locked, with what a snapshot of it depends on besides.
    pub(super) async fn volume_lock_for_snapshot(
        &self,
        tx: &mut Tx,
        call: &Call,
        id: &str,
        action: Action,
    ) -> Result<(Volume, SnapshotFacts), ServiceError> {
        let found = match id.parse::<VolumeId>() {
            Ok(id) => tx.volume_lock_for_snapshot(&call.scope(), id).await?,
            Err(_not_an_id) => None,
        };
        let (volume, facts) = found
            // A volume that the policy hides is as good as missing.
            .filter(|(volume, _facts)| call.may(Action::VolumeShow, &volume.project_id))
            .ok_or_else(|| ServiceError::VolumeNotFound(id.to_owned()))?;
        call.authorize(action, &volume.project_id)?;
        Ok((volume, facts))
    }

    /// The part that creating and managing share: the volume's state, the quota, the row and its task.
    pub(super) async fn snapshot_accept(
        &self,
        mut tx: Tx,
        call: &Call,
        (volume, facts): (&Volume, SnapshotFacts),
        new: NewSnapshot,
        wanted: Wanted,
    ) -> Result<Snapshot, ServiceError> {
        let SnapshotFacts {
            type_name,
            is_frozen,
            newest,
        } = facts;
        if is_frozen {
            return Err(frozen());
        }
        admit(volume, new.allow_in_use)?;
        let snapshot_gigabytes = self.installation.quotas.snapshots_use_gigabytes();
        let gigabytes = if snapshot_gigabytes {
            i64::from(volume.size.get())
        } else {
            0
        };
        let request = QuotaRequest {
            type_name,
            volumes: 0,
            snapshots: 1,
            gigabytes,
        };
        // Usage is counted row by row, and others wait meanwhile.
        if request.is_limited(&wanted.limits) {
            let usage = tx.quota_usage_lock(call.owner()?, snapshot_gigabytes).await?;
            request.admit(&wanted.limits, &usage)?;
        }

        let now = self.clock.now();
        let created_at = behind(newest, now);
        let snapshot = Snapshot {
            id: SnapshotId::new(self.ids.next()),
            project_id: call.owner()?.clone(),
            user_id: call.caller.user_id.clone(),
            volume_id: volume.id,
            volume_type_id: volume.volume_type_id,
            size: volume.size,
            status: SnapshotStatus::Creating,
            overridden: false,
            previous_status: None,
            progress: Some("0%".to_owned()),
            name: new.name,
            description: new.description,
            metadata: new.metadata,
            group_snapshot_id: None,
            consumes_quota: true,
            created_at,
            updated_at: None,
        };
        tx.snapshot_insert(&snapshot).await?;
        tx.task_enqueue(NewTask {
            resource: snapshot.id.into(),
            source: Some(volume.id.into()),
            operation: wanted.operation,
            argument: wanted.argument.as_deref(),
            now,
            request_id: &call.request_id,
        })
        .await?;
        self.accept(tx).await?;
        Ok(snapshot)
    }
}

/// The time of a new snapshot of a volume whose newest is of that time: strictly increasing, so that "the latest" has
/// one meaning even when the clock stands still or goes back.
pub(in crate::service) fn behind(newest: Option<DateTime<Utc>>, now: DateTime<Utc>) -> DateTime<Utc> {
    newest.map_or(now, |newest| now.max(newest + TimeDelta::microseconds(1)))
}

/// Cinder's checks of the volume that hold for its snapshot alone and in a group, in Cinder's order
/// (`volume/api.py::_create_snapshot_in_db_validate`).
///
/// # Errors
/// [`ServiceError::InvalidVolume`].
pub(in crate::service) fn admit_volume(volume: &Volume) -> Result<(), ServiceError> {
    let refuse = |text: &str| Err(ServiceError::InvalidVolume(text.to_owned()));
    if volume.status == VolumeStatus::Maintenance {
        return refuse("The snapshot cannot be created when the volume is in maintenance mode.");
    }
    if volume.is_migrating() {
        return refuse("Snapshot cannot be created while volume is migrating.");
    }
    if volume.status == VolumeStatus::Error {
        return refuse("The snapshot cannot be created when the volume is in error status.");
    }
    Ok(())
}

fn admit(volume: &Volume, allow_in_use: bool) -> Result<(), ServiceError> {
    admit_volume(volume)?;
    let allowed: &[VolumeStatus] = if allow_in_use {
        &[VolumeStatus::Available, VolumeStatus::InUse]
    } else {
        &[VolumeStatus::Available]
    };
    if !allowed.contains(&volume.status) {
        let allowed = allowed
            .iter()
            .map(|status| status.as_str())
            .collect::<Vec<_>>()
            .join(", ");
        return Err(ServiceError::InvalidVolume(format!(
            "Volume {} status must be {allowed}, but current status is: {}.",
            volume.id, volume.status
        )));
    }
    Ok(())
}
