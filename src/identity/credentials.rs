//! Making, showing and deleting application credentials.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use secrecy::SecretString;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    DevIdentity, IdentityError,
    request::object,
    roles::with_implied,
    session::{Session, credential_revocation},
};
use crate::{
    domain::ApplicationCredential,
    settings::{LONGEST_TOKEN_LIFETIME, Role},
};

const KIND: &str = "application_credential";

/// What somebody wants a new one to be.
struct Wish {
    name: String,
    description: Option<String>,
    secret: Option<SecretString>,
    roles: Option<Vec<Role>>,
    expires_at: Option<DateTime<Utc>>,
    unrestricted: bool,
}

impl DevIdentity {
    /// Makes an application credential for the session's user, in the session's project. The secret comes
    /// back this once, and is kept as a hash only.
    ///
    /// # Errors
    /// Keystone's refusals: of another user, of a credential that may not make others, of roles that the
    /// session has not, of a name that the user has already used.
    pub async fn credential_create(
        &self,
        session: &Session,
        user: &str,
        body: &Value,
    ) -> Result<(ApplicationCredential, SecretString), IdentityError> {
        if session.user.id != user {
            return Err(IdentityError::forbidden("create_application_credential"));
        }
        may_manage(session)?;
        let Some(project) = &session.project else {
            return Err(IdentityError::forbidden("create_application_credential"));
        };
        let wish = Wish::parse(body, self.clock.now())?;
        let roles = wish.roles.map_or_else(|| session.roles.clone(), with_implied);
        if roles.iter().any(|role| !session.roles.contains(role)) {
            return Err(invalid("Cannot create an application credential with unassigned role"));
        }
        let secret = wish
            .secret
            .unwrap_or_else(|| BASE64.encode(rand::random::<[u8; 64]>()).into());
        let new = ApplicationCredential {
            id: self.ids.next(),
            user_id: user.to_owned(),
            project_id: project.id.clone(),
            name: wish.name,
            description: wish.description,
            secret_hash: self.passwords.hash(&secret).await?,
            roles: roles.into_iter().map(|role| role.name().to_owned()).collect(),
            unrestricted: wish.unrestricted,
            created_at: self.clock.now(),
            expires_at: wish.expires_at,
        };
        if !self.store.application_credential_insert(&new).await? {
            return Err(IdentityError::Conflict {
                kind: KIND,
                name: new.name,
            });
        }
        Ok((new, secret))
    }

    /// A user's application credentials, for the user and for admins.
    ///
    /// # Errors
    /// [`IdentityError::ForbiddenAction`] for others.
    pub async fn credentials(
        &self,
        session: &Session,
        user: &str,
    ) -> Result<Vec<ApplicationCredential>, IdentityError> {
        session.admin_or(session.user.id == user, "list_application_credentials")?;
        Ok(self.store.application_credentials(user).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// [`IdentityError::ForbiddenAction`] for others, [`IdentityError::NotFound`].
    pub async fn credential(
        &self,
        session: &Session,
        user: &str,
        id: &str,
    ) -> Result<ApplicationCredential, IdentityError> {
        session.admin_or(session.user.id == user, "get_application_credential")?;
        self.credential_of(user, id).await
    }

    /// Deletes one, and with it every token that was got with it.
    ///
    /// # Errors
    /// [`IdentityError::ForbiddenAction`] for others and for credentials that may not delete others,
    /// [`IdentityError::NotFound`].
    pub async fn credential_delete(&self, session: &Session, user: &str, id: &str) -> Result<(), IdentityError> {
        session.admin_or(session.user.id == user, "delete_application_credential")?;
        may_manage(session)?;
        let credential = self.credential_of(user, id).await?;
        // No token lives longer, whatever the setting was when it was made.
        let end = self.clock.now() + TimeDelta::seconds(i64::from(LONGEST_TOKEN_LIFETIME));
        let revoked = credential_revocation(&credential.id.simple().to_string());
        let mut tx = self.store.begin().await?;
        if !tx.application_credential_delete(credential.id).await? {
            return Err(missing(id));
        }
        tx.revocation_insert(&revoked, end).await?;
        tx.commit().await?;
        self.revocations.added(&revoked, end);
        Ok(())
    }

    async fn credential_of(&self, user: &str, id: &str) -> Result<ApplicationCredential, IdentityError> {
        let found = match Uuid::try_parse(id) {
            Ok(id) => self.store.application_credential(id).await?,
            Err(_not_an_id) => None,
        };
        found
            .filter(|credential| credential.user_id == user)
            .ok_or_else(|| missing(id))
    }
}

/// A restricted credential must not make itself a successor, nor get rid of its like.
fn may_manage(session: &Session) -> Result<(), IdentityError> {
    let credential = session.claims.credential.as_ref();
    if credential.is_some_and(|credential| credential.restricted) {
        return Err(IdentityError::ForbiddenAction(
            "Using method 'application_credential' is not allowed for managing additional application credentials."
                .to_owned(),
        ));
    }
    Ok(())
}

fn missing(id: &str) -> IdentityError {
    IdentityError::not_found("Application Credential", id)
}

fn invalid(detail: &str) -> IdentityError {
    IdentityError::Invalid(format!("Invalid application credential: {detail}"))
}

/// Keystone's words for a field of the wrong form.
fn invalid_field(field: &str, reason: &str) -> IdentityError {
    IdentityError::Invalid(format!("Invalid input for field '{field}': {reason}"))
}

impl Wish {
    fn parse(body: &Value, now: DateTime<Utc>) -> Result<Self, IdentityError> {
        let fields = object(body, KIND, "request body")?;
        let name = optional_text(fields, "name")?.ok_or_else(|| invalid("'name' is a required property"))?;
        if name.trim().is_empty() || name.chars().count() > 255 {
            return Err(invalid_field("name", "expected 1 to 255 characters"));
        }
        if fields
            .get("access_rules")
            .is_some_and(|rules| *rules != Value::Array(Vec::new()))
        {
            return Err(invalid("the development identity has no access rules"));
        }
        let unrestricted = match fields.get("unrestricted") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_other) => return Err(invalid_field("unrestricted", "expected a boolean")),
        };
        Ok(Self {
            name,
            description: optional_text(fields, "description")?,
            secret: optional_text(fields, "secret")?
                .filter(|secret| !secret.is_empty())
                .map(SecretString::from),
            roles: roles(fields.get("roles"))?,
            expires_at: optional_text(fields, "expires_at")?
                .map(|text| expiry(&text, now))
                .transpose()?,
            unrestricted,
        })
    }
}

