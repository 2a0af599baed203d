//! The call from those who commit work to those who do it.

use std::sync::Arc;

use tokio::sync::Notify;

/// Tells the worker that there may be work. A hint: the database is the truth.
#[derive(Clone, Debug, Default)]
pub struct Wakeup(Arc<Notify>);

impl Wakeup {
    /// Work may be there.
    pub fn notify(&self) {
        self.0.notify_one();
    }

    /// Waits for a call to [`Wakeup::notify`]; one that came since the last wait counts.
    pub async fn notified(&self) {
        self.0.notified().await;
    }
}
