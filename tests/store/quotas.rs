//! Quotas: usage is what the rows say.

use std::collections::HashMap;

use breezeblock::{
    domain::{Snapshot, TypeUsage, Usage, Volume, VolumeStatus, VolumeTypeId},
    store::Store,
};
use uuid::Uuid;

use crate::{
    Subject,
    fixture::{GIB_2, add_snapshot, add_volume, project, snapshot, volume},
    raw::rows,
};

const GOLD: VolumeTypeId = VolumeTypeId::new(Uuid::from_u128(0x6f1e_7d0c_9f3b_4f0e_8a54_0d3f_52c1_7a11));

/// A second type; the service has no call that makes one.
async fn add_gold(url: &str) {
    // A copy of the default type's row, because ids and flags look different on the two databases.
    let id = GOLD.uuid();
    let (id, yes) = if url.starts_with("sqlite:") {
        (format!("x'{}'", id.as_simple()), "1")
    } else {
        (format!("'{id}'"), "TRUE")
    };
    let insert = format!("INSERT INTO volume_types (id, name, is_public) VALUES ({id}, 'gold', {yes})");
    rows::<()>(url, &insert).await;
}

/// The usage of a project without groups.
fn of_types(types: &[TypeUsage]) -> Usage {
    Usage {
        types: types.to_vec(),
        groups: 0,
    }
}

/// The usage of project `p`, as read and as read under the lock.
async fn usage(store: &Store, snapshot_gigabytes: bool) -> Usage {
    let read = store.quota_usage(&project("p"), snapshot_gigabytes).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let locked = tx.quota_usage_lock(&project("p"), snapshot_gigabytes).await.unwrap();
    let sorted = |usage: &Usage| {
        let mut types = usage.types.clone();
        types.sort_by(|one, other| one.type_name.cmp(&other.type_name));
        Usage {
            types,
            groups: usage.groups,
        }
    };
    assert_eq!(sorted(&read), sorted(&locked));
    sorted(&read)
}

fn of_type(name: &str, volumes: i64, snapshots: i64, gigabytes: i64) -> TypeUsage {
    TypeUsage {
        type_name: name.to_owned(),
        volumes,
        snapshots,
        gigabytes,
    }
}

pub async fn nothing_is_used_at_first(store: Store) {
    let usage = usage(&store, true).await;
    assert_eq!(usage, Usage::default());
    assert_eq!(usage.of("gigabytes"), 0);
}

pub async fn usage_is_counted_per_type_and_project(subject: Subject) {
    add_gold(&subject.url).await;
    let store = subject.store;
    let plain = volume();
    let gold = Volume {
        volume_type_id: GOLD,
        size: GIB_2,
        // What goes wrong still takes its place.
        status: VolumeStatus::ErrorDeleting,
        ..volume()
    };
    let foreign = Volume {
        project_id: project("q"),
        ..volume()
    };
    for volume in [&plain, &gold, &gold_of_others(), &foreign] {
        add_volume(&store, volume).await;
    }
    // Two of the gold volume, one of them taken by another project; one of a volume of others.
    let lent = Snapshot {
        project_id: project("q"),
        ..snapshot(&gold)
    };
    let borrowed = Snapshot {
        project_id: project("p"),
        ..snapshot(&foreign)
    };
    for snapshot in [&snapshot(&gold), &lent, &borrowed] {
        add_snapshot(&store, snapshot).await;
    }
    let expected = [of_type("__DEFAULT__", 1, 1, 2), of_type("gold", 1, 1, 4)];
    let usage = usage(&store, true).await;
    assert_eq!(usage, of_types(&expected));
    assert_eq!(
        (usage.of("volumes"), usage.of("snapshots"), usage.of("gigabytes")),
        (2, 2, 6)
    );
    assert_eq!(usage.of("gigabytes_gold"), 4);
}

fn gold_of_others() -> Volume {
    Volume {
        project_id: project("q"),
        volume_type_id: GOLD,
        ..volume()
    }
}

