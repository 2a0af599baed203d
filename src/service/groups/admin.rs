//! `reset_status` of a group.

use crate::{
    auth::policy::Action,
    domain::{GroupEvent, GroupStatus},
    service::{Call, Service, ServiceError, unless_lost},
};

impl Service {
    /// Sets the status to whatever an admin says. A task of the group is cancelled; those of its volumes go
    /// on, because the volumes keep their statuses.
    ///
    /// # Errors
    /// [`ServiceError::GroupNotFound`], [`ServiceError::Forbidden`].
    pub async fn group_reset_status(&self, call: &Call, id: &str, status: GroupStatus) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        let actions = [Action::GroupShow, Action::GroupResetStatus];
        let mut group = self.group_lock(&mut tx, call, id, &actions).await?;
        let before = group
            .apply(GroupEvent::Reset(status), self.clock.now())
            .map_err(|_illegal| ServiceError::Raced)?;
        group.previous_status = None;
        unless_lost(tx.group_update(&group, before).await?)?;
        tx.task_cancel(group.id.into()).await?;
        tx.commit().await?;
        self.wakeup.recall();
        tracing::info!(group = %group.id, %before, after = %status, user = %call.caller.user_id, "status reset");
        Ok(())
    }
}
