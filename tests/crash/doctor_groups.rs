//! `breezeblock doctor` on groups and group snapshots whose rows and tasks somebody has removed.

use std::path::PathBuf;

use uuid::Uuid;

use crate::{
    api::PROJECT,
    content,
    database::Kind,
    doctor::{assert_found, behind_its_back, doctor, lines},
    raw,
    world::{Scene, World},
};

/// Takes requests and does no work, so that all of it waits.
const FRONT: &[(&str, &str)] = &[("BREEZEBLOCK__WORKER__ENABLED", "false")];

/// What `column` of `table` is in the rows of one group or group snapshot, in order.
async fn column<T>(world: &World, (column, table): (&str, &str), of: (&str, Uuid)) -> Vec<T>
where
    (T,): for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> + for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>,
    T: Send + Unpin,
{
    let (key, id) = (of.0, of.1.as_simple());
    let id = if world.database.url.starts_with("sqlite:") {
        format!("x'{id}'")
    } else {
        format!("'{id}'")
    };
    let sql = format!("SELECT {column} FROM {table} WHERE {key} = {id} ORDER BY id");
    let rows: Vec<(T,)> = raw::rows(&world.database.url, &sql).await;
    rows.into_iter().map(|(value,)| value).collect()
}

async fn members(world: &World, whole: Uuid) -> [Uuid; 2] {
    let ids = column(world, ("id", "snapshots"), ("group_snapshot_id", whole)).await;
    ids.try_into().unwrap()
}

async fn volumes(world: &World, group: Uuid) -> [Uuid; 2] {
    let ids = column(world, ("id", "volumes"), ("group_id", group)).await;
    ids.try_into().unwrap()
}

async fn statuses(world: &World, ids: [Uuid; 2]) -> Vec<String> {
    let mut all = Vec::new();
    for id in ids {
        all.extend(column(world, ("status", "snapshots"), ("id", id)).await);
    }
    all
}

