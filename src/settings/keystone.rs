//! `[keystone]`: where the identity service is, and who we are to it.

use std::{fmt, path::PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};

/// `[keystone]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in config/default.toml")]
pub struct Keystone {
    pub auth_url: String,
    pub www_authenticate_uri: String,
    pub username: String,
    pub password: SecretString,
    pub user_domain_name: String,
    pub project_name: String,
    pub project_domain_name: String,
    pub application_credential_id: String,
    pub application_credential_secret: SecretString,
    pub ca_file: PathBuf,
    pub login_domain_name: String,
    pub token_cache_time: u32,
    pub invalid_cache_time: u32,
    pub cache_size: u64,
    pub timeout: u32,
    #[serde(deserialize_with = "list")]
    pub service_token_roles: Vec<String>,
    pub service_token_roles_required: bool,
}

impl Keystone {
    /// Whether the service logs in with an application credential instead of a password.
    pub fn has_application_credential(&self) -> bool {
        !self.application_credential_id.is_empty()
    }

    /// The key that does not fit, with the reason.
    pub(super) fn mistake(&self) -> Option<(&'static str, &'static str)> {
        let is_url = |text: &str| text.starts_with("http://") || text.starts_with("https://");
        let is_header = |text: &str| text.chars().all(|c| c.is_ascii_graphic() && c != '"');
        if !is_url(&self.auth_url) || !is_header(&self.auth_url) {
            return Some(("auth_url", "expected http://… or https://…, as in a clouds.yaml"));
        }
        let uri = &self.www_authenticate_uri;
        if !uri.is_empty() && (!is_url(uri) || !is_header(uri)) {
            return Some(("www_authenticate_uri", "expected http://… or https://…, or nothing"));
        }
        if let Some(missing) = self.missing_credential() {
            return Some(missing);
        }
        if self.timeout == 0 {
            return Some(("timeout", "expected at least 1 second"));
        }
        if self.cache_size == 0 {
            return Some(("cache_size", "expected at least 1"));
        }
        None
    }

    fn missing_credential(&self) -> Option<(&'static str, &'static str)> {
        let secret = self.application_credential_secret.expose_secret();
        if self.has_application_credential() {
            if !self.username.is_empty() {
                return Some((
                    "username",
                    "an application credential knows its user; set this or keystone.application_credential_id, not both",
                ));
            }
            return secret.is_empty().then_some((
                "application_credential_secret",
                "auth.strategy=keystone needs the secret of keystone.application_credential_id",
            ));
        }
        if !secret.is_empty() {
            return Some((
                "application_credential_id",
                "keystone.application_credential_secret is of no use without it",
            ));
        }
        if self.username.is_empty() {
            return Some((
                "username",
                "auth.strategy=keystone needs a user of the service's own that may validate tokens (role service), or \
                 keystone.application_credential_id",
            ));
        }
        if self.password.expose_secret().is_empty() {
            return Some((
                "password",
                "auth.strategy=keystone needs the password of keystone.username",
            ));
        }
        self.project_name.is_empty().then_some((
            "project_name",
            "auth.strategy=keystone needs the project in which keystone.username has its role",
        ))
    }
}

