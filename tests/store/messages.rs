//! User messages.

use breezeblock::{
    domain::{
        Group, GroupSnapshot, GroupSnapshotStatus, GroupStatus, Message, MessageAction, MessageDetail, MessageId,
        MessageResource, Scope, Snapshot, SnapshotStatus, Volume, VolumeStatus,
    },
    store::Store,
};
use chrono::TimeDelta;

use crate::{
    fixture::{add_message, add_snapshot, add_volume, at, group, id, message, snapshot, volume},
    groups::{add_group_snapshot, group_snapshot},
};

pub async fn a_message_comes_back_as_it_was(store: Store) {
    use {MessageAction as A, MessageDetail as D, MessageResource as R};
    for (resource, action, detail) in [
        (R::Snapshot, A::CreateSnapshot, D::SnapshotCreateFailed),
        (R::Snapshot, A::DeleteSnapshot, D::SnapshotBusy),
        (R::Snapshot, A::DeleteSnapshot, D::SnapshotDeleteFailed),
        (R::Volume, A::CreateVolume, D::CreateVolumeFailed),
        (R::Volume, A::ExtendVolume, D::ExtendFailed),
        (R::Volume, A::DeleteVolume, D::VolumeDeleteFailed),
        (R::Volume, A::RevertVolume, D::RevertFailed),
        (R::Volume, A::RevertVolume, D::UnknownError),
    ] {
        let message = Message {
            resource,
            action,
            detail,
            ..message()
        };
        add_message(&store, &message).await;
        assert_eq!(store.message(&Scope::All, message.id).await.unwrap(), Some(message));
    }
    assert_eq!(store.message(&Scope::All, MessageId::new(id())).await.unwrap(), None);
}

pub async fn a_message_is_deleted_once(store: Store) {
    let (message, other) = (message(), message());
    for message in [&message, &other] {
        add_message(&store, message).await;
    }
    assert!(store.message_dismiss(message.id, at(1)).await.unwrap());
    assert!(!store.message_dismiss(message.id, at(2)).await.unwrap());
    assert_eq!(store.message(&Scope::All, message.id).await.unwrap(), None);
    assert_eq!(store.message(&Scope::All, other.id).await.unwrap(), Some(other));
}

pub async fn messages_expire(store: Store) {
    let expiring = |micros| Message {
        expires_at: at(10) + TimeDelta::microseconds(micros),
        ..message()
    };
    let (before, exactly, after) = (expiring(-1), expiring(0), expiring(1));
    for message in [&before, &exactly, &after] {
        add_message(&store, message).await;
    }
    assert_eq!(store.message_expire(at(9)).await.unwrap(), 0);
    assert_eq!(store.message_expire(at(10)).await.unwrap(), 2);
    for (message, kept) in [(before, false), (exactly, false), (after, true)] {
        let found = store.message(&Scope::All, message.id).await.unwrap();
        assert_eq!(found.is_some(), kept);
    }
}

pub async fn the_reason_of_an_error_does_not_expire(store: Store) {
    let failed = Volume {
        status: VolumeStatus::ErrorExtending,
        ..volume()
    };
    let whole = volume();
    let lost = Snapshot {
        status: SnapshotStatus::Error,
        ..snapshot(&whole)
    };
    for volume in [&failed, &whole] {
        add_volume(&store, volume).await;
    }
    add_snapshot(&store, &lost).await;
    let about = |resource_uuid| Message {
        resource_uuid,
        expires_at: at(10),
        ..message()
    };
    let group = Group {
        status: GroupStatus::Error,
        ..group()
    };
    let mut tx = store.begin().await.unwrap();
    tx.group_insert(&group).await.unwrap();
    tx.commit().await.unwrap();
    let broken = GroupSnapshot {
        status: GroupSnapshotStatus::Error,
        ..group_snapshot(group.id)
    };
    add_group_snapshot(&store, &broken).await;
    let of_groups = [about(group.id.uuid()), about(broken.id.uuid())];
    for message in &of_groups {
        add_message(&store, message).await;
    }
    let (of_failed, of_lost) = (about(failed.id.uuid()), about(lost.id.uuid()));
    let of_whole = about(whole.id.uuid());
    for message in [&of_failed, &of_lost, &of_whole] {
        add_message(&store, message).await;
    }
    store.message_dismiss(of_lost.id, at(9)).await.unwrap();
    assert_eq!(store.message_expire(at(11)).await.unwrap(), 1);
    let shown = store.message(&Scope::All, of_failed.id).await.unwrap();
    assert_eq!(shown, Some(of_failed));
    assert_eq!(store.message(&Scope::All, of_whole.id).await.unwrap(), None);

    let mut tx = store.begin().await.unwrap();
    tx.snapshot_delete(lost.id, lost.status, at(12)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.message_expire(at(13)).await.unwrap(), 1);

    let mut tx = store.begin().await.unwrap();
    tx.group_snapshot_delete(broken.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.message_expire(at(14)).await.unwrap(), 1);
    let [of_group, of_broken] = of_groups;
    assert_eq!(store.message(&Scope::All, of_broken.id).await.unwrap(), None);
    assert_eq!(store.message(&Scope::All, of_group.id).await.unwrap(), Some(of_group));
}
