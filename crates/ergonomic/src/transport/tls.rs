//! TLS set up by hand: rustls with the crypto provider of the chosen feature, handed over explicitly.
//!
//! No process-wide provider is installed and none is looked for, so a program with its own choice of provider, or with
//! none, is left alone. Certificates are checked by the platform's verifier.

use std::sync::Arc;

use rustls::{ClientConfig, crypto::CryptoProvider};

use super::base::BaseUrl;
use crate::error::{Error, ErrorKind, Result};

/// The provider of the enabled feature; AWS-LC when both are enabled.
#[cfg(any(feature = "ring", feature = "aws-lc"))]
fn provider() -> Result<CryptoProvider> {
    #[cfg(feature = "aws-lc")]
    return Ok(rustls::crypto::aws_lc_rs::default_provider());
    #[cfg(not(feature = "aws-lc"))]
    return Ok(rustls::crypto::ring::default_provider());
}

#[cfg(not(any(feature = "ring", feature = "aws-lc")))]
fn provider() -> Result<CryptoProvider> {
    Err(Error::new(
        ErrorKind::InvalidInput,
        "atlas-backup was built without TLS: enable its feature `ring` or `aws-lc`",
    ))
}

/// The configuration for connections to `base`. Where nothing is encrypted nothing is verified, and the platform's
/// certificates are not even loaded: a machine without any can still talk to an emulator.
pub(crate) fn config(base: &BaseUrl) -> Result<ClientConfig> {
    let failed = |source: rustls::Error| Error::new(ErrorKind::Tls, "TLS can't be set up").because(source);
    let provider = Arc::new(provider()?);
    let builder =
        ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().map_err(failed)?;
    if !base.is_https() {
        return Ok(builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth());
    }
    let verifier = rustls_platform_verifier::Verifier::new(provider).map_err(failed)?;
    let mut config = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth();
    // reqwest leaves the protocols of a configuration that it is handed alone, and would speak HTTP/1.1 only.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(all(test, any(feature = "ring", feature = "aws-lc")))]
mod tests {
    use super::*;

    #[test]
    fn no_process_wide_provider_is_needed_or_installed() {
        for base in ["https://cloud.mongodb.com", "http://127.0.0.1:8080"] {
            assert!(config(&BaseUrl::parse(base).expect("a base")).is_ok());
        }
        assert!(CryptoProvider::get_default().is_none());
    }
}
