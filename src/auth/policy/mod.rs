//! Who may do what: Cinder's default policy, and what a policy file changes of it.

mod actions;
mod check;
mod file;
mod parse;
mod permission;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

pub use self::{
    actions::{Action, Default, may},
    file::PolicyError,
    permission::{Everybody, Permission, Single},
};
use self::{
    actions::{BASE, IS_ADMIN},
    check::{Check, Facts},
    file::{Mistake, Rule},
};
use super::Caller;
use crate::domain::ProjectId;

/// The rules in force.
#[derive(Clone, Debug)]
pub struct Policy {
    rules: Vec<Check<usize>>,
    /// Which of the rules says who is an admin.
    is_admin: usize,
    /// Which of the rules guards an action; in the order of [`Action::ALL`].
    actions: Vec<usize>,
}

impl Policy {
    /// Cinder's defaults, changed as a policy file says; without a file, the defaults.
    ///
    /// # Errors
    /// [`PolicyError`] for a file that cannot be read or understood, and for rules that name unknown
    /// rules or each other in a circle.
    pub fn load(path: Option<&Path>) -> Result<Self, PolicyError> {
        read(path, |rules| rules.and_then(Self::of))
    }

    /// The rules in force, as a policy file would say them: the ones that others are made of, then one
    /// line an action.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn describe(path: Option<&Path>) -> Result<String, PolicyError> {
        let rules = read(path, |rules| {
            let rules = rules?;
            Self::of(rules.clone()).map(|_good| rules)
        })?;
        let line = |rule: &Rule| format!("\"{}\": \"{}\"\n", rule.name, rule.check);
        let (actions, others): (Vec<_>, Vec<_>) = rules
            .values()
            .partition(|rule| Action::ALL.iter().any(|action| action.name() == rule.name));
        Ok(others.into_iter().chain(actions).map(line).collect())
    }

    /// Finds the rule behind every name.
    fn of(rules: BTreeMap<String, Rule>) -> Result<Self, Mistake> {
        refuse_circles(&rules)?;

        let numbers: BTreeMap<String, usize> = rules.keys().cloned().zip(0..).collect();
        let number = |line: usize, name: &str| {
            numbers.get(name).copied().ok_or_else(|| Mistake {
                line,
                reason: format!("there is no rule {name:?}"),
            })
        };
        let is_admin = number(0, IS_ADMIN)?;
        let actions = Action::ALL.iter().map(|action| number(0, action.name()));
        let actions = actions.collect::<Result<_, _>>()?;
        let numbered = rules
            .into_values()
            .map(|Rule { line, check, .. }| check.name_rules(&mut |name: String| number(line, &name)));
        Ok(Self {
            rules: numbered.collect::<Result<_, _>>()?,
            is_admin,
            actions,
        })
    }

    /// Whether the rule `context_is_admin` holds: admins see every project's rows.
    pub fn is_admin(&self, caller: &Caller) -> bool {
        let facts = Facts {
            caller,
            is_admin: false,
            target: caller.project(),
        };
        Check::Rule(self.is_admin).holds(&self.rules, facts)
    }

    /// Whether `caller` may do `action` to something of `target`. `is_admin` is what [`Self::is_admin`]
    /// said of the caller.
    pub fn allows(&self, caller: &Caller, is_admin: bool, action: Action, target: &ProjectId) -> bool {
        let facts = Facts {
            caller,
            is_admin,
            target,
        };
        let rule = self.actions.get(action as usize);
        rule.is_some_and(|rule| Check::Rule(*rule).holds(&self.rules, facts))
    }
}

/// Reads a policy file, if there is one, over the defaults, and says in which file a mistake is.
fn read<T>(
    path: Option<&Path>,
    finish: impl FnOnce(Result<BTreeMap<String, Rule>, Mistake>) -> Result<T, Mistake>,
) -> Result<T, PolicyError> {
    let Some(path) = path else {
        // The defaults are in no file, and have no mistakes; the tests load them.
        return finish(over(Vec::new())).map_err(|mistake| mistake.of(Path::new("")));
    };
    let text = std::fs::read_to_string(path).map_err(|source| PolicyError::Read {
        path: path.to_owned(),
        source,
    })?;
    finish(file::rules(&text).and_then(over)).map_err(|mistake| mistake.of(path))
}

