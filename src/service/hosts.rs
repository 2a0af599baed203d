//! Who is there: the programs of the installation, the back ends among them, and their zones.

use std::collections::BTreeMap;

use super::{Call, Service, ServiceError};
use crate::{
    auth::policy::Action,
    domain::{BackendHost, Binary, ServiceChange, ServiceRecord, VolumeId},
    store::Tx,
};

/// A program and whether it is there.
#[derive(Clone, Debug)]
pub struct KnownService {
    /// What it says of itself.
    pub record: ServiceRecord,
    /// Whether it was seen lately.
    pub is_up: bool,
}

impl Service {
    /// Every program of the installation.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`].
    pub async fn services(&self, call: &Call) -> Result<Vec<KnownService>, ServiceError> {
        call.authorize_own(Action::ServiceList)?;
        self.known_services().await
    }

    /// Does what an operator wants with one of them.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], [`ServiceError::ServiceNotFound`], and for a back end that is frozen already,
    /// or is not, [`ServiceError::InvalidInput`].
    pub async fn service_change(
        &self,
        call: &Call,
        host: &str,
        binary: &str,
        change: ServiceChange,
    ) -> Result<(), ServiceError> {
        self.may_change_services(call)?;
        let known = match binary.parse::<Binary>() {
            Ok(known) => {
                let changed = self
                    .store
                    .service_change(host, known, &change, self.clock.now())
                    .await?;
                if changed {
                    tracing::info!(%host, %binary, ?change, user = %call.caller.user_id, "service changed");
                    return Ok(());
                }
                self.store
                    .services()
                    .await?
                    .iter()
                    .any(|record| record.binary == known && record.host == host)
            }
            Err(_no_program_of_ours) => false,
        };
        let expected = match change {
            ServiceChange::Freeze(frozen) if known => {
                if frozen {
                    "False"
                } else {
                    "True"
                }
            }
            ServiceChange::Freeze(_) => {
                return Err(ServiceError::InvalidInput(format!("No service found with host={host}")));
            }
            ServiceChange::Enable | ServiceChange::Disable(_) => {
                return Err(ServiceError::ServiceNotFound {
                    binary: binary.to_owned(),
                    host: host.to_owned(),
                });
            }
        };
        Err(ServiceError::InvalidInput(format!(
            "No service could be changed: frozen in ['{host}'] must be {expected} to failover."
        )))
    }

    /// Refuses those who may not change a program, before they learn which there are.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`].
    pub fn may_change_services(&self, call: &Call) -> Result<(), ServiceError> {
        call.authorize_own(Action::ServiceUpdate)
    }

    /// Every availability zone, and whether a back end there takes volumes.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn zones(&self) -> Result<BTreeMap<String, bool>, ServiceError> {
        let mut zones = BTreeMap::new();
        for KnownService { record, .. } in self.backends().await? {
            *zones.entry(record.availability_zone).or_default() |= !record.disabled;
        }
        Ok(zones)
    }

    /// Every back end.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn backends(&self) -> Result<Vec<KnownService>, ServiceError> {
        let mut known = self.known_services().await?;
        known.retain(|known| known.record.binary == Binary::Volume);
        Ok(known)
    }

    async fn known_services(&self) -> Result<Vec<KnownService>, ServiceError> {
        let (now, down_time) = (self.clock.now(), self.installation.down_time);
        let records = self.store.services().await?;
        let known = records.into_iter().map(|record| KnownService {
            // This process knows how it is without its heartbeat.
            is_up: record.is_up(now, down_time) || self.is_own(&record),
            record,
        });
        Ok(known.collect())
    }

    /// Whether it is this process, and in order.
    fn is_own(&self, record: &ServiceRecord) -> bool {
        let own = &self.installation;
        match record.binary {
            Binary::Volume => own.standing.is_good() && own.backend.as_ref() == Some(&record.backend()),
            Binary::Scheduler => record.host == own.machine,
        }
    }

    /// The back end of this name, with or without its pool.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn backend_named(&self, wanted: &str) -> Result<Option<BackendHost>, ServiceError> {
        let backends = self.backends().await?;
        let mut hosts = backends.iter().map(|known| known.record.backend());
        Ok(hosts.find(|host| host.is_named(wanted)))
    }

    /// Refuses while an operator wants nothing changed where the volume is (Cinder: `assert_not_frozen`).
    ///
    /// # Errors
    /// [`ServiceError::InvalidInput`].
    pub(super) async fn refuse_frozen(&self, tx: &mut Tx, volume: VolumeId) -> Result<(), ServiceError> {
        if tx.is_frozen(volume).await? {
            return Err(frozen());
        }
        Ok(())
    }
}

/// The refusal of whatever would change something there.
pub(super) fn frozen() -> ServiceError {
    ServiceError::InvalidInput("Modification operations are not allowed on frozen storage backends.".to_owned())
}
