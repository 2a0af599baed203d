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
        // A password that is longer than Keystone allows is a 400, a user or project that is disabled a 401.
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
            if token::refusal(&answer.body).is_some() =>
        {
            Ok(Verdict::Invalid)
        }
        status => Err(Trouble::Status(status)),
    }
}
