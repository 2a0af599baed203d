//! What can go wrong in a storage back end, and whether trying again can help.

use std::fmt;

/// A failed driver operation: what happened ([`Kind`]) and what the worker may do about it
/// ([`Retry`]). `Display` is one line that a user may read; it names no path outside the storage
/// folder and no secret.
#[derive(Debug)]
pub struct DriverError {
    kind: Kind,
    retry: Retry,
    cause: String,
    source: Option<std::io::Error>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The object to read is not there.
    NotFound,
    /// Something that is not ours, or not complete, is in the way.
    Exists,
    /// Somebody has the volume open for writing, so no exact copy can be made of it.
    InUse,
    /// Other objects depend on this one.
    Busy,
    /// The back end is full.
    NoSpace,
    /// The back end refuses access.
    Denied,
    /// The back end cannot do this at all.
    Unsupported,
    /// The worker asked the driver to stop, or the worker no longer owns the task.
    Cancelled,
    /// Any other failure of the back end.
    Failed,
}

/// Whether to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The operation definitely did not happen and will not happen if repeated.
    Final,
    /// The operation did not happen; a later attempt may succeed.
    Later,
    /// Nobody knows whether the operation happened (timeout, killed helper). Never final.
    Unknown,
}

impl DriverError {
    /// An error that repeating cannot mend. `cause` is a sentence for the user, without a trailing dot.
    pub fn fatal(kind: Kind, cause: impl Into<String>) -> Self {
        Self {
            kind,
            retry: Retry::Final,
            cause: cause.into(),
            source: None,
        }
    }

    /// An error that a later attempt may not meet.
    pub fn later(kind: Kind, cause: impl Into<String>) -> Self {
        Self {
            kind,
            retry: Retry::Later,
            cause: cause.into(),
            source: None,
        }
    }

    /// An operation of unknown outcome: ours, or another one that is in the way.
    pub fn unknown(kind: Kind, cause: impl Into<String>) -> Self {
        Self {
            kind,
            retry: Retry::Unknown,
            cause: cause.into(),
            source: None,
        }
    }

    /// Keeps the underlying error for the log.
    #[must_use]
    pub fn with_source(mut self, source: std::io::Error) -> Self {
        self.source = Some(source);
        self
    }

    /// What happened.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether to try again.
    pub const fn retry(&self) -> Retry {
        self.retry
    }

    /// The sentence for the user.
    pub fn cause(&self) -> &str {
        &self.cause
    }
}

impl fmt::Display for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cause)
    }
}

impl std::error::Error for DriverError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}
