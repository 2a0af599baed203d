//! Application credentials of the development identity: a name and a secret with which a program logs in
//! as its user, in one project and with some of the roles.

use std::fmt;

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// One of them, as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct ApplicationCredential {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: String,
    /// The only project that its tokens are for.
    pub project_id: String,
    /// Unique among the user's.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// An argon2 hash in PHC form; never shown.
    pub secret_hash: String,
    /// Names of the roles that its tokens have, as far as the user still has them.
    pub roles: Vec<String>,
    /// Whether its tokens may make and delete application credentials.
    pub unrestricted: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
}

impl fmt::Debug for ApplicationCredential {
    /// Without the hash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApplicationCredential")
            .field("id", &self.id)
            .field("user_id", &self.user_id)
            .field("project_id", &self.project_id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
