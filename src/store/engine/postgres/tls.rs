//! TLS for short reads, by the same parameters of the URL and with the same meaning as for all other statements:
//! `sslmode`, `sslrootcert`, `sslcert` and `sslkey`.

use std::sync::Arc;

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
};
use sqlx::{
    ConnectOptions as _,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::store::StoreError;

/// What of a server's certificate is looked at.
#[derive(Debug)]
struct Check {
    provider: CryptoProvider,
    /// Who signed it; `None`: that does not matter.
    signed: Option<Arc<WebPkiServerVerifier>>,
    /// Whether it must be that of the server's name.
    named: bool,
}

/// How connections become secret.
///
/// # Errors
/// [`StoreError::Schema`] for a certificate that cannot be read.
pub(super) fn connector(options: &PgConnectOptions) -> Result<MakeRustlsConnect, StoreError> {
    let url = options.to_url_lossy();
    let parameter = |name: &str| {
        let mut pairs = url.query_pairs();
        pairs
            .find(|(key, _value)| key == name)
            .map(|(_key, value)| value.into_owned())
    };
    let provider = ring::default_provider();
    let given = parameter("sslrootcert").map(|text| certificates(&text)).transpose()?;
    let (verify, named) = match options.get_ssl_mode() {
        // Without a certificate to compare with these only keep others from listening.
        PgSslMode::Disable | PgSslMode::Allow | PgSslMode::Prefer | PgSslMode::Require => (given.is_some(), false),
        PgSslMode::VerifyCa => (true, false),
        PgSslMode::VerifyFull => (true, true),
    };
    let signed = verify.then(|| verifier(given, &provider)).transpose()?;
    let config = ClientConfig::builder_with_provider(Arc::new(provider.clone()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Check {
            provider,
            signed,
            named,
        }));
    let config = match parameter("sslcert").zip(parameter("sslkey")) {
        Some((certificate, key)) => {
            let key = PrivateKeyDer::from_pem_slice(&pem(&key)?).map_err(unusable)?;
            config
                .with_client_auth_cert(certificates(&certificate)?, key)
                .map_err(unusable)?
        }
        None => config.with_no_client_auth(),
    };
    Ok(MakeRustlsConnect::new(config))
}

fn verifier(
    given: Option<Vec<CertificateDer<'static>>>,
    provider: &CryptoProvider,
) -> Result<Arc<WebPkiServerVerifier>, StoreError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(match given {
        Some(given) => given,
        None => rustls_native_certs::load_native_certs().certs,
    });
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(provider.clone()))
        .build()
        .map_err(unusable)
}

/// What is in a parameter, or in the file that it names. sqlx says which of the two it took it for.
fn pem(text: &str) -> Result<Vec<u8>, StoreError> {
    if let Some(inline) = text.strip_prefix("pem: ") {
        return Ok(inline.as_bytes().to_vec());
    }
    let path = text.strip_prefix("file: ").unwrap_or(text);
    std::fs::read(path).map_err(|error| unusable(format!("{path}: {error}")))
}

fn certificates(text: &str) -> Result<Vec<CertificateDer<'static>>, StoreError> {
    CertificateDer::pem_slice_iter(&pem(text)?)
        .collect::<Result<_, _>>()
        .map_err(unusable)
}

fn unusable(reason: impl std::fmt::Display) -> StoreError {
    StoreError::Schema(format!("TLS to the database cannot be set up: {reason}"))
}

impl ServerCertVerifier for Check {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        server: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(signed) = &self.signed else {
            return Ok(ServerCertVerified::assertion());
        };
        match signed.verify_server_cert(certificate, others, server, ocsp, now) {
            // The name is what is looked at last.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.named => Ok(ServerCertVerified::assertion()),
            done => done,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;

    use super::*;

    fn told(query: &str) -> Result<(), String> {
        let options = PgConnectOptions::from_str(&format!("postgres://u@localhost/db?{query}")).unwrap();
        connector(&options).map(drop).map_err(|error| error.to_string())
    }

    #[test]
    fn certificates_are_read_where_the_url_says() {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (folder.path().join("crt.pem"), folder.path().join("key.pem"));
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let (certificate, key) = (certificate.display(), key.display());
        for mode in ["disable", "prefer", "require", "verify-ca", "verify-full"] {
            assert_eq!(
                told(&format!("sslmode={mode}&sslrootcert={certificate}")),
                Ok(()),
                "{mode}"
            );
            let own = format!("sslmode={mode}&sslrootcert={certificate}&sslcert={certificate}&sslkey={key}");
            assert_eq!(told(&own), Ok(()), "{mode}");
        }
        assert_eq!(
            told("sslmode=verify-full&sslrootcert=/nowhere/ca.pem"),
            Err(
                "TLS to the database cannot be set up: /nowhere/ca.pem: No such file or directory (os error 2)"
                    .to_owned()
            )
        );
    }
}
