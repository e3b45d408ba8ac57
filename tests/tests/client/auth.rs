//! Signing in: digest and service accounts against the emulator's own implementation of both.

use std::time::Duration;

use atlas_backup::ErrorKind;

use super::{log::LOG, *};

fn statuses(recorder: &Recorder) -> Vec<u16> {
    recorder.take().iter().map(|r| r.status.as_u16()).collect()
}

#[tokio::test]
async fn digest_sends_one_request_per_call_after_the_first() {
    let (emulator, recorder) = demo().await;
    let atlas = client(&emulator, api_key());
    for _ in 0..3 {
        cluster(&atlas, "Cluster0").get().await.expect("the cluster");
    }
    assert_eq!(statuses(&recorder), [401, 200, 200, 200]);
    let derived = atlas.with_timeout(Duration::from_secs(5));
    cluster(&derived, "Cluster0").get().await.expect("the cluster");
    assert_eq!(statuses(&recorder), [200], "a derived client shares the nonce");
}

#[tokio::test]
async fn concurrent_tasks_share_a_nonce() {
    let (emulator, recorder) = demo().await;
    let atlas = client(&emulator, api_key());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let cluster = cluster(&atlas, "Cluster0");
        tasks.spawn(async move { cluster.get().await.map(|c| c.name.to_string()) });
    }
    for name in tasks.join_all().await {
        assert_eq!(name.expect("the cluster"), "Cluster0");
    }
    let unsigned = recorder.take().iter().filter(|r| !r.headers.contains_key("authorization")).count();
    assert_eq!(unsigned, 1);
}

#[tokio::test]
async fn expired_nonce_is_replaced_within_the_call() {
    let (emulator, recorder) = started(demo_builder().stepped_clock()).await;
    let atlas = client(&emulator, api_key());
    cluster(&atlas, "Cluster0").get().await.expect("the cluster");
    drop(recorder.take());
    emulator.clock().advance(Duration::from_secs(86_400));
    cluster(&atlas, "Cluster0").get().await.expect("the cluster");
    assert_eq!(statuses(&recorder), [401, 200]);
}

#[tokio::test]
async fn digest_post_is_sent_complete_after_challenge() {
    let (emulator, recorder) = demo().await;
    let snapshots = cluster(&client(&emulator, api_key()), "Cluster0").snapshots();
    snapshots.take("first call", atlas_backup::Retention::days(1)).await.expect("a snapshot");
    assert_eq!(statuses(&recorder), [401, 200]);
}

#[tokio::test]
async fn wrong_credentials_are_unauthorized_after_one_retry() {
    let (emulator, recorder) = demo().await;
    let wrong_key = client(&emulator, Credentials::api_key("public", SecretString::from("wrong")));
    let error = cluster(&wrong_key, "Cluster0").get().await.expect_err("a wrong key");
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert_eq!(statuses(&recorder), [401, 401]);

    let wrong_secret = client(&emulator, Credentials::service_account("account", SecretString::from("wrong")));
    let error = cluster(&wrong_secret, "Cluster0").get().await.expect_err("a wrong secret");
    assert_eq!((error.kind(), statuses(&recorder).len()), (ErrorKind::Authentication, 1));

    let wrong_token = client(&emulator, Credentials::bearer(SecretString::from("wrong")));
    let error = cluster(&wrong_token, "Cluster0").get().await.expect_err("a wrong token");
    assert_eq!((error.kind(), statuses(&recorder)), (ErrorKind::Unauthorized, vec![401]));
}

#[tokio::test]
async fn rejected_token_is_renewed_once() {
    let (emulator, recorder) = started(demo_builder().stepped_clock()).await;
    let atlas = client(&emulator, service_account());
    cluster(&atlas, "Cluster0").get().await.expect("the cluster");
    drop(recorder.take());
    // The service's clock has moved on; the client's has not.
    emulator.clock().advance(Duration::from_secs(2 * 3600));
    cluster(&atlas, "Cluster0").get().await.expect("the cluster");
    let paths: Vec<_> = recorder.take().iter().map(|r| (r.path.ends_with("/token"), r.status.as_u16())).collect();
    assert_eq!(paths, [(false, 401), (true, 200), (false, 200)]);
}

#[tokio::test]
async fn bearer_token_is_sent_unchanged() {
    let (emulator, recorder) = demo().await;
    // Someone else's token: the one that a service account's client gets.
    cluster(&client(&emulator, service_account()), "Cluster0").get().await.expect("the cluster");
    let header = recorder.take().last().expect("a request").headers["authorization"].clone();
    let token = header.to_str().expect("text").trim_start_matches("Bearer ").to_owned();
    let atlas = client(&emulator, Credentials::bearer(SecretString::from(token)));
    cluster(&atlas, "Cluster0").get().await.expect("the cluster");
    assert_eq!(statuses(&recorder), [200]);
}

#[tokio::test]
async fn deprecated_version_is_logged_once_for_each_operation() {
    let log = &*LOG;
    let (emulator, _) = demo_of_2026().await;
    let atlas = client(&emulator, service_account());
    for _ in 0..3 {
        // A version that no other test calls.
        #[allow(deprecated, reason = "an old version is what the test is about")]
        let answer =
            atlas.bindings().get_group_cluster_v20230101(atlas_backup_emulator::DEMO_PROJECT, "Cluster0").await;
        assert!(answer.is_ok());
    }
    let logged = log.text();
    let warnings = logged.lines().filter(|line| {
        line.contains("WARN") && line.contains("getGroupCluster") && line.contains("version=\"2023-01-01\"")
    });
    let warnings: Vec<_> = warnings.collect();
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    assert!(warnings[0].contains("deprecation=\"") && warnings[0].contains("is deprecated"), "{warnings:?}");
}

#[tokio::test]
async fn logs_and_errors_hide_secrets() {
    let log = &*LOG;
    let (private, secret) = ("4f6b6a1e-key-private", "mdb-sa-sk-very-secret");
    let builder = Emulator::builder().seed(Seed::Demo).api_key("public", private).service_account("account", secret);
    let (emulator, recorder) = started(builder).await;
    let mut shown = String::new();
    for credentials in [
        Credentials::api_key("public", SecretString::from(private)),
        Credentials::service_account("account", SecretString::from(secret)),
    ] {
        let atlas = client(&emulator, credentials.clone());
        cluster(&atlas, "Cluster0").get().await.expect("the cluster");
        let error = cluster(&atlas, "Cluster9").get().await.expect_err("no such cluster");
        shown += &format!("{credentials:?} {atlas:?} {error:?} {error}");
    }
    let token = recorder.take().last().expect("a request").headers["authorization"].to_str().expect("text").to_owned();
    shown += &log.text();
    assert!(shown.contains("atlas_call"), "nothing was logged");
    for secret in [private, secret, token.trim_start_matches("Bearer ")] {
        assert!(!shown.contains(secret), "{secret} was shown");
    }
}
