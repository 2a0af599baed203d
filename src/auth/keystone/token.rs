//! A token as Keystone describes it, as far as it matters here.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::{
    Trouble,
    access_rules::{AccessRule, MOST, WireRule},
};
use crate::{
    auth::Caller,
    domain::{ProjectId, UserId},
};

/// Whom a token stands for.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The caller.
    pub caller: Arc<Caller>,
    /// When the token ends.
    pub ends: DateTime<Utc>,
    /// What the application credential behind it is restricted to.
    pub access_rules: Option<Vec<AccessRule>>,
}

#[derive(Deserialize)]
struct Body {
    token: Token,
}

#[derive(Deserialize)]
struct Token {
    expires_at: String,
    user: Option<Ref>,
    project: Option<Ref>,
    roles: Option<Vec<Role>>,
    system: Option<System>,
    is_admin_project: Option<bool>,
    application_credential: Option<ApplicationCredential>,
}

#[derive(Deserialize)]
struct Ref {
    id: String,
}

#[derive(Deserialize)]
struct Role {
    name: String,
}

#[derive(Deserialize)]
struct System {
    #[serde(default)]
    all: bool,
}

#[derive(Deserialize)]
struct ApplicationCredential {
    id: Option<String>,
    access_rules: Option<Vec<WireRule>>,
}

/// Reads the body of a validation; `None` for a token that is nobody's.
///
/// # Errors
/// [`Trouble::Nonsense`].
pub fn identity(body: &[u8]) -> Result<Option<Identity>, Trouble> {
    let token = parse(body)?;
    let ends = time(&token.expires_at)?;
    let Some(user) = token.user else {
        return Ok(None);
    };
    let rules = token
        .application_credential
        .and_then(|credential| credential.access_rules);
    Ok(Some(Identity {
        caller: Arc::new(Caller {
            user_id: UserId::new(&user.id),
            project_id: token.project.map(|project| ProjectId::new(&project.id)),
            roles: token
                .roles
                .unwrap_or_default()
                .into_iter()
                .map(|role| role.name)
                .collect(),
            system_scope: token.system.is_some_and(|system| system.all),
            // Keystone says it only where it has an admin project.
            is_admin_project: token.is_admin_project.unwrap_or(true),
        }),
        ends,
        access_rules: rules.map(|rules| rules.into_iter().filter_map(AccessRule::new).take(MOST).collect()),
    }))
}

/// What a login says of the token that it gave.
#[derive(Debug)]
pub struct Issued {
    /// When the token ends.
    pub ends: DateTime<Utc>,
    /// What the token stands on: user, project, application credential.
    pub ids: Vec<String>,
}

/// Reads the body of a login.
///
/// # Errors
/// [`Trouble::Nonsense`].
pub fn issued(body: &[u8]) -> Result<Issued, Trouble> {
    let token = parse(body)?;
    let ids = [token.user, token.project]
        .into_iter()
        .flatten()
        .map(|reference| reference.id)
        .chain(token.application_credential.and_then(|credential| credential.id));
    Ok(Issued {
        ends: time(&token.expires_at)?,
        ids: ids.filter(|id| !id.is_empty()).collect(),
    })
}

/// The message of a refusal, if it is Keystone's own and not of something in between.
pub fn refusal(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let message = body["error"].as_object()?.get("message");
    Some(message.and_then(Value::as_str).unwrap_or_default().to_owned())
}

fn parse(body: &[u8]) -> Result<Token, Trouble> {
    // The parser's own words would quote the body.
    serde_json::from_slice(body)
        .map(|Body { token }| token)
        .map_err(|_quotes| Trouble::Nonsense("its body is no token"))
}

fn time(text: &str) -> Result<DateTime<Utc>, Trouble> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .map_err(|_quotes| Trouble::Nonsense("expires_at is no time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(token: &str) -> Result<Option<Identity>, String> {
        identity(format!("{{\"token\": {token}}}").as_bytes()).map_err(|trouble| trouble.to_string())
    }

    #[test]
    fn all_scopes_are_read() {
        let project = read(
            r#"{"expires_at": "2026-11-27T16:00:00.000000Z", "user": {"id": "u", "name": "n", "domain": {}},
                "project": {"id": "p", "name": "x"}, "roles": [{"id": "1", "name": "member"}, {"name": "reader"}],
                "is_domain": false, "methods": ["password"]}"#,
        )
        .unwrap()
        .unwrap();
        assert_eq!(*project.caller, Caller::in_project("u", "p", ["member", "reader"]));
        assert_eq!(project.ends.to_rfc3339(), "2026-11-27T16:00:00+00:00");
        assert!(project.access_rules.is_none());

        let system = read(
            r#"{"expires_at": "2026-11-27T16:00:00Z", "user": {"id": "u"}, "system": {"all": true},
                "roles": [{"name": "admin"}]}"#,
        )
        .unwrap()
        .unwrap();
        assert!(system.caller.system_scope && system.caller.project_id.is_none());

        let unscoped = read(r#"{"expires_at": "2026-11-27T16:00:00Z", "user": {"id": "u"}}"#)
            .unwrap()
            .unwrap();
        assert_eq!(unscoped.caller.roles, Vec::<String>::new());
        assert!(!unscoped.caller.system_scope && unscoped.caller.project_id.is_none());

        // A domain is no project.
        let domain = read(r#"{"expires_at": "2026-11-27T16:00:00Z", "user": {"id": "u"}, "domain": {"id": "d"}}"#);
        assert!(domain.unwrap().unwrap().caller.project_id.is_none());
        assert!(read(r#"{"expires_at": "2026-11-27T16:00:00Z"}"#).unwrap().is_none());
    }

    #[test]
    fn an_empty_list_of_rules_allows_nothing() {
        let with = |rules: &str| {
            let credential =
                format!(r#""application_credential": {{"id": "a", "restricted": true, "access_rules": {rules}}}"#);
            let token = format!(r#"{{"expires_at": "2026-11-27T16:00:00Z", "user": {{"id": "u"}}, {credential}}}"#);
            read(&token).unwrap().unwrap().access_rules
        };
        assert_eq!(with("[]").map(|rules| rules.len()), Some(0));
        assert!(with("null").is_none());
        let rule = r#"{"service": "volumev3", "method": "GET", "path": "/v3/**"}"#;
        let many = format!("[{}]", vec![rule; MOST + 1].join(", "));
        assert_eq!(with(&many).map(|rules| rules.len()), Some(MOST));
    }

    #[test]
    fn nonsense_is_told_without_quoting_it() {
        for body in [
            "\"secret\"",
            r#"{"user": {"id": "secret"}}"#,
            r#"{"expires_at": "secret", "user": {"id": "u"}}"#,
            r#"{"expires_at": "2026-11-27T16:00:00Z", "user": "secret"}"#,
        ] {
            let told = read(body).unwrap_err();
            assert!(
                told.contains("cannot be understood") && !told.contains("secret"),
                "{told}"
            );
        }
    }
}
