//! What is compared after each action, and at the end of a case.

use std::collections::BTreeMap;

use breezeblock::{audit::Finding, domain::Resource};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    action::{Filter, Listing, Who},
    mismatch::{Mismatch, same},
    model::{Message, Model, Object, Row, text},
    world::World,
};

/// After each action: the state of every row, the work, the files, and one more look from outside, of which there
/// are several that take turns.
pub async fn look(world: &mut World, model: &Model, turn: usize) -> Result<(), Mismatch> {
    state(world, model).await?;
    files(world, model)?;
    if turn.is_multiple_of(2) {
        rows(world, model, turn.is_multiple_of(4)).await
    } else {
        one_more(world, model, turn / 2).await
    }
}

/// At the end: everything.
pub async fn look_at_all(world: &mut World, model: &Model) -> Result<(), Mismatch> {
    for turn in 0..2 * TURNS {
        look(world, model, turn).await?;
    }
    Ok(())
}

const TURNS: usize = 11;

async fn one_more(world: &World, model: &Model, turn: usize) -> Result<(), Mismatch> {
    let turn = turn % TURNS;
    match turn {
        0..4 => pages(world, model, [Who::Ann, Who::Bob][turn % 2], turn < 2).await,
        4..7 => usage(world, model, Who::ALL[turn - 4]).await,
        7..10 => messages(world, model, Who::ALL[turn - 7]).await,
        _last => manageable(world, model).await,
    }
}

/// What a list or a single row shows, as far as the model knows it.
fn shown(real: &Value, row: &Row) -> Value {
    let known = row.shown.as_object().unwrap().keys();
    known
        .map(|key| (key.clone(), real.get(key).cloned().unwrap_or(json!("missing"))))
        .collect()
}

async fn rows(world: &World, model: &Model, snapshots: bool) -> Result<(), Mismatch> {
    let kind = kind(snapshots);
    let body = world
        .api()
        .get(Who::Admin, &format!("/{kind}/detail?all_tenants=1"))
        .await?;
    let real = body[kind].as_array().cloned().unwrap_or_default();
    let rows = model.rows(snapshots, None);
    same(
        &format!("all {kind}"),
        &ids(&real),
        &rows.iter().map(|row| row.id.to_string()).collect::<Vec<_>>(),
    )?;
    for (real, row) in real.iter().zip(&rows) {
        same(kind, &shown(real, row), &row.shown)?;
    }
    Ok(())
}

/// What the database itself says of rows and tasks.
async fn state(world: &mut World, model: &Model) -> Result<(), Mismatch> {
    let (none, some) = (String::new, |word: &str| word.to_owned());
    let volumes = model.volumes.iter().map(|volume| {
        let attached = some(if volume.attached { "attached" } else { "detached" });
        let target = volume.target.map_or(0, i64::from);
        (volume.id, some(volume.status), i64::from(volume.size), target, attached)
    });
    let snapshots = model.snapshots.iter().map(|snapshot| {
        let (status, progress) = (some(snapshot.status), some(snapshot.progress));
        (snapshot.id, status, i64::from(snapshot.size), 0, progress)
    });
    let tasks = model.tasks.iter().map(|task| {
        let claimed = i64::from(task.lease.is_some());
        (
            task.resource,
            some(task.operation.word()),
            task.attempts,
            claimed,
            none(),
        )
    });
    let mut expected: Vec<_> = volumes.chain(snapshots).chain(tasks).collect();
    expected.sort();
    same("rows and tasks", &world.place.state().await, &expected)
}

fn files(world: &World, model: &Model) -> Result<(), Mismatch> {
    let expected: BTreeMap<_, _> = model
        .objects
        .iter()
        .map(|(path, object)| {
            let object = Object {
                of: None,
                ..object.clone()
            };
            (path.clone(), object)
        })
        .collect();
    same("files", &world.objects(), &expected)
}