/// A list, or a text with commas, which is how the environment says it.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct Texts;

    impl<'de> Visitor<'de> for Texts {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of texts, or one text with commas between them")
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            Ok(parts.map(str::to_owned).collect())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut parts = Vec::new();
            while let Some(part) = seq.next_element()? {
                parts.push(part);
            }
            Ok(parts)
        }
    }

    deserializer.deserialize_any(Texts)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use crate::settings::{Settings, Strategy};

    const PASSWORD: [(&str, &str); 4] = [
        ("AUTH__STRATEGY", "keystone"),
        ("KEYSTONE__USERNAME", "cinder"),
        ("KEYSTONE__PASSWORD", "0123"),
        ("KEYSTONE__PROJECT_NAME", "service"),
    ];

    fn load(pairs: &[(&str, &str)]) -> Result<Settings, String> {
        let pairs = pairs
            .iter()
            .map(|(key, value)| (format!("BREEZEBLOCK__{key}"), (*value).to_owned()));
        Settings::load(None, pairs).map_err(|error| error.to_string())
    }

    fn with(change: &[(&str, &str)]) -> Result<Settings, String> {
        load(&[&PASSWORD[..], change].concat())
    }

    #[test]
    fn secrets_are_kept_to_the_letter_and_to_themselves() {
        use secrecy::ExposeSecret as _;
        // A number by its looks, which it must not become.
        let settings = with(&[]).unwrap();
        assert_eq!(settings.auth.strategy, Strategy::Keystone);
        assert_eq!(settings.keystone.password.expose_secret(), "0123");
        assert!(!format!("{settings:?}").contains("0123"));
        let secret = [
            ("KEYSTONE__USERNAME", ""),
            ("KEYSTONE__APPLICATION_CREDENTIAL_ID", "007"),
        ];
        let settings = with(&[&secret[..], &[("KEYSTONE__APPLICATION_CREDENTIAL_SECRET", "true")]].concat()).unwrap();
        assert_eq!(settings.keystone.application_credential_id, "007");
        assert_eq!(settings.keystone.application_credential_secret.expose_secret(), "true");
    }

    #[test]
    fn roles_come_as_a_list_or_with_commas() {
        let roles = |change: &[(&str, &str)]| with(change).unwrap().keystone.service_token_roles;
        assert_eq!(roles(&[]), ["service"]);
        assert_eq!(roles(&[("KEYSTONE__SERVICE_TOKEN_ROLES", "a, b,")]), ["a", "b"]);
        let mut file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        writeln!(file, "[keystone]\nservice_token_roles = [\"c\", \"d\"]").unwrap();
        let settings = Settings::load(Some(file.path()), []).unwrap();
        assert_eq!(settings.keystone.service_token_roles, ["c", "d"]);
    }

    #[test]
    fn what_is_missing_is_named() {
        for (change, key) in [
            (&[("KEYSTONE__USERNAME", "")][..], "keystone.username"),
            (&[("KEYSTONE__PASSWORD", "")], "keystone.password"),
            (&[("KEYSTONE__PROJECT_NAME", "")], "keystone.project_name"),
            (&[("KEYSTONE__AUTH_URL", "keystone:5000")], "keystone.auth_url"),
            (&[("KEYSTONE__AUTH_URL", "http://a\nb")], "keystone.auth_url"),
            (
                &[("KEYSTONE__WWW_AUTHENTICATE_URI", "x")],
                "keystone.www_authenticate_uri",
            ),
            (&[("KEYSTONE__TIMEOUT", "0")], "keystone.timeout"),
            (&[("KEYSTONE__TIMEOUT", "soon")], "keystone.timeout"),
            (&[("KEYSTONE__CACHE_SIZE", "0")], "keystone.cache_size"),
            (&[("KEYSTONE__TOKEN_CACHE_TIME", "-1")], "keystone.token_cache_time"),
            (&[("KEYSTONE__APPLICATION_CREDENTIAL_ID", "a")], "keystone.username"),
            (
                &[("KEYSTONE__APPLICATION_CREDENTIAL_ID", "a"), ("KEYSTONE__USERNAME", "")],
                "keystone.application_credential_secret",
            ),
            (
                &[("KEYSTONE__APPLICATION_CREDENTIAL_SECRET", "a")],
                "keystone.application_credential_id",
            ),
        ] {
            let told = with(change).unwrap_err();
            assert!(told.contains(&format!("setting {key}: ")), "{change:?}: {told}");
        }
        // Other strategies do not care.
        assert!(load(&[("KEYSTONE__AUTH_URL", "")]).is_ok());
        assert!(load(&[("AUTH__STRATEGY", "keystone"), ("SERVER__BIND", "0.0.0.0:8776")]).is_err());
        assert!(with(&[("SERVER__BIND", "0.0.0.0:8776")]).is_ok());
    }
}
