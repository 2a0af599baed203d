//! `os-reset_status` and `os-update_snapshot_status`.

use crate::{
    auth::policy::Action,
    domain::{SnapshotEvent, SnapshotStatus},
    service::{Call, Service, ServiceError, unless_lost},
};

impl Service {
    /// Sets the status to whatever an admin says. Work that is under way is cancelled and none is
    /// started: the admin has taken over.
    ///
    /// # Errors
    /// [`ServiceError::SnapshotNotFound`], [`ServiceError::Forbidden`].
    pub async fn snapshot_reset_status(
        &self,
        call: &Call,
        id: &str,
        status: SnapshotStatus,
    ) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        let actions = [Action::SnapshotShow, Action::SnapshotResetStatus];
        let mut snapshot = self.snapshot_lock(&mut tx, call, id, &actions).await?;
        let before = snapshot
            .apply(SnapshotEvent::Reset(status), self.clock.now())
            .map_err(|_illegal| ServiceError::Raced)?;
        snapshot.previous_status = None;
        unless_lost(tx.snapshot_update(&snapshot, before).await?)?;
        tx.task_cancel(snapshot.id.into()).await?;
        tx.commit().await?;
        self.wakeup.recall();
        tracing::info!(snapshot = %snapshot.id, %before, after = %status, user = %call.caller.user_id, "status reset");
        Ok(())
    }

    /// Takes Nova's word for the state of a snapshot that it takes itself.
    ///
    /// # Errors
    /// [`ServiceError::SnapshotNotFound`], [`ServiceError::Forbidden`], [`ServiceError::Invalid`] when
    /// the current status allows no report, or not this one.
    pub async fn snapshot_update_status(
        &self,
        call: &Call,
        id: &str,
        status: &str,
        progress: Option<String>,
    ) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        // Unlike everything else this does not need the right to see the snapshot, as in Cinder.
        let mut snapshot = self
            .snapshot_lock(&mut tx, call, id, &[Action::SnapshotUpdateStatus])
            .await?;
        let current = snapshot.status;
        if !matches!(current, SnapshotStatus::Creating | SnapshotStatus::Deleting) {
            return Err(ServiceError::Invalid(format!(
                "Snapshot status {current} not allowed for update_snapshot_status"
            )));
        }
        let refuse = || {
            ServiceError::Invalid(format!(
                "Provided snapshot status {status} not allowed for snapshot with status {current}."
            ))
        };
        let reported = status.parse().map_err(|_unknown| refuse())?;
        let before = snapshot
            .apply(SnapshotEvent::Report(reported), self.clock.now())
            .map_err(|_illegal| refuse())?;
        if progress.is_some() {
            snapshot.progress = progress;
        }
        unless_lost(tx.snapshot_update(&snapshot, before).await?)?;
        if !reported.is_transitional() {
            // The reporter has decided the outcome; a worker that is still at it must not overwrite it.
            tx.task_cancel(snapshot.id.into()).await?;
        }
        tx.commit().await?;
        self.wakeup.recall();
        Ok(())
    }
}
