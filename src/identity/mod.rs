//! `auth.strategy = dev`: a small Keystone v3 for development, in the same process as the API it guards
//! (docs/adr/0007).
//!
//! Users, projects and roles are settings; the database keeps only what must survive a restart: the key
//! that signs tokens, what was revoked, and application credentials. The files here know nothing of
//! HTTP; [`http`] serves them below `/identity`.

mod authenticator;
mod catalog;
mod clouds;
mod credentials;
mod derived;
mod directory;
mod error;
pub mod http;
mod login;
mod password;
mod request;
mod revocations;
mod roles;
mod session;
mod token;

use std::sync::Arc;

use chrono::TimeDelta;

use self::{catalog::Catalog, directory::Directory, password::Passwords, revocations::Revocations, token::Signer};
pub use self::{
    clouds::clouds_yaml,
    error::IdentityError,
    password::{DEFAULT_PASSWORD, hash as hash_password},
};
use crate::{
    clock::{Clock, Ids},
    settings::Dev,
    store::Store,
};

/// What every discovery document and the log say.
pub const NOTE: &str = "development identity built into breezeblock; not for production";

/// The development identity.
#[derive(Debug)]
pub struct DevIdentity {
    directory: Directory,
    catalog: Catalog,
    passwords: Passwords,
    signer: Signer,
    revocations: Revocations,
    store: Store,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    token_lifetime: TimeDelta,
    /// Where strangers are sent: the address of `/identity/v3`.
    uri: String,
}

impl DevIdentity {
    /// Reads the settings and fetches the key that signs tokens, making it at the first start. `uri` is
    /// the address of `/identity/v3` for refusals that have no request to take it from.
    ///
    /// # Errors
    /// [`IdentityError::Store`].
    pub async fn open(
        settings: &Dev,
        store: Store,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        uri: String,
    ) -> Result<Self, IdentityError> {
        let key = store.signing_key(&rand::random::<[u8; 32]>()).await?;
        Ok(Self {
            directory: Directory::new(settings),
            catalog: Catalog::new(&settings.region, &settings.compute_endpoint),
            passwords: Passwords::default(),
            signer: Signer::new(&key)?,
            revocations: Revocations::new(store.clone()),
            store,
            clock,
            ids,
            token_lifetime: TimeDelta::seconds(i64::from(settings.token_lifetime)),
            uri,
        })
    }
}