fn optional_text(fields: &Map<String, Value>, key: &str) -> Result<Option<String>, IdentityError> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_other) => Err(invalid_field(key, "expected a string")),
    }
}

/// Roles by id or by name; `None` for none at all, which means all of the token's.
fn roles(value: Option<&Value>) -> Result<Option<Vec<Role>>, IdentityError> {
    let entries = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(entries)) => entries,
        Some(_other) => return Err(invalid_field("roles", "expected a list")),
    };
    let mut found = Vec::new();
    for entry in entries {
        let text = |key: &str| entry.get(key).and_then(Value::as_str);
        let (asked, role) = match (text("id"), text("name")) {
            (Some(id), _) => (id, Role::with_id(id)),
            (None, Some(name)) => (name, Role::named(name)),
            (None, None) => return Err(invalid_field("roles", "expected an id or a name in each")),
        };
        found.push(role.ok_or_else(|| IdentityError::not_found("role", asked))?);
    }
    Ok(Some(found).filter(|found| !found.is_empty()))
}

/// A time as ISO 8601 has it, in UTC with or without saying so.
fn expiry(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, IdentityError> {
    let suffix = "The server could not comply with the request since it is either malformed or otherwise incorrect. The \
                  client is assumed to be in error.";
    let time = DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .or_else(|_no_zone| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(|time| time.and_utc()))
        .map_err(|_source| IdentityError::Invalid(format!("Timestamp not in expected format. {suffix}")))?;
    if time < now {
        return Err(IdentityError::Invalid(format!(
            "The 'expires_at' must not be before now. {suffix}"
        )));
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_with_and_without_a_zone() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let later = now + TimeDelta::hours(1);
        for text in [
            "2027-01-15T09:00:00",
            "2027-01-15T09:00:00.000000Z",
            "2027-01-15T10:00:00+01:00",
        ] {
            assert_eq!(expiry(text, now).unwrap(), later, "{text}");
        }
        for (text, expected) in [
            ("tomorrow", "Timestamp not in"),
            ("2020-01-01T00:00:00", "must not be before now"),
        ] {
            assert!(expiry(text, now).unwrap_err().to_string().contains(expected), "{text}");
        }
    }

    #[test]
    fn roles_are_named_or_not() {
        assert_eq!(roles(None).unwrap(), None);
        assert_eq!(roles(Some(&json!([]))).unwrap(), None);
        let both = json!([{"name": "reader"}, {"id": Role::Member.id()}]);
        assert_eq!(roles(Some(&both)).unwrap(), Some(vec![Role::Reader, Role::Member]));
        for wrong in [json!([{"name": "root"}]), json!([{}]), json!("reader")] {
            assert!(roles(Some(&wrong)).is_err(), "{wrong}");
        }
    }
}
