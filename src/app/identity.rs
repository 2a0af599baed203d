//! The way of identifying callers that the settings ask for.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use actix_web::web::Data;
use chrono::TimeDelta;

use super::{AppError, Sources};
use crate::{
    auth::{
        Authenticator, Logins, NoAuth, PasswordAuthenticator,
        keystone::{Keystone, KeystoneOptions, Login},
    },
    http::links,
    identity::DevIdentity,
    settings::{self, Settings, Strategy},
    store::Store,
};

/// Most names with passwords that are remembered.
const MOST_LOGINS: u64 = 10_000;

/// Who finds out who is asking.
#[derive(Debug)]
pub(super) struct Identities {
    pub authenticator: Arc<dyn Authenticator>,
    /// The same for whoever comes with a name and a password.
    pub logins: Data<Logins>,
    /// Served below `/identity` under `auth.strategy = dev`.
    pub dev: Option<Data<DevIdentity>>,
}

impl Identities {
    /// Opens what the settings ask for. `address` is where the service listens.
    ///
    /// # Errors
    /// [`AppError::Keystone`], [`AppError::Identity`].
    pub async fn open(
        settings: &Settings,
        store: &Store,
        sources: &Sources,
        address: SocketAddr,
    ) -> Result<Self, AppError> {
        let logins = |authenticator: Arc<dyn PasswordAuthenticator>| {
            let believed = TimeDelta::seconds(i64::from(settings.deltacloud.login_cache_time));
            let clock = Arc::clone(&sources.clock);
            Data::new(Logins::new(authenticator, clock, believed, MOST_LOGINS))
        };
        Ok(match settings.auth.strategy {
            Strategy::NoAuth => Self {
                authenticator: Arc::new(NoAuth),
                logins: logins(Arc::new(NoAuth)),
                dev: None,
            },
            Strategy::Keystone => {
                let options = options(settings.keystone.clone());
                let keystone = Arc::new(Keystone::new(options, Arc::clone(&sources.clock))?);
                Self {
                    logins: logins(Arc::<Keystone>::clone(&keystone)),
                    authenticator: keystone,
                    dev: None,
                }
            }
            Strategy::Dev => {
                let dev = DevIdentity::open(
                    &settings.dev,
                    store.clone(),
                    Arc::clone(&sources.clock),
                    Arc::clone(&sources.ids),
                    identity_url(settings, address),
                )
                .await?;
                let dev = Data::new(dev);
                Self {
                    authenticator: Arc::<DevIdentity>::clone(&dev),
                    logins: logins(Arc::<DevIdentity>::clone(&dev)),
                    dev: Some(dev),
                }
            }
        })
    }
}

/// Where the development identity is for whoever cannot tell from a request; `bound` is the address that
/// the server has.
pub fn identity_url(settings: &Settings, bound: SocketAddr) -> String {
    let endpoint = &settings.server.public_endpoint;
    let base = if endpoint.is_empty() {
        let mut reached = bound;
        if reached.ip().is_unspecified() {
            // All addresses: this machine's own is one of them.
            reached.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        format!("http://{reached}")
    } else {
        links::without_version(endpoint.trim_end_matches('/')).to_owned()
    };
    format!("{base}/identity/v3")
}

fn options(keystone: settings::Keystone) -> KeystoneOptions {
    let login = if keystone.has_application_credential() {
        Login::ApplicationCredential {
            id: keystone.application_credential_id,
            secret: keystone.application_credential_secret,
        }
    } else {
        Login::Password {
            username: keystone.username,
            password: keystone.password,
            user_domain_name: keystone.user_domain_name,
            project_name: keystone.project_name,
            project_domain_name: keystone.project_domain_name,
        }
    };
    KeystoneOptions {
        auth_url: keystone.auth_url,
        www_authenticate_uri: keystone.www_authenticate_uri,
        login,
        login_domain_name: keystone.login_domain_name,
        ca_file: Some(keystone.ca_file).filter(|path| !path.as_os_str().is_empty()),
        token_cache_time: TimeDelta::seconds(i64::from(keystone.token_cache_time)),
        invalid_cache_time: TimeDelta::seconds(i64::from(keystone.invalid_cache_time)),
        cache_size: keystone.cache_size,
        timeout: Duration::from_secs(u64::from(keystone.timeout)),
        service_token_roles: keystone.service_token_roles,
        service_token_roles_required: keystone.service_token_roles_required,
    }
}
