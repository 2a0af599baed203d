//! The key that signs the development identity's tokens.

use super::{
    Store, StoreError,
    engine::{Statement, none, statement},
};

pub(super) const STATEMENTS: &[Statement] = &[INSERT, SHOW];

statement!(
    INSERT = "INSERT INTO identity_keys (name, value) VALUES ($1, $2)
              ON CONFLICT (name) DO NOTHING"
);
statement!(SHOW = "SELECT value FROM identity_keys WHERE name = $1");

const NAME: &str = "token";

impl Store {
    /// The key that is kept; `fresh` if there is none yet. Of several processes that start at once all
    /// get the same.
    pub async fn signing_key(&self, fresh: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.execute(INSERT.bind(NAME).bind(fresh)).await?;
        self.returning(SHOW.bind(NAME)).await?.pop().ok_or_else(none)
    }
}
