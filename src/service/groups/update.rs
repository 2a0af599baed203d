//! `PUT /groups/{id}`.

use crate::{
    auth::policy::Action,
    domain::{Group, GroupStatus, Label, Volume, VolumeId, VolumeStatus},
    service::{Call, Service, ServiceError, groups::members_lock, unless_lost},
    store::Tx,
};

/// The statuses in which a volume may leave a group, as Cinder's text prints them.
const MAY_LEAVE: [VolumeStatus; 4] = [
    VolumeStatus::Available,
    VolumeStatus::InUse,
    VolumeStatus::Error,
    VolumeStatus::ErrorDeleting,
];
/// The statuses in which a volume may join one.
const MAY_JOIN: [VolumeStatus; 2] = [VolumeStatus::Available, VolumeStatus::InUse];

/// What a caller asks for. A name or description that is the old one is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupChange {
    /// New name.
    pub name: Option<Label>,
    /// New description.
    pub description: Option<Label>,
    /// Volumes to take in, as they were written.
    pub add: Vec<String>,
    /// Volumes to let go.
    pub remove: Vec<String>,
}

impl Service {
    /// Renames or describes a group, or changes its set of volumes, all in one transaction; so unlike in
    /// Cinder nobody sees it `updating`.
    ///
    /// # Errors
    /// [`ServiceError::GroupNotFound`], [`ServiceError::Forbidden`], [`ServiceError::InvalidVolume`] for
    /// volumes that cannot come or go, [`ServiceError::InvalidGroup`].
    pub async fn group_update(&self, call: &Call, id: &str, change: GroupChange) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        let actions = [Action::GroupShow, Action::GroupUpdate];
        let mut group = self.group_lock(&mut tx, call, id, &actions).await?;
        let name = change.name.filter(|name| Some(name) != group.name.as_ref());
        let description = change
            .description
            .filter(|text| Some(text) != group.description.as_ref());
        let both: Vec<_> = change.add.iter().filter(|id| change.remove.contains(id)).collect();
        if !both.is_empty() {
            let ids: Vec<_> = both.iter().map(|id| format!("'{id}'")).collect();
            return Err(ServiceError::InvalidVolume(format!(
                "UUIDs [{}] are in both add and remove volume list.",
                ids.join(", ")
            )));
        }
        let members = members_lock(&mut tx, group.id).await?;
        let joining = joining(&mut tx, call, &group, &members, &change.add).await?;
        let leaving = leaving(&group, &members, &change.remove)?;
        if name.is_none() && description.is_none() && joining.is_empty() && leaving.is_empty() {
            return Err(ServiceError::InvalidGroup(format!(
                "Cannot update group {} because no valid name, description, add_volumes, or remove_volumes were \
                 provided.",
                group.id
            )));
        }
        let moves = !joining.is_empty() || !leaving.is_empty();
        if moves && group.status != GroupStatus::Available {
            return Err(ServiceError::InvalidGroup("Group status must be available.".to_owned()));
        }

        let now = self.clock.now();
        group.name = name.or(group.name);
        group.description = description.or(group.description);
        group.updated_at = Some(now);
        unless_lost(tx.group_update(&group, group.status).await?)?;
        for (mut volume, group_id) in joining
            .into_iter()
            .map(|volume| (volume, Some(group.id)))
            .chain(leaving.into_iter().map(|volume| (volume, None)))
        {
            volume.group_id = group_id;
            volume.updated_at = Some(now);
            unless_lost(tx.volume_update(&volume, volume.status).await?)?;
        }
        Ok(tx.commit().await?)
    }
}

/// The volumes that are to come in, locked. Those that are in already are left out
/// (Cinder: `group/api.py::_validate_add_volumes`).
async fn joining(
    tx: &mut Tx,
    call: &Call,
    group: &Group,
    members: &[Volume],
    wanted: &[String],
) -> Result<Vec<Volume>, ServiceError> {
    let is_member = |id: &String| members.iter().any(|volume| volume.id.to_string() == *id);
    let mut wanted: Vec<_> = wanted.iter().filter(|id| !is_member(id)).collect();
    // In one order for everybody; members, which are locked already, have another group's volumes as rivals
    // only as long as they are being added there, and then this refuses at once.
    wanted.sort();
    wanted.dedup();
    let mut volumes = Vec::new();
    for id in wanted {
        let refuse = |id: &str, why: String| {
            Err(ServiceError::InvalidVolume(format!(
                "Cannot add volume {id} to group {} {why}",
                group.id
            )))
        };
        let volume = match id.parse::<VolumeId>() {
            Ok(id) => tx.volume_lock(&call.scope(), id).await?,
            Err(_not_an_id) => None,
        };
        let Some(volume) = volume else {
            return refuse(id, "because volume cannot be found.".to_owned());
        };
        if let Some(other) = volume.group_id {
            return refuse(id, format!("because it is already in group {other}."));
        }
        if volume.project_id != group.project_id {
            return refuse(id, "as they belong to different projects.".to_owned());
        }
        if !group.volume_types.contains(&volume.volume_type_id) {
            let kind = volume.volume_type_id;
            return refuse(id, format!("because volume type {kind} is not supported by the group."));
        }
        if !MAY_JOIN.contains(&volume.status) {
            return refuse(
                id,
                format!(
                    "because volume is in an invalid state: {}. Valid states are: {}.",
                    volume.status.public(),
                    tuple(&MAY_JOIN)
                ),
            );
        }
        if volume.host != group.host {
            return Err(ServiceError::InvalidVolume(
                "Volume is not local to this node.".to_owned(),
            ));
        }
        volumes.push(volume);
    }
    Ok(volumes)
}

/// The members that are to go (Cinder: `group/api.py::_validate_remove_volumes`).
fn leaving(group: &Group, members: &[Volume], wanted: &[String]) -> Result<Vec<Volume>, ServiceError> {
    let wanted_here = |volume: &&Volume| wanted.contains(&volume.id.to_string());
    let volumes: Vec<_> = members.iter().filter(wanted_here).cloned().collect();
    for volume in &volumes {
        if !MAY_LEAVE.contains(&volume.status) {
            return Err(ServiceError::InvalidVolume(format!(
                "Cannot remove volume {} from group {} because volume is in an invalid state: {}. Valid states are: {}.",
                volume.id,
                group.id,
                volume.status.public(),
                tuple(&MAY_LEAVE)
            )));
        }
    }
    let is_stranger = |id: &&String| !volumes.iter().any(|volume| volume.id.to_string() == **id);
    if let Some(stranger) = wanted.iter().find(is_stranger) {
        return Err(ServiceError::InvalidVolume(format!(
            "Cannot remove volume {stranger} from group {} because it is not in the group.",
            group.id
        )));
    }
    Ok(volumes)
}

/// As Python prints a tuple of texts.
fn tuple(statuses: &[VolumeStatus]) -> String {
    let quoted: Vec<_> = statuses.iter().map(|status| format!("'{status}'")).collect();
    format!("({})", quoted.join(", "))
}
