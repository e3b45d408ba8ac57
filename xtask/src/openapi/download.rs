//! Downloads the specification over HTTP.
//!
//! TLS is rustls with an explicit ring provider, so that no process-wide provider is needed. Certificates are verified
//! against the trust store of the operating system. An error page must never count as a document: any status but 200 is
//! an error, and so is an unlimited body.

use std::{io::Read, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use reqwest::{
    StatusCode,
    blocking::{Client, Response},
    header::{DATE, HeaderMap, LAST_MODIFIED},
};
use rustls_platform_verifier::BuilderVerifierExt;

/// Ten times the size of the current specification.
pub(crate) const MAX_BYTES: u64 = 64 << 20;

/// Downloads a URL. Returns the body and the date that the server states, `YYYY-MM-DD`.
pub(crate) fn get(address: &str) -> Result<(Vec<u8>, Option<String>)> {
    let response = client()?.get(address).send().with_context(|| format!("cannot reach {address}"))?;
    let status = response.status();
    ensure!(status == StatusCode::OK, "cannot download {address}: the server responded with {status}");
    let day = day(response.headers());
    Ok((body(response).with_context(|| format!("cannot read the whole response of {address}"))?, day))
}

fn client() -> Result<Client> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .context("cannot set up TLS")?
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent("atlas-backup-xtask")
        .connect_timeout(Duration::from_secs(15))
        .timeout(Duration::from_secs(120))
        .build()
        .context("cannot set up the HTTP client")
}

fn body(response: Response) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    response.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    ensure!(bytes.len() as u64 <= MAX_BYTES, "the body is longer than {MAX_BYTES} bytes");
    Ok(bytes)
}

/// The date of `Last-Modified`, else of `Date`.
fn day(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(LAST_MODIFIED).or_else(|| headers.get(DATE))?.to_str().ok()?;
    let time = chrono::DateTime::parse_from_rfc2822(text).ok()?;
    Some(time.format("%Y-%m-%d").to_string())
}
