//! Errors in the words and forms of WebOb, the library under Cinder: what its router and its filters say
//! without Cinder's own fault documents. They carry no version headers.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{ACCEPT, HeaderMap},
    },
};
use serde_json::json;

use super::accept::{Form, preferred};
use crate::http::json;

/// An error of WebOb's.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    status: StatusCode,
    explanation: &'static str,
    detail: &'static str,
}

/// For a path or method that the router does not have.
pub const NOT_FOUND: Fault = Fault {
    status: StatusCode::NOT_FOUND,
    explanation: "The resource could not be found.",
    detail: "",
};

/// From Cinder's own filter, for a token that stands for no user.
pub const UNAUTHORIZED: Fault = Fault {
    status: StatusCode::UNAUTHORIZED,
    explanation: "This server could not verify that you are authorized to\r\naccess the document you requested.  \
                  Either you supplied the\r\nwrong credentials (e.g., bad password), or your browser\r\ndoes not \
                  understand how to supply the credentials required.\r\n",
    detail: "",
};

/// From keystonemiddleware.
pub const KEYSTONE_UNAVAILABLE: Fault = Fault {
    status: StatusCode::SERVICE_UNAVAILABLE,
    explanation: "The server is currently unavailable. Please try again at a later time.",
    detail: "The Keystone service is temporarily unavailable.",
};

impl Fault {
    /// In the form that the request's `Accept` asks for.
    pub fn reply(self, headers: &HeaderMap) -> HttpResponse {
        let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
        let status = format!(
            "{} {}",
            self.status.as_str(),
            self.status.canonical_reason().unwrap_or_default()
        );
        let body = format!("{}<br /><br />\n{}\n\n", self.explanation, self.detail);
        let mut reply = HttpResponse::build(self.status);
        match preferred(accept.unwrap_or_default()) {
            Form::Json => {
                let title = self.status.canonical_reason();
                json::reply(self.status, &json!({"message": body, "code": status, "title": title}))
            }
            Form::Html => reply.content_type("text/html; charset=UTF-8").body(format!(
                "<html>\n <head>\n  <title>{status}</title>\n </head>\n <body>\n  <h1>{status}</h1>\n  {body}\n </body>\n</html>"
            )),
            Form::Plain => {
                let body = body.replace('\n', " ").replace('\r', "").replace("<br />", "\n");
                reply.content_type("text/plain; charset=UTF-8").body(format!("{status}\n\n{body}"))
            }
        }
    }
}
