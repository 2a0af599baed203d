//! `[deltacloud]`: the second front.

use serde::Deserialize;

/// `[deltacloud]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in config/default.toml")]
pub struct Deltacloud {
    pub enabled: bool,
    pub base_path: String,
    pub provider: String,
    pub dates: DateForm,
    pub login_cache_time: u32,
}

/// `deltacloud.dates`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DateForm {
    /// `Thu Jul 28 21:54:19 UTC 2011`
    Classic,
    /// `2011-07-28T21:54:19.000000`
    Iso8601,
}

impl Deltacloud {
    /// The first key with a value that cannot be, and why.
    pub(super) fn mistake(&self) -> Option<(&'static str, &'static str)> {
        if let Some(reason) = self.mistake_in_base_path() {
            return Some(("base_path", reason));
        }
        let believed = (1..=3600).contains(&self.login_cache_time);
        (!believed).then_some(("login_cache_time", "expected 1 to 3600 seconds"))
    }

    fn mistake_in_base_path(&self) -> Option<&'static str> {
        const EXPECTED: &str = "expected a path such as /api, of letters, digits and - _ .";
        let Some(path) = self.base_path.strip_prefix('/') else {
            return Some(EXPECTED);
        };
        let is_plain = |segment: &str| {
            let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            // One of dots only is no name: clients take it away.
            segment.chars().all(legal) && segment.chars().any(|c| c != '.')
        };
        let taken = ["v3", "identity", "healthcheck", "openapi", "openapi.json"];
        let mut segments = path.split('/').peekable();
        if segments.peek().is_some_and(|first| taken.contains(first)) {
            return Some("the other APIs of this server are there; choose another path, such as /api");
        }
        (!segments.all(is_plain)).then_some(EXPECTED)
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::Settings;

    #[test]
    fn mistakes_name_the_key() {
        for (key, value, expected) in [
            ("BASE_PATH", "api", "such as /api"),
            ("BASE_PATH", "/api/", "such as /api"),
            ("BASE_PATH", "/a/..", "such as /api"),
            ("BASE_PATH", "/", "such as /api"),
            ("BASE_PATH", "/v3", "other APIs"),
            ("BASE_PATH", "/openapi", "other APIs"),
            ("LOGIN_CACHE_TIME", "0", "3600 seconds"),
            ("DATES", "roman", "roman"),
        ] {
            let pair = (format!("BREEZEBLOCK__DELTACLOUD__{key}"), value.to_owned());
            let error = Settings::load(None, [pair]).unwrap_err().to_string();
            let key = format!("deltacloud.{}", key.to_lowercase());
            assert!(error.contains(&key) && error.contains(expected), "{value}: {error}");
        }
        for value in ["/cloud/api", "/a.b-c_d"] {
            let pair = ("BREEZEBLOCK__DELTACLOUD__BASE_PATH".to_owned(), value.to_owned());
            assert!(Settings::load(None, [pair]).is_ok(), "{value}");
        }
    }
}
