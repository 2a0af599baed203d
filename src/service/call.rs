//! Who asks for a use case, and what he may do.

use std::sync::Arc;

use super::ServiceError;
use crate::{
    auth::{
        Caller,
        policy::{Action, Permission, Policy},
    },
    domain::{ProjectId, Scope},
};

/// Who asks, under which request id, and with which permission.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who.
    pub caller: Arc<Caller>,
    /// `req-<uuid>`; stays with the work that the request asks for.
    pub request_id: String,
    policy: Arc<Policy>,
    permission: &'static [Action],
    is_admin: bool,
}

impl Call {
    /// A call by a handler whose type has the permission `P`.
    pub fn new<P: Permission>(caller: Arc<Caller>, request_id: String, policy: &Arc<Policy>) -> Self {
        Self {
            is_admin: policy.is_admin(&caller),
            caller,
            request_id,
            policy: Arc::clone(policy),
            permission: P::ACTIONS,
        }
    }

    /// Whether Cinder's rule `context_is_admin` holds.
    pub const fn is_admin(&self) -> bool {
        self.is_admin
    }

    /// Whose rows the caller can look up by id: an admin everybody's.
    pub fn scope(&self) -> Scope {
        if self.is_admin { Scope::All } else { self.own_scope() }
    }

    /// The rows of the caller's project; without a project that is none.
    pub fn own_scope(&self) -> Scope {
        Scope::Project(self.caller.project().clone())
    }

    /// The project that owns what the call makes.
    ///
    /// # Errors
    /// [`ServiceError::NoProject`] for a token of the system or of nothing.
    pub fn owner(&self) -> Result<&ProjectId, ServiceError> {
        self.caller.project_id.as_ref().ok_or(ServiceError::NoProject)
    }

    /// Whether the policy lets the caller do `action` to something of project `target`. For what a reply
    /// shows; what a call does is [`Self::authorize`]d.
    pub fn may(&self, action: Action, target: &ProjectId) -> bool {
        self.policy.allows(&self.caller, self.is_admin, action, target)
    }

    /// Refuses unless the caller may do `action` to something of project `target`, and the handler's type
    /// says that it does that.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`].
    pub fn authorize(&self, action: Action, target: &ProjectId) -> Result<(), ServiceError> {
        if !self.permission.contains(&action) {
            // A slip in the code, which nobody may profit from.
            tracing::error!(action = action.name(), "the handler's type lacks the permission");
            return Err(ServiceError::Forbidden(action));
        }
        if self.may(action, target) {
            return Ok(());
        }
        Err(ServiceError::Forbidden(action))
    }

    /// The same for what belongs to no project, or to the caller's.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`].
    pub fn authorize_own(&self, action: Action) -> Result<(), ServiceError> {
        self.authorize(action, self.caller.project())
    }
}
