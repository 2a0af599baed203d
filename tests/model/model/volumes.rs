//! What calls about volumes do.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Model, Operation, Volume, Word, items, named};
use crate::action::{Meta, Origin, Verb, Who};

/// The statuses in which a volume can be deleted without force.
const DELETABLE: [Word; 4] = ["available", "error", "error_extending", "error_managing"];

impl Model {
    /// What a new volume would be, or why not.
    pub fn create_volume(&self, who: Who, size: Option<u8>, from: Origin, name: Option<u8>) -> Result<Volume, u16> {
        let (mut source_snapshot, mut copied_from) = (None, None);
        let least = match from {
            Origin::Nothing => None,
            Origin::Snapshot(pick) => {
                let source = &self.snapshots[self.snapshot(who, self.pick_snapshot(pick))?];
                allowed(source.status == "available", 400)?;
                source_snapshot = Some(source.id);
                Some(source.size)
            }
            Origin::Volume(pick) => {
                let source = &self.volumes[self.volume(who, self.pick_volume(pick))?];
                allowed(matches!(source.status, "available" | "in-use"), 400)?;
                copied_from = Some(source.id);
                Some(source.size)
            }
        };
        let size = size.map(u32::from).or(least).ok_or(400_u16)?;
        allowed(least.is_none_or(|least| size >= least), 400)?;
        let more = [("volumes", 1), ("gigabytes", i64::from(size))];
        allowed(self.fits(who, &more), 413)?;
        Ok(Volume {
            id: Uuid::nil(),
            owner: who,
            size,
            target: None,
            status: "creating",
            previous: None,
            attached: false,
            reverting_to: None,
            name: name.map(named),
            metadata: name.map(items).unwrap_or_default(),
            source_snapshot,
            copied_from,
            created_at: self.now,
            taken_over: false,
        })
    }

    /// The new volume was accepted and has this id.
    pub fn add_volume(&mut self, volume: Volume, id: Uuid) {
        let (operation, source) = match (volume.source_snapshot, volume.copied_from) {
            (Some(source), _) => (Operation::CreateVolumeFromSnapshot, Some(source)),
            (None, Some(source)) => (Operation::CreateVolumeFromVolume, Some(source)),
            (None, None) => (Operation::CreateVolume, None),
        };
        self.volumes.push(Volume { id, ..volume });
        self.enqueue(id, source, operation, None);
    }

    /// `by_action` is the admin's way, which is refused to everybody else.
    pub fn delete_volume(&mut self, who: Who, id: Uuid, cascade: bool, force: bool) -> Result<u16, u16> {
        let index = self.volume(who, id)?;
        allowed(!force || who == Who::Admin, 403)?;
        let volume = &self.volumes[index];
        let (owner, status) = (volume.owner, volume.status);
        let own: Vec<_> = self.snapshots.iter().filter(|snapshot| snapshot.volume == id).collect();
        let free = if cascade {
            own.iter().all(|snapshot| {
                let deletable = force || matches!(snapshot.status, "available" | "error");
                deletable && (snapshot.owner == owner || who == Who::Admin)
            })
        } else {
            own.is_empty()
        };
        let deletable = force || DELETABLE.contains(&status);
        allowed(deletable && free && !volume.attached, 400)?;

        let own: Vec<_> = own.iter().map(|snapshot| snapshot.id).collect();
        for snapshot in own {
            self.start_delete(snapshot);
        }
        self.abandon_revert(index);
        let volume = &mut self.volumes[index];
        if status != "deleting" {
            volume.previous = Some(if DELETABLE.contains(&status) { status } else { "error" });
        }
        volume.status = "deleting";
        volume.target = None;
        volume.taken_over = false;
        self.cancel(id);
        self.enqueue(id, None, Operation::DeleteVolume, None);
        Ok(202)
    }

    pub fn extend(&mut self, who: Who, id: Uuid, to: u32, in_use: bool) -> Result<u16, u16> {
        let index = self.volume(who, id)?;
        let volume = &self.volumes[index];
        allowed(to > volume.size, 400)?;
        let ready = volume.status == "available" || (in_use && volume.status == "in-use");
        allowed(ready, 400)?;
        let more = [("gigabytes", i64::from(to) - i64::from(volume.size))];
        allowed(self.fits(volume.owner, &more), 413)?;
        let volume = &mut self.volumes[index];
        volume.previous = Some(volume.status);
        volume.status = "extending";
        volume.target = Some(to);
        volume.taken_over = false;
        self.enqueue(id, None, Operation::ExtendVolume, None);
        Ok(202)
    }

