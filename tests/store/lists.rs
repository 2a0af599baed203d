//! Lists: every key sorts, NULLs included, and the pages of a list make up the list.

use breezeblock::{
    domain::{
        AttachStatus, Direction, GroupSnapshotId, Label, ListQuery, Message, MessageAction, MessageDetail, MessageKey,
        MessageResource, Snapshot, SnapshotKey, SnapshotStatus, UserId, Volume, VolumeKey, VolumeStatus,
    },
    store::Store,
};
use uuid::Uuid;

use crate::{
    Subject,
    fixture::{
        GIB_2, add_group, add_message, add_snapshot, add_volume, at, id, message, metadata, project, snapshot, volume,
    },
    model::{Listed, all, list, pages, sorted},
    raw::rows,
    schema::reopened,
};

const BOTH: [Direction; 2] = [Direction::Asc, Direction::Desc];

/// Names that compare differently by bytes than in most languages; two are equal, one is missing.
const NAMES: [Option<&str>; 7] = [Some("b"), Some("B"), None, Some("ä"), Some("b"), Some(""), Some("a b")];

fn label(index: usize) -> Option<Label> {
    NAMES[index % NAMES.len()].map(|name| Label::name(name).unwrap())
}

/// A value in every second row, the same in every fourth.
fn sometimes<T: Copy>(index: usize, values: [T; 2]) -> Option<T> {
    (!index.is_multiple_of(2)).then(|| values[index / 2 % 2])
}

fn seconds(index: usize) -> i64 {
    i64::try_from(index).unwrap()
}

/// Volumes that differ in every column, with ties and NULLs.
pub async fn add_volumes(store: &Store) -> Vec<Volume> {
    let ids = [id(), id()];
    let groups = [add_group(store).await, add_group(store).await];
    let mut volumes = Vec::new();
    for index in 0..9 {
        let volume = Volume {
            project_id: project(["p", "P", "q"][index % 3]),
            user_id: UserId::new(["u1", "U1"][index % 2]),
            size: [GIB_2, crate::fixture::GIB_1][index % 2],
            status: VolumeStatus::ALL[index % 4],
            attach_status: AttachStatus::ALL[index % 2],
            migration_status: sometimes(index, ["starting", "error"]).map(str::to_owned),
            name: label(index),
            description: label(index + 3),
            availability_zone: ["nova", "Nova"][index % 2].to_owned(),
            host: ["b@file#file", "a@file#file"][index % 2].to_owned(),
            snapshot_id: sometimes(index, ids).map(breezeblock::domain::SnapshotId::new),
            source_volid: sometimes(index + 1, ids).map(breezeblock::domain::VolumeId::new),
            group_id: sometimes(index, groups),
            bootable: index % 3 == 1,
            consumes_quota: index % 4 != 1,
            created_at: at(seconds(index / 2)),
            updated_at: sometimes(index, [at(7), at(5)]),
            ..volume()
        };
        add_volume(store, &volume).await;
        volumes.push(volume);
    }
    volumes
}

/// Snapshots that differ in every column, with ties and NULLs.
pub async fn add_snapshots(store: &Store) -> Vec<Snapshot> {
    let (groups, volumes) = ([id(), id()], [volume(), volume(), volume()]);
    for volume in &volumes {
        add_volume(store, volume).await;
    }
    let mut snapshots = Vec::new();
    for index in 0..9 {
        let snapshot = Snapshot {
            project_id: project(["p", "P", "q"][index % 3]),
            user_id: UserId::new(["u1", "U1"][index % 2]),
            size: [GIB_2, crate::fixture::GIB_1][index % 2],
            status: SnapshotStatus::ALL[index % 4],
            progress: sometimes(index, ["9%", "10%"]).map(str::to_owned),
            name: label(index),
            description: label(index + 3),
            group_snapshot_id: sometimes(index, groups).map(GroupSnapshotId::new),
            consumes_quota: index % 4 != 1,
            // Each volume has one at this time: equal times are normal.
            created_at: at(seconds(index / 3)),
            updated_at: sometimes(index, [at(7), at(5)]),
            ..snapshot(&volumes[index % 3])
        };
        add_snapshot(store, &snapshot).await;
        snapshots.push(snapshot);
    }
    snapshots
}

