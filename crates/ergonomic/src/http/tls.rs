//! TLS setup: rustls with the crypto provider of the selected feature, passed explicitly.
//!
//! No process-wide provider is installed or used, so the program's choice is not affected. The platform's verifier
//! checks certificates.

use std::sync::Arc;

use rustls::{
    ClientConfig,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::{
    http::base::BaseUrl,
    model::{
        error::{Error, Result},
        error_kind::ErrorKind,
    },
};

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

/// The configuration for connections to `base`. `roots` are PEM certificates to trust besides the platform's. Without
/// TLS the platform's certificates are not loaded, so a machine without any can use an emulator.
pub(crate) fn config(base: &BaseUrl, roots: &[Vec<u8>]) -> Result<ClientConfig> {
    let failed = |source: rustls::Error| Error::new(ErrorKind::Tls, "cannot set up TLS").with_source(source);
    let roots = certificates(roots)?;
    let provider = Arc::new(provider()?);
    let builder =
        ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().map_err(failed)?;
    if !base.is_https() {
        return Ok(builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth());
    }
    let verifier = match roots.is_empty() {
        true => rustls_platform_verifier::Verifier::new(provider),
        #[cfg(not(target_os = "android"))]
        false => rustls_platform_verifier::Verifier::new_with_extra_roots(roots, provider),
        #[cfg(target_os = "android")]
        false => Err(rustls::Error::General("this platform trusts only its own certificates".to_owned())),
    };
    let verifier = Arc::new(verifier.map_err(failed)?);
    let mut config = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    // reqwest does not set the protocols of a given configuration, and would use only HTTP/1.1.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn certificates(roots: &[Vec<u8>]) -> Result<Vec<CertificateDer<'static>>> {
    let mut found = Vec::new();
    for pem in roots {
        let before = found.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            found.push(certificate.map_err(|source| {
                Error::new(ErrorKind::InvalidInput, "invalid root certificate: not PEM").with_source(source)
            })?);
        }
        if found.len() == before {
            return Err(Error::new(ErrorKind::InvalidInput, "invalid root certificate: not PEM"));
        }
    }
    Ok(found)
}

#[cfg(all(test, any(feature = "ring", feature = "aws-lc")))]
mod tests {
    use super::*;

    #[test]
    fn tls_installs_no_process_wide_provider() {
        for base in ["https://cloud.mongodb.com", "http://127.0.0.1:8080"] {
            assert!(config(&BaseUrl::parse(base, &[]).expect("a base"), &[]).is_ok());
        }
        assert!(CryptoProvider::get_default().is_none());
    }

    #[test]
    fn invalid_root_certificate_is_refused() {
        let base = BaseUrl::parse("https://cloud.mongodb.com", &[]).expect("a base");
        let refused = config(&base, &[b"no certificate".to_vec()]).expect_err("refused");
        assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    }
}
