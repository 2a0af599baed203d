//! Use cases: what the service does, whichever front asks. One file a use case or a small family.
//!
//! Every use case takes a [`Call`] first, looks up before it authorises (so that a stranger cannot
//! probe ids), and changes state in one transaction together with the task that the change asks for.

mod call;
mod error;
mod group_snapshots;
mod group_types;
mod groups;
mod hosts;
mod inventory;
mod messages;
mod quotas;
mod snapshots;
mod types;
mod volumes;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

pub use self::{
    call::Call,
    error::{Refusal, ServiceError},
    group_snapshots::create::NewGroupSnapshot,
    group_types::NewGroupType,
    groups::{create::NewGroup, from_source::GroupSource, update::GroupChange},
    hosts::KnownService,
    inventory::{BackendUnavailable, Inventory},
    quotas::QuotaDefaults,
    snapshots::{create::NewSnapshot, manage::ManageableSnapshot},
    types::{NewType, NewTypeEncryption},
    volumes::{
        admin::VolumeReset, attach::NewAttachment, create::NewVolume, create::Source, delete::DeleteOptions,
        list::VolumeSummary,
    },
};
use crate::{
    clock::{Clock, Ids},
    domain::{BackendHost, VolumeStatus},
    standing::Standing,
    store::{Store, StoreError, Tx},
    wakeup::Wakeup,
};

/// Facts about this installation that replies show.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The machine that this process runs on.
    pub machine: String,
    /// The back end that this process works on, if it does.
    pub backend: Option<BackendHost>,
    /// Whether it can.
    pub standing: Standing,
    /// How long after its last heartbeat a program counts as up (Cinder: `service_down_time`).
    pub down_time: TimeDelta,
    /// The type of volumes that name none.
    pub default_volume_type: String,
    /// Limits for projects that have none of their own.
    pub quotas: QuotaDefaults,
    /// Seconds that user messages are kept.
    pub message_ttl: u32,
    /// Who makes the back end; a capability.
    pub vendor: &'static str,
    /// How volumes are reached; a capability.
    pub storage_protocol: &'static str,
}

/// The service.
#[derive(Clone, Debug)]
pub struct Service {
    store: Store,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    wakeup: Wakeup,
    installation: Arc<Installation>,
    inventory: Option<Arc<dyn Inventory>>,
}

impl Service {
    /// Puts the parts together. The inventory is that of the process's own back end.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        wakeup: Wakeup,
        installation: Installation,
        inventory: Option<Arc<dyn Inventory>>,
    ) -> Self {
        Self {
            store,
            clock,
            ids,
            wakeup,
            installation: Arc::new(installation),
            inventory,
        }
    }

    /// Facts about this installation.
    pub fn installation(&self) -> &Installation {
        &self.installation
    }

    /// A fresh request id.
    pub fn request_id(&self) -> String {
        format!("req-{}", self.ids.next().as_hyphenated())
    }

    /// The time.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Commits a change that asks for work, then calls the worker.
    async fn accept(&self, tx: Tx) -> Result<(), StoreError> {
        tx.commit().await?;
        self.wakeup.notify();
        Ok(())
    }

    /// The same for a change that also takes work away: whoever is at it stops soon.
    async fn accept_instead(&self, tx: Tx) -> Result<(), StoreError> {
        self.accept(tx).await?;
        self.wakeup.recall();
        Ok(())
    }
}

/// Somebody else changed the row between our lock and our update. With the row locked this cannot
/// happen; if it does, the honest answer is "try again", not a half-told one.
fn unless_lost(updated: bool) -> Result<(), ServiceError> {
    if updated { Ok(()) } else { Err(ServiceError::Raced) }
}

/// The statuses in which Cinder deletes a volume, as its error text lists them.
const DELETABLE: [VolumeStatus; 5] = [
    VolumeStatus::Available,
    VolumeStatus::Error,
    VolumeStatus::ErrorRestoring,
    VolumeStatus::ErrorExtending,
    VolumeStatus::ErrorManaging,
];
