//! What keeps a snapshot or a volume from being deleted, in words that name it.
//!
//! Cinder leaves the question to the driver and tells nobody the answer: the snapshot is `available` again, and the
//! volumes that share its bytes have to be guessed. Here they are rows ([`Store::dependents_of`]).
//!
//! [`Store::dependents_of`]: crate::store::Store::dependents_of

use super::Worker;
use crate::{
    domain::{Snapshot, SnapshotId, SnapshotStatus, Task, VolumeId},
    driver::{Context, DriverError, Kind, Retry},
    store::{Dependent, StoreError},
};

/// As many names as somebody wants to read.
const NAMED: usize = 10;

impl Worker {
    /// Deletes a snapshot, unless volumes depend on it. One whose deletion has been accepted is waited for.
    pub(super) async fn delete_snapshot(
        &self,
        cx: &Context,
        snapshot: &Snapshot,
    ) -> Result<Result<(), DriverError>, StoreError> {
        if self.driver.capability().clone_dependents
            && let Some(held) = self.held(snapshot.id).await?
        {
            return Ok(Err(held));
        }
        match self.driver.delete_snapshot(cx, snapshot.id, snapshot.volume_id).await {
            Err(error) if error.kind() == Kind::Busy && error.retry() == Retry::Final => {
                // The driver knows more than the rows. Who it can be about are those that were made from it.
                let made = self.store.volumes_made_from(snapshot.id).await?;
                if made.is_empty() {
                    return Ok(Err(error));
                }
                let cause = format!("{}; made from it: {}", error.cause(), named(&made));
                Ok(Err(DriverError::fatal(Kind::Busy, cause)))
            }
            done => Ok(done),
        }
    }

    /// Why a snapshot cannot be deleted now, as the database knows it.
    async fn held(&self, snapshot: SnapshotId) -> Result<Option<DriverError>, StoreError> {
        let dependents = self.store.dependents_of(snapshot).await?;
        let (leaving, staying): (Vec<_>, Vec<_>) = dependents.into_iter().partition(|dependent| dependent.leaving);
        if !staying.is_empty() {
            let cause = format!("{}; delete what depends on it first", depend(&volumes(&staying)));
            return Ok(Some(DriverError::fatal(Kind::Busy, cause)));
        }
        // Never final: that deletion ends, well or badly, and then there is an answer.
        Ok((!leaving.is_empty()).then(|| {
            let cause = format!("{}, and is being deleted", depend(&volumes(&leaving)));
            DriverError::unknown(Kind::Busy, cause)
        }))
    }

    async fn dependents(&self, snapshot: SnapshotId) -> Result<Option<String>, StoreError> {
        let volumes = volumes(&self.store.dependents_of(snapshot).await?);
        Ok((!volumes.is_empty()).then(|| depend(&volumes)))
    }

    /// Why a volume cannot be deleted: it goes only when its snapshots are gone. The task runs after theirs, so one
    /// that is still there could not be deleted; Cinder deletes the volume under it (gaps G2 and G3).
    ///
    /// If something depends on them the volume is as busy as they are, and returns to where it was, too.
    pub(super) async fn snapshots_in_the_way(&self, task: &Task) -> Result<Option<DriverError>, StoreError> {
        let left = self.store.snapshots_left(task.resource.volume()).await?;
        if left.is_empty() {
            return Ok(None);
        }
        let mut named = Vec::with_capacity(left.len().min(NAMED));
        for (id, status) in left.iter().take(NAMED) {
            named.push(match self.dependents(*id).await? {
                Some(dependents) => format!("{id} ({status}, because {dependents})"),
                None => format!("{id} ({status})"),
            });
        }
        let failed = SnapshotStatus::ErrorDeleting.as_str();
        let kind = if left.iter().any(|(_id, status)| status == failed) {
            Kind::Failed
        } else {
            Kind::Busy
        };
        let more = more_than(NAMED, left.len());
        let cause = format!("these snapshots could not be deleted: {}{more}", named.join(", "));
        Ok(Some(DriverError::fatal(kind, cause)))
    }
}

fn volumes(dependents: &[Dependent]) -> Vec<VolumeId> {
    dependents.iter().map(|dependent| dependent.volume).collect()
}

/// "volume … depends on it".
fn depend(volumes: &[VolumeId]) -> String {
    let verb = if volumes.len() == 1 { "depends" } else { "depend" };
    format!("{} {verb} on it", named(volumes))
}

/// "volumes …, … and 2 more".
fn named(volumes: &[VolumeId]) -> String {
    let noun = if volumes.len() == 1 { "volume" } else { "volumes" };
    let names: Vec<_> = volumes.iter().take(NAMED).map(ToString::to_string).collect();
    let more = more_than(NAMED, volumes.len());
    format!("{noun} {}{more}", names.join(", "))
}

fn more_than(shown: usize, all: usize) -> String {
    match all.saturating_sub(shown) {
        0 => String::new(),
        more => format!(" and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_long_list_is_cut_and_counted() {
        let volumes: Vec<_> = (1..=12).map(|id| VolumeId::new(Uuid::from_u128(id))).collect();
        let one = "00000000-0000-0000-0000-000000000001";
        assert_eq!(depend(&volumes[..1]), format!("volume {one} depends on it"));
        let two = depend(&volumes[..2]);
        assert_eq!(
            two,
            format!("volumes {one}, 00000000-0000-0000-0000-000000000002 depend on it")
        );
        let all = depend(&volumes);
        assert_eq!(all.matches("00000000-0000").count(), 10, "{all}");
        assert!(all.ends_with("00000000000a and 2 more depend on it"), "{all}");
    }
}
