//! Access rules of application credentials: which calls of which service a token is good for.
//!
//! Keystone hands such tokens only to services that enforce the rules, and keystonemiddleware defines
//! how a path is compared.

use std::fmt::Write as _;

use regex::Regex;
use serde::Deserialize;

/// The service types under which clouds list this service.
const OUR_TYPES: [&str; 2] = ["block-storage", "volumev3"];

/// Most rules of one token that are read: each costs some time and memory, and users choose how many there
/// are. What the rest would allow is not allowed.
pub const MOST: usize = 100;

/// A rule as Keystone writes it.
#[derive(Debug, Deserialize)]
pub struct WireRule {
    service: String,
    method: String,
    path: String,
}

/// A rule about this service.
#[derive(Clone, Debug)]
pub struct AccessRule {
    method: String,
    path: Regex,
}

impl AccessRule {
    /// The rule if it is about this service.
    pub fn new(rule: WireRule) -> Option<Self> {
        let path = OUR_TYPES.contains(&&*rule.service).then(|| pattern(&rule.path))??;
        Some(Self {
            method: rule.method,
            path,
        })
    }

    /// Whether it allows this call.
    pub fn allows(&self, method: &str, path: &str) -> bool {
        self.method == method && self.path.is_match(path)
    }
}

/// `{name}` and `*` stand for one segment of the path, `**` for any number of them; everything else for
/// itself. `None` for a pattern beyond all measure, which then allows nothing.
fn pattern(path: &str) -> Option<Regex> {
    let mut regex = String::from("^");
    let mut rest = path;
    while let Some(c) = rest.chars().next() {
        let tag = rest.starts_with('{').then(|| rest.find('}')).flatten();
        let taken = if rest.starts_with("**") {
            regex.push_str(".*");
            2
        } else if c == '*' {
            regex.push_str("[^/]+");
            1
        } else if let Some(end) = tag {
            regex.push_str("[^/]+");
            end + 1
        } else {
            let _infallible = write!(regex, "{}", regex::escape(&rest[..c.len_utf8()]));
            c.len_utf8()
        };
        rest = &rest[taken..];
    }
    regex.push('$');
    Regex::new(&regex).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(pattern: &str, path: &str) -> bool {
        let rule = WireRule {
            service: "volumev3".to_owned(),
            method: "GET".to_owned(),
            path: pattern.to_owned(),
        };
        AccessRule::new(rule).unwrap().allows("GET", path)
    }

    #[test]
    fn patterns_match_as_in_keystonemiddleware() {
        for (pattern, path, expected) in [
            ("/v3/p/snapshots", "/v3/p/snapshots", true),
            ("/v3/p/snapshots", "/v3/p/snapshots/1", false),
            ("/v3/p/snapshots", "/x/v3/p/snapshots", false),
            ("/v3/{project_id}/snapshots/{id}", "/v3/p/snapshots/1", true),
            ("/v3/*/snapshots/*", "/v3/p/snapshots/1", true),
            ("/v3/*/snapshots/*", "/v3/p/snapshots/1/metadata", false),
            ("/v3/*/snapshots/*", "/v3/p/snapshots/", false),
            ("/v3/*/snapshots/**", "/v3/p/snapshots/1/metadata", true),
            ("/v3/**", "/v3/p/volumes/detail", true),
            ("**", "/anything", true),
            ("/v3/p/a.c", "/v3/p/abc", false),
            ("/v3/{open", "/v3/{open", true),
            ("/v3/ü/*", "/v3/ü/x", true),
            ("", "/v3", false),
        ] {
            assert_eq!(allows(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn method_and_service_count() {
        let rule = |service: &str| {
            AccessRule::new(WireRule {
                service: service.to_owned(),
                method: "GET".to_owned(),
                path: "/v3/**".to_owned(),
            })
        };
        assert!(rule("block-storage").unwrap().allows("GET", "/v3/p/volumes"));
        assert!(!rule("block-storage").unwrap().allows("POST", "/v3/p/volumes"));
        assert!(rule("compute").is_none());
    }
}
