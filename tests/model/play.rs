//! One case: each action is done to the world and to the model, and then the two are compared.

use breezeblock::worker::Step;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    action::{Action, Call, Fault, Gate, Who},
    check,
    mismatch::{Mismatch, same},
    model::{End, Model, Snapshot, Task, Volume},
    request::Request,
    tally::Tally,
    world::{World, start},
};

/// Plays a case from the beginning; `seed` decides the ids.
pub async fn play(world: &mut World, seed: u64, actions: &[Action], tally: &mut Tally) -> Result<(), Mismatch> {
    world.reset(seed).await;
    let mut model = Model::new(start(), world.notes);
    for (number, action) in actions.iter().enumerate() {
        let turn = number + usize::try_from(seed % 64).unwrap();
        let done = act(world, &mut model, action, tally).await;
        let done = match done {
            Ok(()) => check::look(world, &model, turn)
                .await
                .and_then(|()| check::invariants(&model)),
            failed => failed,
        };
        done.map_err(|mismatch| mismatch.about(format!("after action {number}: {action:?}")))?;
    }
    heal(world, &mut model, tally)
        .await
        .map_err(|mismatch| mismatch.about("after everything was healed"))
}

async fn act(world: &mut World, model: &mut Model, action: &Action, tally: &mut Tally) -> Result<(), Mismatch> {
    match action {
        Action::Call(by, call) => {
            let who = model.asker(*by, call);
            ask(world, model, who, call, tally).await?;
        }
        Action::List(who, listing) => check::walk(world, model, *who, *listing).await?,
        Action::Write(volume, place) => {
            if let Some((path, at, mark)) = model.write(*volume, *place) {
                world.write(&path, at, mark);
            }
        }
        Action::Put => {
            let (path, mark) = model.put();
            world.put(&path, mark);
        }
        Action::Step(worker, _fault, _gate) if model.is_held(*worker) => resume(world, model, *worker, tally).await?,
        Action::Step(worker, fault, gate) => {
            step(world, model, (*worker, *fault, *gate), tally).await?;
        }
        Action::Crash(worker) => {
            model.crash(*worker);
            world.crash(*worker);
        }
        Action::Restart => {
            model.crash(0);
            model.crash(1);
            world.restart().await;
        }
        Action::Clock(seconds) => pass(world, model, *seconds),
    }
    Ok(())
}

fn pass(world: &World, model: &mut Model, seconds: i64) {
    model.now += chrono::TimeDelta::seconds(seconds);
    world.advance(seconds);
}

async fn resume(world: &mut World, model: &mut Model, worker: usize, tally: &mut Tally) -> Result<(), Mismatch> {
    let expected = model.resume(worker);
    let real = world.resume(worker).await;
    tally.step(Some(expected));
    same("a step that goes on", &end(real), &expected)
}

async fn step(
    world: &mut World,
    model: &mut Model,
    (worker, fault, gate): (usize, Fault, Option<Gate>),
    tally: &mut Tally,
) -> Result<Option<End>, Mismatch> {
    let expected = model.step(worker, fault, gate);
    let real = world.step(worker, fault, gate).await;
    tally.step(expected);
    same("a step", &real.map(end), &expected)?;
    Ok(expected)
}

/// What a call makes if it is accepted.
enum Made {
    Nothing,
    Volume(Volume),
    Snapshot(Snapshot, Option<String>),
}

async fn ask(world: &World, model: &mut Model, who: Who, call: &Call, tally: &mut Tally) -> Result<(), Mismatch> {
    let request = Request::of(model, call);
    let (status, made) = match answer(model, who, call, &request) {
        Ok(accepted) => accepted,
        Err(refused) => (refused, Made::Nothing),
    };
    let reply = world.api().send(who, &request).await?;
    tally.call(status);
    reply.expect(&format!("{who:?}: {request:?}"), status)?;
    match made {
        Made::Nothing => {}
        Made::Volume(volume) => model.add_volume(volume, id(&reply.body["volume"])?),
        Made::Snapshot(snapshot, file) => model.add_snapshot(snapshot, id(&reply.body["snapshot"])?, file),
    }
    model.requested(&reply.request);
    Ok(())
}

fn id(made: &Value) -> Result<Uuid, Mismatch> {
    let id = made["id"].as_str().and_then(|id| id.parse().ok());
    id.ok_or_else(|| Mismatch::new(format!("no id in {made}")))
}