/// The defaults with some rules replaced and others added.
fn over(own: Vec<Rule>) -> Result<BTreeMap<String, Rule>, Mistake> {
    let actions = Action::ALL
        .iter()
        .map(|action| (action.name(), action.default().rule()));
    let mut rules = BTreeMap::new();
    for (name, text) in BASE.iter().copied().chain(actions) {
        let check = parse::rule(text).map_err(|reason| Mistake { line: 0, reason })?;
        let (name, line) = (name.to_owned(), 0);
        rules.insert(name.clone(), Rule { line, name, check });
    }
    refuse_unknown(&own, |name| rules.contains_key(name))?;
    rules.extend(own.into_iter().map(|rule| (rule.name.clone(), rule)));
    Ok(rules)
}

/// A file's rule is one that Cinder has, or one that another rule of the file uses; anything else is a
/// slip of the pen.
fn refuse_unknown(own: &[Rule], known: impl Fn(&str) -> bool) -> Result<(), Mistake> {
    let mut used = Vec::new();
    for rule in own {
        used.extend(rule.check.rules());
    }
    let unknown = |rule: &&Rule| !known(&rule.name) && !used.contains(&&rule.name);
    match own.iter().find(unknown) {
        None => Ok(()),
        Some(Rule { line, name, .. }) => Err(Mistake {
            line: *line,
            reason: format!("the rule {name:?} is unknown here, and no other rule uses it"),
        }),
    }
}

