//! What the audit says of groups and group snapshots when somebody has changed rows behind the service's back. Work
//! that is lost has a file of its own, `group_repairs.rs`.

use breezeblock::{
    audit::Finding,
    domain::{Group, GroupSnapshot, GroupSnapshotStatus, GroupStatus, MessageResource, Operation, ResourceId},
    driver::Kind,
};
use uuid::Uuid;

use crate::{
    audits::{behind_its_back, enqueue, expect, found, mend, repair},
    group_repairs::{causes, delete, group_now, idle, missing, taken, whole_now},
    groups::{group, group_status},
    script::Act,
    world::{World, call},
};

pub async fn stray_tasks_are_found_and_removed(world: &World) {
    let (group, _volumes) = group(world).await;
    let (whole, _members) = taken(world, &group).await;
    let nothing = |number| ResourceId::new(Uuid::from_u128(number));
    for (about, operation) in [
        (nothing(7), Operation::DeleteGroup),
        (nothing(8), Operation::CreateGroupSnapshot),
        // An id of another kind.
        (group.id.into(), Operation::DeleteGroupSnapshot),
    ] {
        enqueue(world, about, operation, None).await;
        expect(
            world,
            &[format!("I1: the task {operation} is about {about}, which is not there")],
        )
        .await;
        let removed = format!("removed the task {operation} of {about}");
        assert_eq!(repair(world).await, [removed]);
    }
    let id = ResourceId::from(group.id);
    enqueue(world, id, Operation::CreateGroup, None).await;
    enqueue(world, whole.id.into(), Operation::DeleteGroupSnapshot, None).await;
    expect(
        world,
        &[
            format!("I1: the task create_group is about group {id}, which is available"),
            format!(
                "I1: the task delete_group_snapshot is about group snapshot {}, which is available",
                whole.id
            ),
        ],
    )
    .await;
    let told = found(world).await;
    assert_eq!(
        repair(world).await,
        [
            format!("removed the task create_group of {id}"),
            format!("removed the task delete_group_snapshot of {}", whole.id)
        ]
    );
    assert_eq!(world.tasks().await, []);

    // What fits by now is not removed.
    let sql = "UPDATE volume_groups SET status = 'creating' WHERE id = ?";
    behind_its_back(world, sql, group.id.uuid()).await;
    enqueue(world, id, Operation::CreateGroup, None).await;
    delete(world, &whole).await;
    assert_eq!(mend(world, &told).await, [""; 0]);
    assert_eq!(world.tasks().await.len(), 2);
    world.drain().await;
    assert_eq!(group_status(world, &group).await, Some(GroupStatus::Available));
}

pub async fn an_error_without_a_reason_is_found_and_gets_one(world: &World) {
    let (group, _volumes) = group(world).await;
    let (whole, _members) = taken(world, &group).await;
    for (table, what, id) in [
        ("volume_groups", "group", group.id.uuid()),
        ("group_snapshots", "group snapshot", whole.id.uuid()),
    ] {
        let sql = format!("UPDATE {table} SET status = 'error' WHERE id = ?");
        behind_its_back(world, &sql, id).await;
        let silent = format!("I2: {what} {id} is error, and no message tells its project why");
        expect(world, std::slice::from_ref(&silent)).await;
        let told = format!("told project p that the cause of {what} {id} is not known");
        assert_eq!(repair(world).await, std::slice::from_ref(&told));
        expect(world, &[]).await;
        let kind = if what == "group" {
            MessageResource::Group
        } else {
            MessageResource::GroupSnapshot
        };
        let cause = format!("the {what} is error, and the service has no record of the cause");
        assert_eq!(causes(world, kind).await, [(id, cause)]);
        // Somebody else's message tells its owner nothing, and neither does one without a cause.
        for sql in [
            "UPDATE messages SET project_id = 'q' WHERE resource_uuid = ?",
            "UPDATE messages SET cause = '' WHERE resource_uuid = ?",
        ] {
            behind_its_back(world, sql, id).await;
            expect(world, std::slice::from_ref(&silent)).await;
            assert_eq!(repair(world).await, std::slice::from_ref(&told));
        }
        let item = found_reason(what, &group, &whole);
        behind_its_back(
            world,
            &format!("UPDATE {table} SET status = 'available' WHERE id = ?"),
            id,
        )
        .await;
        assert_eq!(mend(world, &[item]).await, [""; 0], "it is no error any more");
    }
}

fn found_reason(what: &str, group: &Group, whole: &GroupSnapshot) -> Finding {
    let item = if what == "group" {
        group.id.into()
    } else {
        whole.id.into()
    };
    Finding::ReasonMissing { item, status: "error" }
}

