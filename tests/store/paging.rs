//! Pages: each begins after the marker's place in the order, wherever that is now.

use breezeblock::{
    domain::{
        Direction, Filter, Label, ListQuery, Scope, Snapshot, SnapshotKey, SnapshotStatus, Volume, VolumeKey,
        VolumeStatus,
    },
    store::Store,
};
use uuid::Uuid;

use crate::{
    fixture::{add_snapshot, add_volume, at, id, only, project, snapshot, volume},
    lists::{add_snapshots, add_volumes},
    model::{Listed, all, list, pages, sorted},
};

/// The order of a list for which none was asked for.
fn newest_first() -> ListQuery<VolumeKey> {
    all(vec![
        (VolumeKey::CreatedAt, Direction::Desc),
        (VolumeKey::Id, Direction::Desc),
    ])
}

async fn add_at(store: &Store, seconds: i64) -> Volume {
    let volume = Volume {
        created_at: at(seconds),
        ..volume()
    };
    add_volume(store, &volume).await;
    volume
}

pub async fn pages_over_equal_times_lose_nothing(store: Store) {
    let mut volumes = Vec::new();
    for _ in 0..11 {
        volumes.push(add_at(&store, 0).await);
    }
    let query = newest_first();
    let expected = sorted(&volumes, &query.sort);
    for limit in 1..=12 {
        assert_eq!(pages::<Volume>(&store, &query, limit).await, expected, "limit {limit}");
    }
}

