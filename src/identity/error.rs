//! Why something is refused, with Keystone's status codes and words.

use crate::store::StoreError;

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// 400: the request lacks something, or has it in the wrong form.
    #[error(
        "Expecting to find {attribute} in {target}. The server could not comply with the request since it is either \
         malformed or otherwise incorrect. The client is assumed to be in error."
    )]
    Expecting {
        /// What is missing.
        attribute: String,
        /// Where.
        target: String,
    },
    /// 400: anything else about the request.
    #[error("{0}")]
    Invalid(String),
    /// 401. Who tried, and what was wrong, is nobody's business.
    #[error("The request you have made requires authentication.")]
    Unauthorized,
    /// 401: application credentials have a project, and cannot choose another.
    #[error("Error authenticating with application credential: Application credentials cannot request a scope.")]
    ScopeOfCredential,
    /// 403.
    #[error("You are not authorized to perform the requested action: {0}.")]
    ForbiddenAction(String),
    /// 403 with another text.
    #[error("{0}")]
    Forbidden(String),
    /// 404.
    #[error("Could not find {kind}: {id}.")]
    NotFound {
        /// What kind of thing.
        kind: &'static str,
        /// Its id, as it was asked for.
        id: String,
    },
    /// 404: `X-Subject-Token` names no valid token.
    #[error("{0}")]
    TokenNotFound(&'static str),
    /// 404: no such path.
    #[error(
        "The requested URL was not found on the server. If you entered the URL manually please check your spelling \
         and try again."
    )]
    NoSuchPath,
    /// 405.
    #[error("The method is not allowed for the requested URL.")]
    MethodNotAllowed,
    /// 413.
    #[error("Request is too large.")]
    TooLarge,
    /// 409.
    #[error("Conflict occurred attempting to store {kind} - Duplicate entry found with name {name}.")]
    Conflict {
        /// What kind of thing.
        kind: &'static str,
        /// The name that is taken.
        name: String,
    },
    /// 503 or 500.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// 500.
    #[error("{0}")]
    Internal(String),
}

impl IdentityError {
    /// What a request must have.
    pub fn expecting(attribute: impl Into<String>, target: impl Into<String>) -> Self {
        Self::Expecting {
            attribute: attribute.into(),
            target: target.into(),
        }
    }

    /// Nothing has this id.
    pub fn not_found(kind: &'static str, id: impl Into<String>) -> Self {
        Self::NotFound { kind, id: id.into() }
    }

    /// Keystone's refusal of an API that its policy guards.
    pub fn forbidden(api: &str) -> Self {
        Self::ForbiddenAction(format!("identity:{api}"))
    }

    /// Something that cannot happen went wrong.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        Self::Internal(error.to_string())
    }
}
