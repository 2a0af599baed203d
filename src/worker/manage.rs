//! Taking over a snapshot that the back end already has (`os-snapshot-manage`).

use super::Worker;
use crate::{
    domain::{Gib, Scope, SnapshotId, Task},
    driver::{Context, DriverError, Kind},
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

/// The name in a reference; `None` when it has none (Cinder: `driver.py::manage_existing_snapshot`).
fn source_name(reference: &str) -> Option<String> {
    let reference: serde_json::Value = serde_json::from_str(reference).ok()?;
    reference.get("source-name")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::source_name;

    #[test]
    fn only_a_source_name_is_a_reference() {
        assert_eq!(source_name(r#"{"source-name": "snap"}"#).as_deref(), Some("snap"));
        for other in [
            "null",
            r#""snap""#,
            r#"{"x": "y"}"#,
            r#"{"source-name": 1}"#,
            "nonsense",
        ] {
            assert_eq!(source_name(other), None, "{other}");
        }
    }
}
