//! Roles, and which of them imply others, as `keystone-manage bootstrap` sets them up.

use std::collections::BTreeSet;

use super::derived::derived_id;
use crate::settings::Role;

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] = &[Self::Admin, Self::Member, Self::Reader, Self::Service];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Reader => "reader",
            Self::Service => "service",
        }
    }

    /// Its id, the same for ever.
    pub fn id(self) -> String {
        derived_id("role", self.name())
    }

    /// The role that whoever has this one has too.
    pub const fn implies(self) -> Option<Self> {
        match self {
            Self::Admin => Some(Self::Member),
            Self::Member => Some(Self::Reader),
            Self::Reader | Self::Service => None,
        }
    }

    /// The role with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == name)
    }

    /// The role with this id.
    pub fn with_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.id() == id)
    }
}

/// The roles with all that they imply, each once.
pub fn with_implied(roles: impl IntoIterator<Item = Role>) -> Vec<Role> {
    let mut all = BTreeSet::new();
    for role in roles {
        all.extend(std::iter::successors(Some(role), |role| role.implies()));
    }
    all.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_brings_what_it_implies() {
        assert_eq!(with_implied([Role::Admin]), [Role::Admin, Role::Member, Role::Reader]);
        assert_eq!(with_implied([Role::Reader, Role::Member]), [Role::Member, Role::Reader]);
        assert_eq!(with_implied([Role::Service]), [Role::Service]);
        assert_eq!(with_implied([]), []);
    }

    #[test]
    fn a_role_is_found_by_name_and_by_id() {
        for role in Role::ALL.iter().copied() {
            assert_eq!(Role::named(role.name()), Some(role));
            assert_eq!(Role::with_id(&role.id()), Some(role));
        }
        assert_eq!(Role::named("root"), None);
    }
}
