//! A place where the program waits for a test.

use std::fmt;

use tokio::sync::Semaphore;

/// A place where a call waits for the test, and the test for a call.
pub struct Gate {
    reached: Semaphore,
    open: Semaphore,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            reached: Semaphore::new(0),
            open: Semaphore::new(0),
        }
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gate")
    }
}

impl Gate {
    /// Returns once a call waits here.
    pub async fn reached(&self) {
        self.reached.acquire().await.unwrap().forget();
    }

    /// Lets one call through.
    pub fn open(&self) {
        self.open.add_permits(1);
    }

    /// Waits until the gate is opened.
    pub async fn pass(&self) {
        self.reached.add_permits(1);
        self.open.acquire().await.unwrap().forget();
    }
}