    pub fn revert(&mut self, who: Who, id: Uuid, to: Uuid) -> Result<u16, u16> {
        let index = self.volume(who, id)?;
        let latest = self.latest(id).ok_or(400_u16)?;
        let (latest_id, latest_status) = (latest.id, latest.status);
        allowed(latest_id == to && latest.size == self.volumes[index].size, 400)?;
        allowed(self.volumes[index].status == "available", 409)?;
        allowed(latest_status == "available", 409)?;
        let volume = &mut self.volumes[index];
        volume.status = "reverting";
        volume.reverting_to = Some(to);
        volume.taken_over = false;
        let latest = self.snapshots.iter_mut().find(|snapshot| snapshot.id == to).unwrap();
        latest.status = "restoring";
        latest.taken_over = false;
        self.enqueue(id, Some(to), Operation::RevertVolume, None);
        Ok(202)
    }

    pub fn reset_volume(&mut self, who: Who, id: Uuid, status: Word) -> Result<u16, u16> {
        allowed(!matches!(status, "deleting" | "reverting" | "nonsense"), 400)?;
        let index = self.volume(who, id)?;
        allowed(who == Who::Admin, 403)?;
        self.abandon_revert(index);
        let volume = &mut self.volumes[index];
        volume.status = status;
        volume.previous = None;
        volume.target = None;
        volume.taken_over = true;
        self.cancel(id);
        Ok(202)
    }

    pub fn attachment(&mut self, who: Who, id: Uuid, verb: Verb) -> Result<u16, u16> {
        let index = self.volume(who, id)?;
        let volume = &mut self.volumes[index];
        let next = match (verb, volume.status) {
            (Verb::Attach, "available" | "attaching") | (Verb::RollDetaching, "detaching") => "in-use",
            (Verb::Detach, "in-use" | "detaching") | (Verb::Unreserve, "attaching") => "available",
            (Verb::Reserve, "available") => "attaching",
            (Verb::BeginDetaching, "in-use") if volume.attached => "detaching",
            (Verb::Unreserve | Verb::RollDetaching, _) => return Ok(202),
            (Verb::Attach | Verb::Detach | Verb::Reserve | Verb::BeginDetaching, _) => return Err(400),
        };
        volume.status = next;
        volume.attached = match verb {
            Verb::Attach => true,
            Verb::Detach => false,
            Verb::Reserve | Verb::Unreserve | Verb::BeginDetaching | Verb::RollDetaching => volume.attached,
        };
        Ok(202)
    }

    pub fn name_volume(&mut self, who: Who, id: Uuid, name: u8) -> Result<u16, u16> {
        let index = self.volume(who, id)?;
        self.volumes[index].name = Some(named(name));
        Ok(200)
    }

    pub fn volume_metadata(&mut self, who: Who, id: Uuid, meta: Meta) -> Result<u16, u16> {
        let index = self.volume(who, id)?;
        let volume = &mut self.volumes[index];
        let mut changed = volume.metadata.clone();
        change(&mut changed, meta)?;
        allowed(volume.status != "maintenance", 400)?;
        volume.metadata = changed;
        Ok(200)
    }

    /// A revert whose work is taken away leaves its snapshot as it was.
    fn abandon_revert(&mut self, volume: usize) {
        if let Some(id) = self.volumes[volume].reverting_to.take() {
            self.restored(id);
        }
    }

    /// The snapshot of a revert that is over, unless somebody has changed it meanwhile.
    pub(super) fn restored(&mut self, id: Uuid) {
        let snapshot = self.snapshots.iter_mut().find(|snapshot| snapshot.id == id);
        if let Some(snapshot) = snapshot.filter(|snapshot| snapshot.status == "restoring") {
            snapshot.status = "available";
        }
    }
}

/// Refuses with a status unless it holds.
pub(super) fn allowed(holds: bool, refusal: u16) -> Result<(), u16> {
    if holds { Ok(()) } else { Err(refusal) }
}

/// Changes metadata; an item that is not there cannot be removed.
pub(super) fn change(metadata: &mut BTreeMap<String, String>, meta: Meta) -> Result<(), u16> {
    match meta {
        Meta::Merge(number) => metadata.extend(items(number)),
        Meta::Replace(number) => *metadata = items(number),
        Meta::Remove(number) => {
            metadata.remove(&format!("k{number}")).ok_or(404_u16)?;
        }
    }
    Ok(())
}
