//! TLS end to end: a program of this library, an emulator behind a TLS endpoint, and a certificate that the platform
//! trusts or doesn't. Nothing here installs a process-wide crypto provider.

use std::{net::SocketAddr, process::Output, sync::Arc};

use atlas_backup_emulator::DEMO_PROJECT;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

use super::*;

/// Takes TLS off in front of the emulator. Returns where, and the certificate.
async fn terminator(emulator: SocketAddr) -> (SocketAddr, String) {
    let created = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(created.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has them")
        .with_no_client_auth()
        .with_single_cert(vec![created.cert.der().clone()], key)
        .expect("key and certificate belong together");
    let (acceptor, listener) =
        (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.expect("a port"));
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((outside, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let (Ok(mut outside), Ok(mut inside)) =
                    (acceptor.accept(outside).await, TcpStream::connect(emulator).await)
                else {
                    return;
                };
                let _ended = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
            });
        }
    });
    (address, created.cert.pem())
}

async fn list_flex_backups(address: SocketAddr, trusted: &std::path::Path) -> Output {
    tokio::process::Command::new(env!("CARGO_BIN_EXE_example-list-flex-backups"))
        .args([DEMO_PROJECT, "Flex0"])
        .env_clear()
        .env("SSL_CERT_FILE", trusted)
        .env("MONGODB_ATLAS_BASE_URL", format!("https://{address}"))
        .env("MONGODB_ATLAS_PUBLIC_API_KEY", "public")
        .env("MONGODB_ATLAS_PRIVATE_API_KEY", "private")
        .output()
        .await
        .expect("the example starts")
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn platform_certificate_is_accepted_and_others_refused() {
    let (emulator, recorder) = demo().await;
    let (address, certificate) = terminator(emulator.address()).await;
    let folder = tempfile::tempdir().expect("a folder");
    let trusted = folder.path().join("trusted.pem");
    std::fs::write(&trusted, certificate).expect("a file");
    let output = list_flex_backups(address, &trusted).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("COMPLETED"));

    let other = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate").cert.pem();
    std::fs::write(&trusted, other).expect("a file");
    drop(recorder.take());
    let output = list_flex_backups(address, &trusted).await;
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("TLS handshake failed"), "{output:?}");
    assert!(recorder.take().is_empty(), "credentials were sent to an unknown server");
}

#[tokio::test]
async fn certificate_given_to_builder_is_accepted() {
    let (emulator, _) = demo().await;
    let (address, certificate) = terminator(emulator.address()).await;
    let builder = Client::builder().base_url(format!("https://{address}")).credentials(api_key()).no_proxy();
    let unknown = cluster(&builder.clone().build().expect("a client"), "Cluster0").get().await;
    assert_eq!(unknown.expect_err("no authority vouches for it").kind(), atlas_backup::ErrorKind::Tls);
    let atlas = builder.root_certificate(certificate).build().expect("a client");
    assert_eq!(cluster(&atlas, "Cluster0").get().await.expect("the cluster").name.as_str(), "Cluster0");
}
