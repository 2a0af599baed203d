//! A random walk over the statuses of a snapshot.

use breezeblock::{
    domain::{IllegalTransition, Scope, Snapshot, SnapshotEvent, SnapshotStatus},
    store::{Store, Tx},
};
use chrono::{DateTime, Utc};
use proptest::{
    prop_oneof,
    sample::select,
    strategy::{Just, Strategy},
};

use crate::{
    fixture::{add_snapshot, add_volume, metadata, snapshot, stored_snapshot, volume},
    walk::{Walker, steps, walk},
};

impl Walker for Snapshot {
    type Status = SnapshotStatus;
    type Event = SnapshotEvent;

    fn is_end(event: SnapshotEvent) -> bool {
        event == SnapshotEvent::Deleted
    }

    fn status(&mut self) -> &mut SnapshotStatus {
        &mut self.status
    }

    fn apply(&mut self, event: SnapshotEvent, now: DateTime<Utc>) -> Result<SnapshotStatus, IllegalTransition> {
        Snapshot::apply(self, event, now)
    }

    fn touch(&mut self, step: usize, before: SnapshotStatus) {
        self.progress = Some(format!("{step}%"));
        self.previous_status = Some(before);
    }

    async fn read(&self, store: &Store) -> Option<Self> {
        stored_snapshot(store, self.id).await
    }

    async fn lock(&self, tx: &mut Tx) -> Option<Self> {
        tx.snapshot_lock(&Scope::All, self.id).await.unwrap()
    }

    async fn update(&self, tx: &mut Tx, expected: SnapshotStatus) -> bool {
        tx.snapshot_update(self, expected).await.unwrap()
    }

    async fn delete(&self, tx: &mut Tx, expected: SnapshotStatus) -> bool {
        tx.snapshot_delete(self.id, expected, chrono::DateTime::UNIX_EPOCH)
            .await
            .unwrap()
    }
}

pub async fn model_and_store_agree(store: Store) {
    let status = select(SnapshotStatus::ALL);
    let event = prop_oneof![
        Just(SnapshotEvent::Created),
        Just(SnapshotEvent::CreateFailed),
        Just(SnapshotEvent::Delete),
        Just(SnapshotEvent::ForceDelete),
        Just(SnapshotEvent::Deleted),
        Just(SnapshotEvent::DeleteFailed),
        status.clone().prop_map(SnapshotEvent::DeleteBusy),
        Just(SnapshotEvent::Unmanage),
        Just(SnapshotEvent::Unmanaged),
        Just(SnapshotEvent::UnmanageFailed),
        Just(SnapshotEvent::Restore),
        Just(SnapshotEvent::Restored),
        status.clone().prop_map(SnapshotEvent::Report),
        status.prop_map(SnapshotEvent::Reset),
    ]
    .boxed();
    let add = async |store: &Store| {
        let volume = volume();
        add_volume(store, &volume).await;
        let first = Snapshot {
            status: SnapshotStatus::Creating,
            metadata: metadata(),
            ..snapshot(&volume)
        };
        add_snapshot(store, &first).await;
        first
    };
    walk(&store, &steps(SnapshotStatus::ALL, &event), &add);
}