/// Somebody's list, page by page: every row of his once, nobody else's, and an end.
async fn pages(world: &World, model: &Model, who: Who, snapshots: bool) -> Result<(), Mismatch> {
    let listing = Listing {
        snapshots,
        detail: false,
        sort: "created_at",
        ascending: false,
        filter: Filter::All,
        limit: 2,
    };
    walk(world, model, who, listing).await
}

/// A list as somebody asks for it, to its end.
pub async fn walk(world: &World, model: &Model, who: Who, listing: Listing) -> Result<(), Mismatch> {
    let kind = kind(listing.snapshots);
    let detail = if listing.detail { "/detail" } else { "" };
    let direction = if listing.ascending { "asc" } else { "desc" };
    let filter = match listing.filter {
        Filter::All => String::new(),
        Filter::Status(status) => format!("&status={status}"),
        Filter::Name(name) => format!("&name={}", crate::model::named(name)),
        Filter::Of(volume) if listing.snapshots => format!("&volume_id={}", model.pick_volume(volume)),
        Filter::Of(_volume) => String::new(),
    };
    let key = match listing.sort {
        "size" if listing.snapshots => "volume_size",
        key => key,
    };
    let path = format!("/{kind}{detail}?limit={}&sort={key}:{direction}{filter}", listing.limit);
    let expected = model.listed(who, listing);
    let (mut found, mut marker) = (Vec::new(), String::new());
    for _page in 0..=expected.len() {
        let body = world.api().get(who, &format!("{path}{marker}")).await?;
        let real = body[kind].as_array().cloned().unwrap_or_default();
        let full = real.len() == usize::from(listing.limit);
        same("a next link", &body.get(format!("{kind}_links")).is_some(), &full)?;
        found.extend(ids(&real));
        if !full {
            break;
        }
        marker = format!("&marker={}", found.last().unwrap());
    }
    let expected: Vec<_> = expected.iter().map(|row| row.id.to_string()).collect();
    same(&format!("{who:?}: {path}"), &found, &expected)
}

async fn usage(world: &World, model: &Model, of: Who) -> Result<(), Mismatch> {
    let path = format!("/os-quota-sets/{}?usage=true", of.project());
    let body = world.api().get(Who::Admin, &path).await?;
    for resource in ["volumes", "snapshots", "gigabytes"] {
        let expected = json!({"limit": model.limit(of, resource), "in_use": model.used(of, resource), "reserved": 0});
        same(
            &format!("{resource} of {of:?}"),
            &body["quota_set"][resource],
            &expected,
        )?;
    }
    Ok(())
}

async fn messages(world: &World, model: &Model, who: Who) -> Result<(), Mismatch> {
    let body = world.api().get(who, "/messages").await?;
    let text_of = |message: &Value, key: &str| message[key].as_str().unwrap_or_default().to_owned();
    let mut real: Vec<_> = body["messages"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|message| {
            let keys = ["resource_uuid", "event_id", "request_id", "created_at"];
            keys.map(|key| text_of(message, key))
        })
        .collect();
    let own = |message: &&Message| message.owner == who;
    let mut expected: Vec<_> = model
        .messages
        .iter()
        .filter(own)
        .map(|message| {
            let resource = message.resource.to_string();
            [
                resource,
                message.event.clone(),
                message.request.clone(),
                text(message.created_at),
            ]
        })
        .collect();
    real.sort();
    expected.sort();
    same(&format!("messages of {who:?}"), &real, &expected)
}

/// What the back end holds: each file by name, its size, and whether it is a snapshot of ours.
async fn manageable(world: &World, model: &Model) -> Result<(), Mismatch> {
    let body = world
        .api()
        .get(Who::Admin, "/manageable_snapshots?host=brick@file%23file")
        .await?;
    let real = body["manageable-snapshots"].as_array().cloned().unwrap_or_default();
    let ours: Vec<String> = model
        .snapshots
        .iter()
        .map(|snapshot| format!("snapshot-{}", snapshot.id))
        .collect();
    let files = model.objects.iter().rev().filter_map(|(path, object)| {
        let name = path.strip_prefix("snapshots/")?;
        let of = object.of.map(|volume| json!({"source-name": format!("volume-{volume}")}));
        let free = !ours.iter().any(|own| own == name);
        Some(json!({"reference": {"source-name": name}, "size": object.gib, "safe_to_manage": free, "source_reference": of}))
    });
    same("manageable snapshots", &real, &files.collect::<Vec<_>>())
}

