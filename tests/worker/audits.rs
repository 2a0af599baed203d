//! What the audit says when somebody has changed rows behind the service's back, and what a repair makes of it.

use breezeblock::{
    audit::{self, Backend, Finding, Mended, Note, Repair},
    clock::RandomIds,
    domain::{Operation, ResourceId, SnapshotStatus, VolumeStatus},
    service::Source,
    store::NewTask,
};
use uuid::Uuid;

use crate::{
    history, raw,
    world::{MESSAGE_TTL, World, call, host},
};

/// Runs one statement; `?` is the id.
pub async fn behind_its_back(world: &World, sql: &str, id: Uuid) {
    let id = if world.database.url.starts_with("sqlite:") {
        format!("x'{}'", id.as_simple())
    } else {
        format!("'{id}'")
    };
    raw::rows::<()>(&world.database.url, &sql.replace('?', &id)).await;
    history::forget(&world.database.url).await;
}

pub async fn found(world: &World) -> Vec<Finding> {
    audit::examine(&world.store, None).await.unwrap().findings
}

/// Checks that exactly this is found, by its line.
pub async fn expect(world: &World, expected: &[String]) {
    let lines: Vec<_> = found(world)
        .await
        .iter()
        .map(|finding| format!("{}: {finding}", finding.invariant()))
        .collect();
    assert_eq!(lines, expected);
}

/// Repairs what is found now, and says what was done.
pub async fn repair(world: &World) -> Vec<String> {
    mend(world, &found(world).await).await
}

/// Repairs as if this had been found.
pub async fn mend(world: &World, findings: &[Finding]) -> Vec<String> {
    let host = host();
    let repair = Repair {
        store: &world.store,
        backend: Backend {
            driver: &*world.script,
            host: &host,
        },
        note: Note {
            clock: &*world.clock,
            ids: &RandomIds,
            message_ttl: MESSAGE_TTL,
            request_id: "req-repair",
        },
    };
    let Mended { done, failed } = repair.mend(findings).await;
    assert_eq!(failed, [""; 0]);
    history::forget(&world.database.url).await;
    done.iter().map(ToString::to_string).collect()
}

