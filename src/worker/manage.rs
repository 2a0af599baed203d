//! Taking over a snapshot that the back end already has (`os-snapshot-manage`).

use super::Worker;
use crate::{
    domain::{Gib, Scope, SnapshotId, Task},
    driver::{Context, DriverError, Kind, source_name},
    store::StoreError,
};

impl Worker {
    /// Takes over what the request named. A name that is one of our own snapshots' is refused here, where
    /// the database can be asked; the driver knows files only.
    pub(super) async fn manage(
        &self,
        cx: &Context,
        task: &Task,
    ) -> Result<Result<Option<Gib>, DriverError>, StoreError> {
        let Some(snapshot) = self.store.snapshot(&Scope::All, task.resource.snapshot()).await? else {
            return Ok(Ok(None));
        };
        let Some(name) = task.argument.as_deref().and_then(source_name) else {
            let cause = "the reference must be an object with the key 'source-name' and a text";
            return Ok(Err(DriverError::fatal(Kind::NotFound, cause)));
        };
        if let Some(id) = name
            .strip_prefix("snapshot-")
            .and_then(|id| id.parse::<SnapshotId>().ok())
            && !self.store.snapshots_known(&[id]).await?.is_empty()
        {
            let cause = format!("{name} is managed already");
            return Ok(Err(DriverError::fatal(Kind::Exists, cause)));
        }
        let managed = self
            .driver
            .manage_snapshot(cx, snapshot.id, snapshot.volume_id, &name)
            .await;
        Ok(managed.map(Some))
    }
}
