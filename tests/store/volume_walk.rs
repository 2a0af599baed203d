//! A random walk over the statuses of a volume.

use breezeblock::{
    domain::{IllegalTransition, Scope, Volume, VolumeEvent, VolumeStatus},
    store::{Store, Tx},
};
use chrono::{DateTime, Utc};
use proptest::{
    prop_oneof,
    sample::select,
    strategy::{Just, Strategy},
};

use crate::{
    fixture::{GIB_2, add_volume, metadata, stored_volume, volume},
    walk::{Walker, steps, walk},
};

impl Walker for Volume {
    type Status = VolumeStatus;
    type Event = VolumeEvent;

    fn is_end(event: VolumeEvent) -> bool {
        event == VolumeEvent::Deleted
    }

    fn status(&mut self) -> &mut VolumeStatus {
        &mut self.status
    }

    fn apply(&mut self, event: VolumeEvent, now: DateTime<Utc>) -> Result<VolumeStatus, IllegalTransition> {
        Volume::apply(self, event, now)
    }

    fn touch(&mut self, step: usize, before: VolumeStatus) {
        self.target_size = step.is_multiple_of(2).then_some(GIB_2);
        self.previous_status = Some(before);
    }

    async fn read(&self, store: &Store) -> Option<Self> {
        stored_volume(store, self.id).await
    }

    async fn lock(&self, tx: &mut Tx) -> Option<Self> {
        tx.volume_lock(&Scope::All, self.id).await.unwrap()
    }

    async fn update(&self, tx: &mut Tx, expected: VolumeStatus) -> bool {
        tx.volume_update(self, expected).await.unwrap()
    }

    async fn delete(&self, tx: &mut Tx, expected: VolumeStatus) -> bool {
        tx.volume_delete(self.id, expected, chrono::DateTime::UNIX_EPOCH)
            .await
            .unwrap()
    }
}

pub async fn model_and_store_agree(store: Store) {
    let status = select(VolumeStatus::ALL);
    let event = prop_oneof![
        Just(VolumeEvent::Created),
        Just(VolumeEvent::CreateFailed),
        Just(VolumeEvent::Delete),
        Just(VolumeEvent::ForceDelete),
        Just(VolumeEvent::Deleted),
        Just(VolumeEvent::DeleteFailed),
        status.clone().prop_map(VolumeEvent::DeleteBusy),
        Just(VolumeEvent::Extend),
        status.clone().prop_map(VolumeEvent::Extended),
        Just(VolumeEvent::ExtendFailed),
        Just(VolumeEvent::Reserve),
        Just(VolumeEvent::Unreserve),
        Just(VolumeEvent::Attach),
        Just(VolumeEvent::BeginDetaching),
        Just(VolumeEvent::RollDetaching),
        Just(VolumeEvent::Detach),
        Just(VolumeEvent::Revert),
        Just(VolumeEvent::Reverted),
        Just(VolumeEvent::RevertFailed),
        status.prop_map(VolumeEvent::Reset),
    ]
    .boxed();
    let add = async |store: &Store| {
        let first = Volume {
            status: VolumeStatus::Creating,
            metadata: metadata(),
            ..volume()
        };
        add_volume(store, &first).await;
        first
    };
    walk(&store, &steps(VolumeStatus::ALL, &event), &add);
}
