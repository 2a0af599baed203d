//! What a login asks for: Keystone's `auth` object, read.

use secrecy::SecretString;
use serde_json::{Map, Value};

use super::{
    IdentityError,
    directory::{DomainRef, Named},
};

/// A login.
#[derive(Clone, Debug)]
pub struct Login {
    /// Who, and how they show it.
    pub proof: Proof,
    /// What for.
    pub scope: Scope,
}

/// How somebody shows who they are. Secrets are not printed.
#[derive(Clone, Debug)]
pub enum Proof {
    /// With a password.
    Password(Named, SecretString),
    /// With a token.
    Token(SecretString),
    /// With an application credential.
    Credential(CredentialRef, SecretString),
}

/// How a request names an application credential.
#[derive(Clone, Debug)]
pub enum CredentialRef {
    /// By its id.
    Id(String),
    /// By its name and its user.
    Name(String, Named),
}

/// What a token is to be for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The user's default project, if there is one.
    Default,
    /// Nothing.
    Unscoped,
    /// A project.
    Project(Named),
    /// The system or a domain, on which nobody has a role here.
    Elsewhere,
}

impl Login {
    /// Reads the body of a request for a token.
    ///
    /// # Errors
    /// [`IdentityError::Expecting`] naming what is missing; [`IdentityError::Unauthorized`] for a method
    /// that there is not.
    pub fn parse(body: &Value) -> Result<Self, IdentityError> {
        let auth = object(body, "auth", "request body")?;
        let identity = object_in(auth, "identity", "auth")?;
        Ok(Self {
            proof: Proof::parse(identity)?,
            scope: Scope::parse(auth.get("scope"))?,
        })
    }
}

impl Proof {
    fn parse(identity: &Map<String, Value>) -> Result<Self, IdentityError> {
        let methods = identity
            .get("methods")
            .and_then(Value::as_array)
            .ok_or_else(|| IdentityError::expecting("methods", "identity"))?;
        // Several at once are for users who need two, and there are none here: the last of a kind would
        // have to agree with the first, so one is all that makes sense.
        let [Value::String(method)] = &methods[..] else {
            return Err(IdentityError::expecting("one method", "identity"));
        };
        match method.as_str() {
            "password" => {
                let user = object_in(object_in(identity, "password", "identity")?, "user", "password")?;
                Ok(Self::Password(named(user, "user")?, secret(user, "password", "user")?))
            }
            "token" => {
                let token = object_in(identity, "token", "identity")?;
                Ok(Self::Token(secret(token, "id", "token")?))
            }
            "application_credential" => {
                let target = "application credential";
                let credential = object_in(identity, "application_credential", "identity")?;
                let secret = secret(credential, "secret", target)?;
                let reference = if let Some(id) = text(credential, "id") {
                    CredentialRef::Id(id)
                } else {
                    let name =
                        text(credential, "name").ok_or_else(|| IdentityError::expecting("name or ID", target))?;
                    let user = object_in(credential, "user", target)?;
                    CredentialRef::Name(name, named(user, "user")?)
                };
                Ok(Self::Credential(reference, secret))
            }
            // One that Keystone may have and we do not.
            _other => Err(IdentityError::Unauthorized),
        }
    }
}

impl Scope {
    fn parse(scope: Option<&Value>) -> Result<Self, IdentityError> {
        let kinds = "system, project, domain, OS-TRUST:trust or unscoped";
        let scope = match scope {
            None => return Ok(Self::Default),
            // keystoneauth sends the bare word.
            Some(Value::String(word)) if word == "unscoped" => return Ok(Self::Unscoped),
            Some(Value::Object(scope)) => scope,
            Some(_other) => return Err(IdentityError::expecting(kinds, "scope")),
        };
        let asked: Vec<_> = ["project", "domain", "system", "unscoped", "OS-TRUST:trust"]
            .into_iter()
            .filter(|kind| scope.contains_key(*kind))
            .collect();
        match &asked[..] {
            ["project"] => Ok(Self::Project(named(object_in(scope, "project", "scope")?, "project")?)),
            ["unscoped"] => Ok(Self::Unscoped),
            ["domain" | "system" | "OS-TRUST:trust"] => Ok(Self::Elsewhere),
            _none_or_several => Err(IdentityError::expecting(kinds, "scope")),
        }
    }
}

