//! The call from those who commit work to those who do it.

use std::sync::Arc;

use tokio::sync::Notify;

/// Tells workers that there may be work. A hint: the database is the truth.
#[derive(Clone, Debug, Default)]
pub struct Wakeup(Arc<Ears>);

#[derive(Debug, Default)]
struct Ears {
    worker: Notify,
    /// Whoever passes the call on to other processes.
    relay: Notify,
}

impl Wakeup {
    /// Work may be there, for this process or another.
    pub fn notify(&self) {
        self.0.worker.notify_one();
        self.0.relay.notify_one();
    }

    /// Another process says that work may be there.
    pub fn heard(&self) {
        self.0.worker.notify_one();
    }

    /// Waits until there may be work; a call that came since the last wait counts.
    pub async fn notified(&self) {
        self.0.worker.notified().await;
    }

    /// Waits until other processes should be told; a call that came since the last wait counts.
    pub async fn to_pass_on(&self) {
        self.0.relay.notified().await;
    }
}
