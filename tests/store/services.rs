//! The programs of an installation, their heartbeats, and what operators say about them.

use breezeblock::{
    domain::{Binary, ServiceChange, ServiceRecord, Space},
    store::{Heartbeat, Store},
};
use chrono::TimeDelta;

use crate::fixture::{add_volume, at, backend, volume};

const SPACE: Space = Space { total: 10, free: 3 };

async fn beat(store: &Store, space: Option<Space>, now: i64) {
    let host = backend();
    let beat = Heartbeat {
        host: host.service(),
        binary: Binary::Volume,
        availability_zone: "nova",
        pool: Some(&host),
        space,
        now: at(now),
    };
    store.service_beat(beat).await.unwrap();
}

async fn only(store: &Store) -> ServiceRecord {
    let [record] = store.services().await.unwrap().try_into().unwrap();
    record
}

async fn change(store: &Store, change: ServiceChange, now: i64) -> bool {
    let host = backend();
    store
        .service_change(host.service(), Binary::Volume, &change, at(now))
        .await
        .unwrap()
}

pub async fn a_heartbeat_makes_a_program_known(store: Store) {
    assert_eq!(store.services().await.unwrap(), []);
    beat(&store, None, 1).await;
    let first = ServiceRecord {
        host: "host@file".to_owned(),
        binary: Binary::Volume,
        availability_zone: "nova".to_owned(),
        disabled: false,
        disabled_reason: None,
        frozen: false,
        space: None,
        created_at: at(1),
        heartbeat_at: at(1),
        modified_at: None,
    };
    assert_eq!(only(&store).await, first);
    beat(&store, Some(SPACE), 5).await;
    let later = ServiceRecord {
        space: Some(SPACE),
        heartbeat_at: at(5),
        ..first
    };
    assert_eq!(only(&store).await, later);
    assert_eq!(later.backend(), backend());
    let up = |now| later.is_up(at(now), TimeDelta::seconds(60));
    assert!(up(65) && !up(66) && up(-55) && !up(-56));
    store.service_forget(&later.host, Binary::Scheduler).await.unwrap();
    assert_eq!(only(&store).await, later);
    store.service_forget(&later.host, Binary::Volume).await.unwrap();
    assert_eq!(store.services().await.unwrap(), []);
}

pub async fn what_an_operator_says_outlives_heartbeats(store: Store) {
    assert!(!change(&store, ServiceChange::Disable(None), 1).await);
    beat(&store, None, 1).await;
    assert!(change(&store, ServiceChange::Disable(Some("disk".to_owned())), 2).await);
    beat(&store, None, 3).await;
    let record = only(&store).await;
    assert!(record.disabled);
    assert_eq!(record.disabled_reason.as_deref(), Some("disk"));
    assert_eq!(record.modified_at, Some(at(2)));
    // Without a reason the one that was given stays.
    assert!(change(&store, ServiceChange::Disable(None), 4).await);
    assert_eq!(only(&store).await.disabled_reason.as_deref(), Some("disk"));
    assert!(change(&store, ServiceChange::Enable, 5).await);
    let record = only(&store).await;
    assert!(!record.disabled && record.disabled_reason.is_none());
}

pub async fn a_frozen_program_freezes_its_volumes(store: Store) {
    let volume = volume();
    add_volume(&store, &volume).await;
    let frozen = async || {
        let mut tx = store.begin().await.unwrap();
        tx.is_frozen(volume.id).await.unwrap()
    };
    beat(&store, None, 1).await;
    assert!(!frozen().await);
    assert!(change(&store, ServiceChange::Freeze(true), 2).await);
    assert!(!change(&store, ServiceChange::Freeze(true), 2).await, "frozen already");
    assert!(frozen().await && only(&store).await.frozen);
    assert!(change(&store, ServiceChange::Freeze(false), 3).await);
    assert!(!frozen().await);
}