pub async fn enqueue(world: &World, resource: ResourceId, operation: Operation, source: Option<ResourceId>) {
    let mut tx = world.store.begin().await.unwrap();
    tx.task_enqueue(NewTask {
        resource,
        source,
        operation,
        argument: None,
        now: world.now(),
        request_id: "req-1",
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

pub async fn lost_work_is_found_and_begins_again(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.accept_snapshot(&volume).await;
    behind_its_back(world, "DELETE FROM tasks WHERE resource_id = ?", snapshot.id.uuid()).await;
    expect(
        world,
        &[format!(
            "I1: snapshot {} is creating, and no task does anything about it",
            snapshot.id
        )],
    )
    .await;
    assert_eq!(
        repair(world).await,
        [format!("snapshot {} gets its task create_snapshot again", snapshot.id)]
    );
    world.drain().await;
    assert_eq!(world.snapshot_now(snapshot.id).await.status, SnapshotStatus::Available);

    for sql in [
        "UPDATE snapshots SET status = 'deleting' WHERE id = ?",
        "UPDATE snapshots SET status = 'unmanaging' WHERE id = ?",
    ] {
        let snapshot = world.snapshot(&volume).await;
        behind_its_back(world, sql, snapshot.id.uuid()).await;
        assert_eq!(found(world).await.len(), 1, "{sql}");
        assert_eq!(repair(world).await.len(), 1, "{sql}");
        world.drain().await;
        assert_eq!(world.find_snapshot(snapshot.id).await, None, "{sql}");
    }

    let copy = world.accept_volume(Source::Snapshot(snapshot.id.to_string())).await;
    behind_its_back(world, "DELETE FROM tasks WHERE resource_id = ?", copy.id.uuid()).await;
    let again = format!("volume {} gets its task create_volume_from_snapshot again", copy.id);
    assert_eq!(repair(world).await, [again]);
    world.drain().await;
    assert_eq!(world.volume_now(copy.id).await.status, VolumeStatus::Available);
}

pub async fn work_that_nobody_can_begin_again_ends_with_a_reason(world: &World) {
    let volume = world.volume().await;
    let sql = "UPDATE volumes SET status = 'extending' WHERE id = ?";
    behind_its_back(world, sql, volume.id.uuid()).await;
    let done = repair(world).await;
    let cause = "its task was lost, and nothing says how large it was to become";
    assert_eq!(done, [format!("volume {} is error_extending now: {cause}", volume.id)]);
    let message = world.message().await;
    assert_eq!(message.cause, cause);
    assert_eq!(message.project_id, volume.project_id);
    assert_eq!(message.request_id, "req-repair");

    let snapshot = world.snapshot(&world.volume().await).await;
    let copy = world.accept_volume(Source::Snapshot(snapshot.id.to_string())).await;
    behind_its_back(world, "DELETE FROM tasks WHERE resource_id = ?", copy.id.uuid()).await;
    let id = snapshot.id.to_string();
    world.service.snapshot_delete(&call(), &id).await.unwrap();
    world.drain().await;
    let cause = "its task was lost, and the snapshot it was to be made from is gone";
    assert_eq!(
        repair(world).await,
        [format!("volume {} is error now: {cause}", copy.id)]
    );
}

pub async fn stray_tasks_are_found_and_removed(world: &World) {
    let volume = world.volume().await;
    let nothing = ResourceId::new(Uuid::from_u128(7));
    enqueue(world, nothing, Operation::DeleteVolume, None).await;
    enqueue(world, volume.id.into(), Operation::ExtendVolume, None).await;
    expect(
        world,
        &[
            format!("I1: the task delete_volume is about {nothing}, which is not there"),
            format!(
                "I1: the task extend_volume is about volume {}, which is available",
                volume.id
            ),
        ],
    )
    .await;
    assert_eq!(
        repair(world).await,
        [
            format!("removed the task delete_volume of {nothing}"),
            format!("removed the task extend_volume of {}", volume.id)
        ]
    );
    assert_eq!(world.tasks().await, []);
}

pub async fn half_a_revert_is_found_and_ended(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.snapshot(&volume).await;
    let sql = "UPDATE snapshots SET status = 'restoring' WHERE id = ?";
    behind_its_back(world, sql, snapshot.id.uuid()).await;
    let alone = format!(
        "I1: snapshot {} is restoring, and its volume is not being reverted to it",
        snapshot.id
    );
    expect(world, &[alone]).await;
    let again = format!("made snapshot {} available again", snapshot.id);
    assert_eq!(repair(world).await, [again]);

    let sql = "UPDATE volumes SET revert_snapshot_id = (SELECT id FROM snapshots) WHERE id = ?";
    behind_its_back(world, sql, volume.id.uuid()).await;
    expect(
        world,
        &[format!(
            "I1: volume {} is available and names snapshot {} to be reverted to, which does not fit",
            volume.id, snapshot.id
        )],
    )
    .await;
    let ended = format!("ended the revert of volume {} to snapshot {}", volume.id, snapshot.id);
    assert_eq!(repair(world).await, [ended]);
}

pub async fn an_error_without_a_reason_is_found_and_gets_one(world: &World) {
    let volume = world.volume().await;
    behind_its_back(
        world,
        "UPDATE volumes SET status = 'error' WHERE id = ?",
        volume.id.uuid(),
    )
    .await;
    let silent = format!(
        "I2: volume {} is error, and no message tells its project why",
        volume.id
    );
    expect(world, std::slice::from_ref(&silent)).await;
    assert_eq!(
        repair(world).await,
        [format!(
            "told project p that the cause of volume {} is not known",
            volume.id
        )]
    );
    expect(world, &[]).await;
    let told = world.message().await.user_message();
    assert_eq!(
        told,
        "repair:An unknown error occurred. the volume is error, and the service has no record of the cause."
    );

    // Who cannot see it is not told by it.
    let sql = "UPDATE messages SET project_id = 'q' WHERE resource_uuid = ?";
    behind_its_back(world, sql, volume.id.uuid()).await;
    expect(world, &[silent]).await;
    repair(world).await;

    // Deleted by its reader, it is out of sight, and still the reason.
    for message in world.messages().await {
        world.store.message_dismiss(message.id, world.now()).await.unwrap();
    }
    assert_eq!(world.messages().await, []);
    expect(world, &[]).await;
    // An admin's word needs no reason.
    behind_its_back(world, "DELETE FROM messages WHERE resource_uuid = ?", volume.id.uuid()).await;
    assert_eq!(found(world).await.len(), 1);
    world.reset_volume(volume.id, VolumeStatus::Error).await;
    expect(world, &[]).await;
}

pub async fn quota_for_nothing_is_found_and_given_back(world: &World) {
    let volume = world.volume().await;
    behind_its_back(
        world,
        "UPDATE volumes SET target_size = 9 WHERE id = ?",
        volume.id.uuid(),
    )
    .await;
    let grows = format!("I3: volume {} uses quota for a growth that is over", volume.id);
    expect(world, &[grows]).await;
    let back = format!("gave back the quota that volume {} does not grow into", volume.id);
    assert_eq!(repair(world).await, [back]);
}

pub async fn a_status_from_nowhere_is_found_and_left_to_people(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.snapshot(&volume).await;
    let sql = "UPDATE volumes SET status = 'maintenance' WHERE id = ?";
    behind_its_back(world, sql, volume.id.uuid()).await;
    let sql = "UPDATE snapshots SET status = 'backing-up' WHERE id = ?";
    behind_its_back(world, sql, snapshot.id.uuid()).await;
    let strange = [
        format!(
            "I5: volume {} is maintenance, which neither the service nor an admin has made it",
            volume.id
        ),
        format!(
            "I5: snapshot {} is backing-up, which neither the service nor an admin has made it",
            snapshot.id
        ),
    ];
    expect(world, &strange).await;
    assert_eq!(repair(world).await, [""; 0]);
    expect(world, &strange).await;
    world.reset_volume(volume.id, VolumeStatus::Maintenance).await;
    world.reset_snapshot(snapshot.id, SnapshotStatus::BackingUp).await;
}

pub async fn a_look_sees_one_moment(world: &World) {
    let volume = world.volume().await;
    let mut reading = world.store.reading().await.unwrap();
    let before = reading.counts().await.unwrap();
    assert_eq!((before.volumes, before.snapshots, before.tasks), (1, 0, 0));
    world.accept_snapshot(&volume).await;
    assert_eq!(reading.counts().await.unwrap(), before);
    drop(reading);
    let after = world.store.reading().await.unwrap().counts().await.unwrap();
    assert_eq!((after.volumes, after.snapshots, after.tasks), (1, 1, 1));
}
