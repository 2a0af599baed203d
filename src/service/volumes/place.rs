//! Where a new volume goes, which Cinder's scheduler decides after the request was accepted
//! (`scheduler/filter_scheduler.py`). Here it is decided at once; the caller sees the same: a volume that is
//! accepted, and, if no back end is one for it, is then in error with a message.

use chrono::TimeDelta;

use crate::{
    domain::{
        BackendHost, Capabilities, Capability, Message, MessageAction, MessageDetail, MessageId, MessageResource,
        Space, Volume, VolumeEvent, VolumeType,
    },
    service::{Call, KnownService, Service, ServiceError},
    store::Tx,
};

/// Cinder's word for a back end that does not know.
const UNKNOWN: &str = "unknown";

/// A place for a volume.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The back end.
    pub host: BackendHost,
    /// Its availability zone.
    pub availability_zone: String,
}

impl Place {
    /// Where a volume is; `None` for one that was found no place for.
    pub fn stored(host: String, availability_zone: String) -> Option<Self> {
        (!host.is_empty()).then(|| Self {
            host: BackendHost::stored(host),
            availability_zone,
        })
    }
}

impl Service {
    /// What a back end can do.
    pub fn capabilities(&self, known: &KnownService) -> Capabilities {
        let space = known.record.space;
        let gib = |bytes: fn(Space) -> u64| {
            space.map_or_else(|| UNKNOWN.into(), |space| Capability::Number(bytes(space) >> 30))
        };
        let host = known.record.backend();
        let state = if known.is_up { "up" } else { "down" };
        Capabilities(vec![
            ("pool_name", host.backend().into()),
            ("volume_backend_name", host.backend().into()),
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
            ("backend_state", state.into()),
        ])
    }

    /// The back end for a new volume of this type: of those that are up, take volumes, are in the zone and can
    /// what the type asks for, the one with the most room (Cinder's filters and its capacity weigher).
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] for a zone that no back end is in.
    pub(super) async fn place(&self, kind: &VolumeType, zone: Option<&str>) -> Result<Option<Place>, ServiceError> {
        let backends = self.backends().await?;
        if let Some(zone) = zone
            && backends.iter().all(|known| known.record.availability_zone != zone)
        {
            return Err(ServiceError::Invalid(format!("Availability zone '{zone}' is invalid.")));
        }
        let room = |known: &KnownService| known.record.space.map_or(0, |space| space.free);
        let fitting = backends.into_iter().filter(|known| {
            let record = &known.record;
            known.is_up
                && !record.disabled
                && !record.frozen
                && zone.is_none_or(|zone| record.availability_zone == zone)
                && (kind.extra_specs.is_empty() || self.capabilities(known).satisfy(&kind.extra_specs))
        });
        // Of equals the first by name, whoever asks.
        let best = fitting.max_by(|one, other| {
            let by_name = || other.record.host.cmp(&one.record.host);
            room(one).cmp(&room(other)).then_with(by_name)
        });
        Ok(best.map(|known| Place {
            host: known.record.backend(),
            availability_zone: known.record.availability_zone,
        }))
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
