//! Whether the back end is one for a volume, which Cinder's scheduler decides after the request was
//! accepted (`scheduler/filter_scheduler.py`). With one back end there is nothing to choose, so it is
//! decided at once; the caller sees the same: a volume that is accepted, and then in error with a message.

use chrono::TimeDelta;

use crate::{
    domain::{
        Capabilities, Capability, Message, MessageAction, MessageDetail, MessageId, MessageResource, Space, Volume,
        VolumeEvent, VolumeType,
    },
    service::{Call, Service, ServiceError},
    store::Tx,
};

/// Cinder's word for a back end that does not know.
const UNKNOWN: &str = "unknown";

impl Service {
    /// What the back end can do.
    ///
    /// # Errors
    /// [`ServiceError::BackendUnavailable`].
    pub async fn capabilities(&self) -> Result<Capabilities, ServiceError> {
        let space = self.inventory.space().await?;
        let gib = |bytes: fn(Space) -> u64| {
            space.map_or_else(|| UNKNOWN.into(), |space| Capability::Number(bytes(space) >> 30))
        };
        let backend = self.installation.backend();
        Ok(Capabilities(vec![
            ("pool_name", backend.into()),
            ("volume_backend_name", backend.into()),
            ("vendor_name", self.installation.vendor.into()),
            ("driver_version", env!("CARGO_PKG_VERSION").into()),
            ("storage_protocol", self.installation.storage_protocol.into()),
            ("total_capacity_gb", gib(|space| space.total)),
            ("free_capacity_gb", gib(|space| space.free)),
            ("reserved_percentage", Capability::Number(0)),
            ("thin_provisioning_support", Capability::Flag(true)),
            ("thick_provisioning_support", Capability::Flag(false)),
            ("QoS_support", Capability::Flag(false)),
            ("multiattach", Capability::Flag(false)),
            ("backend_state", "up".into()),
        ]))
    }

    /// Whether a new volume of this type can be here.
    ///
    /// # Errors
    /// [`ServiceError::BackendUnavailable`].
    pub(super) async fn has_place_for(&self, kind: &VolumeType) -> Result<bool, ServiceError> {
        // Most types ask for nothing, and then nobody is asked either.
        Ok(kind.extra_specs.is_empty() || self.capabilities().await?.satisfy(&kind.extra_specs))
    }

    /// Accepts a volume that no back end can have: it ends in error, and a message says why.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub(super) async fn volume_without_place(
        &self,
        mut tx: Tx,
        call: &Call,
        accepted: Volume,
    ) -> Result<Volume, ServiceError> {
        let mut volume = accepted.clone();
        volume.host.clear();
        let now = self.clock.now();
        if volume.apply(VolumeEvent::CreateFailed, now).is_err() {
            return Err(ServiceError::Raced);
        }
        tx.volume_insert(&volume).await?;
        tx.message_insert(&Message {
            id: MessageId::new(self.ids.next()),
            project_id: volume.project_id.clone(),
            request_id: call.request_id.clone(),
            resource: MessageResource::Volume,
            resource_uuid: volume.id.uuid(),
            action: MessageAction::ScheduleAllocateVolume,
            detail: MessageDetail::NoBackendAvailable,
            cause: "no back end that works has everything that the volume's type asks for".to_owned(),
            created_at: now,
            expires_at: now + TimeDelta::seconds(i64::from(self.installation.message_ttl)),
        })
        .await?;
        tx.commit().await?;
        Ok(accepted)
    }
}
