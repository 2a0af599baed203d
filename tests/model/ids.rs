//! Ids that are the same each time a case is played.

use std::sync::Mutex;

use breezeblock::clock::Ids;
use uuid::{Builder, Uuid};

/// Ids in an order that a seed decides, with no order among themselves.
#[derive(Debug, Default)]
pub struct SeededIds(Mutex<u64>);

impl SeededIds {
    /// Begins anew.
    pub fn restart(&self, seed: u64) {
        *self.0.lock().unwrap() = seed;
    }
}

impl Ids for SeededIds {
    fn next(&self) -> Uuid {
        let mut state = self.0.lock().unwrap();
        let halves = [split_mix(&mut state), split_mix(&mut state)];
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&halves[0].to_be_bytes());
        bytes[8..].copy_from_slice(&halves[1].to_be_bytes());
        Builder::from_random_bytes(bytes).into_uuid()
    }
}

/// The generator of Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
