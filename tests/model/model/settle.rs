//! What comes of a step.

use chrono::TimeDelta;

use super::{
    MAX_ATTEMPTS, Message, Model, Operation, Task,
    work::{End, Outcome},
};

/// Seconds to wait after the first, second, … attempt.
const BACKOFF: [i64; 8] = [1, 2, 5, 10, 30, 60, 120, 300];

impl Model {
    pub(super) fn end(&mut self, task: &Task, outcome: Outcome) -> End {
        let id = task.resource;
        if !self.owns(task) {
            return End::Lost(id);
        }
        let again = match outcome {
            Outcome::Later => task.attempts < MAX_ATTEMPTS,
            Outcome::Unknown => true,
            Outcome::Done | Outcome::Adopted(_) | Outcome::Failed | Outcome::Busy | Outcome::Refused => false,
        };
        if again {
            let wait = BACKOFF[usize::try_from(task.attempts - 1).unwrap().min(BACKOFF.len() - 1)];
            let run_at = self.now + TimeDelta::seconds(wait);
            let live = self.tasks.iter_mut().find(|live| live.resource == id).unwrap();
            (live.run_at, live.lease) = (run_at, None);
            return End::Retried(id);
        }
        self.cancel(id);
        let owner = if let Some(index) = self.snapshots.iter().position(|snapshot| snapshot.id == id) {
            let owner = self.snapshots[index].owner;
            self.settle_snapshot(index, task.operation, outcome);
            owner
        } else {
            let index = self.volumes.iter().position(|volume| volume.id == id).unwrap();
            let owner = self.volumes[index].owner;
            self.settle_volume(index, task.operation, outcome);
            owner
        };
        if !matches!(outcome, Outcome::Done | Outcome::Adopted(_)) {
            self.messages.push(Message {
                owner,
                resource: id,
                event: task.operation.event(outcome == Outcome::Busy).to_owned(),
                request: task.request.clone().unwrap(),
                created_at: self.now,
            });
        }
        End::Finished(id)
    }

    fn settle_snapshot(&mut self, index: usize, operation: Operation, outcome: Outcome) {
        let done = matches!(outcome, Outcome::Done | Outcome::Adopted(_));
        let snapshot = &mut self.snapshots[index];
        let back = snapshot.previous.take().unwrap_or("error");
        match operation {
            Operation::CreateSnapshot | Operation::ManageSnapshot => {
                snapshot.status = if done { "available" } else { "error" };
                if let Outcome::Adopted(size) = outcome {
                    snapshot.size = size;
                } else if done {
                    snapshot.progress = "100%";
                }
            }
            _gone if done => {
                self.snapshots.remove(index);
            }
            Operation::DeleteSnapshot if outcome == Outcome::Busy => snapshot.status = back,
            Operation::DeleteSnapshot | Operation::UnmanageSnapshot => snapshot.status = "error_deleting",
            Operation::CreateVolume
            | Operation::CreateVolumeFromSnapshot
            | Operation::CreateVolumeFromVolume
            | Operation::DeleteVolume
            | Operation::ExtendVolume
            | Operation::RevertVolume => unreachable!("{operation:?} of a snapshot"),
        }
    }

    fn settle_volume(&mut self, index: usize, operation: Operation, outcome: Outcome) {
        let done = outcome == Outcome::Done;
        let volume = &mut self.volumes[index];
        let (back, target) = (volume.previous.take(), volume.target.take());
        match operation {
            Operation::DeleteVolume if done => {
                self.volumes.remove(index);
                return;
            }
            Operation::DeleteVolume if outcome == Outcome::Busy => volume.status = back.unwrap_or("error"),
            Operation::DeleteVolume => volume.status = "error_deleting",
            Operation::ExtendVolume if done => {
                volume.status = back.unwrap_or("available");
                volume.size = target.unwrap_or(volume.size);
            }
            Operation::ExtendVolume => volume.status = "error_extending",
            Operation::CreateVolume
            | Operation::CreateVolumeFromSnapshot
            | Operation::CreateVolumeFromVolume
            | Operation::RevertVolume => volume.status = if done { "available" } else { "error" },
            Operation::CreateSnapshot
            | Operation::DeleteSnapshot
            | Operation::ManageSnapshot
            | Operation::UnmanageSnapshot => unreachable!("{operation:?} of a volume"),
        }
        if let Some(snapshot) = volume.reverting_to.take() {
            self.restored(snapshot);
        }
    }
}
