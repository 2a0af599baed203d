//! `[dev]`: who there is under `auth.strategy = dev`, and what must be true of it.

use std::collections::{BTreeMap, BTreeSet};

use argon2::password_hash::phc::PasswordHash;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::SettingsError;

/// The longest life of a token, in seconds: 30 days. What was revoked must be remembered as long.
pub const LONGEST_TOKEN_LIFETIME: u32 = 2_592_000;

/// `[dev]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in config/default.toml")]
pub struct Dev {
    pub allow_remote: bool,
    pub region: String,
    pub token_lifetime: u32,
    pub compute_endpoint: String,
    pub projects: Vec<DevProject>,
    pub users: Vec<DevUser>,
}

/// `[[dev.projects]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in config/default.toml")]
pub struct DevProject {
    pub name: String,
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    pub description: String,
}

/// `[[dev.users]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in config/default.toml")]
pub struct DevUser {
    pub name: String,
    #[serde(default)]
    pub password_hash: Option<SecretString>,
    /// Always refused: here only so that the refusal can say what to do instead.
    #[serde(default)]
    password: Option<SecretString>,
    #[serde(default)]
    pub default_project: Option<String>,
    #[serde(default)]
    pub projects: BTreeMap<String, Vec<Role>>,
}

/// A role. Keystone's own, and the one that its `service` users have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    Admin,
    /// Reading and writing in a project.
    Member,
    /// Reading in a project.
    Reader,
    /// A service that acts for others.
    Service,
}

impl Dev {
    /// What types cannot say.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        if self.region.trim().is_empty() {
            return refuse("region", "expected a name");
        }
        if !(1..=LONGEST_TOKEN_LIFETIME).contains(&self.token_lifetime) {
            return refuse(
                "token_lifetime",
                &format!("expected 1 to {LONGEST_TOKEN_LIFETIME} seconds, 30 days"),
            );
        }
        if !self.compute_endpoint.is_empty() && !self.compute_endpoint.starts_with("http") {
            return refuse("compute_endpoint", "expected http://… or https://…, or nothing");
        }
        self.check_projects()?;
        self.check_users()
    }

    fn check_projects(&self) -> Result<(), SettingsError> {
        let (mut names, mut ids) = (BTreeSet::new(), BTreeSet::new());
        for (index, project) in self.projects.iter().enumerate() {
            let key = |field: &str| format!("projects[{index}].{field}");
            if project.name.trim().is_empty() || !names.insert(&project.name) {
                return refuse(&key("name"), "expected a name that no other project has");
            }
            let Some(id) = &project.id else { continue };
            let hex = id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            if !hex || !ids.insert(id) {
                return refuse(
                    &key("id"),
                    "expected 32 digits of 0-9 and a-f that no other project has",
                );
            }
        }
        Ok(())
    }

    fn check_users(&self) -> Result<(), SettingsError> {
        if self.users.is_empty() {
            return refuse("users", "expected at least one user");
        }
        let mut names = BTreeSet::new();
        for (index, user) in self.users.iter().enumerate() {
            let key = |field: &str| format!("users[{index}].{field}");
            if user.name.trim().is_empty() || !names.insert(&user.name) {
                return refuse(&key("name"), "expected a name that no other user has");
            }
            if user.password.is_some() {
                return refuse(
                    &key("password"),
                    "passwords are not kept; put what `breezeblock hash-password` prints into password_hash",
                );
            }
            let hash = user.password_hash.as_ref().map(ExposeSecret::expose_secret);
            if !hash.is_some_and(is_argon2) {
                return refuse(
                    &key("password_hash"),
                    "expected an argon2 hash ($argon2id$…), not a password; `breezeblock hash-password` makes one",
                );
            }
            let missing = |project: &String| !self.projects.iter().any(|known| known.name == *project);
            if let Some(name) = user.projects.keys().find(|name| missing(name)) {
                return refuse(&key("projects"), &format!("dev.projects has no project {name:?}"));
            }
            let default = user.default_project.as_ref();
            if default.is_some_and(|name| user.projects.get(name).is_none_or(Vec::is_empty)) {
                return refuse(
                    &key("default_project"),
                    "expected one of the projects that the user has a role on",
                );
            }
        }
        Ok(())
    }
}

