//! Many cases on one application.

use std::{cell::RefCell, time::Instant};

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use tokio::runtime::{Builder, Runtime};

use crate::{action::Action, database::Kind, found, generate, play::play, tally::Tally, world::World};

/// How many cases without further instructions: about half a minute.
const CASES: u64 = 120;

struct Bench {
    runtime: Runtime,
    world: RefCell<World>,
    tally: RefCell<Tally>,
}

/// Plays what was found, and then as many cases as the environment asks for.
///
/// # Panics
/// With the seed and the shortest case that fails.
#[expect(
    clippy::print_stdout,
    reason = "a long run is worth a line, which short ones keep to themselves"
)]
pub fn run(kind: Kind) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let world = runtime.block_on(World::new(kind));
    let bench = Bench {
        runtime,
        world: RefCell::new(world),
        tally: RefCell::default(),
    };
    for (about, actions) in found::cases() {
        let played = bench.play(0, &actions);
        assert!(played.is_ok(), "{about}: {}", played.unwrap_err());
    }
    for line in include_str!("seeds.txt").lines().filter(|line| !line.starts_with('#')) {
        bench.random(line.trim().parse().unwrap());
    }
    let cases = number("BREEZEBLOCK_MODEL_CASES").unwrap_or(CASES);
    let first = number("BREEZEBLOCK_MODEL_SEED").unwrap_or_else(rand::random);
    let start = Instant::now();
    for case in 0..cases {
        bench.random(first.wrapping_add(case));
    }
    let tally = bench.tally.into_inner();
    println!(
        "{kind:?}: {cases} cases from seed {first} in {:.1} s: {tally:?}",
        start.elapsed().as_secs_f64()
    );
    if cases >= CASES {
        assert_eq!(tally.missing(), Vec::<&str>::new(), "never met");
    }
    bench.runtime.block_on(bench.world.into_inner().stop());
}

impl Bench {
    fn play(&self, seed: u64, actions: &[Action]) -> Result<(), String> {
        let (mut world, mut tally) = (self.world.borrow_mut(), self.tally.borrow_mut());
        let played = self
            .runtime
            .block_on(Box::pin(play(&mut world, seed, actions, &mut tally)));
        played.map_err(|mismatch| mismatch.to_string())
    }

    fn random(&self, seed: u64) {
        let config = Config {
            cases: 1,
            failure_persistence: None,
            max_shrink_iters: 3000,
            ..Config::default()
        };
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let played = TestRunner::new_with_rng(config, rng).run(&generate::case(), |actions| {
            self.play(seed, &actions).map_err(TestCaseError::fail)
        });
        match played {
            Ok(()) => {}
            Err(TestError::Fail(why, actions)) => {
                let (why, actions) = self.shortest(seed, why.to_string(), actions);
                panic!(
                    "{why}\n\nthe shortest case:\n{actions:#?}\n\nagain with BREEZEBLOCK_MODEL_SEED={seed} BREEZEBLOCK_MODEL_CASES=1"
                )
            }
            Err(TestError::Abort(why)) => panic!("seed {seed}: {why}"),
        }
    }

    /// Leaves out every action that the failure can do without; the generator leaves out whole parts only.
    fn shortest(&self, seed: u64, mut why: String, mut actions: Vec<Action>) -> (String, Vec<Action>) {
        for index in (0..actions.len()).rev() {
            let mut shorter = actions.clone();
            shorter.remove(index);
            if let Err(still) = self.play(seed, &shorter) {
                (why, actions) = (still, shorter);
            }
        }
        (why, actions)
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect(name))
}
