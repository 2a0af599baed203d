//! The time of the recording: what is created is as old as it was there, so that lists have its order.

use std::sync::Mutex;

use breezeblock::clock::Clock;
use chrono::{DateTime, TimeDelta, Utc};

#[derive(Debug)]
pub struct RecordedClock(Mutex<DateTime<Utc>>);

impl RecordedClock {
    pub fn new(start: DateTime<Utc>) -> Self {
        Self(Mutex::new(start))
    }

    /// Before each exchange: the moment it shows, else a little later than the one before.
    pub fn turn(&self, shown: Option<DateTime<Utc>>) {
        let mut now = self.0.lock().unwrap();
        *now = shown.unwrap_or(*now + TimeDelta::milliseconds(1));
    }
}

impl Clock for RecordedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}
