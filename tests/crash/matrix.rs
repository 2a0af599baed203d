//! Every operation, killed at every point that it passes, and once more while it recovers, on both databases.
//!
//! First each operation runs through, and its server writes down the points that it passes. Then it is killed at
//! each of them. What the second server passed is known from these cases, so it is killed again at the same point,
//! and at those that only a recovery passes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::Semaphore, task::JoinSet};

use crate::{
    case::{Case, Outcome},
    database::Kind,
    operation::{self, Operation},
    points,
    template::Template,
    trace::{Point, Trace},
};

/// Cases at a time: a part of each is waiting.
const AT_A_TIME: usize = 6;
/// Of the points that an operation may miss, since its passes depend on time, at most one in so many is missed: where
/// a force-delete catches the snapshot is decided by which of two workers is faster.
const MISSES_ONE_IN: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sqlite() {
    Matrix::new(Kind::Sqlite).await.run().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgres() {
    Matrix::new(Kind::Postgres).await.run().await;
}

struct Matrix {
    kind: Kind,
    template: Arc<Template>,
    cases: usize,
    failed: usize,
    kills: usize,
    missed: usize,
    may_miss: usize,
    slowest: Duration,
    passed: BTreeSet<String>,
    killed_at: BTreeSet<String>,
}

impl Matrix {
    async fn new(kind: Kind) -> Self {
        Self {
            kind,
            template: Arc::new(Template::new(kind).await),
            cases: 0,
            failed: 0,
            kills: 0,
            missed: 0,
            may_miss: 0,
            slowest: Duration::ZERO,
            passed: BTreeSet::new(),
            killed_at: BTreeSet::new(),
        }
    }

    async fn run(mut self) {
        let start = Instant::now();
        let kind = self.kind;
        let case = |operation, first, second| Case {
            kind,
            operation,
            first,
            second,
        };
        let plain = operation::ALL.map(|operation| case(operation, None, None)).to_vec();
        let traces = self.all(plain).await;
        let traces: BTreeMap<Operation, Trace> = traces
            .into_iter()
            .map(|done| (done.case.operation, done.trace))
            .collect();

        let mut once = Vec::new();
        for (operation, trace) in &traces {
            let points = if *operation == Operation::FirstStart {
                &trace.starting
            } else {
                &trace.serving
            };
            let points = points.iter().filter(|point| operation.is_killed_at(point));
            once.extend(points.map(|point| case(*operation, Some(point.clone()), None)));
        }
        let once = self.all(once).await;

        let mut twice = Vec::new();
        let mut only_in_recovery = BTreeSet::new();
        for done in &once {
            let Some(first) = &done.case.first else { continue };
            let operation = done.case.operation;
            for second in &done.recovery.serving {
                let first_of_its_name = done.recovery.serving.iter().find(|other| other.name == second.name);
                let new = !traces[&operation].names().contains(&second.name)
                    && only_in_recovery.insert((operation, second.name.clone()));
                let again = second.name == first.name && (kind == Kind::Sqlite || operation.dies_twice());
                if first_of_its_name == Some(second) && (new || again) {
                    twice.push(case(operation, Some(first.clone()), Some(second.clone())));
                }
            }
        }
        self.all(twice).await;
        self.report(start.elapsed());
    }

    /// Runs all cases, whether or not some fail. What each of those was about is shown by its world.
    async fn all(&mut self, cases: Vec<Case>) -> Vec<Outcome> {
        let permits = Arc::new(Semaphore::new(AT_A_TIME));
        let mut running = JoinSet::new();
        self.cases += cases.len();
        for case in cases {
            let (permits, template) = (Arc::clone(&permits), Arc::clone(&self.template));
            running.spawn(async move {
                let _permit = permits.acquire_owned().await.unwrap();
                case.run(&template).await
            });
        }
        let mut outcomes = Vec::new();
        while let Some(done) = running.join_next().await {
            match done {
                Ok(outcome) => {
                    self.note(&outcome);
                    outcomes.push(outcome);
                }
                Err(_panicked) => self.failed += 1,
            }
        }
        outcomes
    }

    fn note(&mut self, outcome: &Outcome) {
        let Case { first, second, .. } = &outcome.case;
        let wanted: Vec<_> = first.iter().chain(second).collect();
        self.kills += outcome.kills;
        self.missed += wanted.len() - outcome.kills;
        self.slowest = self.slowest.max(outcome.healed);
        let may_miss = |point: &&&Point| outcome.case.operation.may_miss(point);
        self.may_miss += wanted.iter().filter(may_miss).count();
        self.passed.extend(outcome.trace.names());
        self.passed.extend(outcome.recovery.names());
        if outcome.kills == wanted.len() {
            self.killed_at
                .extend(wanted.into_iter().map(|point| point.name.clone()));
        }
    }

    fn report(&self, took: Duration) {
        let Self {
            kind,
            cases,
            failed,
            kills,
            missed,
            may_miss,
            slowest,
            killed_at,
            ..
        } = self;
        let known = points::in_the_source();
        let verdict = if *failed == 0 {
            "0 stuck, 0 orphans, 0 lost".to_owned()
        } else {
            format!("{failed} FAILED, each shown above")
        };
        crate::report(&format!(
            "crash matrix on {kind:?}: {cases} cases, {kills} kills at {} of {} points ({missed} of {may_miss} that depend on time not reached), {verdict}; \
             slowest recovery {:.1} s, {:.0} s altogether",
            killed_at.len(),
            known.len(),
            slowest.as_secs_f64(),
            took.as_secs_f64(),
        ));
        assert_eq!(*failed, 0, "cases failed on {kind:?}");
        assert!(
            missed * MISSES_ONE_IN <= *may_miss,
            "{missed} of {may_miss} points that depend on time were not reached"
        );
        let forgotten: Vec<_> = known.difference(killed_at).collect();
        assert!(
            forgotten.is_empty(),
            "no operation of the matrix is killed at {forgotten:?}; those passed are {:?}",
            self.passed
        );
    }
}
