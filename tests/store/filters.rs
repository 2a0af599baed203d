//! Filters.

use breezeblock::{
    domain::{
        Comparison, Direction, Filter, Label, ListQuery, Message, Metadata, Snapshot, SnapshotKey, Volume, VolumeKey,
    },
    store::Store,
};
use chrono::TimeDelta;

use crate::{
    fixture::{add_snapshot, add_volume, at, snapshot, volume},
    lists::{add_messages, add_snapshots, add_volumes},
    model::{Listed, all, list, sorted},
};

async fn filtered<T: Listed>(store: &Store, filters: Vec<Filter<T::Key>>) -> Vec<T> {
    let query = ListQuery {
        filters,
        ..all(vec![(T::ID, Direction::Asc)])
    };
    list(store, &query).await
}

/// Each value that a column has is found, in all rows that have it and no other.
async fn check_every_key<T: Listed>(store: &Store, rows: &[T]) {
    for key in T::KEYS.iter().copied() {
        for value in rows.iter().filter_map(|row| row.value(key)) {
            let same: Vec<_> = rows
                .iter()
                .filter(|row| row.value(key).as_ref() == Some(&value))
                .cloned()
                .collect();
            let filter = Filter::Equals(key, value.text());
            let expected = sorted(&same, &[(T::ID, Direction::Asc)]);
            assert_eq!(filtered::<T>(store, vec![filter.clone()]).await, expected, "{filter:?}");
        }
        let nonsense = Filter::Equals(key, "n0 such \u{0fff}".to_owned());
        assert_eq!(filtered::<T>(store, vec![nonsense.clone()]).await, [], "{nonsense:?}");
    }
    assert_eq!(filtered::<T>(store, vec![Filter::Nothing]).await, []);
}

pub async fn every_key_filters_volumes(store: Store) {
    let volumes = add_volumes(&store).await;
    check_every_key(&store, &volumes).await;
}

pub async fn every_key_filters_snapshots(store: Store) {
    let snapshots = add_snapshots(&store).await;
    check_every_key(&store, &snapshots).await;
}

pub async fn every_key_filters_messages(store: Store) {
    let messages = add_messages(&store).await;
    check_every_key::<Message>(&store, &messages).await;
    // Messages have no metadata.
    let filter = Filter::Metadata(vec![("k".to_owned(), "v".to_owned())]);
    assert_eq!(filtered::<Message>(&store, vec![filter]).await, []);
}

pub async fn spellings_of_values(store: Store) {
    let volume = Volume {
        bootable: true,
        created_at: at(0) + TimeDelta::microseconds(500_000),
        ..volume()
    };
    add_volume(&store, &volume).await;
    let id = volume.id.to_string();
    let seconds = volume.created_at.format("%Y-%m-%dT%H:%M:%S");
    for (key, text, found) in [
        (VolumeKey::Id, id.clone(), true),
        (VolumeKey::Id, id.to_uppercase(), false),
        (VolumeKey::Id, id.replace('-', ""), false),
        (VolumeKey::Bootable, "True".to_owned(), true),
        (VolumeKey::Bootable, "1".to_owned(), true),
        (VolumeKey::Bootable, "false".to_owned(), false),
        (VolumeKey::Size, "1".to_owned(), true),
        (VolumeKey::Size, "1.0".to_owned(), false),
        (VolumeKey::Size, "99999999999999999999".to_owned(), false),
        (VolumeKey::CreatedAt, format!("{seconds}.5"), true),
        (
            VolumeKey::CreatedAt,
            format!("{seconds}.500000").replace('T', " "),
            true,
        ),
        (VolumeKey::CreatedAt, seconds.to_string(), false),
        (VolumeKey::DisplayName, String::new(), false),
    ] {
        let rows = filtered::<Volume>(&store, vec![Filter::Equals(key, text.clone())]).await;
        assert_eq!(!rows.is_empty(), found, "{key:?} = {text:?}");
    }
}

/// The names of the snapshots whose name contains `text`.
async fn like(store: &Store, text: &str) -> Vec<String> {
    let mut names: Vec<_> = filtered::<Snapshot>(store, vec![Filter::Like(SnapshotKey::DisplayName, text.to_owned())])
        .await
        .into_iter()
        .map(|snapshot| snapshot.name.unwrap().as_str().to_owned())
        .collect();
    names.sort();
    names
}

async fn add_names(store: &Store, names: &[&str]) {
    let volume = volume();
    add_volume(store, &volume).await;
    add_snapshot(store, &snapshot(&volume)).await;
    for name in names {
        let snapshot = Snapshot {
            name: Some(Label::name(name).unwrap()),
            ..snapshot(&volume)
        };
        add_snapshot(store, &snapshot).await;
    }
}

