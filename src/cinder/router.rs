//! Finds the handler of a request: by comparing the parts of its path, of which none needs more than that.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse};

use super::{routes::Path, webob};

/// The 404 for everything that is not in the route table: Cinder's router has no 405.
pub async fn not_found(request: HttpRequest) -> HttpResponse {
    webob::NOT_FOUND.reply(request.headers())
}

/// The route table, by the first part of a path, which is never a variable.
pub(super) struct Router(HashMap<&'static str, Vec<Path>>);

impl Router {
    /// Of two paths that fit a request, the first gets it.
    pub(super) fn new(paths: Vec<Path>) -> Self {
        let mut table = HashMap::<_, Vec<_>>::new();
        for path in paths {
            table.entry(first(path.template)).or_default().push(path);
        }
        Self(table)
    }

    /// What answers a path below the version or the project.
    pub(super) fn find(&self, path: &str) -> Option<&Path> {
        let mut candidates = self.0.get(first(path))?.iter();
        candidates.find(|candidate| fits(candidate.template, path))
    }
}

fn first(path: &str) -> &str {
    path.split('/').nth(1).unwrap_or_default()
}

fn fits(template: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    let each = template.split('/').all(|wanted| match parts.next() {
        Some(part) if is_variable(wanted) => !part.is_empty(),
        Some(part) => part == wanted,
        None => false,
    });
    each && parts.next().is_none()
}

/// The part of `path` that `template` has as `{name}`.
pub(super) fn variable<'p>(template: &str, path: &'p str, name: &str) -> Option<&'p str> {
    let mut pairs = template.split('/').zip(path.split('/'));
    let found = pairs.find(|(wanted, _part)| is_variable(wanted) && &wanted[1..wanted.len() - 1] == name);
    found.map(|(_wanted, part)| part)
}

fn is_variable(part: &str) -> bool {
    part.starts_with('{') && part.ends_with('}')
}

/// Splits what follows `/v3` into the project, if it begins with one, and the rest. A project is hexadecimal digits
/// and dashes, which the first part of no other path is.
pub(super) fn split_project(path: &str) -> (Option<&str>, &str) {
    let name = first(path);
    let is_project = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-');
    if name.is_empty() || !name.bytes().all(is_project) {
        return (None, path);
    }
    (Some(name), &path[1 + name.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_fits_or_the_path_does_not() {
        let item = "/snapshots/{id}/metadata/{key}";
        assert!(fits(item, "/snapshots/1/metadata/a"));
        for path in [
            "/snapshots/1/metadata",
            "/snapshots/1/metadata/",
            "/snapshots//metadata/a",
            "/snapshots/1/metadata/a/",
            "/snapshots/1/metadata/a/b",
            "/snapshots/1/other/a",
            "snapshots/1/metadata/a",
            "",
        ] {
            assert!(!fits(item, path), "{path}");
        }
        assert_eq!(variable(item, "/snapshots/1/metadata/a", "id"), Some("1"));
        assert_eq!(variable(item, "/snapshots/1/metadata/a", "key"), Some("a"));
        assert_eq!(variable(item, "/snapshots/1/metadata/a", "metadata"), None);
    }

    #[test]
    fn a_project_comes_first() {
        assert_eq!(split_project("/0a-f/snapshots/x"), (Some("0a-f"), "/snapshots/x"));
        assert_eq!(split_project("/0a-f"), (Some("0a-f"), ""));
        assert_eq!(split_project("/0a-f/"), (Some("0a-f"), "/"));
        for path in ["/snapshots/x", "/0A/x", "/", ""] {
            assert_eq!(split_project(path), (None, path));
        }
    }

    #[test]
    fn no_path_begins_like_a_project() {
        for route in crate::cinder::table() {
            assert_eq!(split_project(route.path), (None, route.path));
            assert!(!is_variable(first(route.path)), "{}", route.path);
        }
    }
}