/// Whether a text is a hash that a password can be compared with.
fn is_argon2(text: &str) -> bool {
    PasswordHash::new(text)
        .is_ok_and(|hash| hash.algorithm.as_str().starts_with("argon2") && hash.salt.is_some() && hash.hash.is_some())
}

fn refuse(key: &str, reason: &str) -> Result<(), SettingsError> {
    Err(SettingsError::Key {
        key: format!("dev.{key}"),
        reason: reason.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::settings::Settings;

    const HASH: &str = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$ZmFrZWZha2VmYWtlZmFrZQ";

    fn load(text: &str) -> Result<Settings, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        Settings::load(Some(file.path()), []).map_err(|error| error.to_string())
    }

    fn user(fields: &str) -> String {
        format!("[[dev.users]]\nname = \"ann\"\n{fields}\n")
    }

    #[test]
    fn users_of_a_file_take_the_place_of_the_default_ones() {
        let project = "[[dev.projects]]\nname = \"Work\"\nid = \"0123456789abcdef0123456789abcdef\"\n";
        let fields = format!("password_hash = \"{HASH}\"\nprojects = {{ Work = [\"admin\", \"service\"] }}");
        let dev = load(&format!("{project}{}", user(&fields))).unwrap().dev;
        assert_eq!(dev.users.len(), 1);
        assert_eq!(dev.projects.len(), 1);
        // Names keep their case.
        assert_eq!(dev.users[0].projects["Work"], [Role::Admin, Role::Service]);
        assert!(!format!("{dev:?}").contains("ZmFrZ"), "{dev:?}");
    }

    #[test]
    fn mistakes_name_the_key_and_keep_the_secret() {
        let hash = format!("password_hash = \"{HASH}\"");
        for (text, key) in [
            (user("password = \"sesame\""), "dev.users[0].password:"),
            (user("password_hash = \"sesame\""), "dev.users[0].password_hash:"),
            (
                user("password_hash = \"$2b$12$sesamesesamesesamesesa\""),
                "dev.users[0].password_hash:",
            ),
            (user(""), "dev.users[0].password_hash:"),
            (
                user(&format!("{hash}\npassword = \"sesame\"")),
                "dev.users[0].password:",
            ),
            (
                user(&format!("{hash}\nprojects = {{ nowhere = [\"reader\"] }}")),
                "dev.users[0].projects:",
            ),
            (
                user(&format!("{hash}\nprojects = {{ demo = [\"root\"] }}")),
                "dev.users[0].projects.demo[0]:",
            ),
            (
                user(&format!("{hash}\ndefault_project = \"demo\"")),
                "dev.users[0].default_project:",
            ),
            (user(&format!("{hash}\nsesame = 1")), "dev.users[0]"),
            (format!("{}{}", user(&hash), user(&hash)), "dev.users[1].name:"),
            ("[dev]\nusers = []\n".to_owned(), "dev.users:"),
            ("[[dev.projects]]\nname = \"\"\n".to_owned(), "dev.projects[0].name:"),
            (
                "[[dev.projects]]\nname = \"a\"\nid = \"A\"\n".to_owned(),
                "dev.projects[0].id:",
            ),
            ("[dev]\nregion = \" \"\n".to_owned(), "dev.region:"),
            ("[dev]\ntoken_lifetime = 2592001\n".to_owned(), "dev.token_lifetime:"),
            (
                "[dev]\ncompute_endpoint = \"nova\"\n".to_owned(),
                "dev.compute_endpoint:",
            ),
        ] {
            let error = load(&text).unwrap_err();
            assert!(error.starts_with(&format!("setting {key}")), "{text}: {error}");
            assert!(!error.contains("sesame\"") && !error.contains("$2b"), "{error}");
        }
    }

    #[test]
    fn others_are_let_in_only_when_told() {
        let remote = "[server]\nbind = \"0.0.0.0:8776\"\n[auth]\nstrategy = \"dev\"\n";
        let error = load(remote).unwrap_err();
        assert!(error.starts_with("setting server.bind: "), "{error}");
        assert!(error.contains("dev.allow_remote=true"), "{error}");
        assert!(load(&format!("{remote}[dev]\nallow_remote = true\n")).is_ok());
        // Each strategy has a word of its own.
        let other = format!("{remote}noauth_allow_remote = true\n");
        assert!(load(&other).is_err());
    }
}