pub async fn a_part_of_a_text_minds_case(store: Store) {
    add_names(&store, &["Nightly", "nightly-2", "ÄPFEL", "äpfel"]).await;
    assert_eq!(like(&store, "night").await, ["nightly-2"]);
    assert_eq!(like(&store, "Night").await, ["Nightly"]);
    assert_eq!(like(&store, "ightly").await, ["Nightly", "nightly-2"]);
    assert_eq!(like(&store, "äp").await, ["äpfel"]);
    assert_eq!(like(&store, "").await.len(), 4);
    assert_eq!(like(&store, "daily").await, Vec::<String>::new());
}

pub async fn a_part_of_a_text_knows_wildcards(store: Store) {
    add_names(&store, &["100%", "100 years", "a_b", "aXb", "back\\slash", "it's"]).await;
    assert_eq!(like(&store, "100%y").await, ["100 years"]);
    assert_eq!(like(&store, "a_b").await, ["aXb", "a_b"]);
    // Escaped, a wildcard is itself.
    assert_eq!(like(&store, "\\%").await, ["100%"]);
    assert_eq!(like(&store, "a\\_b").await, ["a_b"]);
    assert_eq!(like(&store, "\\\\").await, ["back\\slash"]);
    assert_eq!(like(&store, "t's").await, ["it's"]);
    for key in [SnapshotKey::Id, SnapshotKey::VolumeSize, SnapshotKey::CreatedAt] {
        let filter = Filter::Like(key, "1".to_owned());
        assert_eq!(filtered::<Snapshot>(&store, vec![filter]).await, [], "{key:?}");
    }
}

pub async fn times_are_compared(store: Store) {
    let step = TimeDelta::microseconds(1);
    let mut rows = Vec::new();
    for (created_at, updated_at) in [(at(0) - step, None), (at(0), Some(at(9))), (at(0) + step, Some(at(10)))] {
        let volume = Volume {
            created_at,
            updated_at,
            ..volume()
        };
        add_volume(&store, &volume).await;
        rows.push(volume);
    }
    for (comparison, expected) in [
        (Comparison::Greater, vec![2]),
        (Comparison::GreaterOrEqual, vec![1, 2]),
        (Comparison::Equal, vec![1]),
        (Comparison::NotEqual, vec![0, 2]),
        (Comparison::Less, vec![0]),
        (Comparison::LessOrEqual, vec![0, 1]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|index: usize| rows[index].clone()).collect();
        let filter = Filter::Time(VolumeKey::CreatedAt, comparison, at(0));
        let found = filtered::<Volume>(&store, vec![filter]).await;
        assert_eq!(
            found,
            sorted(&expected, &[(VolumeKey::Id, Direction::Asc)]),
            "{comparison:?}"
        );
    }
    // What was never updated compares with nothing, not even as different.
    let filter = Filter::Time(VolumeKey::UpdatedAt, Comparison::NotEqual, at(9));
    assert_eq!(filtered::<Volume>(&store, vec![filter]).await, rows[2..]);
}

pub async fn all_metadata_pairs_must_match(store: Store) {
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let with = |pairs: &[(String, String)]| Volume {
        metadata: Metadata::from_iter(pairs.to_vec()),
        ..volume()
    };
    let (a, b) = (pair("a", "1"), pair("b", "2"));
    let both = with(&[a.clone(), b.clone()]);
    let one = with(std::slice::from_ref(&a));
    let swapped = with(&[pair("a", "2"), pair("b", "1")]);
    for volume in [&both, &one, &swapped, &volume()] {
        add_volume(&store, volume).await;
    }
    for (pairs, mut expected) in [
        (vec![a.clone()], vec![&both, &one]),
        (vec![a, b], vec![&both]),
        (vec![pair("a", "3")], vec![]),
        (vec![pair("A", "1")], vec![]),
    ] {
        expected.sort_by_key(|volume| volume.id);
        let found = filtered::<Volume>(&store, vec![Filter::Metadata(pairs.clone())]).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{pairs:?}");
    }
    let everything = filtered::<Volume>(&store, vec![Filter::Metadata(Vec::new())]).await;
    assert_eq!(everything.len(), 4);
}

pub async fn all_filters_must_match(store: Store) {
    let volumes = add_volumes(&store).await;
    let filters = vec![
        Filter::Equals(VolumeKey::Bootable, "true".to_owned()),
        Filter::Equals(VolumeKey::ProjectId, "P".to_owned()),
        Filter::Time(VolumeKey::CreatedAt, Comparison::Greater, at(0)),
    ];
    let expected: Vec<_> = volumes
        .into_iter()
        .filter(|volume| volume.bootable && volume.project_id.as_str() == "P" && volume.created_at > at(0))
        .collect();
    assert!(!expected.is_empty());
    let found = filtered::<Volume>(&store, filters).await;
    assert_eq!(found, sorted(&expected, &[(VolumeKey::Id, Direction::Asc)]));
}
