//! The Apache Deltacloud API (classic, 1.1.3): a second front on the same snapshots and volumes.
//!
//! One entry, `dispatch::handle`, takes every request below the base path, because Deltacloud's rules about
//! paths, methods and formats are not those of a router: parameters of the driver inside the path, methods in a form
//! field, and never a 405. What there is, is the table in `collections`; the entry point, the documentation pages
//! and `OPTIONS` are read from it.
//!
//! Deltacloud has no volume types, metadata, attachments by itself, transfers, groups, quotas or messages. What the
//! Cinder front has made of those stays as it is and is not shown.

mod basic;
mod collections;
mod cx;
mod date;
mod dispatch;
mod docs;
mod drivers;
mod entry;
mod error;
mod error_document;
mod html;
mod list;
mod negotiate;
mod params;
mod realms;
mod reply;
mod route;
mod shared;
mod snapshots;
mod states;
mod volumes;
mod xml;

use actix_web::{
    guard::{GuardContext, fn_guard},
    middleware::from_fn,
    web::{self, ServiceConfig},
};

pub use self::{date::DateForm, reply::overloaded};
use crate::http::request::AsItIs;

/// The version of the API, in the entry point and in `Server`.
const VERSION: &str = "1.1.3";

/// The driver that this service is, to its clients: Deltacloud's own driver for OpenStack has the same user names,
/// states and features.
const DRIVER: &str = "openstack";

/// The front's settings.
#[derive(Clone, Debug)]
pub struct DeltacloudOptions {
    /// Where the API is, such as `/api`.
    pub base_path: String,
    /// Scheme, host and prefix for links, if requests do not tell.
    pub public_endpoint: Option<String>,
    /// What is shown as the provider when a request selects none; empty for nothing.
    pub provider: String,
    /// How times are written.
    pub dates: DateForm,
}

/// Takes every request below the base path.
pub fn configure(config: &mut ServiceConfig) {
    // As it was sent: what only looks like this front's after it was tidied is not this front's.
    let below = |context: &GuardContext<'_>| context.req_data().get::<AsItIs>().is_some();
    config.service(
        web::scope("")
            .guard(fn_guard(below))
            .wrap(from_fn(reply::dress))
            .default_service(web::to(dispatch::handle)),
    );
}
