//! Calls between the processes of one database.

use breezeblock::store::Store;

pub async fn whoever_listens_hears_a_call(store: Store) {
    let listener = store.listen().await.unwrap();
    assert_eq!(listener.is_some(), store.is_shared());
    // Nobody hears it where there is nobody, which is fine.
    store.call().await.unwrap();
    if let Some(mut listener) = listener {
        listener.heard().await.unwrap();
        store.call().await.unwrap();
        listener.heard().await.unwrap();
    }
}
