//! One case of the matrix: an operation, a server that dies on the way, perhaps a second one, and one that lives.

use std::{
    process::ExitStatus,
    time::{Duration, Instant},
};

use serde_json::json;
use uuid::Uuid;

use crate::{
    api::Api,
    database::Kind,
    hold::Hold,
    operation::Operation,
    server::Server,
    template::Template,
    trace::{self, Point, Trace},
    wait::Deadline,
    world::{Scene, World},
};

/// How long each step may take while the other cases keep the machine busy.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the last points may take once the work is done.
const LAST: Duration = Duration::from_secs(2);

/// Waits until something holds, or the server has ended.
macro_rules! until {
    ($server:expr, $what:literal, $holds:expr) => {{
        let mut deadline = Deadline::new($what, PATIENCE);
        while $server.ended().is_none() && !$holds {
            deadline.pause("not yet").await;
        }
    }};
}

/// What to do.
#[derive(Clone, Debug)]
pub struct Case {
    pub kind: Kind,
    pub operation: Operation,
    /// Where the first server dies.
    pub first: Option<Point>,
    /// Where the one that comes after it dies.
    pub second: Option<Point>,
}

/// What happened.
#[derive(Debug)]
pub struct Outcome {
    pub case: Case,
    pub kills: usize,
    /// What the first server passed.
    pub trace: Trace,
    /// What the second one passed.
    pub recovery: Trace,
    /// From the last start to the end of all work.
    pub healed: Duration,
}

impl Case {
    fn about(&self) -> String {
        let at = |point: &Option<Point>| point.as_ref().map(Point::to_string).unwrap_or_default();
        format!("{:?} at {} {}", self.operation, at(&self.first), at(&self.second))
    }

    /// Does it and checks everything.
    pub async fn run(self, template: &Template) -> Outcome {
        let operation = self.operation;
        let (world, scene) = if operation == Operation::FirstStart {
            (World::new(self.kind, &self.about()).await, Scene::default())
        } else {
            template.copy(&self.about()).await
        };
        let mut scene = operation.prepare(&world, scene).await;
        let mut hold = operation.hold(&world, &scene);
        let mut server = spawn(&world, operation, self.first.as_ref());
        let mut answered = 0;
        if server.listens_or_ends().await {
            let api = Api::new(&server.address);
            answered = drive(operation, &world, &mut server, &api, &scene, &mut hold).await;
        }
        let ended = end(&world, &mut server, self.first.as_ref()).await;
        let mut kills = self.count(&server, ended, self.first.as_ref());
        let trace = Trace::of(&server.log());
        if operation.lets_go() {
            hold = None;
        }

        let mut recovery = Trace::default();
        if ended.is_some() {
            leases_end(&world, operation).await;
            server = spawn(&world, operation, self.second.as_ref());
            let alive = server.listens_or_ends().await;
            let ended = if alive || self.second.is_none() {
                end(&world, &mut server, self.second.as_ref()).await
            } else {
                server.ended()
            };
            kills += self.count(&server, ended, self.second.as_ref());
            recovery = Trace::of(&server.log());
            if ended.is_some() {
                leases_end(&world, operation).await;
                server = spawn(&world, operation, None);
                assert!(server.listens_or_ends().await, "it ended without being killed");
            }
        }
        let start = Instant::now();
        world.settled().await;
        let healed = start.elapsed();
        let api = Api::new(&server.address);
        let created = created(&world, &scene).await;
        let taken = "SELECT id, volume_id FROM snapshots WHERE group_snapshot_id IS NOT NULL";
        scene.taken = world.sql.rows(taken).await;
        let wanted = operation.outcome(&scene, created, answered, self.first.as_ref());
        world.assert_is(&wanted, &api).await;
        let trace = if self.first.is_none() && ended.is_none() {
            Trace::of(&server.stop().await)
        } else {
            trace
        };
        drop(hold);
        Outcome {
            case: self,
            kills,
            trace,
            recovery,
            healed,
        }
    }

    /// 1 if the server has died where it should.
    fn count(&self, server: &Server, ended: Option<ExitStatus>, at: Option<&Point>) -> usize {
        match (ended, at) {
            (Some(status), Some(point)) if !status.success() => {
                server.assert_died_at(status, &point.name);
                1
            }
            (ended, Some(point)) => {
                assert!(self.operation.may_miss(point), "it did not come to {point}: {ended:?}");
                0
            }
            (None, None) => 0,
            (Some(status), None) => {
                assert!(status.success(), "it died by itself: {status}");
                0
            }
        }
    }
}

fn spawn(world: &World, operation: Operation, at: Option<&Point>) -> Server {
    let settings = [&[trace::SETTING], operation.settings()].concat();
    world.spawn(at.map(Point::to_string).as_deref(), &settings)
}

/// Makes the requests; the number of answers.
pub async fn drive(
    operation: Operation,
    world: &World,
    server: &mut Server,
    api: &Api,
    scene: &Scene,
    hold: &mut Option<Hold>,
) -> usize {
    let reply = operation.request(api, scene).await;
    let mut answered = usize::from(reply.answered());
    match operation {
        Operation::ForceDelete if reply.answered() => {
            let id = reply.id();
            // Its lock is the sign that the worker has begun.
            let lock = world.storage().join(format!(".locks/snapshot-{id}"));
            until!(server, "the snapshot is being taken", lock.exists());
            let reply = api.snapshot_action(id, json!({"os-force_delete": {}})).await;
            answered += usize::from(reply.answered());
            *hold = None;
        }
        Operation::PostponedDelete => {
            until!(
                server,
                "the task is postponed",
                world.count("tasks WHERE last_error IS NOT NULL").await > 0
            );
            *hold = None;
        }
        Operation::ReleasedDelete => {
            until!(
                server,
                "the task is claimed",
                world.count("tasks WHERE lease_token IS NOT NULL").await > 0
            );
            if server.ended().is_none() {
                server.terminate();
            }
            until!(server, "it stops", false);
        }
        _ => {}
    }
    answered
}

/// Waits until the server has ended or no work is left; how it ended.
async fn end(world: &World, server: &mut Server, at: Option<&Point>) -> Option<ExitStatus> {
    until!(server, "the work is done", world.tasks().await == 0);
    if at.is_some() {
        // The last points lie behind the end of the work.
        let start = Instant::now();
        until!(server, "it dies", start.elapsed() > LAST);
    }
    server.ended()
}

async fn leases_end(world: &World, operation: Operation) {
    // At the first start there may be no table yet.
    if operation != Operation::FirstStart {
        world.leases_end().await;
    }
}

/// The id of what is new.
pub async fn created(world: &World, scene: &Scene) -> Option<Uuid> {
    let known = |id: &Uuid| scene.model.volumes.contains_key(id) || scene.model.snapshots.contains_key(id);
    world.ids().await.into_iter().find(|id| !known(id))
}