pub async fn a_status_from_nowhere_is_found_and_left_to_people(world: &World) {
    let (group, _volumes) = group(world).await;
    let (whole, _members) = taken(world, &group).await;
    let strange = |what: &str, id: Uuid, status: &str| {
        format!("I5: {what} {id} is {status}, which neither the service nor an admin has made it")
    };
    for status in ["updating", "deleted", "in-use"] {
        let sql = format!("UPDATE volume_groups SET status = '{status}' WHERE id = ?");
        behind_its_back(world, &sql, group.id.uuid()).await;
        expect(world, &[strange("group", group.id.uuid(), status)]).await;
        assert_eq!(repair(world).await, [""; 0]);
    }
    let reset = (group.id.to_string(), GroupStatus::Available);
    world
        .service
        .group_reset_status(&call(), &reset.0, reset.1)
        .await
        .unwrap();
    for status in ["updating", "deleted"] {
        let sql = format!("UPDATE group_snapshots SET status = '{status}' WHERE id = ?");
        behind_its_back(world, &sql, whole.id.uuid()).await;
        expect(world, &[strange("group snapshot", whole.id.uuid(), status)]).await;
        assert_eq!(repair(world).await, [""; 0]);
    }
    let available = GroupSnapshotStatus::Available;
    let done = world
        .service
        .group_snapshot_reset_status(&call(), &whole.id.to_string(), available)
        .await;
    done.unwrap();
    // With a reason it is still no status of the service.
    for (table, what, id) in [
        ("volume_groups", "group", group.id.uuid()),
        ("group_snapshots", "group snapshot", whole.id.uuid()),
    ] {
        let sql = format!("UPDATE {table} SET status = 'error_deleting', overridden = (1 = 0) WHERE id = ?");
        behind_its_back(world, &sql, id).await;
        repair(world).await;
        expect(world, &[strange(what, id, "error_deleting")]).await;
        behind_its_back(
            world,
            &format!("UPDATE {table} SET overridden = (1 = 1) WHERE id = ?"),
            id,
        )
        .await;
        expect(world, &[]).await;
    }
}

pub async fn an_admin_s_word_needs_nothing_behind_it(world: &World) {
    let (group, _volumes) = group(world).await;
    let (whole, [member, _other]) = taken(world, &group).await;
    let (id, whole_id) = (group.id.to_string(), whole.id.to_string());
    for said in GroupStatus::ALL {
        world.service.group_reset_status(&call(), &id, *said).await.unwrap();
        assert!(group_now(world, &group).await.overridden, "{said}");
        expect(world, &[]).await;
    }
    for said in GroupSnapshotStatus::ALL {
        let done = world
            .service
            .group_snapshot_reset_status(&call(), &whole_id, *said)
            .await;
        done.unwrap();
        assert!(whole_now(world, &whole).await.overridden, "{said}");
        expect(world, &[]).await;
    }
    // What an admin has said of the whole starts nothing, so a snapshot that waits then waits alone.
    let creating = GroupSnapshotStatus::Creating;
    let done = world
        .service
        .group_snapshot_reset_status(&call(), &whole_id, creating)
        .await;
    done.unwrap();
    let sql = "UPDATE snapshots SET status = 'creating' WHERE id = ?";
    behind_its_back(world, sql, member.id.uuid()).await;
    expect(world, &[idle("snapshot", member.id, "creating")]).await;
    let cause = format!("its task was lost, and its group snapshot {whole_id} is creating");
    assert_eq!(
        repair(world).await,
        [format!("snapshot {} is error now: {cause}", member.id)]
    );
    let done = world
        .service
        .group_reset_status(&call(), &id, GroupStatus::Creating)
        .await;
    done.unwrap();
    assert_eq!(mend_all_lost(world, &group, &whole).await, [""; 0]);

    // Until the service says something itself.
    let done = world
        .service
        .group_snapshot_reset_status(&call(), &whole_id, GroupSnapshotStatus::Error)
        .await;
    done.unwrap();
    delete(world, &whole).await;
    assert!(!whole_now(world, &whole).await.overridden);
    world.drain().await;
    let in_use = GroupStatus::InUse;
    world.service.group_reset_status(&call(), &id, in_use).await.unwrap();
    world.script.next([Act::Fatal(Kind::Busy, "volumes were made from it")]);
    world.service.group_delete(&call(), &id, true).await.unwrap();
    assert!(!group_now(world, &group).await.overridden);
    world.drain().await;
    // It has gone back to what he had said.
    let now = group_now(world, &group).await;
    assert_eq!((now.status, now.overridden), (in_use, true));
    expect(world, &[]).await;
}

/// Repairs as if the work on both had been lost.
async fn mend_all_lost(world: &World, group: &Group, whole: &GroupSnapshot) -> Vec<String> {
    mend(world, &[missing(group.id), missing(whole.id)]).await
}
