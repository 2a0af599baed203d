//! Names of places: `host@backend#pool` (Cinder: `volume_utils.extract_host`).

use std::fmt;

/// Where a volume's bytes are, in full. A back end here has one pool, which has the back end's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BackendHost(String);

impl BackendHost {
    /// The back end `backend` of the machine `host`.
    pub fn new(host: &str, backend: &str) -> Self {
        Self(format!("{host}@{backend}#{backend}"))
    }

    /// The back end of the service `host@backend`.
    pub fn of_service(service: &str) -> Self {
        let backend = service.split_once('@').map_or("", |(_host, backend)| backend);
        Self(format!("{service}#{backend}"))
    }

    /// As the database keeps it.
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// `host@backend#pool`
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `host@backend`, which is the host of the service that keeps it.
    pub fn service(&self) -> &str {
        self.0.split('#').next().unwrap_or_default()
    }

    /// `host`
    pub fn machine(&self) -> &str {
        self.service().split('@').next().unwrap_or_default()
    }

    /// `backend`
    pub fn backend(&self) -> &str {
        self.service().split_once('@').map_or("", |(_host, backend)| backend)
    }

    /// Whether `wanted` names this back end, with or without its pool.
    pub fn is_named(&self, wanted: &str) -> bool {
        wanted == self.0 || wanted == self.service()
    }
}

impl fmt::Display for BackendHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::BackendHost;

    #[test]
    fn a_name_has_its_parts() {
        let host = BackendHost::new("brick", "file");
        assert_eq!(host.as_str(), "brick@file#file");
        assert_eq!(host, BackendHost::of_service("brick@file"));
        assert_eq!((host.machine(), host.backend()), ("brick", "file"));
        assert!(host.is_named("brick@file#file") && host.is_named("brick@file"));
        assert!(!host.is_named("brick") && !host.is_named("brick@file#f"));
    }
}
