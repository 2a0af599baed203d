//! Which volumes cannot do without a snapshot.

use breezeblock::{
    domain::{Operation, Volume, VolumeId},
    store::{Dependent, Store},
};
use chrono::DateTime;

use crate::fixture::{add_snapshot, add_task, add_volume, at, snapshot, volume};

pub async fn dependents_come_oldest_first_and_go_with_their_rows(store: Store) {
    let origin = volume();
    let (wanted, other) = (snapshot(&origin), snapshot(&volume()));
    add_volume(&store, &origin).await;
    add_snapshot(&store, &wanted).await;
    let made = |seconds| Volume {
        snapshot_id: Some(wanted.id),
        created_at: at(seconds),
        ..volume()
    };
    let (younger, older, alone) = (made(9), made(5), made(1));
    for made in [&younger, &older, &alone] {
        add_volume(&store, made).await;
    }
    let mut tx = store.begin().await.unwrap();
    for made in [&younger, &older] {
        tx.volume_depends_on(made.id, wanted.id).await.unwrap();
    }
    tx.commit().await.unwrap();
    add_task(&store, Operation::DeleteVolume, older.id.into(), None).await;
    add_task(&store, Operation::ExtendVolume, younger.id.into(), None).await;

    let dependent = |volume: VolumeId, leaving| Dependent { volume, leaving };
    assert_eq!(
        store.dependents_of(wanted.id).await.unwrap(),
        [dependent(older.id, true), dependent(younger.id, false)]
    );
    assert_eq!(store.dependents_of(other.id).await.unwrap(), []);
    assert_eq!(
        store.volumes_made_from(wanted.id).await.unwrap(),
        [alone.id, older.id, younger.id]
    );

    let mut tx = store.begin().await.unwrap();
    assert!(
        tx.volume_delete(older.id, older.status, DateTime::UNIX_EPOCH)
            .await
            .unwrap()
    );
    // What else is written to the row leaves the dependence alone.
    assert!(tx.volume_update(&younger, younger.status).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(
        store.dependents_of(wanted.id).await.unwrap(),
        [dependent(younger.id, false)]
    );
}
