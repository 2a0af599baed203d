//! Waiting for something to become true, with a deadline.

use std::time::Duration;

use tokio::time::Instant;

const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// Each look costs a connection to the database, and most cases wait for seconds.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// Ends a loop that looks for something, if that takes too long.
#[derive(Debug)]
pub struct Deadline {
    what: &'static str,
    patience: Duration,
    at: Instant,
    pause: Duration,
}

impl Deadline {
    /// For a loop that waits until `what`.
    pub fn new(what: &'static str, patience: Duration) -> Self {
        Self {
            what,
            patience,
            at: Instant::now() + patience,
            pause: FIRST_PAUSE,
        }
    }

    /// The pause between two looks; panics at the deadline with what the last look `found`.
    pub async fn pause(&mut self, found: &str) {
        let Self { what, patience, .. } = self;
        assert!(Instant::now() < self.at, "{what}: not within {patience:?}: {found}");
        // Not a guess at how long something takes: the caller looks again, whatever the time is.
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }
}
