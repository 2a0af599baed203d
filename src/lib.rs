//! breezeblock: the Cinder v3 snapshot service.
//!
//! The import law, which `tests/architecture.rs` enforces. An arrow means "may use":
//!
//! ```text
//!              main ──► app ──► everything
//!       cinder, deltacloud                 fronts; know neither store nor driver, nor each other
//!               └────────► http, auth
//!               ▼
//!            service ────► auth
//!               │   worker
//!               ▼   ▼   ▼
//!             store ◄─── driver (dyn)
//!               └────┬────┘
//!                    ▼
//!                  domain                  the words and rules; no I/O, nothing of ours
//! ```
//!
//! `identity` is a second front with a core of its own, the development Keystone: it uses `http`, `auth` and
//! `store`, and neither `cinder` nor `service`.
//!
//! `audit` checks what must always hold, on `store` and `driver`; `worker` uses it to reconcile the two, and
//! `doctor`, a part of `app`, to report and to repair.
//!
//! `clock`, `wakeup`, `standing`, `trail` and `breakpoint` are small shared parts without dependencies of their own; `probes`
//! and `inventory` belong to `app`: they connect parts that must not know each other.

pub mod app;
pub mod audit;
pub mod auth;
pub mod breakpoint;
pub mod cinder;
pub mod clock;
pub mod deltacloud;
pub mod domain;
pub mod driver;
pub mod http;
pub mod identity;
pub mod inventory;
pub mod probes;
pub mod service;
pub mod settings;
pub mod standing;
pub mod store;
pub mod telemetry;
pub mod trail;
pub mod wakeup;
pub mod worker;
