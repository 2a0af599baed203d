//! HTTP Basic, with the user name `user+project`.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::error::Failure;
use crate::auth::PasswordLogin;

/// What an `Authorization` header says.
///
/// # Errors
/// 401 with a challenge for a header that is missing, of another scheme or malformed; 401 without one for an empty
/// user name, and 400 for one that does not name exactly one project, as Deltacloud's driver for OpenStack has it.
pub fn login(header: Option<&[u8]>) -> Result<PasswordLogin, Failure> {
    let (name, password) = header.and_then(decode).ok_or_else(Failure::challenge)?;
    if name.is_empty() || name.starts_with('+') {
        return Err(Failure::unauthorized("Error: you must supply the username"));
    }
    match name.split_once('+') {
        Some((user, project)) if !project.is_empty() && !project.contains('+') => Ok(PasswordLogin {
            user: user.to_owned(),
            project: project.to_owned(),
            password: password.into(),
        }),
        Some(_) | None => Err(Failure::invalid(format!(
            "Error: expected \"username+tenantname\" as username, you provided: {name}"
        ))),
    }
}

/// User name and password.
fn decode(header: &[u8]) -> Option<(String, String)> {
    let header = std::str::from_utf8(header).ok()?;
    let (scheme, encoded) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (name, password) = decoded.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn of(text: &str) -> Result<PasswordLogin, u16> {
        let header = format!("Basic {}", BASE64_STANDARD.encode(text));
        login(Some(header.as_bytes())).map_err(|failure| failure.status().as_u16())
    }

    #[test]
    fn the_project_is_behind_the_plus() {
        let login = of("demo+proj:se:cret").unwrap();
        assert_eq!((&*login.user, &*login.project), ("demo", "proj"));
        assert_eq!(login.password.expose_secret(), "se:cret");
        for (text, status) in [
            ("demo:secret", 400),
            ("de+mo+proj:secret", 400),
            ("demo+:secret", 400),
            (":secret", 401),
            ("+proj:secret", 401),
            ("demo+proj", 401),
        ] {
            assert_eq!(of(text).err(), Some(status), "{text}");
        }
    }

    #[test]
    fn what_is_no_basic_header_is_challenged() {
        let plain = BASE64_STANDARD.encode("a+b:c");
        for header in ["", "Basic", "Bearer x", "Basic %%%", &plain] {
            let failure = login(Some(header.as_bytes())).unwrap_err();
            assert!(failure.is_challenge(), "{header}");
        }
        assert!(login(None).unwrap_err().is_challenge());
        assert!(login(Some(format!("bAsIc  {plain}").as_bytes())).is_ok());
    }
}