async fn removed_groups_and_tasks_are_found_and_mended(kind: Kind) {
    let world = World::new(kind, "groups behind its back").await;
    let Scene { group, .. } = world.set_the_scene().await;
    let (server, api) = world.serve(None).await;
    let forgotten = api.create_group_snapshot(group).await.id();
    let silent = api.create_group_snapshot(group).await.id();
    world.settled().await;
    server.kill();
    let (server, api) = world.serve_with(None, FRONT).await;
    let pending = api.create_group_snapshot(group).await.id();
    let dropped = api.create_group_snapshot(group).await.id();
    let copy = api.create_group_from(group).await.id();
    server.kill();
    let (plain, alone, copies) = (
        members(&world, forgotten).await,
        members(&world, dropped).await,
        volumes(&world, copy).await,
    );
    // All of it waits, and nothing is wrong with that.
    let said = lines(&doctor(&world, &[]), 0);
    assert!(
        said[0].starts_with("healthy: 5 volumes, 10 snapshots, 5 tasks, 0 messages; "),
        "{said:?}"
    );

    for (table, id) in [
        ("tasks WHERE resource_id", pending),
        ("tasks WHERE resource_id", copy),
        ("tasks WHERE resource_id", copies[0]),
        ("tasks WHERE resource_id", copies[1]),
        ("group_snapshots WHERE id", forgotten),
        ("group_snapshots WHERE id", dropped),
    ] {
        behind_its_back(&world, &format!("DELETE FROM {table} = ?"), id).await;
    }
    let error = "UPDATE group_snapshots SET status = 'error' WHERE id = ?";
    behind_its_back(&world, error, silent).await;
    let updating = "UPDATE volume_groups SET status = 'updating' WHERE id = ?";
    behind_its_back(&world, updating, group).await;

    let idle = |what: &str, id: Uuid| format!("I1: {what} {id} is creating, and no task does anything about it");
    let behind =
        |id: Uuid, whole: Uuid| format!("I1: snapshot {id} is part of group snapshot {whole}, which is not there");
    let left_to_people = vec![format!(
        "I5: group {group} is updating, which neither the service nor an admin has made it"
    )];
    let mut expected = vec![
        idle("volume", copies[0]),
        idle("volume", copies[1]),
        idle("group", copy),
        idle("group snapshot", pending),
        format!("I1: the task create_group_snapshot is about {dropped}, which is not there"),
        format!("I2: group snapshot {silent} is error, and no message tells its project why"),
    ];
    expected.extend(plain.map(|id| behind(id, forgotten)));
    expected.extend(alone.map(|id| behind(id, dropped)));
    expected.extend(left_to_people.clone());
    assert_found(&world, &expected);
    assert_found(&world, &expected);

    let said = lines(&doctor(&world, &["--repair"]), 1);
    let mut repaired: Vec<_> = said.iter().filter_map(|line| line.strip_prefix("repaired: ")).collect();
    repaired.sort_unstable();
    let left = |id: Uuid, whole: Uuid| format!("made snapshot {id} one of its own, without group snapshot {whole}");
    let begun = |id: Uuid| format!("volume {id} gets its task create_volume_from_volume again");
    let mut wanted = vec![
        format!("group {copy} gets its task create_group again"),
        format!("group snapshot {pending} gets its task create_group_snapshot again"),
        format!("removed the task create_group_snapshot of {dropped}"),
        format!("told project {PROJECT} that the cause of group snapshot {silent} is not known"),
    ];
    wanted.extend(copies.map(begun));
    wanted.extend(plain.map(|id| left(id, forgotten)));
    wanted.extend(alone.map(|id| left(id, dropped)));
    wanted.extend(
        alone.map(|id| {
            format!("snapshot {id} is error now: its task was lost, and its group snapshot {dropped} is gone")
        }),
    );
    wanted.sort();
    assert_eq!(repaired, wanted);
    assert_found(&world, &left_to_people);

    // What began again is done, and of what was taken before nothing is lost.
    let (server, api) = world.serve(None).await;
    world.settled().await;
    assert_eq!(statuses(&world, alone).await, ["error"; 2]);
    let taken = [plain, members(&world, silent).await, members(&world, pending).await];
    assert_done(&world, (pending, copy), taken, copies).await;
    // What was nobody's to delete can be deleted.
    for id in plain.into_iter().chain(alone) {
        api.delete_snapshot(id).await;
    }
    world.settled().await;
    server.kill();
    let available = "UPDATE volume_groups SET status = 'available' WHERE id = ?";
    behind_its_back(&world, available, group).await;
    let said = lines(&doctor(&world, &[]), 0);
    assert!(
        said[0].starts_with("healthy: 5 volumes, 6 snapshots, 0 tasks, "),
        "{said:?}"
    );
}

/// Checks what has begun again and everything that was taken.
async fn assert_done(world: &World, (whole, group): (Uuid, Uuid), taken: [[Uuid; 2]; 3], copies: [Uuid; 2]) {
    for (table, id) in [("group_snapshots", whole), ("volume_groups", group)] {
        let status: Vec<String> = column(world, ("status", table), ("id", id)).await;
        assert_eq!(status, ["available"], "{table}");
    }
    for ids in taken {
        assert_eq!(statuses(world, ids).await, ["available"; 2]);
        assert_copies(ids.map(|id| world.snapshot(id)));
    }
    assert_copies(copies.map(|id| world.volume(id)));
}

/// Checks that one has the bytes of one of the group's volumes, and the other those of the other.
fn assert_copies(paths: [PathBuf; 2]) {
    let mut seeds = paths.map(|path| (4..=5).find(|seed| content::difference(&path, 1, *seed).is_none()));
    seeds.sort_unstable();
    assert_eq!(seeds, [Some(4), Some(5)]);
}

on_both!(removed_groups_and_tasks_are_found_and_mended);
