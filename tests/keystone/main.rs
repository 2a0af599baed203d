//! `auth.strategy = keystone`, through the whole application, with a Keystone whose every answer the test
//! decides: it counts calls, hangs, dies and forgets on demand. That a real one is understood as well is
//! the conformance kit's business.
//!
//! A case is an `async fn(World)`, and its module lists it in [`keystone_suite!`].
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on must stop"
)]

#[path = "../support/http.rs"]
mod http;
mod support;

/// Runs each case, with settings of its own if it names some:
/// `keystone_suite!(a_case, another_case ["keystone.timeout" = "1"])`.
macro_rules! keystone_suite {
    ($($case:ident $([$($key:literal = $value:literal),+])?),+ $(,)?) => {
        mod cases {
            $(
                #[tokio::test]
                async fn $case() {
                    crate::support::run(&[$($(($key, $value)),+)?], super::$case).await;
                }
            )+
        }
    };
}

mod access_rules;
mod caching;
mod connections;
mod deltacloud;
mod headers;
mod outages;
mod own_token;
mod refusals;
mod scopes;
mod service_tokens;
mod single_flight;
