//! What keeps a token from being validated, other than the token. None of it holds a token, so that all
//! of it can be logged.

use std::{error::Error, fmt::Write as _, sync::Arc};

use reqwest::StatusCode;

/// Why Keystone gave no answer that counts. Callers get a 503 for each of these; the log gets the cause.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// No connection, no reply in time, or half a reply.
    #[error("Keystone does not answer: {}", with_causes(.0))]
    Unreachable(#[source] reqwest::Error),
    /// Too many calls are under way already.
    #[error("too many calls of Keystone are under way")]
    Crowded,
    /// The service's own credentials, or the token issued for them.
    #[error(
        "Keystone refuses the service's own credentials with {0}: see keystone.username and keystone.password, or \
         keystone.application_credential_id and keystone.application_credential_secret"
    )]
    Refused(StatusCode),
    /// The service's user has no role that Keystone's policy `identity:validate_token` asks for.
    #[error("the service's own user may not validate tokens: Keystone wants it to have the role service or admin")]
    MayNotValidate,
    /// A status that has no meaning here: Keystone is not well, or something else is at its address.
    #[error("Keystone answered {0}; is keystone.auth_url right?")]
    Status(StatusCode),
    /// A success whose content is not Keystone's.
    #[error("Keystone's answer cannot be understood: {0}")]
    Nonsense(&'static str),
    /// The service has no token of its own to ask with.
    #[error("no token of the service's own: {0}")]
    NoOwnToken(Arc<Trouble>),
}

/// An error of the HTTP client with its causes, in one line: the first says only that a request failed.
fn with_causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let _infallible = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}
