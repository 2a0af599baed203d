//! Tokens: what they say, and the signature that keeps others from making them.
//!
//! A token is `<claims>.<signature>`, both base64url: the claims are JSON that anybody may read, the
//! signature is HMAC-SHA256 with a key that only the database has. So a token needs no row of its own
//! and every process of an installation believes those of the others.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::IdentityError;

/// How somebody has shown who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// With a password.
    Password,
    /// With a token.
    Token,
    /// With an application credential.
    ApplicationCredential,
}

impl Method {
    /// Keystone's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Token => "token",
            Self::ApplicationCredential => "application_credential",
        }
    }
}

/// What a token says. The short names keep tokens short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The user's id.
    #[serde(rename = "u")]
    pub user: String,
    /// The project's id; none in an unscoped token.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Seconds since 1970.
    #[serde(rename = "i")]
    pub issued_at: i64,
    /// Seconds since 1970: from then on it is worth nothing.
    #[serde(rename = "e")]
    pub expires_at: i64,
    /// How the user logged in, for the first token of the chain and for this one.
    #[serde(rename = "m")]
    pub methods: Vec<Method>,
    /// An id of its own that is no secret, and the one of the first token that it descends from.
    #[serde(rename = "a")]
    pub audit_ids: Vec<String>,
    /// The application credential behind it.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<CredentialClaims>,
}

/// What a token says about the application credential behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialClaims {
    /// Its id: 32 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it may not be used to make others.
    pub restricted: bool,
    /// Its roles' names.
    pub roles: Vec<String>,
}

/// Makes tokens and tells them from others.
#[derive(Clone)]
pub struct Signer(Hmac<Sha256>);

impl std::fmt::Debug for Signer {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// With a key.
    ///
    /// # Errors
    /// [`IdentityError::Internal`], in theory: HMAC takes keys of every length.
    pub fn new(key: &[u8]) -> Result<Self, IdentityError> {
        Hmac::new_from_slice(key).map(Self).map_err(IdentityError::internal)
    }

    /// The token for these claims.
    ///
    /// # Errors
    /// [`IdentityError::Internal`], in theory: these claims can always be written.
    pub fn sign(&self, claims: &Claims) -> Result<String, IdentityError> {
        let claims = BASE64.encode(serde_json::to_vec(claims).map_err(IdentityError::internal)?);
        let signature = self.mac(&claims).finalize().into_bytes();
        Ok(format!("{claims}.{}", BASE64.encode(signature)))
    }

    /// The claims of a token that this key has signed, which may be over or revoked.
    pub fn open(&self, token: &str) -> Option<Claims> {
        let (claims, signature) = token.split_once('.')?;
        let signature = BASE64.decode(signature).ok()?;
        // Takes the same time for every wrong signature.
        self.mac(claims).verify_slice(&signature).ok()?;
        serde_json::from_slice(&BASE64.decode(claims).ok()?).ok()
    }

    fn mac(&self, claims: &str) -> Hmac<Sha256> {
        self.0.clone().chain_update(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Claims {
        Claims {
            user: "u".to_owned(),
            project: Some("p".to_owned()),
            issued_at: 1,
            expires_at: 2,
            methods: vec![Method::Password],
            audit_ids: vec!["a".to_owned()],
            credential: None,
        }
    }

    #[test]
    fn only_what_the_key_signed_is_believed() {
        let signer = Signer::new(b"one key").unwrap();
        let token = signer.sign(&claims()).unwrap();
        assert_eq!(signer.open(&token), Some(claims()));
        assert_eq!(Signer::new(b"another key").unwrap().open(&token), None);

        let (body, signature) = token.split_once('.').unwrap();
        let mut other = claims();
        other.user = "admin".to_owned();
        let forged = BASE64.encode(serde_json::to_vec(&other).unwrap());
        for wrong in [
            format!("{forged}.{signature}"),
            format!("{body}."),
            format!("{body}.{}", &signature[..signature.len() - 4]),
            body.to_owned(),
            format!(".{signature}"),
            String::new(),
            "admin:demo".to_owned(),
        ] {
            assert_eq!(signer.open(&wrong), None, "{wrong}");
        }
        // Every single changed character is noticed.
        for (at, old) in token.char_indices() {
            let new = if old == 'A' { 'B' } else { 'A' };
            let changed = format!("{}{new}{}", &token[..at], &token[at + 1..]);
            assert_eq!(signer.open(&changed), None, "{at}");
        }
    }

    #[test]
    fn the_key_is_not_printed() {
        let signer = Signer::new(b"sesame").unwrap();
        assert_eq!(format!("{signer:?}"), "Signer");
    }
}