pub async fn pages_stay_in_place_while_rows_come_and_go(store: Store) {
    let mut volumes = Vec::new();
    for seconds in 0..6 {
        volumes.push(add_at(&store, seconds).await);
    }
    let first = ListQuery {
        limit: 2,
        ..newest_first()
    };
    let page = list::<Volume>(&store, &first).await;
    assert_eq!(page, [volumes[5].clone(), volumes[4].clone()]);

    // A newer one comes and one of the first page goes: the second page is what it would have been.
    add_at(&store, 10).await;
    let mut tx = store.begin().await.unwrap();
    assert!(
        tx.volume_delete(volumes[5].id, VolumeStatus::Available, chrono::DateTime::UNIX_EPOCH)
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    let second = ListQuery {
        marker: Some(volumes[4].id.uuid()),
        ..first
    };
    let page = list::<Volume>(&store, &second).await;
    assert_eq!(page, [volumes[3].clone(), volumes[2].clone()]);
}

pub async fn a_marker_need_not_pass_the_filters(store: Store) {
    let snapshots = add_snapshots(&store).await;
    let query = ListQuery {
        filters: vec![Filter::Equals(SnapshotKey::Status, "available".to_owned())],
        ..all(vec![
            (SnapshotKey::CreatedAt, Direction::Asc),
            (SnapshotKey::Id, Direction::Asc),
        ])
    };
    let in_order = sorted(&snapshots, &query.sort);
    for (index, marker) in in_order.iter().enumerate() {
        let expected: Vec<_> = in_order[index + 1..]
            .iter()
            .filter(|snapshot| snapshot.status == SnapshotStatus::Available)
            .cloned()
            .collect();
        let after = ListQuery {
            marker: Some(marker.id()),
            ..query.clone()
        };
        assert_eq!(list::<Snapshot>(&store, &after).await, expected);
    }
}

pub async fn an_offset_counts_from_the_marker(store: Store) {
    let volumes = add_volumes(&store).await;
    let query = newest_first();
    let in_order = sorted(&volumes, &query.sort);
    let page = ListQuery {
        offset: 3,
        limit: 2,
        ..query.clone()
    };
    assert_eq!(list::<Volume>(&store, &page).await, in_order[3..5]);
    let after = ListQuery {
        marker: Some(in_order[1].id()),
        ..page
    };
    assert_eq!(list::<Volume>(&store, &after).await, in_order[5..7]);
    let beyond = ListQuery { offset: 100, ..query };
    assert_eq!(list::<Volume>(&store, &beyond).await, []);
}

/// Where an index has the order, those without a name are a range of their own in it.
pub async fn pages_by_name_are_whole_where_an_index_serves_them(store: Store) {
    let volume = volume();
    add_volume(&store, &volume).await;
    let mut snapshots = Vec::new();
    for (index, name) in [None, Some("b"), None, Some("a"), Some("b"), None, Some("")]
        .iter()
        .enumerate()
    {
        let snapshot = Snapshot {
            name: name.map(|name| Label::name(name).unwrap()),
            created_at: at(i64::try_from(index).unwrap()),
            ..snapshot(&volume)
        };
        add_snapshot(&store, &snapshot).await;
        snapshots.push(snapshot);
    }
    for direction in [Direction::Asc, Direction::Desc] {
        let query = ListQuery {
            scope: only("p"),
            ..all([SnapshotKey::DisplayName, SnapshotKey::CreatedAt, SnapshotKey::Id]
                .map(|key| (key, direction))
                .to_vec())
        };
        assert!(store.snapshot_list_sql(&query).await.unwrap().unwrap().served);
        let in_order = sorted(&snapshots, &query.sort);
        for limit in 1..=8 {
            assert_eq!(
                pages::<Snapshot>(&store, &query, limit).await,
                in_order,
                "{direction:?}, limit {limit}"
            );
        }
        for (index, marker) in in_order.iter().enumerate() {
            for offset in 0..8 {
                let part = ListQuery {
                    marker: Some(marker.id()),
                    limit: 2,
                    offset,
                    ..query.clone()
                };
                let rest = in_order[index + 1..]
                    .iter()
                    .skip(usize::try_from(offset).unwrap())
                    .take(2);
                let expected: Vec<_> = rest.cloned().collect();
                assert_eq!(
                    list::<Snapshot>(&store, &part).await,
                    expected,
                    "{direction:?}, {part:?}"
                );
            }
        }
    }
}

/// A volume's snapshots come by time alone, and whose they are is asked of each.
pub async fn pages_of_a_volume_are_whole(store: Store) {
    let volumes = [volume(), volume()];
    let mut snapshots = Vec::new();
    for volume in &volumes {
        add_volume(&store, volume).await;
        for seconds in 0..5 {
            let snapshot = Snapshot {
                project_id: project(if seconds == 3 { "q" } else { "p" }),
                created_at: at(seconds),
                ..snapshot(volume)
            };
            add_snapshot(&store, &snapshot).await;
            snapshots.push(snapshot);
        }
    }
    for (scope, direction) in [
        (only("p"), Direction::Asc),
        (only("p"), Direction::Desc),
        (Scope::All, Direction::Asc),
    ] {
        let query = ListQuery {
            filters: vec![Filter::Equals(SnapshotKey::VolumeId, volumes[0].id.to_string())],
            scope: scope.clone(),
            ..all(vec![(SnapshotKey::CreatedAt, direction), (SnapshotKey::Id, direction)])
        };
        let own = snapshots.iter().filter(|snapshot| snapshot.volume_id == volumes[0].id);
        let own = own.filter(|snapshot| scope == Scope::All || snapshot.project_id.as_str() == "p");
        let in_order = sorted(&own.cloned().collect::<Vec<_>>(), &query.sort);
        for limit in 1..=6 {
            assert_eq!(
                pages::<Snapshot>(&store, &query, limit).await,
                in_order,
                "{scope:?}, limit {limit}"
            );
        }
        // Another volume's snapshot of the same time is a marker like any other.
        for marker in &snapshots {
            let part = ListQuery {
                marker: Some(marker.id()),
                ..query.clone()
            };
            let place = sorted(&[in_order.clone(), vec![marker.clone()]].concat(), &query.sort);
            let after = place.iter().rposition(|snapshot| snapshot.id == marker.id).unwrap();
            assert_eq!(list::<Snapshot>(&store, &part).await, place[after + 1..], "{part:?}");
        }
    }
}

pub async fn the_count_is_of_all_pages(store: Store) {
    let volumes = add_volumes(&store).await;
    let own = volumes
        .iter()
        .filter(|volume| volume.project_id.as_str() == "p")
        .count();
    let page = ListQuery {
        scope: only("p"),
        marker: Some(volumes[0].id()),
        limit: 1,
        offset: 1,
        with_count: true,
        ..newest_first()
    };
    let total = Volume::page(&store, &page).await.unwrap().total;
    assert_eq!(total, Some(u64::try_from(own).unwrap()));

    let filtered = ListQuery {
        filters: vec![Filter::Equals(VolumeKey::Bootable, "true".to_owned())],
        ..page.clone()
    };
    let bootable = volumes
        .iter()
        .filter(|volume| volume.project_id.as_str() == "p" && volume.bootable)
        .count();
    let total = Volume::page(&store, &filtered).await.unwrap().total;
    assert_eq!(total, Some(u64::try_from(bootable).unwrap()));

    let uncounted = ListQuery {
        with_count: false,
        ..page
    };
    assert_eq!(Volume::page(&store, &uncounted).await.unwrap().total, None);
}

pub async fn no_rows_and_no_limit(store: Store) {
    let volumes = add_volumes(&store).await;
    let none = ListQuery {
        limit: 0,
        with_count: true,
        ..newest_first()
    };
    let page = Volume::page(&store, &none).await.unwrap();
    assert_eq!((page.items.len(), page.total), (0, Some(9)));
    let everything = ListQuery {
        limit: u32::MAX,
        ..newest_first()
    };
    assert_eq!(list::<Volume>(&store, &everything).await.len(), volumes.len());

    // An unknown marker is no empty page, also when no rows are wanted.
    for limit in [0, 10] {
        let lost: Option<Uuid> = Some(id());
        let query = ListQuery {
            marker: lost,
            limit,
            ..newest_first()
        };
        assert_eq!(Volume::page(&store, &query).await, None);
    }
}

pub async fn a_deleted_row_marks_its_place_until_it_is_swept(store: Store) {
    let mut volumes = Vec::new();
    for seconds in 0..3 {
        volumes.push(add_at(&store, seconds).await);
    }
    let mut tx = store.begin().await.unwrap();
    let gone = volumes[1].id;
    assert!(tx.volume_delete(gone, VolumeStatus::Available, at(100)).await.unwrap());
    tx.commit().await.unwrap();
    let after = ListQuery {
        marker: Some(gone.uuid()),
        ..newest_first()
    };
    assert_eq!(list::<Volume>(&store, &after).await, [volumes[0].clone()]);
    let own = ListQuery {
        marker_scope: only(volumes[1].project_id.as_str()),
        ..after.clone()
    };
    assert_eq!(list::<Volume>(&store, &own).await, [volumes[0].clone()]);

    // Whose it was still matters.
    let stranger = ListQuery {
        marker_scope: only("stranger"),
        ..after.clone()
    };
    assert_eq!(store.volume_list(&stranger).await.unwrap(), None);

    assert_eq!(store.volume_tombstones_sweep(at(99)).await.unwrap(), 0);
    assert_eq!(store.volume_tombstones_sweep(at(100)).await.unwrap(), 1);
    assert_eq!(store.volume_list(&after).await.unwrap(), None);
}
