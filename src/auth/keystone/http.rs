//! The connection to Keystone: one client, TLS by rustls, and two calls.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use reqwest::{
    Client, RequestBuilder, StatusCode,
    header::{HeaderMap, HeaderValue},
    redirect::Policy,
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::Trouble;

/// A machine that is gone is noticed sooner than one that thinks.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Most calls at a time: strangers make a call with each token that they invent, and neither Keystone nor
/// this process shall be drowned in those.
const MOST_CALLS: usize = 64;

/// What keeps the client from being made; said at the start of the service.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The file with certificates.
    #[error("setting keystone.ca_file: {} cannot be read: {reason}", path.display())]
    CaFile {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// TLS.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The rest.
    #[error("the HTTP client cannot be made: {0}")]
    Client(#[from] reqwest::Error),
}

/// A whole reply.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// Speaks to one Keystone.
#[derive(Clone, Debug)]
pub struct Http {
    client: Client,
    /// One for each call that may be under way.
    permits: Arc<Semaphore>,
    timeout: Duration,
    /// `…/v3/auth/tokens?nocatalog`: nothing here needs the catalog, which is most of a token's size.
    tokens: String,
}

impl Http {
    /// Makes the client; connects to nothing yet, so that the service starts before its Keystone does.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn new(auth_url: &str, ca_file: Option<&Path>, timeout: Duration) -> Result<Self, ClientError> {
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(authorities(ca_file)?)
            .with_no_client_auth();
        let client = Client::builder()
            .tls_backend_preconfigured(config)
            .user_agent(concat!("breezeblock/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT.min(timeout))
            .timeout(timeout)
            // A redirect would carry tokens to wherever it points.
            .redirect(Policy::none())
            .build()?;
        Ok(Self {
            client,
            permits: Arc::new(Semaphore::new(MOST_CALLS)),
            timeout,
            tokens: format!("{}/auth/tokens?nocatalog", version_3(auth_url)),
        })
    }

    /// Asks for a token.
    ///
    /// # Errors
    /// [`Trouble::Unreachable`], [`Trouble::Crowded`].
    pub async fn issue(&self, login: &Value) -> Result<Answer, Trouble> {
        self.send(|| self.client.post(&self.tokens).json(login)).await
    }

    /// Asks what the token `subject` is worth, as the owner of the token `own`.
    ///
    /// # Errors
    /// [`Trouble::Unreachable`], [`Trouble::Crowded`].
    pub async fn validate(
        &self,
        own: &HeaderValue,
        subject: &HeaderValue,
        allow_expired: bool,
    ) -> Result<Answer, Trouble> {
        let expired = if allow_expired { "&allow_expired=1" } else { "" };
        let url = format!("{}{expired}", self.tokens);
        self.send(|| {
            self.client
                .get(&url)
                .header("X-Auth-Token", own)
                .header("X-Subject-Token", subject)
                // Without it, Keystone keeps tokens with access rules to itself: we promise to enforce them.
                .header("OpenStack-Identity-Access-Rules", "1.0")
        })
        .await
    }

    /// Sends a request, and a second time if the connection went away under it: a Keystone that restarts
    /// closes the connections that are kept open, and may do so just when one is used again.
    async fn send(&self, request: impl Fn() -> RequestBuilder) -> Result<Answer, Trouble> {
        let waited = tokio::time::timeout(self.timeout, self.permits.acquire()).await;
        let _permit = waited.ok().and_then(Result::ok).ok_or(Trouble::Crowded)?;
        let answer = match attempt(request()).await {
            Err(error) if !error.is_connect() && !error.is_timeout() && !error.is_builder() => attempt(request()).await,
            other => other,
        };
        answer.map_err(|error| Trouble::Unreachable(error.without_url()))
    }
}

async fn attempt(request: RequestBuilder) -> reqwest::Result<Answer> {
    let reply = request.send().await?;
    Ok(Answer {
        status: reply.status(),
        headers: reply.headers().clone(),
        body: reply.bytes().await?.to_vec(),
    })
}

/// Operators write the address of Keystone with and without the version.
fn version_3(auth_url: &str) -> String {
    let root = auth_url.trim_end_matches('/');
    if root.ends_with("/v3") {
        root.to_owned()
    } else {
        format!("{root}/v3")
    }
}

/// The machine's certificate authorities and those of the file. A machine without any is fine as long as
/// the file, or plain HTTP, makes up for it.
fn authorities(ca_file: Option<&Path>) -> Result<RootCertStore, ClientError> {
    let mut store = RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    for error in &native.errors {
        tracing::debug!(%error, "certificate authorities of this machine cannot be read");
    }
    store.add_parsable_certificates(native.certs);
    let Some(path) = ca_file else {
        return Ok(store);
    };
    let refuse = |reason: String| ClientError::CaFile {
        path: path.to_owned(),
        reason,
    };
    let pem = fs::read(path).map_err(|error| refuse(error.to_string()))?;
    let certificates = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| refuse(error.to_string()))?;
    if certificates.is_empty() {
        return Err(refuse("it has no certificate in PEM form".to_owned()));
    }
    for certificate in certificates {
        store.add(certificate).map_err(|error| refuse(error.to_string()))?;
    }
    Ok(store)
}
