//! Secrets stay secret, whatever they look like: in what is logged, in every `Debug` and in every error.

use atlas_backup::testing::{CannedResponse, CannedService};
use proptest::prelude::*;

use super::{log::LOG, *};

/// Everything that an error shows, causes included.
fn shown(error: &atlas_backup::Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text += &format!(" {next} {next:?}");
        cause = next.source();
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn debug_output_hides_any_secret(secret in "[ -~\u{0}-\u{1f}äß€]{3}s3cr3t[ -~\u{0}-\u{1f}äß€]{0,8}") {
        let log = &*LOG;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
        let mut text = String::new();
        for credentials in [
            Credentials::api_key("public", secret.as_str()),
            Credentials::service_account("account", secret.as_str()),
            Credentials::bearer(secret.as_str()),
        ] {
            let service = CannedService::new();
            let challenge = r#"Digest realm="r", nonce="n", algorithm=MD5, qop="auth""#;
            service.answer("getCluster", CannedResponse::error(401, "UNAUTHORIZED").header("www-authenticate", challenge));
            let builder = Client::builder().credentials(credentials.clone()).user_agent("a/1");
            text += &format!("{credentials:?} {builder:?}");
            match service.build(builder) {
                Ok(atlas) => {
                    let error = runtime.block_on(cluster(&atlas, "Cluster0").get()).expect_err("unauthorized");
                    text += &format!("{atlas:?} {service:?} {:?} {}", service.sent(), shown(&error));
                    let revoked = runtime.block_on(atlas.revoke_token());
                    text += &revoked.err().as_ref().map(shown).unwrap_or_default();
                }
                Err(refused) => text += &shown(&refused),
            }
        }
        text += &log.text();
        prop_assert!(!text.contains("s3cr3t"), "{secret:?} was shown");
    }
}

#[tokio::test]
async fn debug_output_hides_raw_request_and_response() {
    let secret = serde_json::json!({ "password": "hunter2", "deliveryUrl": ["https://x/a?hunter2"] });
    let service = CannedService::new();
    service.answer("createGroup", secret.clone());
    service.answer_path(atlas_backup::Method::POST, "/api/atlas/v2/x", secret.clone());
    let (atlas, version) = (service.client(), "2025-01-01".parse().expect("a version"));
    let raw = atlas.operation("createGroup").expect("an operation").body(&secret);
    let path = atlas.path(atlas_backup::Method::POST, "/api/atlas/v2/x").version(version).body(&secret);
    let mut shown = format!("{raw:?} {path:?}");
    for answer in [raw.await, path.await] {
        shown += &format!("{:?}", answer.expect("an answer"));
    }
    assert!(shown.contains("createGroup") && shown.contains("/api/atlas/v2/x"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
}