pub async fn an_extension_counts_at_once(store: Store) {
    let mut growing = volume();
    growing.status = VolumeStatus::Extending;
    growing.target_size = Some(GIB_2);
    add_volume(&store, &growing).await;
    assert_eq!(usage(&store, true).await.of("gigabytes"), 2);

    growing.target_size = None;
    let mut tx = store.begin().await.unwrap();
    assert!(tx.volume_update(&growing, VolumeStatus::Extending).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(usage(&store, true).await.of("gigabytes"), 1);
}

pub async fn internal_rows_count_nothing(store: Store) {
    let counted = volume();
    let internal = Volume {
        consumes_quota: false,
        ..volume()
    };
    for volume in [&counted, &internal] {
        add_volume(&store, volume).await;
    }
    let temporary = Snapshot {
        consumes_quota: false,
        ..snapshot(&counted)
    };
    for snapshot in [&temporary, &snapshot(&internal)] {
        add_snapshot(&store, snapshot).await;
    }
    assert_eq!(usage(&store, true).await, of_types(&[of_type("__DEFAULT__", 1, 1, 2)]));
}

pub async fn snapshots_may_leave_gigabytes_alone(subject: Subject) {
    add_gold(&subject.url).await;
    let store = subject.store;
    let (own, foreign) = (volume(), gold_of_others());
    for volume in [&own, &foreign] {
        add_volume(&store, volume).await;
    }
    let borrowed = Snapshot {
        project_id: project("p"),
        ..snapshot(&foreign)
    };
    for snapshot in [&snapshot(&own), &borrowed] {
        add_snapshot(&store, snapshot).await;
    }
    let expected = [of_type("__DEFAULT__", 1, 1, 1), of_type("gold", 0, 1, 0)];
    assert_eq!(usage(&store, false).await, of_types(&expected));
    assert_eq!(usage(&store, true).await.of("gigabytes"), 3);
}

pub async fn limits_are_set_and_cleared(store: Store) {
    let limits = |pairs: &[(&str, i64)]| -> HashMap<String, i64> {
        pairs.iter().map(|(name, limit)| ((*name).to_owned(), *limit)).collect()
    };
    let (own, foreign) = (project("p"), project("q"));
    assert_eq!(store.quota_of_project(&own).await.unwrap(), HashMap::new());
    let mut tx = store.begin().await.unwrap();
    tx.quota_set(&own, "volumes", 3).await.unwrap();
    tx.quota_set(&own, "gigabytes", -1).await.unwrap();
    tx.quota_set(&foreign, "volumes", 4).await.unwrap();
    // The last word counts.
    tx.quota_set(&own, "volumes", 5).await.unwrap();
    tx.commit().await.unwrap();
    let set = limits(&[("volumes", 5), ("gigabytes", -1)]);
    assert_eq!(store.quota_of_project(&own).await.unwrap(), set);

    let mut tx = store.begin().await.unwrap();
    tx.quota_set(&own, "volumes", 9).await.unwrap();
    drop(tx);
    assert_eq!(store.quota_of_project(&own).await.unwrap(), set);

    store.quota_clear(&own).await.unwrap();
    store.quota_clear(&own).await.unwrap();
    assert_eq!(store.quota_of_project(&own).await.unwrap(), HashMap::new());
    let untouched = store.quota_of_project(&foreign).await.unwrap();
    assert_eq!(untouched, limits(&[("volumes", 4)]));
}

pub async fn classes_have_limits(store: Store) {
    assert_eq!(store.quota_of_class("default").await.unwrap(), HashMap::new());
    let mut tx = store.begin().await.unwrap();
    tx.quota_class_set("default", "snapshots", 9).await.unwrap();
    tx.quota_class_set("gold", "snapshots", 8).await.unwrap();
    tx.quota_class_set("default", "snapshots", 7).await.unwrap();
    tx.commit().await.unwrap();
    let set = HashMap::from([("snapshots".to_owned(), 7)]);
    assert_eq!(store.quota_of_class("default").await.unwrap(), set);
    // A class is no project.
    assert_eq!(
        store.quota_of_project(&project("default")).await.unwrap(),
        HashMap::new()
    );
}
