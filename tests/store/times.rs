//! Times: to the microsecond, and in their order.

use breezeblock::{
    domain::{Direction, LeaseToken, Operation, ResourceId, Volume, VolumeKey},
    store::Store,
};
use chrono::TimeDelta;

use crate::{
    fixture::{add_task_at, add_volume, at, backend, id, stored_volume, volume},
    model::{all, list, pages},
};

/// Fractions that a text spells with none, three or six digits, in order.
const MICROSECONDS: [i64; 9] = [0, 1, 10, 999, 1_000, 1_001, 100_000, 500_000, 999_999];

pub async fn microseconds_are_kept_and_ordered(store: Store) {
    let mut times = Vec::new();
    // Far away ones too: texts of different length would sort wrongly.
    for seconds in [-1_767_323_045, -1, 0, 1, 59, 100_000_000_000] {
        times.extend(MICROSECONDS.map(|micros| at(seconds) + TimeDelta::microseconds(micros)));
    }
    let mut shuffled = times.clone();
    shuffled.sort_by_key(|time| {
        time.timestamp_micros()
            .wrapping_mul(0x9e37_79b9_7f4a_7c15_u64.cast_signed())
    });
    for time in shuffled {
        let volume = Volume {
            created_at: time,
            updated_at: Some(time),
            ..volume()
        };
        add_volume(&store, &volume).await;
        assert_eq!(stored_volume(&store, volume.id).await, Some(volume));
    }
    for key in [VolumeKey::CreatedAt, VolumeKey::UpdatedAt] {
        let query = all(vec![(key, Direction::Asc), (VolumeKey::Id, Direction::Asc)]);
        let listed: Vec<_> = list::<Volume>(&store, &query)
            .await
            .into_iter()
            .map(|volume| volume.created_at)
            .collect();
        assert_eq!(listed, times);
        assert_eq!(pages::<Volume>(&store, &query, 7).await.len(), times.len());
    }
}

pub async fn a_task_is_due_to_the_microsecond(store: Store) {
    let step = TimeDelta::microseconds(1);
    for micros in MICROSECONDS {
        let due = at(0) + TimeDelta::microseconds(micros);
        let claim = async |now| {
            store
                .task_claim(&backend(), LeaseToken::new(id()), now, now + step)
                .await
        };
        add_task_at(&store, Operation::CreateVolume, ResourceId::new(id()), None, due).await;
        let first = claim(due).await.unwrap().unwrap();
        assert!(store.task_postpone(&first, due, "not yet").await.unwrap());
        assert_eq!(claim(due - step).await.unwrap(), None, "{micros}");
        assert_eq!(claim(due).await.unwrap().unwrap().attempts, 2, "{micros}");
        // The lease holds for one microsecond.
        assert_eq!(claim(due).await.unwrap(), None, "{micros}");
        let task = claim(due + step).await.unwrap().unwrap();
        assert_eq!(task.attempts, 3, "{micros}");
        assert!(crate::fixture::finish(&store, &task).await);
    }
}