/// Rules that name each other in a circle would never come to an end.
fn refuse_circles(rules: &BTreeMap<String, Rule>) -> Result<(), Mistake> {
    let mut left: Vec<&Rule> = rules.values().collect();
    loop {
        let names: BTreeSet<&String> = left.iter().map(|rule| &rule.name).collect();
        let before = left.len();
        // What names nothing that is left comes to an end.
        left.retain(|rule| rule.check.rules().into_iter().any(|name| names.contains(name)));
        if left.len() == before {
            break;
        }
    }
    // The defaults have no line, and come to an end by themselves.
    match left.iter().find(|rule| rule.line > 0) {
        None => Ok(()),
        Some(Rule { line, name, .. }) => Err(Mistake {
            line: *line,
            reason: format!("the rule {name:?} comes back to itself"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn caller(project: &str, roles: &[&str]) -> Caller {
        Caller::in_project("u", project, roles.iter().copied())
    }

    fn load(text: &str) -> Result<Policy, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let name = file.path().display().to_string();
        Policy::load(Some(file.path())).map_err(|error| error.to_string().replace(&name, "FILE"))
    }

    fn allows(policy: &Policy, caller: &Caller, action: Action) -> bool {
        policy.allows(caller, policy.is_admin(caller), action, &ProjectId::new("p"))
    }

    #[test]
    fn roles_decide() {
        let policy = Policy::load(None).unwrap();
        for action in Action::ALL.iter().copied() {
            let may = |project, roles| allows(&policy, &caller(project, roles), action);
            assert!(may("other", &["admin"]));
            assert!(!may("p", &["service"]), "{action:?}");
            assert!(!may("other", &["member", "reader"]), "{action:?}");
            assert_eq!(may("p", &["reader"]), action.default() == Default::Reader, "{action:?}");
            assert_eq!(
                may("p", &["member", "reader"]),
                action.default() != Default::Admin,
                "{action:?}"
            );
        }
    }

    #[test]
    fn nobody_is_in_no_project() {
        let policy = Policy::load(None).unwrap();
        let nobody = Caller {
            project_id: None,
            ..caller("", &["member", "reader"])
        };
        let target = nobody.project();
        assert!(!policy.allows(&nobody, false, Action::SnapshotShow, target));
    }

    #[test]
    fn a_file_changes_the_rules_that_it_names() {
        let policy = load(
            "# Only backups.\n\
             \"backup_only\": \"role:backup and project_id:%(project_id)s\"\n\
             \"volume:create_snapshot\": \"rule:backup_only or rule:admin_api\"\n\
             \"volume:get_snapshot\": \"\"\n\
             volume:delete_snapshot: '!'\n\
             \"volume:update_snapshot\": [[\"role:a\", \"role:b\"], \"role:c\"]\n",
        )
        .unwrap();
        let may = |project, roles: &[&str], action| allows(&policy, &caller(project, roles), action);
        assert!(may("p", &["Backup"], Action::SnapshotCreate));
        assert!(!may("q", &["backup"], Action::SnapshotCreate));
        assert!(!may("p", &["member"], Action::SnapshotCreate));
        assert!(may("q", &["admin"], Action::SnapshotCreate));
        assert!(may("q", &[], Action::SnapshotShow));
        assert!(!may("p", &["admin"], Action::SnapshotDelete));
        assert!(may("q", &["a", "b"], Action::SnapshotUpdate) && may("q", &["c"], Action::SnapshotUpdate));
        assert!(!may("q", &["a"], Action::SnapshotUpdate));
        assert!(
            may("p", &["member"], Action::VolumeCreate),
            "what it does not name stays"
        );
    }

    #[test]
    fn the_case_of_a_role_does_not_matter() {
        let policy = load("\"volume:get_snapshot\": \"not role:\u{c4}RZTE and not role:Nurse\"").unwrap();
        let may = |role| allows(&policy, &caller("p", &[role]), Action::SnapshotShow);
        assert!(!may("\u{c4}rzte") && !may("\u{e4}rzte") && !may("NURSE") && !may("nurse"));
        assert!(may("visitor"));
    }

    #[test]
    fn a_file_can_say_who_is_an_admin() {
        let policy = load("\"context_is_admin\": \"role:cloud_admin or (role:admin and system_scope:all)\"").unwrap();
        assert!(policy.is_admin(&caller("p", &["cloud_admin"])));
        assert!(!policy.is_admin(&caller("p", &["admin"])));
        let system = Caller {
            system_scope: true,
            ..caller("p", &["admin"])
        };
        assert!(policy.is_admin(&system));
        assert!(allows(
            &policy,
            &caller("q", &["cloud_admin"]),
            Action::SnapshotForceDelete
        ));
        assert!(load("").is_ok() && load("# nothing\n").is_ok() && load("{}").is_ok());
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_line() {
        for (text, line, named) in [
            (
                "\n\"volume:creat_snapshot\": \"@\"",
                2,
                "\"volume:creat_snapshot\" is unknown",
            ),
            ("\"volume:get\": \"role:a nd role:b\"", 1, "\"nd\""),
            (
                "\"volume:get\": \"@\"\n\"volume:create\": \"rule:nope\"",
                2,
                "no rule \"nope\"",
            ),
            ("\"volume:get\": \"@\"\n\"volume:get\": \"!\"", 2, "uplicate"),
            ("\"volume:get\": 1", 1, "a text in quotes"),
            ("\"volume:get\": [[]]", 1, "a text in quotes"),
            ("- a", 1, "lines such as"),
            ("\"volume:get: \"@\"", 1, ""),
            ("\"a\": \"rule:b\"\n\"b\": \"rule:a\"", 1, "comes back to itself"),
            (
                "\"admin_api\": \"rule:volume:get\"\n\"volume:get\": \"not rule:admin_api\"",
                1,
                "comes back",
            ),
            ("{}\n---\n{}\n", 3, "one document"),
        ] {
            let error = load(text).unwrap_err();
            let place = format!("the policy file FILE, line {line}: ");
            assert!(error.starts_with(&place) && error.contains(named), "{text:?}: {error}");
        }
        let missing = Policy::load(Some(Path::new("/nowhere/policy.yaml"))).unwrap_err();
        assert!(missing.to_string().contains("/nowhere/policy.yaml"), "{missing}");
    }

    #[test]
    fn the_description_is_a_file_that_changes_nothing() {
        let described = Policy::describe(None).unwrap();
        assert!(described.contains("\"volume:get\": \"rule:xena_system_admin_or_project_reader\"\n"));
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(described.as_bytes()).unwrap();
        assert_eq!(Policy::describe(Some(file.path())).unwrap(), described);
    }
}
