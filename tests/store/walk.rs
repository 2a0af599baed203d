//! Random walks over the statuses of a row: what the domain's table says and what the store holds
//! never differ, also when a second writer comes too late.

use std::{fmt::Debug, hash::BuildHasher};

use breezeblock::{
    domain::IllegalTransition,
    store::{Store, Tx},
};
use chrono::{DateTime, Utc};
use proptest::{
    collection::vec,
    prop_oneof,
    sample::select,
    strategy::{BoxedStrategy, Strategy},
    test_runner::{Config, RngSeed, TestRunner},
};
use tokio::{runtime::Handle, task::block_in_place};

use crate::fixture::at;

const WALKS: u32 = 24;
const STEPS: usize = 24;

/// A row with a status.
pub trait Walker: Clone + PartialEq + Debug {
    type Status: Copy + PartialEq + Debug + 'static;
    type Event: Copy + Debug;

    /// The event after which the row is gone.
    fn is_end(event: Self::Event) -> bool;
    fn status(&mut self) -> &mut Self::Status;
    fn apply(&mut self, event: Self::Event, now: DateTime<Utc>) -> Result<Self::Status, IllegalTransition>;
    /// Changes columns beside the status.
    fn touch(&mut self, step: usize, before: Self::Status);

    async fn read(&self, store: &Store) -> Option<Self>;
    async fn lock(&self, tx: &mut Tx) -> Option<Self>;
    async fn update(&self, tx: &mut Tx, expected: Self::Status) -> bool;
    async fn delete(&self, tx: &mut Tx, expected: Self::Status) -> bool;
}

/// What happens next.
#[derive(Clone, Copy, Debug)]
pub enum Step<S, E> {
    /// A writer locks the row and lets the event happen.
    Locked(E),
    /// A writer that believes the row to have this status does the same.
    Believed(S, E),
    /// Two writers have read the row, and the second writes after the first.
    Race(E, E),
}

/// Steps of a row with these statuses and events.
pub fn steps<S, E>(
    statuses: &'static [S],
    event: &BoxedStrategy<E>,
) -> impl Strategy<Value = Vec<Step<S, E>>> + use<S, E>
where
    S: Copy + Debug + 'static,
    E: Copy + Debug + 'static,
{
    let step = prop_oneof![
        4 => event.clone().prop_map(Step::Locked),
        2 => (select(statuses), event.clone()).prop_map(|(status, event)| Step::Believed(status, event)),
        1 => (event.clone(), event.clone()).prop_map(|(first, second)| Step::Race(first, second)),
    ];
    vec(step, 1..STEPS)
}

/// Walks random steps, each time with a row that `add` has added.
pub fn walk<W, A>(store: &Store, steps: &impl Strategy<Value = Vec<Step<W::Status, W::Event>>>, add: &A)
where
    W: Walker,
    A: AsyncFn(&Store) -> W,
{
    // Without a file of old failures the seed is what repeats one.
    let seed = match Config::default().rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => std::hash::RandomState::new().hash_one(WALKS),
    };
    let config = Config {
        cases: WALKS,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed),
        ..Config::default()
    };
    let walked = TestRunner::new(config).run(steps, |steps| {
        block_in_place(|| Handle::current().block_on(walk_once(store, &steps, add)));
        Ok(())
    });
    if let Err(failure) = walked {
        panic!("PROPTEST_RNG_SEED={seed} repeats this: {failure}");
    }
}

async fn walk_once<W, A>(store: &Store, steps: &[Step<W::Status, W::Event>], add: &A)
where
    W: Walker,
    A: AsyncFn(&Store) -> W,
{
    let first = add(store).await;
    let mut model = Some(first.clone());
    for (number, step) in steps.iter().enumerate() {
        match *step {
            Step::Locked(event) => write(store, &mut model, &first, event, number).await,
            Step::Believed(status, event) => {
                let mut believed = first.clone();
                *believed.status() = status;
                write_late(store, &mut model, believed, event, number).await;
            }
            Step::Race(winner, loser) => {
                let read = first.read(store).await;
                write(store, &mut model, &first, winner, number).await;
                if let Some(read) = read {
                    write_late(store, &mut model, read, loser, number).await;
                }
            }
        }
        assert_eq!(first.read(store).await, model, "after step {number}, {step:?}");
    }
}

/// A writer that does as the service does: lock, apply, write.
async fn write<W: Walker>(store: &Store, model: &mut Option<W>, row: &W, event: W::Event, number: usize) {
    let mut tx = store.begin().await.unwrap();
    let locked = row.lock(&mut tx).await;
    assert_eq!(locked, *model);
    if let Some(seen) = locked {
        write_in(&mut tx, model, seen, event, number).await;
    }
    tx.commit().await.unwrap();
}

/// A writer that does not look again.
async fn write_late<W: Walker>(store: &Store, model: &mut Option<W>, seen: W, event: W::Event, number: usize) {
    let mut tx = store.begin().await.unwrap();
    write_in(&mut tx, model, seen, event, number).await;
    tx.commit().await.unwrap();
}

async fn write_in<W: Walker>(tx: &mut Tx, model: &mut Option<W>, seen: W, event: W::Event, number: usize) {
    let mut changed = seen;
    let now = at(i64::try_from(number).unwrap());
    let Ok(before) = changed.apply(event, now) else { return };
    changed.touch(number, before);
    let wins = model.as_mut().is_some_and(|row| *row.status() == before);
    if W::is_end(event) {
        assert_eq!(changed.delete(tx, before).await, wins);
    } else {
        assert_eq!(changed.update(tx, before).await, wins);
    }
    if wins {
        *model = (!W::is_end(event)).then_some(changed);
    }
}
