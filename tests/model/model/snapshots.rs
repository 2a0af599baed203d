//! What calls about snapshots do.

use chrono::TimeDelta;
use uuid::Uuid;

use super::{
    Model, Operation, Snapshot, Word, items, named,
    volumes::{allowed, change},
};
use crate::action::{Meta, Who};

impl Model {
    /// What a new snapshot would be, or why not.
    pub fn create_snapshot(&self, who: Who, of: Uuid, in_use: bool, name: Option<u8>) -> Result<Snapshot, u16> {
        let volume = &self.volumes[self.volume(who, of)?];
        let ready = volume.status == "available" || (in_use && volume.status == "in-use");
        allowed(ready, 400)?;
        let more = [("snapshots", 1), ("gigabytes", i64::from(volume.size))];
        allowed(self.fits(who, &more), 413)?;
        // The latest of a volume is always the last that was asked for, whatever the clock says.
        let after_latest = self
            .latest(of)
            .map(|latest| latest.created_at + TimeDelta::microseconds(1));
        Ok(Snapshot {
            id: Uuid::nil(),
            owner: who,
            volume: of,
            size: volume.size,
            status: "creating",
            previous: None,
            progress: "0%",
            name: name.map(named),
            metadata: name.map(items).unwrap_or_default(),
            created_at: after_latest.map_or(self.now, |after| after.max(self.now)),
            taken_over: false,
        })
    }

    /// The same for a file that is there.
    pub fn manage(&self, who: Who, of: Uuid) -> Result<Snapshot, u16> {
        self.volume(who, of)?;
        allowed(who == Who::Admin, 403)?;
        self.create_snapshot(who, of, true, None)
    }

    /// The new snapshot was accepted and has this id; `file` is what it is to be made of, if it is there.
    pub fn add_snapshot(&mut self, snapshot: Snapshot, id: Uuid, file: Option<String>) {
        let source = Some(snapshot.volume);
        let operation = if file.is_some() {
            Operation::ManageSnapshot
        } else {
            Operation::CreateSnapshot
        };
        self.snapshots.push(Snapshot { id, ..snapshot });
        self.enqueue(id, source, operation, file);
    }

    pub fn delete_snapshot(&mut self, who: Who, id: Uuid) -> Result<u16, u16> {
        let index = self.snapshot(who, id)?;
        allowed(matches!(self.snapshots[index].status, "available" | "error"), 400)?;
        self.start_delete(id);
        Ok(202)
    }

    pub fn force_delete_snapshot(&mut self, who: Who, id: Uuid) -> Result<u16, u16> {
        self.snapshot(who, id)?;
        allowed(who == Who::Admin, 403)?;
        self.start_delete(id);
        Ok(202)
    }

    /// From now on it is being deleted, whatever it was doing. A delete that turns out to be impossible leaves
    /// it as it was, unless that was something that somebody had to end.
    pub(super) fn start_delete(&mut self, id: Uuid) {
        let snapshot = self.snapshots.iter_mut().find(|snapshot| snapshot.id == id).unwrap();
        match snapshot.status {
            "deleting" => {}
            "creating" | "unmanaging" | "restoring" => snapshot.previous = Some("error"),
            resting => snapshot.previous = Some(resting),
        }
        snapshot.status = "deleting";
        snapshot.taken_over = false;
        let volume = snapshot.volume;
        self.cancel(id);
        self.enqueue(id, Some(volume), Operation::DeleteSnapshot, None);
    }

    pub fn unmanage(&mut self, who: Who, id: Uuid) -> Result<u16, u16> {
        let index = self.snapshot(who, id)?;
        allowed(who == Who::Admin, 403)?;
        let snapshot = &mut self.snapshots[index];
        allowed(matches!(snapshot.status, "available" | "error"), 400)?;
        snapshot.status = "unmanaging";
        snapshot.taken_over = false;
        let volume = snapshot.volume;
        self.enqueue(id, Some(volume), Operation::UnmanageSnapshot, None);
        Ok(202)
    }

    pub fn reset_snapshot(&mut self, who: Who, id: Uuid, status: Word) -> Result<u16, u16> {
        allowed(status != "nonsense", 400)?;
        let index = self.snapshot(who, id)?;
        allowed(who == Who::Admin, 403)?;
        let snapshot = &mut self.snapshots[index];
        snapshot.status = status;
        snapshot.previous = None;
        snapshot.taken_over = true;
        self.cancel(id);
        Ok(202)
    }

    /// Nova's report of a snapshot that it takes itself.
    pub fn report(&mut self, who: Who, id: Uuid, status: Word) -> Result<u16, u16> {
        let index = self.snapshot(who, id)?;
        let snapshot = &mut self.snapshots[index];
        let fits = match snapshot.status {
            "creating" => matches!(status, "creating" | "available" | "error"),
            "deleting" => matches!(status, "deleting" | "error_deleting"),
            _resting => false,
        };
        allowed(fits, 400)?;
        snapshot.status = status;
        if !matches!(status, "creating" | "deleting") {
            snapshot.taken_over = true;
            self.cancel(id);
        }
        Ok(202)
    }

    pub fn name_snapshot(&mut self, who: Who, id: Uuid, name: u8) -> Result<u16, u16> {
        let index = self.snapshot(who, id)?;
        self.snapshots[index].name = Some(named(name));
        Ok(200)
    }

    pub fn snapshot_metadata(&mut self, who: Who, id: Uuid, meta: Meta) -> Result<u16, u16> {
        let index = self.snapshot(who, id)?;
        change(&mut self.snapshots[index].metadata, meta)?;
        Ok(200)
    }
}
