//! Typed settings: built-in defaults, then a file, then the environment. A key or value that does not
//! fit stops the start with the key's name and what was expected.

mod check;
mod deltacloud;
mod dev;
mod keystone;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use config::{Config, ConfigError, Environment, File, FileFormat};
use secrecy::SecretString;
use serde::Deserialize;

pub use self::{
    deltacloud::{DateForm, Deltacloud},
    dev::{Dev, DevProject, DevUser, LONGEST_TOKEN_LIFETIME, Role},
    keystone::Keystone,
};

/// The documented defaults, which are also the program's.
pub const DEFAULTS: &str = include_str!("../../config/default.toml");

/// All settings; see `config/default.toml` for what each means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented where they are set, in config/default.toml")]
pub struct Settings {
    pub server: Server,
    pub database: Database,
    pub storage: Storage,
    pub service: Service,
    pub auth: Auth,
    pub policy: Policy,
    pub keystone: Keystone,
    pub dev: Dev,
    pub deltacloud: Deltacloud,
    pub worker: Worker,
    pub quota: Quota,
    pub volume: Volume,
    pub message: Message,
    pub log: Log,
}

/// `[server]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in config/default.toml")]
pub struct Server {
    pub enabled: bool,
    pub bind: SocketAddr,
    pub workers: usize,
    pub public_endpoint: String,
    pub max_request_body_size: usize,
    pub max_limit: u32,
    pub max_requests: usize,
    pub max_unsent: usize,
    pub max_connections: usize,
    pub keep_alive: u64,
    pub client_timeout: u64,
    pub shutdown_grace: u64,
}

/// `[database]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in config/default.toml")]
pub struct Database {
    /// May hold a password.
    pub url: SecretString,
    pub max_connections: u32,
    pub timeout: u64,
}

/// `[storage]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in config/default.toml")]
pub struct Storage {
    pub driver: DriverName,
    pub path: PathBuf,
    pub host: String,
    pub backend: String,
    pub availability_zone: String,
}

/// `[service]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in config/default.toml")]
pub struct Service {
    pub report_interval: u32,
    pub down_time: u32,
}

/// `storage.driver`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DriverName {
    /// Raw files in a folder.
    File,
}

/// `[auth]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in config/default.toml")]
pub struct Auth {
    pub strategy: Strategy,
    pub noauth_allow_remote: bool,
}

/// `auth.strategy`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// Everybody is admin.
    NoAuth,
    /// An identity service decides.
    Keystone,
    /// Users of the settings, and a Keystone that is built in.
    Dev,
}

/// `[policy]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Empty: Cinder's defaults.
    file: PathBuf,
}

impl Policy {
    /// The policy file, if there is one.
    pub fn file(&self) -> Option<&Path> {
        Some(self.file.as_path()).filter(|path| !path.as_os_str().is_empty())
    }
}

/// `[worker]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in config/default.toml")]
pub struct Worker {
    pub enabled: bool,
    pub concurrency: usize,
    pub lease: u64,
    pub poll_interval: f64,
    pub max_attempts: i64,
    pub reconcile_interval: u64,
}

/// `[quota]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in config/default.toml")]
pub struct Quota {
    pub volumes: i64,
    pub snapshots: i64,
    pub gigabytes: i64,
    pub backups: i64,
    pub backup_gigabytes: i64,
    pub groups: i64,
    pub per_volume_gigabytes: i64,
    pub no_snapshot_gb_quota: bool,
}

/// `[volume]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in config/default.toml")]
pub struct Volume {
    pub default_type: String,
}

/// `[message]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in config/default.toml")]
pub struct Message {
    pub ttl: u32,
}

/// `[log]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in config/default.toml")]
pub struct Log {
    pub format: LogFormat,
    pub filter: String,
}

/// `log.format`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Human on a terminal, else JSON.
    Auto,
    /// Lines for people.
    Human,
    /// One JSON object a line.
    Json,
}

/// Settings that do not fit.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A source cannot be read.
    #[error("the settings cannot be read: {0}")]
    Read(#[source] ConfigError),
    /// A key is unknown or has the wrong type.
    #[error("setting {key}: {reason}")]
    Key {
        /// `section.key`
        key: String,
        /// What was expected.
        reason: String,
    },
}

impl Settings {
    /// Reads the built-in defaults, `file` if given, and `environment`: pairs such as
    /// `BREEZEBLOCK__SERVER__BIND`.
    ///
    /// # Errors
    /// [`SettingsError`] naming the first key that does not fit.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let mut sources = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        if let Some(file) = file {
            sources = sources.add_source(File::from(file).format(FileFormat::Toml).required(true));
        }
        let environment = Environment::with_prefix("BREEZEBLOCK")
            .prefix_separator("__")
            .separator("__")
            // Texts stay texts until a field wants a number: a password such as 0123 is none.
            .try_parsing(false)
            .source(Some(environment.into_iter().collect()));
        let merged = sources.add_source(environment).build().map_err(SettingsError::Read)?;
        let settings: Self = serde_path_to_error::deserialize(merged).map_err(|error| SettingsError::Key {
            key: error.path().to_string(),
            reason: error.inner().to_string(),
        })?;
        settings.check()?;
        Ok(settings)
    }
}

