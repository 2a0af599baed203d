//! What must hold after every scenario, whatever it was about.

use std::collections::{BTreeSet, HashMap};

use breezeblock::{
    audit,
    domain::{GroupKey, GroupSnapshotKey, Operation, Subject},
};

use crate::{
    history,
    world::{World, everything},
};

/// Asks the program's own audit, and looks at every step on the way. The scripted driver holds no objects, so
/// nothing is said about them here.
pub async fn check(world: &World) {
    let report = audit::examine(&world.store, None).await.unwrap();
    let told: Vec<_> = report
        .findings
        .iter()
        .map(|finding| format!("{}: {finding}", finding.invariant()))
        .collect();
    assert!(told.is_empty(), "\n{}", told.join("\n"));
    history::check(&world.database.url).await;
    check_groups(world).await;
}

/// A group or group snapshot has a task exactly while it is at work, and an error has a message.
async fn check_groups(world: &World) {
    let mut rows = HashMap::new();
    let query = everything(GroupKey::CreatedAt);
    for group in world.store.group_list(&query).await.unwrap().unwrap().items {
        rows.insert(group.id.uuid(), (group.status.is_transitional(), group.status.as_str()));
    }
    let query = everything(GroupSnapshotKey::CreatedAt);
    for whole in world.store.group_snapshot_list(&query).await.unwrap().unwrap().items {
        rows.insert(whole.id.uuid(), (whole.status.is_transitional(), whole.status.as_str()));
    }
    let tasks = world.tasks().await.into_iter();
    let tasks = tasks.map(|(resource, operation, ..)| (resource, operation.parse::<Operation>().unwrap().subject()));
    let tasks = tasks.filter(|(_, subject)| matches!(subject, Subject::Group | Subject::GroupSnapshot));
    let tasks: BTreeSet<_> = tasks.map(|(resource, _)| resource).collect();
    let working = rows.iter().filter(|(_, (transitional, _))| *transitional);
    assert_eq!(tasks, working.map(|(id, _)| *id).collect(), "{rows:?}");
    let messages = world.messages().await;
    for (id, (_, status)) in &rows {
        let explained = messages.iter().any(|message| message.resource_uuid == *id);
        assert!(explained || !status.starts_with("error"), "nobody says why {id} failed");
    }
}
