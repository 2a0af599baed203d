//! The thread that waits for the disk, and the queue of those who want to write.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
    mpsc,
};

use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{PATIENCE, group::Group};
use crate::store::StoreError;

/// A thread that waits for the disk.
#[derive(Clone, Debug)]
pub(super) struct Committer {
    jobs: mpsc::Sender<Job>,
    /// How many wait for the group.
    queue: Arc<AtomicUsize>,
}

#[derive(Debug)]
enum Job {
    /// Commit this.
    Commit(OwnedMutexGuard<Group>),
    /// Somebody who would have gone on has left the queue.
    Look(Arc<Mutex<Group>>),
}

impl Committer {
    pub(super) fn start() -> Self {
        let (jobs, work) = mpsc::channel::<Job>();
        let queue = Arc::new(AtomicUsize::new(0));
        let waiting = Arc::clone(&queue);
        std::thread::spawn(move || {
            for job in work {
                match job {
                    Job::Commit(mut group) => group.commit(),
                    // Whoever has it will look himself.
                    Job::Look(group) => match group.try_lock() {
                        Ok(mut group) if waiting.load(Ordering::SeqCst) == 0 => group.commit(),
                        Ok(_) | Err(_) => {}
                    },
                }
            }
        });
        Self { jobs, queue }
    }

    /// Waits until it is the caller's turn to write.
    pub(super) async fn turn(&self, group: &Arc<Mutex<Group>>) -> Result<OwnedMutexGuard<Group>, StoreError> {
        if let Ok(free) = Arc::clone(group).try_lock_owned() {
            return Ok(free);
        }
        self.queue.fetch_add(1, Ordering::SeqCst);
        let mut place = Place {
            committer: self,
            group,
            served: false,
        };
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(group).lock_owned()).await;
        let turn = turn.map_err(|elapsed| StoreError::Unavailable(elapsed.into()))?;
        place.served = true;
        Ok(turn)
    }

    /// Behind each transaction: the next one goes on with the group, or it is committed.
    pub(super) fn pass_on(&self, group: OwnedMutexGuard<Group>) {
        if group.is_full() || self.queue.load(Ordering::SeqCst) == 0 {
            return self.send(Job::Commit(group));
        }
        let group = Arc::clone(OwnedMutexGuard::mutex(&{ group }));
        // The next one may have left meanwhile, and looked when there was still somebody here.
        if self.queue.load(Ordering::SeqCst) == 0 {
            self.send(Job::Look(group));
        }
    }

    fn send(&self, job: Job) {
        // Without the thread nobody could be told anything.
        if let Err(mpsc::SendError(job)) = self.jobs.send(job) {
            tracing::error!(?job, "there is nobody to commit");
        }
    }
}

/// A place in the queue.
struct Place<'a> {
    committer: &'a Committer,
    group: &'a Arc<Mutex<Group>>,
    served: bool,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.committer.queue.fetch_sub(1, Ordering::SeqCst);
        if !self.served {
            // Whoever was before may count on this one to go on.
            self.committer.send(Job::Look(Arc::clone(self.group)));
        }
    }
}
