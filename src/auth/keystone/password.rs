//! What a user's own name and password are worth in a project.

use std::sync::Arc;

use reqwest::StatusCode;

use super::{Login, Trouble, http::Http, own_token::request, token, verdict::Verdict};
use crate::auth::PasswordLogin;

/// Logs in as somebody else, with names of one domain.
///
/// # Errors
/// [`Trouble`].
pub async fn identity(http: &Http, domain: &str, login: &PasswordLogin) -> Result<Verdict, Trouble> {
    let login = Login::Password {
        username: login.user.clone(),
        password: login.password.clone(),
        user_domain_name: domain.to_owned(),
        project_name: login.project.clone(),
        project_domain_name: domain.to_owned(),
    };
    let answer = http.issue(&request(&login)).await?;
    match answer.status {
        StatusCode::OK | StatusCode::CREATED => Ok(match token::identity(&answer.body)? {
            Some(identity) => Verdict::Valid(Arc::new(identity)),
            None => Verdict::Nobody,
        }),
        // Also for who is disabled, and, in other words than usual, for who must show more than a password.
        StatusCode::UNAUTHORIZED => Ok(Verdict::Invalid),
        // A password that is longer than Keystone allows is a 400.
        StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN if token::refusal(&answer.body).is_some() => {
            Ok(Verdict::Invalid)
        }
        status => Err(Trouble::Status(status)),
    }
}
