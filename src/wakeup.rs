//! The calls from those who commit work, or take it away, to those who do it.

use std::sync::Arc;

use tokio::sync::{Notify, watch};

/// Tells workers that there may be work, or that work may have been taken away. Hints: the database is the truth.
#[derive(Clone, Debug, Default)]
pub struct Wakeup(Arc<Ears>);

#[derive(Debug, Default)]
struct Ears {
    worker: Notify,
    /// Unlike the others, every listener hears each of these.
    recalls: watch::Sender<()>,
    /// Whoever passes calls on to other processes, for each kind of call.
    to_pass_on: Notify,
    recall_to_pass_on: Notify,
}

/// What a call is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// There may be work.
    Work,
    /// Work that is under way may have been taken away.
    Recall,
}

impl Wakeup {
    /// Work may be there, for this process or another.
    pub fn notify(&self) {
        self.0.worker.notify_one();
        self.0.to_pass_on.notify_one();
    }

    /// Waits until there may be work; a call that came since the last wait counts.
    pub async fn notified(&self) {
        self.0.worker.notified().await;
    }

    /// Work that is under way may have been taken away: whoever is at it, here or elsewhere, had better look.
    pub fn recall(&self) {
        self.0.recalls.send_replace(());
        self.0.recall_to_pass_on.notify_one();
    }

    /// Hears every [`Wakeup::recall`] from now on.
    pub fn recalls(&self) -> Recalls {
        Recalls(self.0.recalls.subscribe())
    }

    /// Another process has called.
    pub fn heard(&self, subject: Subject) {
        match subject {
            Subject::Work => self.0.worker.notify_one(),
            Subject::Recall => {
                self.0.recalls.send_replace(());
            }
        }
    }

    /// Waits until other processes should be told; a call that came since the last wait counts.
    pub async fn to_pass_on(&self) -> Subject {
        tokio::select! {
            () = self.0.recall_to_pass_on.notified() => Subject::Recall,
            () = self.0.to_pass_on.notified() => Subject::Work,
        }
    }
}

/// Hears recalls.
#[derive(Clone, Debug)]
pub struct Recalls(watch::Receiver<()>);

impl Recalls {
    /// Another pair of ears, for what is called from now on.
    #[must_use]
    pub fn from_now_on(&self) -> Self {
        let mut ears = self.0.clone();
        ears.mark_unchanged();
        Self(ears)
    }

    /// Waits for a recall; one that came since the last wait counts.
    pub async fn recalled(&mut self) {
        if self.0.changed().await.is_err() {
            // Nobody is left who could take work away.
            std::future::pending::<()>().await;
        }
    }
}
