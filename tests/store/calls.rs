//! Calls between the processes of one database.

use breezeblock::store::{Call, Store};

pub async fn whoever_listens_hears_a_call(store: Store) {
    let listener = store.listen().await.unwrap();
    assert_eq!(listener.is_some(), store.is_shared());
    // Nobody hears it where there is nobody, which is fine.
    store.call(Call::Work).await.unwrap();
    if let Some(mut listener) = listener {
        assert_eq!(listener.heard().await.unwrap(), Call::Work);
        store.call(Call::Recall).await.unwrap();
        assert_eq!(listener.heard().await.unwrap(), Call::Recall);
    }
}
