//! Reads one rule in oslo.policy's language (`oslo_policy/_parser.py`): checks joined by `and`, `or`,
//! `not` and parentheses. Where oslo.policy warns and refuses everybody, this refuses to read.

use std::iter::Peekable;

use super::check::Check;

/// Reads a rule's text.
///
/// # Errors
/// What is wrong with it.
pub(super) fn rule(text: &str) -> Result<Check<String>, String> {
    if text.trim().is_empty() {
        return Ok(Check::Always);
    }
    let mut tokens = tokens(text).into_iter().peekable();
    let check = any(&mut tokens)?;
    match tokens.next() {
        None => Ok(check),
        Some(token) => Err(format!("expected \"and\", \"or\" or the end, not {token:?}")),
    }
}

/// Words; parentheses at a word's beginning and end are words of their own, those inside (`%(project_id)s`)
/// are not.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    for word in text.split_whitespace() {
        let inner = word.trim_start_matches('(');
        let opened = word.len() - inner.len();
        tokens.extend((0..opened).map(|_| "("));
        let check = inner.trim_end_matches(')');
        if !check.is_empty() {
            tokens.push(check);
        }
        tokens.extend((0..inner.len() - check.len()).map(|_| ")"));
    }
    tokens
}

type Tokens<'a, I> = Peekable<I>;

fn any<'a>(tokens: &mut Tokens<'a, impl Iterator<Item = &'a str>>) -> Result<Check<String>, String> {
    let mut checks = vec![all(tokens)?];
    while tokens.next_if(|token| token.eq_ignore_ascii_case("or")).is_some() {
        checks.push(all(tokens)?);
    }
    Ok(joined(checks, Check::Any))
}

fn all<'a>(tokens: &mut Tokens<'a, impl Iterator<Item = &'a str>>) -> Result<Check<String>, String> {
    let mut checks = vec![single(tokens)?];
    while tokens.next_if(|token| token.eq_ignore_ascii_case("and")).is_some() {
        checks.push(single(tokens)?);
    }
    Ok(joined(checks, Check::All))
}

fn joined(mut checks: Vec<Check<String>>, join: fn(Vec<Check<String>>) -> Check<String>) -> Check<String> {
    if checks.len() == 1 {
        checks.remove(0)
    } else {
        join(checks)
    }
}

fn single<'a>(tokens: &mut Tokens<'a, impl Iterator<Item = &'a str>>) -> Result<Check<String>, String> {
    match tokens.next() {
        None => Err("a check is missing at the end".to_owned()),
        Some("(") => {
            let check = any(tokens)?;
            match tokens.next() {
                Some(")") => Ok(check),
                _other => Err("a parenthesis is not closed".to_owned()),
            }
        }
        Some(word) if word.eq_ignore_ascii_case("not") => Ok(Check::Not(Box::new(single(tokens)?))),
        Some(word) => self::check(word),
    }
}

/// One check: `kind:match`.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check(word: &str) -> Result<Check<String>, String> {
    let unknown = |expected: &str| Err(format!("expected {expected}, not {word:?}"));
    let (kind, value) = match word {
        "@" => return Ok(Check::Always),
        "!" => return Ok(Check::Never),
        _check => match word.split_once(':') {
            Some(parts) => parts,
            None => return unknown("a check such as \"role:member\""),
        },
    };
    let named = !value.is_empty() && !value.contains('%');
    match (kind, value) {
        ("rule", name) if named => Ok(Check::Rule(name.to_owned())),
        ("role", role) if named => Ok(Check::Role(role.to_lowercase())),
        ("project_id", "%(project_id)s") => Ok(Check::OwnProject),
        ("project_id", id) if named => Ok(Check::Project(id.to_owned())),
        ("user_id", id) if named => Ok(Check::User(id.to_owned())),
        ("system_scope", "all") => Ok(Check::SystemScope),
        ("is_admin", "True") => Ok(Check::IsAdmin(true)),
        ("is_admin", "False") => Ok(Check::IsAdmin(false)),
        ("is_admin_project", "True") => Ok(Check::IsAdminProject(true)),
        ("is_admin_project", "False") => Ok(Check::IsAdminProject(false)),
        ("rule" | "role" | "user_id" | "project_id", _) => {
            unknown("a name, or \"project_id:%(project_id)s\", which is all that is known of a target here")
        }
        ("system_scope", _) => unknown("\"system_scope:all\""),
        ("is_admin" | "is_admin_project", _) => unknown("True or False"),
        _other => unknown(
            "one of the checks \"rule:\", \"role:\", \"project_id:\", \"user_id:\", \"system_scope:\", \"is_admin:\" and \
             \"is_admin_project:\"",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(name: &str) -> Check<String> {
        Check::Role(name.to_owned())
    }

    #[test]
    fn and_binds_tighter_than_or_and_not_than_both() {
        assert_eq!(
            rule("role:a or role:b and not role:c").unwrap(),
            Check::Any(vec![
                role("a"),
                Check::All(vec![role("b"), Check::Not(Box::new(role("c")))])
            ])
        );
        assert_eq!(
            rule("(role:A OR role:b) and not (role:c or @)").unwrap(),
            Check::All(vec![
                Check::Any(vec![role("a"), role("b")]),
                Check::Not(Box::new(Check::Any(vec![role("c"), Check::Always])))
            ])
        );
    }

    #[test]
    fn parentheses_inside_a_check_belong_to_it() {
        assert_eq!(
            rule("(role:reader and project_id:%(project_id)s)").unwrap(),
            Check::All(vec![role("reader"), Check::OwnProject])
        );
        assert_eq!(rule("((project_id:%(project_id)s))").unwrap(), Check::OwnProject);
    }

    #[test]
    fn nothing_lets_everybody_in_and_an_exclamation_mark_nobody() {
        assert_eq!(rule("").unwrap(), Check::Always);
        assert_eq!(rule("  ").unwrap(), Check::Always);
        assert_eq!(rule("@").unwrap(), Check::Always);
        assert_eq!(rule("!").unwrap(), Check::Never);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, named) in [
            ("role:a role:b", "role:b"),
            ("role:a and", "missing at the end"),
            ("and role:a", "\"and\""),
            ("(role:a", "not closed"),
            ("role:a)", "\")\""),
            ("role:", "role:"),
            ("admin", "admin"),
            ("http://example.net/", "http://example.net/"),
            ("user_id:%(user_id)s", "project_id:%(project_id)s"),
            ("project_id:%(target.project.id)s", "target.project.id"),
            ("role:%(role)s", "role:%(role)s"),
            ("system_scope:none", "system_scope:all"),
            ("is_admin:yes", "True or False"),
            ("'x':%(y)s", "'x'"),
        ] {
            let error = rule(text).unwrap_err();
            assert!(error.contains(named), "{text}: {error}");
        }
    }
}