/// What must be true of what the model says, and so of the program: no work without a row, no row that somebody
/// waits for without work, no error without a reason.
pub fn invariants(model: &Model) -> Result<(), Mismatch> {
    let works = |id: Uuid| model.tasks.iter().filter(|task| task.resource == id).count();
    let volumes = model
        .volumes
        .iter()
        .map(|volume| (volume.id, volume.status, volume.taken_over));
    let snapshots = model
        .snapshots
        .iter()
        .map(|snapshot| (snapshot.id, snapshot.status, snapshot.taken_over));
    let restoring = |id| model.volumes.iter().any(|volume| volume.reverting_to == Some(id));
    for (id, status, taken_over) in volumes
        .chain(snapshots)
        .filter(|(_id, _status, taken_over)| !taken_over)
    {
        let transitional = matches!(
            status,
            "creating" | "deleting" | "extending" | "reverting" | "unmanaging"
        );
        same(
            &format!("tasks of {id}, which is {status} ({taken_over})"),
            &works(id),
            &usize::from(transitional),
        )?;
        if status == "restoring" && !restoring(id) {
            return Err(Mismatch::new(format!("{id} is restoring, and nobody reverts to it")));
        }
        let explained = model.messages.iter().any(|message| message.resource == id);
        if status.starts_with("error") && !explained {
            return Err(Mismatch::new(format!("nobody says why {id} is {status}")));
        }
    }
    Ok(())
}

/// What the program finds wrong with itself when everything has healed: nothing but the files that nobody has asked it
/// to keep. An admin who says that a failed row is fine makes it promise bytes that were never there.
pub async fn audit(world: &World, model: &Model) -> Result<(), Mismatch> {
    let mut strangers = Vec::new();
    for finding in world.audit().await {
        if let Finding::ObjectUnknown(object) = finding {
            strangers.push(object.name);
            continue;
        }
        // What is missing, or too small, must be so: an admin can say of anything that it is available.
        let is_so = if let Finding::ObjectMissing(resource) = &finding {
            !model.objects.contains_key(&path(*resource))
        } else if let Finding::ObjectTooSmall { resource, size, .. } = &finding {
            let object = model.objects.get(&path(*resource));
            object.is_some_and(|object| object.gib < size.get())
        } else {
            false
        };
        if !is_so {
            return Err(Mismatch::new(format!("the audit finds that {finding}")));
        }
    }
    strangers.sort();
    let ours = |name: &&str| {
        !model
            .snapshots
            .iter()
            .any(|snapshot| format!("snapshot-{}", snapshot.id) == **name)
    };
    let files = model.objects.keys().filter_map(|path| path.strip_prefix("snapshots/"));
    same(
        "files that the audit does not know",
        &strangers,
        &files.filter(ours).collect::<Vec<_>>(),
    )
}

fn path(resource: Resource) -> String {
    format!("{}s/{}", resource.kind, resource.object_name())
}

/// After everything has healed: nothing is under way, and no file is there that nobody knows.
pub fn at_rest(model: &Model) -> Result<(), Mismatch> {
    same("tasks at rest", &model.tasks.len(), &0)?;
    for path in model.objects.keys().filter(|path| path.starts_with("volumes/")) {
        let known = model
            .volumes
            .iter()
            .any(|volume| crate::model::volume_path(volume.id) == *path);
        same(&format!("whether anybody knows {path}"), &known, &true)?;
    }
    invariants(model)
}

fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter()
        .map(|row| row["id"].as_str().unwrap_or_default().to_owned())
        .collect()
}

const fn kind(snapshots: bool) -> &'static str {
    if snapshots { "snapshots" } else { "volumes" }
}