impl Quota {
    /// The limits by Cinder's resource names.
    pub const fn limits(&self) -> [(&'static str, i64); 7] {
        [
            ("volumes", self.volumes),
            ("snapshots", self.snapshots),
            ("gigabytes", self.gigabytes),
            ("backups", self.backups),
            ("backup_gigabytes", self.backup_gigabytes),
            ("groups", self.groups),
            ("per_volume_gigabytes", self.per_volume_gigabytes),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(environment: &[(&str, &str)]) -> Result<Settings, String> {
        let pairs = environment
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Settings::load(None, pairs).map_err(|error| error.to_string())
    }

    #[test]
    fn the_defaults_are_the_documented_ones() {
        let settings = load(&[]).unwrap();
        assert_eq!(settings.server.bind.to_string(), "127.0.0.1:8776");
        assert_eq!(settings.storage.path, Path::new("data"));
        assert_eq!(settings.auth.strategy, Strategy::NoAuth);
        assert_eq!(settings.worker.concurrency, 4);
    }

    #[test]
    fn the_environment_overrides() {
        let settings = load(&[
            ("BREEZEBLOCK__SERVER__BIND", "127.0.0.1:1"),
            ("BREEZEBLOCK__WORKER__ENABLED", "false"),
            ("BREEZEBLOCK__WORKER__CONCURRENCY", "2"),
            ("BREEZEBLOCK__DATABASE__URL", "postgres://u:hush@h/d"),
            ("BREEZEBLOCK__STORAGE__PATH", "/srv/12"),
            ("BREEZEBLOCK__STORAGE__HOST", "42"),
        ])
        .unwrap();
        assert_eq!(settings.server.bind.port(), 1);
        assert!(!settings.worker.enabled);
        assert_eq!(settings.worker.concurrency, 2);
        assert_eq!(settings.storage.host, "42");
        assert!(!format!("{settings:?}").contains("hush"));
    }

    #[test]
    fn mistakes_name_the_key() {
        for (key, value, named, expected) in [
            ("BREEZEBLOCK__SERVER__BNID", "127.0.0.1:1", "server", "bnid"),
            ("BREEZEBLOCK__SERVER__BIND", "nonsense", "server.bind", "socket address"),
            (
                "BREEZEBLOCK__SERVER__BIND",
                "0.0.0.0:8776",
                "server.bind",
                "noauth_allow_remote",
            ),
            (
                "BREEZEBLOCK__WORKER__CONCURRENCY",
                "many",
                "worker.concurrency",
                "integer",
            ),
            (
                "BREEZEBLOCK__WORKER__CONCURRENCY",
                "0",
                "worker.concurrency",
                "at least 1",
            ),
            (
                "BREEZEBLOCK__SERVER__MAX_REQUESTS",
                "0",
                "server.max_requests",
                "at least 1",
            ),
            (
                "BREEZEBLOCK__SERVER__MAX_UNSENT",
                "1000",
                "server.max_unsent",
                "1048576",
            ),
            ("BREEZEBLOCK__SERVER__KEEP_ALIVE", "0", "server.keep_alive", "1 to 3600"),
            ("BREEZEBLOCK__STORAGE__DRIVER", "tape", "storage.driver", "tape"),
            ("BREEZEBLOCK__DATABASE__URL", "mysql://x", "database.url", "sqlite://"),
            ("BREEZEBLOCK__QUOTA__SNAPSHOTS", "-2", "quota.snapshots", "-1"),
            ("BREEZEBLOCK__AUTH__STRATEGY", "nobody", "auth.strategy", "nobody"),
            ("BREEZEBLOCK__DEV__TOKEN_LIFETIME", "0", "dev.token_lifetime", "30 days"),
            (
                "BREEZEBLOCK__WORKER__RECONCILE_INTERVAL",
                "604801",
                "worker.reconcile_interval",
                "a week",
            ),
            ("BREEZEBLOCK__NONSENSE__KEY", "1", "nonsense", "unknown"),
        ] {
            let error = load(&[(key, value)]).unwrap_err();
            assert!(
                error.contains(named) && error.contains(expected),
                "{key}={value}: {error}"
            );
        }
        assert!(load(&[("BREEZEBLOCK__SERVER__BIND", "[::1]:8776")]).is_ok());
        assert!(
            load(&[
                ("BREEZEBLOCK__SERVER__BIND", "0.0.0.0:8776"),
                ("BREEZEBLOCK__AUTH__NOAUTH_ALLOW_REMOTE", "true")
            ])
            .is_ok()
        );
    }
}