/// Messages that differ in every column, with ties.
pub async fn add_messages(store: &Store) -> Vec<Message> {
    let resources: [Uuid; 2] = [id(), id()];
    let mut messages = Vec::new();
    for index in 0..6 {
        let (resource, action, detail) = [
            (
                MessageResource::Volume,
                MessageAction::ExtendVolume,
                MessageDetail::ExtendFailed,
            ),
            (
                MessageResource::Snapshot,
                MessageAction::DeleteSnapshot,
                MessageDetail::SnapshotBusy,
            ),
        ][index / 2 % 2];
        let message = Message {
            request_id: format!("req-{}", index % 2),
            resource,
            resource_uuid: resources[index % 2],
            action,
            detail,
            created_at: at(seconds(index / 2)),
            ..message()
        };
        add_message(store, &message).await;
        messages.push(message);
    }
    messages
}

/// The list is sorted, and cut into pages of any size it is the same.
async fn check_order<T: Listed>(store: &Store, rows: &[T], sort: Vec<(T::Key, Direction)>) {
    let expected = sorted(rows, &sort);
    let query = all(sort);
    let about = format!("{:?}", query.sort);
    assert_eq!(list::<T>(store, &query).await, expected, "{about}");
    for limit in [1, 2, 4] {
        assert_eq!(
            pages::<T>(store, &query, limit).await,
            expected,
            "{about}, limit {limit}"
        );
    }
}

async fn check_every_key<T: Listed>(store: &Store, rows: &[T]) {
    for key in T::KEYS.iter().copied() {
        for direction in BOTH {
            check_order(store, rows, vec![(key, direction), (T::ID, direction)]).await;
        }
    }
}

pub async fn every_key_sorts_volumes(store: Store) {
    let volumes = add_volumes(&store).await;
    check_every_key(&store, &volumes).await;
}

pub async fn every_key_sorts_snapshots(store: Store) {
    let snapshots = add_snapshots(&store).await;
    check_every_key(&store, &snapshots).await;
}

pub async fn every_key_sorts_messages(store: Store) {
    let messages = add_messages(&store).await;
    check_every_key::<Message>(&store, &messages).await;
    let query: ListQuery<MessageKey> = all(vec![(MessageKey::Id, Direction::Asc)]);
    assert_eq!(list::<Message>(&store, &query).await.len(), messages.len());
}

pub async fn two_keys_in_two_directions(store: Store) {
    let volumes = add_volumes(&store).await;
    for first in BOTH {
        for second in BOTH {
            for third in BOTH {
                for (one, other) in [
                    (VolumeKey::DisplayName, VolumeKey::UpdatedAt),
                    (VolumeKey::UpdatedAt, VolumeKey::CreatedAt),
                    (VolumeKey::CreatedAt, VolumeKey::Size),
                ] {
                    let sort = vec![(one, first), (other, second), (VolumeKey::Id, third)];
                    check_order(&store, &volumes, sort).await;
                }
            }
        }
    }
}

pub async fn a_list_carries_the_metadata(store: Store) {
    let (plain, rich) = (
        volume(),
        Volume {
            metadata: metadata(),
            ..volume()
        },
    );
    for volume in [&plain, &rich] {
        add_volume(&store, volume).await;
    }
    let taken = Snapshot {
        metadata: metadata(),
        ..snapshot(&rich)
    };
    add_snapshot(&store, &taken).await;
    let by_time = all(vec![(VolumeKey::CreatedAt, Direction::Asc)]);
    assert_eq!(list::<Volume>(&store, &by_time).await, [plain, rich]);
    let by_time = all(vec![(SnapshotKey::CreatedAt, Direction::Asc)]);
    assert_eq!(list::<Snapshot>(&store, &by_time).await, [taken]);
}

/// Lists may be kept by whoever asked for them. Here everybody asks again and again, and every change is seen at once:
/// one of the store itself, one of another store, and one of a program that is not ours.
pub async fn a_list_is_never_older_than_the_last_commit(subject: Subject) {
    let volume = volume();
    add_volume(&subject.store, &volume).await;
    let by_time = all(vec![(SnapshotKey::CreatedAt, Direction::Asc)]);
    let other = reopened(&subject.url).await;
    let mut expected: Vec<Snapshot> = Vec::new();
    for round in 0..6 {
        let new = Snapshot {
            created_at: at(100 + round),
            ..snapshot(&volume)
        };
        let writer = if round % 2 == 0 { &subject.store } else { &other };
        add_snapshot(writer, &new).await;
        expected.push(new);
        for reader in [&subject.store, &other, &subject.store] {
            assert_eq!(list::<Snapshot>(reader, &by_time).await, expected);
        }
        let name = format!("round {round}");
        rows::<()>(&subject.url, &format!("UPDATE snapshots SET display_name = '{name}'")).await;
        for snapshot in &mut expected {
            snapshot.name = Some(Label::stored(name.clone()));
        }
        for reader in [&subject.store, &other, &subject.store] {
            assert_eq!(list::<Snapshot>(reader, &by_time).await, expected);
        }
    }
}
