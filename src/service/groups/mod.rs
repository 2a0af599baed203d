//! Groups of volumes (Cinder: `group/api.py`). A group is a row, and the volumes whose rows name it; only
//! where volumes have to be made or deleted is there work for the worker.

pub mod admin;
pub mod create;
pub mod delete;
pub mod from_source;
pub mod update;

use std::collections::HashMap;

use super::{Call, Service, ServiceError};
use crate::{
    auth::policy::Action,
    domain::{Group, GroupId, GroupKey, ListQuery, Page, Scope, Volume, VolumeId},
    store::Tx,
};

impl Service {
    /// One group.
    ///
    /// # Errors
    /// [`ServiceError::GroupNotFound`] also for other projects' groups, [`ServiceError::Forbidden`].
    pub async fn group_show(&self, call: &Call, id: &str) -> Result<Group, ServiceError> {
        let group = match id.parse::<GroupId>() {
            Ok(id) => self.store.group(&call.scope(), id).await?,
            Err(_not_an_id) => None,
        };
        let group = group.ok_or_else(|| ServiceError::GroupNotFound(id.to_owned()))?;
        call.authorize(Action::GroupShow, &group.project_id)?;
        Ok(group)
    }

    /// One page of groups.
    ///
    /// # Errors
    /// [`ServiceError::GroupNotFound`] when the marker is none that the caller can see,
    /// [`ServiceError::Forbidden`].
    pub async fn group_list(&self, call: &Call, query: &ListQuery<GroupKey>) -> Result<Page<Group>, ServiceError> {
        call.authorize_own(Action::GroupList)?;
        let page = self.store.group_list(query).await?;
        page.ok_or_else(|| {
            let marker = query
                .marker
                .map(|id| id.as_hyphenated().to_string())
                .unwrap_or_default();
            ServiceError::GroupNotFound(marker)
        })
    }

    /// The volumes of groups that the caller has been shown.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn group_members(&self, groups: &[GroupId]) -> Result<HashMap<GroupId, Vec<VolumeId>>, ServiceError> {
        Ok(self.store.group_members(groups).await?)
    }

    /// The group inside a transaction, locked; every change of a group begins here, and as in Cinder the
    /// caller must be allowed to see it before anything else.
    pub(in crate::service) async fn group_lock(
        &self,
        tx: &mut Tx,
        call: &Call,
        id: &str,
        actions: &[Action],
    ) -> Result<Group, ServiceError> {
        let group = match id.parse::<GroupId>() {
            Ok(id) => tx.group_lock(&call.scope(), id).await?,
            Err(_not_an_id) => None,
        };
        let group = group.ok_or_else(|| ServiceError::GroupNotFound(id.to_owned()))?;
        for action in actions {
            call.authorize(*action, &group.project_id)?;
        }
        Ok(group)
    }
}

/// All volumes of a locked group, locked in the order of their ids, so that two who lock several never wait
/// for each other.
pub(in crate::service) async fn members_lock(tx: &mut Tx, group: GroupId) -> Result<Vec<Volume>, ServiceError> {
    let mut volumes = Vec::new();
    for (id, _status) in tx.group_volumes(group).await? {
        volumes.extend(tx.volume_lock(&Scope::All, id).await?);
    }
    // One may have left or gone before it was locked.
    volumes.retain(|volume| volume.group_id == Some(group));
    Ok(volumes)
}
