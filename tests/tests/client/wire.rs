//! Faults on the network, made by plain TCP servers.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use atlas_backup::{ErrorKind, Retention};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

const SNAPSHOT: &str = "5f3e8e7d9b1c2a0012345678";

/// A server that reads a request and answers the n-th with `answer(n)`, then hangs up. An empty answer is a broken
/// connection. Counts its connections.
pub(crate) async fn server(answer: impl Fn(usize) -> String + Send + Sync + 'static) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer(counter.fetch_add(1, SeqCst));
            let mut request = [0; 16 * 1024];
            let _read = stream.read(&mut request).await;
            let _written = stream.write_all(answer.as_bytes()).await;
        }
    });
    (address, count)
}

pub(crate) fn http(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

#[tokio::test]
async fn a_broken_connection_is_repeated_for_a_get_and_not_for_a_post() {
    let (address, count) =
        server(|n| if n < 2 { String::new() } else { http("200 OK", "", &format!(r#"{{"id":"{SNAPSHOT}"}}"#)) }).await;
    let snapshots = cluster(&impatient(address), "Cluster0").snapshots();
    assert_eq!(snapshots.get(SNAPSHOT).await.expect("the snapshot").id.as_str(), SNAPSHOT);
    assert_eq!(count.load(SeqCst), 3);

    let (address, count) = server(|_| String::new()).await;
    let snapshots = cluster(&impatient(address), "Cluster0").snapshots();
    let broken = snapshots.take("x", Retention::days(1)).await.expect_err("broken");
    assert_eq!((broken.kind(), broken.attempts(), count.load(SeqCst)), (ErrorKind::Connection, 1, 1));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_repeated_for_a_get_and_not_for_a_post() {
    let whole = http("200 OK", "", &format!(r#"{{"id":"{SNAPSHOT}"}}"#));
    let broken = whole[..whole.len() - 5].to_owned();
    let (address, count) = server({
        let broken = broken.clone();
        move |n| if n < 2 { broken.clone() } else { whole.clone() }
    })
    .await;
    let snapshot = cluster(&impatient(address), "Cluster0").snapshots().get(SNAPSHOT).await.expect("the snapshot");
    assert_eq!((snapshot.meta().attempts(), count.load(SeqCst)), (3, 3));

    let (address, count) = server(move |_| broken.clone()).await;
    let snapshots = cluster(&impatient(address), "Cluster0").snapshots();
    let error = snapshots.take("x", Retention::days(1)).await.expect_err("it breaks off");
    assert_eq!((error.kind(), count.load(SeqCst)), (ErrorKind::Connection, 1));
}

#[tokio::test]
async fn a_refused_connection_is_repeated_for_a_post_too() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let snapshots = cluster(&impatient(address), "Cluster0").snapshots();
    let refused = snapshots.take("x", Retention::days(1)).await.expect_err("nobody listens");
    assert_eq!((refused.kind(), refused.attempts()), (ErrorKind::Connect, 4));
    assert!(std::error::Error::source(&refused).is_some());
}

#[tokio::test]
async fn redirects_are_not_followed_and_credentials_go_nowhere_else() {
    let (elsewhere, reached) = server(|_| http("200 OK", "", "{}")).await;
    let location = format!("location: http://{elsewhere}/api/atlas/v2/steal\r\n");
    let (address, _) = server(move |_| http("302 Found", &location, "")).await;
    let builder = Client::builder().base_url(format!("http://{address}"));
    let atlas = builder.credentials(Credentials::bearer(SecretString::from("token"))).build().expect("a client");
    let redirected = cluster(&atlas, "Cluster0").get().await.expect_err("a redirect");
    assert_eq!((redirected.kind(), redirected.status().map(|s| s.as_u16())), (ErrorKind::UnexpectedStatus, Some(302)));
    assert_eq!(reached.load(SeqCst), 0);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_not_read() {
    for announced in [true, false] {
        let body = "x".repeat(5000);
        let (address, count) = server(move |_| match announced {
            true => http("200 OK", "", &body),
            false => format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}"),
        })
        .await;
        let builder = Client::builder().base_url(format!("http://{address}")).credentials(Credentials::none());
        let atlas = builder.body_limit(1000).build().expect("a client");
        let error = cluster(&atlas, "Cluster0").get().await.expect_err("too large");
        assert_eq!((error.kind(), count.load(SeqCst)), (ErrorKind::TooLarge, 1));
    }
}

#[tokio::test]
async fn a_page_of_a_proxy_is_an_error_with_its_status_and_body() {
    let page = "<html><h1>502 Bad Gateway</h1></html>";
    let (address, count) = server(move |_| http("502 Bad Gateway", "content-type: text/html\r\n", page)).await;
    let error = cluster(&impatient(address), "Cluster0").get().await.expect_err("a page");
    assert_eq!((error.kind(), error.status().map(|s| s.as_u16())), (ErrorKind::Server, Some(502)));
    assert_eq!((error.body().map(|b| &b[..]), error.api_error()), (Some(page.as_bytes()), None));
    assert_eq!((error.attempts(), count.load(SeqCst)), (4, 4));

    // The same page with a 200, as captive portals send it.
    let (address, _) = server(move |_| http("200 OK", "content-type: text/html\r\n", page)).await;
    let error = cluster(&impatient(address), "Cluster0").get().await.expect_err("a page");
    assert_eq!((error.kind(), error.body().map(|b| &b[..])), (ErrorKind::Decode, Some(page.as_bytes())));
}

#[tokio::test]
async fn an_empty_401_without_a_challenge_is_unauthorized() {
    let (address, count) = server(|_| http("401 Unauthorized", "", "")).await;
    let builder = Client::builder().base_url(format!("http://{address}"));
    let atlas = builder.credentials(api_key()).build().expect("a client");
    let error = cluster(&atlas, "Cluster0").get().await.expect_err("unauthorized");
    assert_eq!((error.kind(), count.load(SeqCst)), (ErrorKind::Unauthorized, 1));
}

#[tokio::test]
async fn a_failed_tls_handshake_is_told_apart_and_not_repeated() {
    let (address, count) = server(|_| http("400 Bad Request", "", "this is no TLS")).await;
    let builder = Client::builder().base_url(format!("https://{address}")).credentials(Credentials::none());
    let error = cluster(&builder.build().expect("a client"), "Cluster0").get().await.expect_err("no TLS");
    assert_eq!((error.kind(), count.load(SeqCst)), (ErrorKind::Tls, 1), "{error:?}");
}

#[tokio::test]
async fn values_that_the_specification_does_not_admit_fail_nothing() {
    let body = r#"{"id":"A-NEW-KIND-OF-ID","frequencyType":"ondemand","status":"hibernating","storageSizeBytes":4186517504,
        "policyItems":null,"invented":{"deep":[1,null]}}"#;
    let (address, _) = server(move |_| http("200 OK", "", body)).await;
    let snapshot = cluster(&impatient(address), "Cluster0").snapshots().get(SNAPSHOT).await.expect("a snapshot");
    assert_eq!(snapshot.id.as_str(), "A-NEW-KIND-OF-ID");
    assert_eq!(snapshot.frequency_type.as_ref().map(|f| f.as_str()), Some("ondemand"));
    assert_eq!(snapshot.status.as_ref().map(|s| s.as_str()), Some("hibernating"));
    assert_eq!((snapshot.storage_size_bytes, &snapshot.policy_items), (Some(4_186_517_504), &None));
    assert_eq!(snapshot.extra["invented"]["deep"][0], 1);
}

#[tokio::test]
async fn a_change_answered_with_nothing_is_read_again() {
    // The n-th request is the PATCH.
    let service = |n: usize, current: String| {
        server(move |at| if at == n { http("200 OK", "", "") } else { http("200 OK", "", &current) })
    };
    let (address, count) = service(1, r#"{"clusterName":"Cluster0","restoreWindowDays":2}"#.to_owned()).await;
    let schedule = cluster(&impatient(address), "Cluster0").schedule();
    let after = schedule.update(|s| s.restore_window_days = Some(3)).await.expect("it is changed");
    assert_eq!((after.cluster_name.as_deref(), count.load(SeqCst)), (Some("Cluster0"), 3));

    let (address, count) = service(0, format!(r#"{{"id":"{SNAPSHOT}"}}"#)).await;
    let snapshots = cluster(&impatient(address), "Cluster0").snapshots();
    let after = snapshots.change_retention(SNAPSHOT, Retention::days(3)).await.expect("it is changed");
    assert_eq!((after.id.as_str(), count.load(SeqCst)), (SNAPSHOT, 2));

    let (address, count) = service(0, format!(r#"{{"_id":"{SNAPSHOT}","cloudProvider":"AWS"}}"#)).await;
    let buckets = project(&impatient(address)).export_buckets();
    let after = buckets.require_private_networking(SNAPSHOT, true).await.expect("it is changed");
    assert_eq!((after.id.as_str(), count.load(SeqCst)), (SNAPSHOT, 2));
}
