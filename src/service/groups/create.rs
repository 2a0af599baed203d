//! `POST /groups`.

use crate::{
    auth::policy::Action,
    domain::{
        Group, GroupId, GroupStatus, GroupType, Label, MessageAction, MessageDetail, MessageResource, Scope,
        VolumeType, VolumeTypeId,
    },
    service::{Call, Service, ServiceError},
};

/// What a caller asks for. Types are ids or names, as they were written.
#[derive(Clone, Debug, Default)]
pub struct NewGroup {
    /// Display name.
    pub name: Option<Label>,
    /// Display description.
    pub description: Option<Label>,
    /// The group's type.
    pub group_type: String,
    /// The types that its volumes may have.
    pub volume_types: Vec<String>,
    /// Availability zone.
    pub availability_zone: Option<String>,
}

impl Service {
    /// Makes an empty group. There is nothing to do in the back end, so it is `available` at once; where no
    /// back end is one for its types it is in error, and a message says so.
    ///
    /// # Errors
    /// In this order: a group type's name that is unknown, the reserved type, policy, volume types, a group
    /// type's id that is unknown, zone, quota.
    pub async fn group_create(&self, call: &Call, new: NewGroup) -> Result<Group, ServiceError> {
        let limits = self.quota_limits(call.owner()?).await?;
        let found = self.group_type_named(call, &new.group_type).await;
        let missing_id = match found {
            Err(ServiceError::GroupTypeNotFound(_)) => true,
            Ok(_) | Err(_) => false,
        };
        let kind = if missing_id { None } else { Some(found?) };
        if let Some(kind) = &kind {
            refuse_reserved(kind)?;
        }
        call.authorize_own(Action::GroupCreate)?;
        let mut types = Vec::new();
        for name in &new.volume_types {
            types.push(self.type_for_group(name).await?);
        }
        let mut volume_types: Vec<_> = types.iter().map(|kind| kind.id).collect();
        volume_types.sort_unstable();
        volume_types.dedup();
        let kind = kind.ok_or_else(|| ServiceError::GroupTypeNotFound(new.group_type.clone()))?;
        let zone = new.availability_zone.as_deref();
        let place = self.place(&types.iter().collect::<Vec<_>>(), zone).await;
        let place = place.map_err(|error| {
            // The same words as for a volume, with Cinder's other exception.
            if let ServiceError::Invalid(text) = error {
                ServiceError::InvalidInput(text)
            } else {
                error
            }
        })?;

        let mut tx = self.store.begin().await?;
        let snapshot_gigabytes = self.installation.quotas.snapshots_use_gigabytes();
        let usage = tx.quota_usage_lock(call.owner()?, snapshot_gigabytes).await?;
        limits.admit_group(&usage)?;
        let group = Group {
            id: GroupId::new(self.ids.next()),
            project_id: call.owner()?.clone(),
            user_id: call.caller.user_id.clone(),
            group_type_id: kind.id,
            volume_types,
            status: if place.is_some() {
                GroupStatus::Available
            } else {
                GroupStatus::Error
            },
            overridden: false,
            previous_status: None,
            name: new.name,
            description: new.description,
            availability_zone: match (&place, zone) {
                (Some(place), _) => place.availability_zone.clone(),
                (None, zone) => zone.unwrap_or_default().to_owned(),
            },
            host: place.as_ref().map_or_else(String::new, |place| place.host.to_string()),
            group_snapshot_id: None,
            source_group_id: None,
            created_at: self.clock.now(),
            updated_at: None,
        };
        tx.group_insert(&group).await?;
        if place.is_none() {
            let about = (MessageResource::Group, group.id.uuid());
            let what = (MessageAction::CreateGroup, MessageDetail::NoBackendAvailable);
            let cause = "no back end that works has everything that the types of the group's volumes ask for";
            tx.message_insert(&self.message_about(call, &group.project_id, about, what, cause))
                .await?;
        }
        tx.commit().await?;
        Ok(group)
    }

    /// A volume type by id or name, and what looks like an id may be a name too. Private types are found,
    /// as in Cinder: whether somebody may have volumes of it is asked when he makes one.
    async fn type_for_group(&self, name_or_id: &str) -> Result<VolumeType, ServiceError> {
        let (by_id, missing) = match name_or_id.parse::<VolumeTypeId>() {
            Ok(id) => (
                self.store.volume_type(&Scope::All, id).await?,
                ServiceError::TypeNotFound(name_or_id.to_owned()),
            ),
            Err(_not_an_id) => (None, ServiceError::TypeNameNotFound(name_or_id.to_owned())),
        };
        if let Some(kind) = by_id {
            return Ok(kind);
        }
        let kind = self.store.volume_type_by_name(&Scope::All, name_or_id).await?;
        kind.ok_or(missing)
    }
}

/// Cinder's `_check_default_cgsnapshot_type`. Its other calls ask the same of groups that exist; here none is of
/// that type.
fn refuse_reserved(kind: &GroupType) -> Result<(), ServiceError> {
    if kind.is_reserved() {
        return Err(ServiceError::Invalid(format!(
            "Group_type {} is reserved for migrating CGs to groups. Migrated group can only be operated by CG APIs.",
            kind.id
        )));
    }
    Ok(())
}
