//! What the development identity keeps.

use breezeblock::{domain::ApplicationCredential, store::Store};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

fn credential(number: u128, user: &str, name: &str) -> ApplicationCredential {
    ApplicationCredential {
        id: Uuid::from_u128(number),
        user_id: user.to_owned(),
        project_id: "p".to_owned(),
        name: name.to_owned(),
        description: None,
        secret_hash: "$argon2id$hash".to_owned(),
        roles: vec!["member".to_owned(), "reader".to_owned()],
        unrestricted: false,
        created_at: at(0),
        expires_at: None,
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 123_456_000).unwrap() + TimeDelta::seconds(seconds)
}

pub async fn the_first_key_stays(store: Store) {
    assert_eq!(store.signing_key(b"first").await.unwrap(), b"first");
    assert_eq!(store.signing_key(b"second").await.unwrap(), b"first");
}

pub async fn revocations_count_until_they_are_over(store: Store) {
    assert_eq!(store.revocations(at(0)).await.unwrap(), []);
    store.revocation_insert("a", at(10)).await.unwrap();
    store.revocation_insert("b", at(20)).await.unwrap();
    // Twice is no mistake.
    store.revocation_insert("b", at(20)).await.unwrap();
    let mut known = store.revocations(at(0)).await.unwrap();
    known.sort();
    assert_eq!(known, [("a".to_owned(), at(10)), ("b".to_owned(), at(20))]);
    assert_eq!(store.revocations(at(10)).await.unwrap(), [("b".to_owned(), at(20))]);
    assert_eq!(store.revocations_sweep(at(9)).await.unwrap(), 0);
    assert_eq!(store.revocations_sweep(at(10)).await.unwrap(), 1);
    assert_eq!(store.revocations(at(0)).await.unwrap(), [("b".to_owned(), at(20))]);
}

pub async fn a_credential_comes_back_as_it_was(store: Store) {
    let full = ApplicationCredential {
        description: Some("for CI".to_owned()),
        unrestricted: true,
        expires_at: Some(at(60)),
        ..credential(1, "ann", "ci")
    };
    assert!(store.application_credential_insert(&full).await.unwrap());
    let other = credential(2, "ann", "other");
    assert!(store.application_credential_insert(&other).await.unwrap());
    assert_eq!(store.application_credential(full.id).await.unwrap(), Some(full.clone()));
    let by_name = async |user, name| store.application_credential_by_name(user, name).await.unwrap();
    assert_eq!(by_name("ann", "ci").await, Some(full.clone()));
    assert_eq!(by_name("ben", "ci").await, None);
    assert_eq!(by_name("ann", "CI").await, None);
    assert_eq!(store.application_credentials("ann").await.unwrap(), [full, other]);
    assert_eq!(store.application_credentials("ben").await.unwrap(), []);
    let unknown = store.application_credential(Uuid::from_u128(3)).await.unwrap();
    assert_eq!(unknown, None);
}

pub async fn a_name_is_its_users_once(store: Store) {
    let insert = async |credential| store.application_credential_insert(&credential).await.unwrap();
    assert!(insert(credential(1, "ann", "ci")).await);
    assert!(!insert(credential(2, "ann", "ci")).await);
    assert!(insert(credential(3, "ben", "ci")).await);
}

pub async fn a_credential_is_deleted_with_its_tokens_or_not_at_all(store: Store) {
    let id = Uuid::from_u128(1);
    store
        .application_credential_insert(&credential(1, "ann", "ci"))
        .await
        .unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(tx.application_credential_delete(id).await.unwrap());
    tx.revocation_insert("a", at(10)).await.unwrap();
    drop(tx);
    assert!(store.application_credential(id).await.unwrap().is_some());
    assert_eq!(store.revocations(at(0)).await.unwrap(), []);

    let mut tx = store.begin().await.unwrap();
    assert!(tx.application_credential_delete(id).await.unwrap());
    assert!(!tx.application_credential_delete(id).await.unwrap());
    tx.revocation_insert("a", at(10)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.application_credential(id).await.unwrap(), None);
    assert_eq!(store.revocations(at(0)).await.unwrap().len(), 1);
}
