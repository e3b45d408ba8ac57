//! Faults on the network, made by plain TCP servers.

use atlas_backup::{
    ErrorKind, Retention,
    testing::{CannedResponse, CannedService},
};
use serde_json::json;

use super::{
    server::{Server, http},
    *,
};

const SNAPSHOT: &str = "5f3e8e7d9b1c2a0012345678";

#[tokio::test]
async fn broken_connection_is_retried_for_get_and_not_for_post() {
    let whole = http("200 OK", "", format!(r#"{{"id":"{SNAPSHOT}"}}"#));
    for received in [0, whole.len() - 5] {
        let (whole, broken) = (whole.clone(), whole[..received].to_vec());
        let service = Server::start({
            let broken = broken.clone();
            move |n, _| if n < 2 { broken.clone() } else { whole.clone() }
        })
        .await;
        let snapshot = service.cluster().snapshots().get(SNAPSHOT).await.expect("the snapshot");
        assert_eq!((snapshot.id.as_str(), snapshot.meta().attempts(), service.count()), (SNAPSHOT, 3, 3));

        let service = Server::start(move |_, _| broken.clone()).await;
        let error = service.cluster().snapshots().take("x", Retention::days(1)).await.expect_err("broken");
        assert_eq!((error.kind(), error.attempts(), service.count()), (ErrorKind::Connection, 1, 1));
    }
}

#[tokio::test]
async fn refused_connection_is_retried_for_post_too() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let builder = Client::builder().base_url(format!("http://{address}")).credentials(Credentials::none());
    let atlas = builder.retry(atlas_backup::RetryPolicy::default().base(std::time::Duration::ZERO)).build();
    let snapshots = cluster(&atlas.expect("a client"), "Cluster0").snapshots();
    let refused = snapshots.take("x", Retention::days(1)).await.expect_err("nothing listens");
    assert_eq!((refused.kind(), refused.attempts()), (ErrorKind::Connect, 4));
    assert!(std::error::Error::source(&refused).is_some());
}

#[tokio::test]
async fn redirect_is_not_followed_and_credentials_stay() {
    let elsewhere = Server::start(|_, _| http("200 OK", "", "{}")).await;
    let location = format!("location: http://{}/api/atlas/v2/steal\r\n", elsewhere.address);
    let service = Server::start(move |_, _| http("302 Found", &location, "")).await;
    let atlas = service.builder().credentials(Credentials::bearer(SecretString::from("token"))).build();
    let redirected = cluster(&atlas.expect("a client"), "Cluster0").get().await.expect_err("a redirect");
    assert_eq!((redirected.kind(), redirected.status().map(|s| s.as_u16())), (ErrorKind::UnexpectedStatus, Some(302)));
    assert_eq!(elsewhere.count(), 0);
}

#[tokio::test]
async fn body_beyond_the_limit_is_not_read() {
    for announced in [true, false] {
        let body = "x".repeat(5000);
        let service = Server::start(move |_, _| match announced {
            true => http("200 OK", "", &body),
            false => format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}").into_bytes(),
        })
        .await;
        let atlas = service.builder().body_limit(1000).build().expect("a client");
        let error = cluster(&atlas, "Cluster0").get().await.expect_err("too large");
        assert_eq!((error.kind(), service.count()), (ErrorKind::TooLarge, 1));
    }
}

#[tokio::test]
async fn proxy_page_is_an_error_with_status_and_body() {
    let page = "<html><h1>502 Bad Gateway</h1></html>";
    // With a 200, as captive portals send it, it is not retried.
    for (status, kind, attempts) in [("502 Bad Gateway", ErrorKind::Server, 4), ("200 OK", ErrorKind::Decode, 1)] {
        let service = Server::start(move |_, _| http(status, "content-type: text/html\r\n", page)).await;
        let error = service.cluster().get().await.expect_err("a page");
        assert_eq!((error.kind(), error.status().map(|s| status.starts_with(s.as_str()))), (kind, Some(true)));
        assert_eq!((error.body().map(|b| &b[..]), error.api_error()), (Some(page.as_bytes()), None));
        assert_eq!(service.count(), attempts);
    }
}

#[tokio::test]
async fn failed_tls_handshake_has_its_own_kind_and_no_retry() {
    let service = Server::start(|_, _| http("400 Bad Request", "", "this is no TLS")).await;
    let atlas = service.builder().base_url(format!("https://{}", service.address)).build().expect("a client");
    let error = cluster(&atlas, "Cluster0").get().await.expect_err("no TLS");
    assert_eq!((error.kind(), service.count()), (ErrorKind::Tls, 1), "{error:?}");
}

#[tokio::test]
async fn empty_401_without_a_challenge_is_unauthorized() {
    let service = CannedService::new();
    service.answer("getCluster", CannedResponse::status(401));
    let atlas = service.build(Client::builder().credentials(api_key())).expect("a client");
    let error = cluster(&atlas, "Cluster0").get().await.expect_err("unauthorized");
    assert_eq!((error.kind(), service.sent().len()), (ErrorKind::Unauthorized, 1));
}

#[tokio::test]
async fn change_with_empty_response_is_read_again() {
    let service = CannedService::new();
    let atlas = service.client();
    service.answer("getBackupSchedule", json!({ "clusterName": "Cluster0", "restoreWindowDays": 2 }));
    service.answer("updateBackupSchedule", CannedResponse::status(200));
    let schedule = cluster(&atlas, "Cluster0").schedule();
    let after = schedule.update(|s| s.restore_window_days = Some(3)).await.expect("it is changed");
    assert_eq!((after.cluster_name.as_deref(), service.take_sent().len()), (Some("Cluster0"), 3));

    service.answer("getGroupClusterBackupSnapshot", json!({ "id": SNAPSHOT }));
    service.answer("updateGroupClusterBackupSnapshot", CannedResponse::status(200));
    let snapshots = cluster(&atlas, "Cluster0").snapshots();
    let after = snapshots.change_retention(SNAPSHOT, Retention::days(3)).await.expect("it is changed");
    assert_eq!((after.id.as_str(), service.take_sent().len()), (SNAPSHOT, 2));

    service.answer("getGroupBackupExportBucket", json!({ "_id": SNAPSHOT, "cloudProvider": "AWS" }));
    service.answer("updateGroupBackupExportBucket", CannedResponse::status(200));
    let buckets = project(&atlas).export_buckets();
    let after = buckets.require_private_networking(SNAPSHOT, true).await.expect("it is changed");
    assert_eq!((after.id.as_str(), service.take_sent().len()), (SNAPSHOT, 2));
}
