//! A ready `clouds.yaml` for the users of the settings.

use std::fmt::Write as _;

use secrecy::ExposeSecret;

use super::{
    directory::{DOMAIN_NAME, Directory},
    password::{DEFAULT_PASSWORD, verify},
};
use crate::settings::Dev;

/// The user whose cloud needs no further name.
const USUAL: &str = "demo";

/// One cloud for each user: `breezeblock` for `demo`, `breezeblock-<name>` for the others. Passwords are
/// not known, unless they are the default one.
pub fn clouds_yaml(settings: &Dev, auth_url: &str) -> String {
    let directory = Directory::new(settings);
    let mut text = "clouds:\n".to_owned();
    for user in &directory.users {
        let cloud = match user.name.as_str() {
            USUAL => "breezeblock".to_owned(),
            name => format!("breezeblock-{name}"),
        };
        let hash = user.password_hash.expose_secret();
        let password = if verify(DEFAULT_PASSWORD, hash) {
            DEFAULT_PASSWORD.to_owned()
        } else {
            "\"\" # put the user's password here; only its hash is known".to_owned()
        };
        let default = user.default_project.as_deref().and_then(|id| directory.project(id));
        let project = default.or_else(|| directory.projects_of(user).next());
        // Writing to a String cannot fail.
        let _infallible = write!(
            text,
            "  {cloud}:\n    auth:\n      auth_url: {auth_url}\n      username: {name}\n      password: {password}\n      \
             user_domain_name: {DOMAIN_NAME}\n",
            cloud = quoted(&cloud),
            auth_url = quoted(auth_url),
            name = quoted(&user.name),
        );
        if let Some(project) = project {
            let _infallible = write!(
                text,
                "      project_name: {}\n      project_domain_name: {DOMAIN_NAME}\n",
                quoted(&project.name)
            );
        }
        let _infallible = write!(
            text,
            "    region_name: {}\n    identity_api_version: 3\n",
            quoted(&settings.region)
        );
    }
    text
}

/// A text as YAML reads it back: bare if nothing in it can be misread, else as JSON, which is YAML too.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':');
    let word = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(plain) && !text.ends_with(':');
    let constant = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    if word && !constant.contains(&text.to_ascii_lowercase().as_str()) {
        return text.to_owned();
    }
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn every_user_has_a_cloud() {
        let dev = Settings::load(None, []).unwrap().dev;
        let text = clouds_yaml(&dev, "http://127.0.0.1:8776/identity/v3");
        let cloud = "  breezeblock-reader:\n    auth:\n      auth_url: http://127.0.0.1:8776/identity/v3\n      \
                     username: reader\n      password: breezeblock\n      user_domain_name: Default\n      \
                     project_name: demo\n      project_domain_name: Default\n    region_name: RegionOne\n    \
                     identity_api_version: 3\n";
        assert!(text.ends_with(cloud), "{text}");
        assert!(text.starts_with("clouds:\n  breezeblock-admin:\n"), "{text}");
        assert!(text.contains("\n  breezeblock:\n    auth:\n"), "{text}");
    }

    #[test]
    fn a_password_that_is_not_the_default_one_is_left_open() {
        let mut dev = Settings::load(None, []).unwrap().dev;
        dev.users[1].password_hash = Some(crate::identity::hash_password("secret").unwrap().into());
        let text = clouds_yaml(&dev, "http://h/identity/v3");
        assert_eq!(text.matches("password: breezeblock\n").count(), 2, "{text}");
        assert_eq!(text.matches("password: \"\" # put ").count(), 1, "{text}");
    }

    #[test]
    fn odd_names_stay_what_they_are() {
        for (text, expected) in [
            ("demo", "demo"),
            ("http://[::1]:8776/identity/v3", "\"http://[::1]:8776/identity/v3\""),
            ("yes", "\"yes\""),
            ("12", "\"12\""),
            ("a: b", "\"a: b\""),
            ("a:", "\"a:\""),
            ("say \"hi\"", "\"say \\\"hi\\\"\""),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }
}