/// What the model says to a call, and does.
fn answer(model: &mut Model, who: Who, call: &Call, request: &Request) -> Result<(u16, Made), u16> {
    let nothing = |status| Ok((status, Made::Nothing));
    match call {
        Call::CreateVolume(size, from, name) => {
            let volume = model.create_volume(who, *size, *from, *name)?;
            Ok((202, Made::Volume(volume)))
        }
        Call::CreateSnapshot { of, force, name } => {
            let in_use = force.unwrap_or(true);
            let snapshot = model.create_snapshot(who, model.pick_volume(*of), in_use, *name)?;
            Ok((202, Made::Snapshot(snapshot, None)))
        }
        Call::Manage(of, file) => {
            let snapshot = model.manage(who, model.pick_volume(*of))?;
            Ok((202, Made::Snapshot(snapshot, Some(model.pick_file(*file)))))
        }
        Call::DeleteVolume { of, cascade, force } => {
            nothing(model.delete_volume(who, model.pick_volume(*of), *cascade, *force)?)
        }
        Call::ForceDeleteVolume(of) => nothing(model.delete_volume(who, model.pick_volume(*of), false, true)?),
        Call::Extend { of, to, in_use } => {
            nothing(model.extend(who, model.pick_volume(*of), u32::from(*to), *in_use)?)
        }
        Call::Revert { of, to: _ } => {
            let to = request.body.as_ref().map(|body| body["revert"]["snapshot_id"].clone());
            let to = to.and_then(|to| to.as_str()?.parse().ok()).unwrap_or_default();
            nothing(model.revert(who, model.pick_volume(*of), to)?)
        }
        Call::ResetVolume(of, status) => nothing(model.reset_volume(who, model.pick_volume(*of), status)?),
        Call::Attachment(of, verb) => nothing(model.attachment(who, model.pick_volume(*of), *verb)?),
        Call::NameVolume(of, name) => nothing(model.name_volume(who, model.pick_volume(*of), *name)?),
        Call::VolumeMetadata(of, meta) => nothing(model.volume_metadata(who, model.pick_volume(*of), *meta)?),
        Call::DeleteSnapshot(of) => nothing(model.delete_snapshot(who, model.pick_snapshot(*of))?),
        Call::ForceDeleteSnapshot(of) => nothing(model.force_delete_snapshot(who, model.pick_snapshot(*of))?),
        Call::NameSnapshot(of, name) => nothing(model.name_snapshot(who, model.pick_snapshot(*of), *name)?),
        Call::SnapshotMetadata(of, meta) => nothing(model.snapshot_metadata(who, model.pick_snapshot(*of), *meta)?),
        Call::ResetSnapshot(of, status) => nothing(model.reset_snapshot(who, model.pick_snapshot(*of), status)?),
        Call::Report(of, status) => nothing(model.report(who, model.pick_snapshot(*of), status)?),
        Call::Unmanage(of) => nothing(model.unmanage(who, model.pick_snapshot(*of))?),
        Call::SetQuota(of, resource, limit) => nothing(model.set_quota(who, *of, resource, *limit)),
        Call::ClearQuota(of) => nothing(model.clear_quota(who, *of)),
    }
}

/// No more faults: what is under way must come to an end within a bound.
async fn heal(world: &mut World, model: &mut Model, tally: &mut Tally) -> Result<(), Mismatch> {
    for worker in [0, 1] {
        if model.is_held(worker) {
            resume(world, model, worker, tally).await?;
        }
    }
    for _round in 0..MOST_ROUNDS {
        let ended = step(world, model, (0, Fault::None, None), tally).await?;
        if ended == Some(End::Idle) {
            // To the moment at which something is due again, if there is one.
            let Some(next) = model.tasks.iter().map(Task::due).filter(|due| *due > model.now).min() else {
                break;
            };
            pass(world, model, (next - model.now).num_seconds());
        }
    }
    check::at_rest(model)?;
    check::look_at_all(world, model).await?;
    check::audit(world, model).await
}

/// More than the tasks that a case can have, with a few attempts each.
const MOST_ROUNDS: usize = 200;

fn end(step: Step) -> End {
    match step {
        Step::Idle => End::Idle,
        Step::Finished(resource) => End::Finished(resource.uuid()),
        Step::Retried(resource) => End::Retried(resource.uuid()),
        Step::LeaseLost(resource) => End::Lost(resource.uuid()),
    }
}
