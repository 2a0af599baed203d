//! The calls from those who commit work, or take it away, to those who do it.

use std::sync::Arc;

use tokio::sync::{Notify, watch};

/// Tells the worker that there may be work, or that work may have been taken away. Hints: the database is the truth.
#[derive(Clone, Debug, Default)]
pub struct Wakeup(Arc<Ears>);

#[derive(Debug, Default)]
struct Ears {
    worker: Notify,
    /// Unlike the above, every listener hears each of these.
    recalls: watch::Sender<()>,
}

impl Wakeup {
    /// Work may be there.
    pub fn notify(&self) {
        self.0.worker.notify_one();
    }

    /// Waits for a call to [`Wakeup::notify`]; one that came since the last wait counts.
    pub async fn notified(&self) {
        self.0.worker.notified().await;
    }

    /// Work that is under way may have been taken away: whoever is at it had better look.
    pub fn recall(&self) {
        self.0.recalls.send_replace(());
    }

    /// Hears every [`Wakeup::recall`] from now on.
    pub fn recalls(&self) -> Recalls {
        Recalls(self.0.recalls.subscribe())
    }
}

/// Hears recalls; a clone hears all that the original has not heard yet.
#[derive(Clone, Debug)]
pub struct Recalls(watch::Receiver<()>);

impl Recalls {
    /// Waits for a recall; one that came since the last wait counts.
    pub async fn recalled(&mut self) {
        if self.0.changed().await.is_err() {
            // Nobody is left who could take work away.
            std::future::pending::<()>().await;
        }
    }
}
