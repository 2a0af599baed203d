//! Tokens that are no longer valid before their time.

use chrono::{DateTime, Utc};

use super::{
    Store, StoreError, Tx,
    engine::{Statement, statement},
};

pub(super) const STATEMENTS: &[Statement] = &[INSERT, LIST, SWEEP];

statement!(
    INSERT = "INSERT INTO identity_revocations (id, expires_at) VALUES ($1, $2)
              ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at"
);
statement!(LIST = "SELECT id, expires_at FROM identity_revocations WHERE expires_at > $1");
statement!(SWEEP = "DELETE FROM identity_revocations WHERE expires_at <= $1");

impl Store {
    /// Remembers, until `expires_at`, that what has this id is revoked.
    pub async fn revocation_insert(&self, id: &str, expires_at: DateTime<Utc>) -> Result<(), StoreError> {
        self.execute(INSERT.bind(id).bind(expires_at)).await?;
        Ok(())
    }

    /// What is revoked, with the time from which it does not matter any more.
    pub async fn revocations(&self, now: DateTime<Utc>) -> Result<Vec<(String, DateTime<Utc>)>, StoreError> {
        self.all(LIST.bind(now)).await
    }

    /// Forgets the revocations of what has ended by itself; how many there were.
    pub async fn revocations_sweep(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.execute(SWEEP.bind(now)).await
    }
}

impl Tx {
    /// The same as [`Store::revocation_insert`], with what else the transaction does.
    pub async fn revocation_insert(&mut self, id: &str, expires_at: DateTime<Utc>) -> Result<(), StoreError> {
        self.open.execute(INSERT.bind(id).bind(expires_at)).await?;
        Ok(())
    }
}
