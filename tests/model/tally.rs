//! What a run has met. A generator that never gets anywhere would let every program pass, so a run of some
//! length must have met everything.

use std::collections::BTreeMap;

use crate::model::End;

/// How often what happened.
#[derive(Debug, Default)]
pub struct Tally(BTreeMap<String, u64>);

impl Tally {
    pub fn call(&mut self, status: u16) {
        self.count(format!("reply {status}"));
    }

    pub fn step(&mut self, end: Option<End>) {
        let word = match end {
            None => "waits",
            Some(End::Idle) => "idle",
            Some(End::Finished(_)) => "finished",
            Some(End::Retried(_)) => "retried",
            Some(End::Lost(_)) => "lost",
        };
        self.count(format!("step {word}"));
    }

    fn count(&mut self, what: String) {
        *self.0.entry(what).or_default() += 1;
    }

    /// What was not met.
    pub fn missing(&self) -> Vec<&'static str> {
        const ALL: [&str; 12] = [
            "reply 200",
            "reply 202",
            "reply 400",
            "reply 403",
            "reply 404",
            "reply 409",
            "reply 413",
            "step waits",
            "step idle",
            "step finished",
            "step retried",
            "step lost",
        ];
        ALL.into_iter().filter(|what| !self.0.contains_key(*what)).collect()
    }
}