/// A user or a project: by id, or by name with a domain.
fn named(object: &Map<String, Value>, target: &str) -> Result<Named, IdentityError> {
    if let Some(id) = text(object, "id") {
        return Ok(Named::Id(id));
    }
    let name = text(object, "name").ok_or_else(|| IdentityError::expecting("id or name", target))?;
    let domain = object_in(object, "domain", target)?;
    let domain = match (text(domain, "id"), text(domain, "name")) {
        (Some(id), _) => DomainRef::Id(id),
        (None, Some(name)) => DomainRef::Name(name),
        (None, None) => return Err(IdentityError::expecting("id or name", "domain")),
    };
    Ok(Named::Name(name, domain))
}

/// An object in an object.
///
/// # Errors
/// [`IdentityError::Expecting`].
pub fn object<'v>(value: &'v Value, key: &str, target: &str) -> Result<&'v Map<String, Value>, IdentityError> {
    value
        .get(key)
        .and_then(Value::as_object)
        .ok_or_else(|| IdentityError::expecting(key, target))
}

fn object_in<'v>(
    map: &'v Map<String, Value>,
    key: &str,
    target: &str,
) -> Result<&'v Map<String, Value>, IdentityError> {
    map.get(key)
        .and_then(Value::as_object)
        .ok_or_else(|| IdentityError::expecting(key, target))
}

fn text(map: &Map<String, Value>, key: &str) -> Option<String> {
    map.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn secret(map: &Map<String, Value>, key: &str, target: &str) -> Result<SecretString, IdentityError> {
    text(map, key)
        .map(SecretString::from)
        .ok_or_else(|| IdentityError::expecting(key, target))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scope(value: &Value) -> Result<Scope, String> {
        Scope::parse(Some(value)).map_err(|error| error.to_string())
    }

    #[test]
    fn every_spelling_of_a_scope() {
        let by_name = |domain| Scope::Project(Named::Name("demo".to_owned(), domain));
        for (value, expected) in [
            (json!("unscoped"), Scope::Unscoped),
            (json!({"unscoped": {}}), Scope::Unscoped),
            (
                json!({"project": {"id": "p"}}),
                Scope::Project(Named::Id("p".to_owned())),
            ),
            (
                json!({"project": {"name": "demo", "domain": {"id": "default"}}}),
                by_name(DomainRef::Id("default".to_owned())),
            ),
            (
                json!({"project": {"name": "demo", "domain": {"name": "Default"}}}),
                by_name(DomainRef::Name("Default".to_owned())),
            ),
            (json!({"system": {"all": true}}), Scope::Elsewhere),
            (json!({"domain": {"id": "default"}}), Scope::Elsewhere),
        ] {
            assert_eq!(scope(&value), Ok(expected), "{value}");
        }
        for value in [
            json!("project"),
            json!({}),
            json!([]),
            json!({"project": {"name": "demo"}}),
            json!({"project": {"id": "p"}, "domain": {"id": "default"}}),
        ] {
            assert!(scope(&value).unwrap_err().starts_with("Expecting to find "), "{value}");
        }
        assert_eq!(Scope::parse(None).unwrap(), Scope::Default);
    }

    #[test]
    fn what_is_missing_is_named_and_secrets_are_not_printed() {
        let password =
            |user: Value| json!({"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}});
        for (body, expected) in [
            (json!({}), "auth in request body"),
            (json!({"auth": {}}), "identity in auth"),
            (json!({"auth": {"identity": {}}}), "methods in identity"),
            (
                json!({"auth": {"identity": {"methods": ["password"]}}}),
                "password in identity",
            ),
            (password(json!({"id": "u"})), "password in user"),
            (password(json!({"name": "u", "password": "p"})), "domain in user"),
            (password(json!({"password": "p"})), "id or name in user"),
        ] {
            let error = Login::parse(&body).unwrap_err().to_string();
            assert!(error.starts_with(&format!("Expecting to find {expected}. ")), "{error}");
        }
        let login = Login::parse(&password(json!({"id": "u", "password": "sesame"}))).unwrap();
        assert!(!format!("{login:?}").contains("sesame"));
        let unknown = json!({"auth": {"identity": {"methods": ["totp"], "totp": {}}}});
        assert!(matches!(Login::parse(&unknown), Err(IdentityError::Unauthorized)));
    }
}
