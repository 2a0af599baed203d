//! What a rule says: a tree of checks, as in oslo.policy's language (`oslo_policy/_checks.py`).

use std::fmt;

use crate::{auth::Caller, domain::ProjectId};

/// A check, or checks joined. `R` is how another rule is named: by its text as the rule is read, by its
/// number once all rules are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Check<R> {
    /// `@`, or nothing at all.
    Always,
    /// `!`
    Never,
    /// `not …`
    Not(Box<Self>),
    /// `… and …`
    All(Vec<Self>),
    /// `… or …`
    Any(Vec<Self>),
    /// `rule:…`
    Rule(R),
    /// `role:…`, whose case does not matter; kept in lower case.
    Role(String),
    /// `project_id:%(project_id)s`: the caller's project is that of the target.
    OwnProject,
    /// `project_id:…`
    Project(String),
    /// `user_id:…`
    User(String),
    /// `system_scope:all`
    SystemScope,
    /// `is_admin:…`: whether the rule `context_is_admin` holds.
    IsAdmin(bool),
    /// `is_admin_project:…`: whether the project is Keystone's admin project, if it has one.
    IsAdminProject(bool),
}

/// Whether a caller's role is the one of a rule, which is in lower case. Nearly all are ASCII, and then
/// nothing has to be copied for it.
fn is_role(own: &str, role: &str) -> bool {
    if own.is_ascii() {
        own.eq_ignore_ascii_case(role)
    } else {
        own.to_lowercase() == role
    }
}

/// As a policy file says it.
impl fmt::Display for Check<String> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |checks: &[Self], word: &str| {
            let texts: Vec<_> = checks.iter().map(Self::to_string).collect();
            format!("({})", texts.join(word))
        };
        let python = |flag: &bool| if *flag { "True" } else { "False" };
        match self {
            Self::Always => f.write_str("@"),
            Self::Never => f.write_str("!"),
            Self::Not(check) => write!(f, "not {check}"),
            Self::All(checks) => f.write_str(&joined(checks, " and ")),
            Self::Any(checks) => f.write_str(&joined(checks, " or ")),
            Self::Rule(name) => write!(f, "rule:{name}"),
            Self::Role(name) => write!(f, "role:{name}"),
            Self::OwnProject => f.write_str("project_id:%(project_id)s"),
            Self::Project(id) => write!(f, "project_id:{id}"),
            Self::User(id) => write!(f, "user_id:{id}"),
            Self::SystemScope => f.write_str("system_scope:all"),
            Self::IsAdmin(wanted) => write!(f, "is_admin:{}", python(wanted)),
            Self::IsAdminProject(wanted) => write!(f, "is_admin_project:{}", python(wanted)),
        }
    }
}

/// What checks look at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'a> {
    pub caller: &'a Caller,
    pub is_admin: bool,
    /// Whose the thing is that the action is about.
    pub target: &'a ProjectId,
}

impl<R> Check<R> {
    /// The rules that the check names.
    pub fn rules(&self) -> Vec<&R> {
        match self {
            Self::Rule(rule) => vec![rule],
            Self::Not(check) => check.rules(),
            Self::All(checks) | Self::Any(checks) => checks.iter().flat_map(Self::rules).collect(),
            Self::Always
            | Self::Never
            | Self::Role(_)
            | Self::OwnProject
            | Self::Project(_)
            | Self::User(_)
            | Self::SystemScope
            | Self::IsAdmin(_)
            | Self::IsAdminProject(_) => Vec::new(),
        }
    }

    /// The same check with other names for rules.
    ///
    /// # Errors
    /// The first that `name` returns.
    pub fn name_rules<S, E>(self, name: &mut impl FnMut(R) -> Result<S, E>) -> Result<Check<S>, E> {
        let mut each = |checks: Vec<Self>| -> Result<Vec<Check<S>>, E> {
            checks.into_iter().map(|check| check.name_rules(name)).collect()
        };
        Ok(match self {
            Self::Not(check) => Check::Not(Box::new(check.name_rules(name)?)),
            Self::All(checks) => Check::All(each(checks)?),
            Self::Any(checks) => Check::Any(each(checks)?),
            Self::Rule(rule) => Check::Rule(name(rule)?),
            Self::Always => Check::Always,
            Self::Never => Check::Never,
            Self::Role(role) => Check::Role(role),
            Self::OwnProject => Check::OwnProject,
            Self::Project(id) => Check::Project(id),
            Self::User(id) => Check::User(id),
            Self::SystemScope => Check::SystemScope,
            Self::IsAdmin(wanted) => Check::IsAdmin(wanted),
            Self::IsAdminProject(wanted) => Check::IsAdminProject(wanted),
        })
    }
}

impl Check<usize> {
    /// Whether the check holds, given all rules by their numbers. The rules must not name each other in a
    /// circle.
    pub fn holds(&self, rules: &[Self], facts: Facts<'_>) -> bool {
        let Facts { caller, .. } = facts;
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Not(check) => !check.holds(rules, facts),
            Self::All(checks) => checks.iter().all(|check| check.holds(rules, facts)),
            Self::Any(checks) => checks.iter().any(|check| check.holds(rules, facts)),
            Self::Rule(number) => rules.get(*number).is_some_and(|rule| rule.holds(rules, facts)),
            Self::Role(role) => caller.roles.iter().any(|own| is_role(own, role)),
            Self::OwnProject => caller.project_id.as_ref() == Some(facts.target),
            Self::Project(id) => caller.project_id.as_ref().is_some_and(|own| own.as_str() == id),
            Self::User(id) => caller.user_id.as_str() == id,
            Self::SystemScope => caller.system_scope,
            Self::IsAdmin(wanted) => facts.is_admin == *wanted,
            Self::IsAdminProject(wanted) => caller.is_admin_project == *wanted,
        }
    }
}
