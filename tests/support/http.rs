//! HTTP clients of tests. Keystone's client makes reqwest able to do TLS, which it then wants to be set up
//! for every client; tests speak plain HTTP, so theirs trusts nobody and reads no certificates.

use std::sync::Arc;

use reqwest::ClientBuilder;
use rustls::{ClientConfig, RootCertStore, crypto::ring};

/// Instead of `reqwest::Client::builder()`.
pub fn client() -> ClientBuilder {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    ClientBuilder::new().tls_backend_preconfigured(config)
}
