//! The way to Keystone: TLS, and connections that break. These speak to the authenticator itself, because
//! the application would only hide which error it was.

use std::{path::PathBuf, sync::Arc, time::Duration};

use breezeblock::{
    auth::{
        AuthError, Authenticator, Credentials,
        keystone::{Keystone, KeystoneOptions, Login},
    },
    clock::ManualClock,
};
use chrono::{DateTime, TimeDelta};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;

use crate::support::{Fake, Proxy, USER, logged, record};

async fn fake() -> Fake {
    record();
    Fake::start(Arc::new(ManualClock::new(
        DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
    )))
    .await
}

fn options(auth_url: String, ca_file: Option<PathBuf>) -> KeystoneOptions {
    KeystoneOptions {
        login_domain_name: "Default".to_owned(),
        auth_url,
        www_authenticate_uri: String::new(),
        login: Login::Password {
            username: "cinder".to_owned(),
            password: "secret".into(),
            user_domain_name: "Default".to_owned(),
            project_name: "service".to_owned(),
            project_domain_name: "Default".to_owned(),
        },
        ca_file,
        token_cache_time: TimeDelta::seconds(300),
        invalid_cache_time: TimeDelta::seconds(10),
        cache_size: 10,
        timeout: Duration::from_secs(5),
        service_token_roles: vec!["service".to_owned()],
        service_token_roles_required: true,
    }
}

fn authenticator(fake: &Fake, auth_url: String, ca_file: Option<PathBuf>) -> Keystone {
    Keystone::new(options(auth_url, ca_file), Arc::<ManualClock>::clone(&fake.clock)).unwrap()
}

async fn user(keystone: &Keystone, token: &str) -> Result<String, AuthError> {
    let credentials = Credentials {
        token: Some(token),
        ..Credentials::default()
    };
    keystone
        .authenticate(credentials)
        .await
        .map(|caller| caller.user_id.to_string())
}

/// An authority's certificate in PEM form, and a server at `localhost` with a certificate of it.
fn certificates() -> (String, TlsAcceptor) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = names.signed_by(&key, &authority).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (authority.pem(), TlsAcceptor::from(Arc::new(config)))
}

#[tokio::test]
async fn an_authority_of_ones_own_is_trusted_if_it_is_named() {
    let fake = fake().await;
    let (authority, acceptor) = certificates();
    let (other, _acceptor) = certificates();
    let proxy = Proxy::start(fake.address, Some(acceptor)).await;
    let folder = TempDir::new().unwrap();
    let (named, wrong) = (folder.path().join("ca.pem"), folder.path().join("other.pem"));
    std::fs::write(&named, authority).unwrap();
    std::fs::write(&wrong, other).unwrap();
    let url = format!("https://localhost:{}/v3/", proxy.address.port());

    let token = fake.member();
    let trusting = authenticator(&fake, url.clone(), Some(named.clone()));
    assert_eq!(user(&trusting, &token).await.unwrap(), USER);
    for ca_file in [None, Some(wrong)] {
        let wary = authenticator(&fake, url.clone(), ca_file);
        assert!(matches!(user(&wary, &token).await, Err(AuthError::Unavailable)));
    }
    assert!(!logged("UnknownIssuer").is_empty());
    // A name that the certificate does not have.
    let elsewhere = authenticator(&fake, format!("https://{}/v3", proxy.address), Some(named));
    assert!(matches!(user(&elsewhere, &token).await, Err(AuthError::Unavailable)));
    assert_eq!(fake.asked_about(&token), 1);
    fake.die().await;
}

#[test]
fn a_useless_ca_file_stops_the_start() {
    let folder = TempDir::new().unwrap();
    let (missing, empty) = (folder.path().join("missing"), folder.path().join("empty"));
    let broken = folder.path().join("broken");
    std::fs::write(&empty, "no certificate here\n").unwrap();
    std::fs::write(
        &broken,
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    for path in [missing, empty, broken] {
        let clock = Arc::new(breezeblock::clock::SystemClock);
        let options = options("https://localhost".to_owned(), Some(path.clone()));
        let told = Keystone::new(options, clock).unwrap_err().to_string();
        let named = told.starts_with("setting keystone.ca_file: ");
        assert!(named && told.contains(&path.display().to_string()), "{told}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_once_more() {
    let fake = fake().await;
    let proxy = Proxy::start(fake.address, None).await;
    let keystone = authenticator(&fake, format!("http://{}", proxy.address), None);
    let token = fake.member();
    // A login.
    proxy.cut(1);
    assert_eq!(user(&keystone, &token).await.unwrap(), USER);
    assert_eq!((proxy.requests(), fake.logins()), (3, 1));
    // A validation.
    let token = fake.member();
    proxy.cut(1);
    assert_eq!(user(&keystone, &token).await.unwrap(), USER);
    assert_eq!((proxy.requests(), fake.logins()), (5, 1));
    // Once more, not for ever.
    let token = fake.member();
    proxy.cut(2);
    assert!(matches!(user(&keystone, &token).await, Err(AuthError::Unavailable)));
    assert_eq!(proxy.requests(), 7);
    assert_eq!(user(&keystone, &token).await.unwrap(), USER);
    fake.die().await;
}
