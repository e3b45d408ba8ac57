use std::{sync::Arc, time::Duration};

use serde_json::json;

use crate::{
    ApiVersion, Client, ErrorKind, Retention, RetiredPolicy,
    testing::{CannedResponse, CannedService, SentRequest, reply},
};

const PROJECT: &str = "32b6e34b3d91647abb20e7b8";
const SNAPSHOT: &str = "5f3e8e7d9b1c2a0012345678";

fn over<A: Into<CannedResponse>>(
    answer: impl Fn(&SentRequest, usize) -> A + Send + Sync + 'static,
) -> (Client, CannedService) {
    let script = CannedService::respond_with(answer);
    (Client::builder().build_over(script.clone()), script)
}

fn cluster(client: &Client) -> crate::Cluster {
    client.project(PROJECT).and_then(|p| p.cluster("Cluster0")).expect("a cluster")
}

#[tokio::test(start_paused = true)]
async fn take_snapshot_never_creates_two() {
    let (client, script) = over(|_, sent| match sent {
        0 => reply(429, &[("retry-after", "5")], ""),
        _ => reply(503, &[("retry-after", "1")], ""),
    });
    let failed = cluster(&client).snapshots().take("before migration", Retention::days(7)).await;
    let failed = failed.expect_err("unavailable");
    assert_eq!((failed.kind(), failed.operation()), (ErrorKind::Server, Some("takeGroupClusterBackupSnapshots")));
    // Retried after 429, which means that nothing was done, but not after 503.
    assert_eq!(script.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn hanging_attempt_is_retried_until_deadline() {
    let hangs = CannedService::respond_with(|_, _| CannedResponse::never());
    let client = Client::builder().attempt_timeout(Duration::from_secs(10)).timeout(Duration::from_secs(25));
    let client = client.build_over(hangs.clone());
    let began = tokio::time::Instant::now();
    let error = cluster(&client).snapshots().get(SNAPSHOT).await.expect_err("it hangs");
    assert_eq!((error.kind(), began.elapsed().as_secs()), (ErrorKind::Timeout, 25));
    assert_eq!(hangs.sent().len(), 3);
}

#[tokio::test]
async fn response_of_another_version_is_refused() {
    let (client, _) = over(|_, _| {
        reply(200, &[("content-type", "application/vnd.atlas.2024-08-05+json;charset=utf-8")], r#"{"id":"a"}"#)
    });
    let error = cluster(&client).snapshots().get(SNAPSHOT).await.expect_err("another version");
    assert_eq!((error.kind(), error.status().map(|s| s.as_u16())), (ErrorKind::VersionMismatch, Some(200)));
}

#[tokio::test]
async fn pin_to_another_version_is_refused_before_sending() {
    let (client, script) = over(|_, _| reply(200, &[], r#"{"id":"a","name":"Cluster0"}"#));
    let pinned = |date: &str| client.with_pin(date.parse::<ApiVersion>().expect("a version"));
    assert!(cluster(&pinned("2025-01-01")).get().await.is_ok());
    assert!(cluster(&pinned("2023-06-01")).snapshots().get(SNAPSHOT).await.is_ok());
    assert_eq!(script.sent().len(), 2);
    for date in ["2023-06-01", "2022-01-01"] {
        let refused = cluster(&pinned(date)).get().await.expect_err("an older version");
        assert_eq!((refused.kind(), refused.operation()), (ErrorKind::UnsupportedVersion, Some("getGroupCluster")));
        assert!(refused.to_string().contains("2023-02-01"), "{refused}");
    }
    assert_eq!(script.sent().len(), 2);
}

#[tokio::test]
#[allow(deprecated, reason = "an older binding is what the refusal leads to")]
async fn refused_pin_names_the_method_for_its_version() {
    let (client, script) = over(|request, _| {
        let accept = request.headers["accept"].to_str().expect("text").to_owned();
        reply(200, &[("content-type", &accept)], r#"{"id":"a","name":"Cluster0"}"#)
    });
    let pinned = client.with_pin("2023-06-01".parse().expect("a version"));
    let refused = cluster(&pinned).get().await.expect_err("an older version").to_string();
    for part in ["means version 2023-02-01", "speaks 2024-08-05", "Client::operation", "ends in _v20230201"] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    pinned.call(|api| api.get_group_cluster_v20230201(PROJECT, "Cluster0")).await.expect("the older binding");
    let raw = pinned.operation("getGroupCluster").expect("an operation");
    let raw = raw.parameter("groupId", PROJECT).parameter("clusterName", "Cluster0").await.expect("the older version");
    assert_eq!(raw.version(), "2023-02-01");
    assert!(script.sent().iter().all(|sent| sent.headers["accept"] == "application/vnd.atlas.2023-02-01+json"));
    // The other way round: an older binding under a pin that means the newest version.
    let newer = client.with_pin("2025-01-01".parse().expect("a version"));
    let refused = newer.call(|api| api.get_group_cluster_v20230201(PROJECT, "Cluster0")).await.expect_err("newer");
    assert!(refused.to_string().ends_with("which has no date in its name"), "{refused}");
}

#[tokio::test]
async fn error_403_names_role_and_410_names_version() {
    let (client, _) = over(|_, sent| reply(if sent == 0 { 403 } else { 410 }, &[], r#"{"error":0,"detail":"No."}"#));
    let snapshots = cluster(&client).snapshots();
    let forbidden = snapshots.get(SNAPSHOT).await.expect_err("forbidden");
    assert_eq!(forbidden.kind(), ErrorKind::Forbidden);
    assert!(!forbidden.required_roles().is_empty());
    assert!(forbidden.to_string().contains(forbidden.required_roles()[0]), "{forbidden}");

    #[allow(deprecated, reason = "an old version is what the test is about")]
    let gone = client.call(|api| api.get_group_cluster_v20230101(PROJECT, "Cluster0")).await.expect_err("gone");
    assert_eq!(gone.kind(), ErrorKind::Gone);
    assert!(gone.to_string().ends_with("; use version 2024-08-05 instead"), "{gone}");
}

#[tokio::test(start_paused = true)]
async fn custom_path_is_called_with_version_and_retries() {
    let (client, script) = over(|request, sent| match (request.path.as_str(), sent) {
        (_, 0) => reply(503, &[], ""),
        ("/api/atlas/v2/unheard/of", _) => {
            reply(200, &[("content-type", "application/vnd.atlas.2031-01-01+json")], r#"{"a":1}"#)
        }
        _ => reply(403, &[], r#"{"error":403,"errorCode":"NOT_ALLOWED"}"#),
    });
    let version: ApiVersion = "2031-01-01".parse().expect("a version");
    let call = client.path(http::Method::PUT, "/api/atlas/v2/unheard/of").query("a b", "c&d").version(version);
    let call = call.body(&json!({ "x": 1 })).header("X-Request-Id", "7").expect("a header");
    let answer = call.timeout(Duration::from_secs(60)).await.expect("an answer");
    assert_eq!((answer.json().expect("JSON"), answer.version()), (json!({ "a": 1 }), "2031-01-01"));
    assert_eq!((answer.meta().version(), answer.meta().attempts()), (Some(version), 2));
    let sent = script.sent().remove(1);
    assert_eq!(sent.url, "http://127.0.0.1/api/atlas/v2/unheard/of?a+b=c%26d");
    assert_eq!(
        (&sent.headers["accept"], &sent.headers["content-type"]),
        (&"application/vnd.atlas.2031-01-01+json".parse().expect("a value"), &sent.headers["accept"])
    );
    assert_eq!(
        (&sent.headers["x-request-id"], sent.body.as_deref()),
        (&"7".parse().expect("a value"), Some(&br#"{"x":1}"#[..]))
    );

    let unknown = client.path(http::Method::GET, "/api/atlas/v2/unheard").await.expect_err("no version");
    assert_eq!(unknown.kind(), ErrorKind::UnsupportedVersion);
    for path in ["/unsafe/api/atlas", "/api/../x", "https://elsewhere.test/api/"] {
        let refused = client.path(http::Method::GET, path).version(version).await.expect_err(path);
        assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{refused}");
    }
    assert_eq!(script.sent().len(), 2);

    // A path of a known operation needs no version, and its error knows the roles.
    let known = client.path(http::Method::GET, format!("/api/atlas/v2/groups/{PROJECT}/clusters/Cluster0"));
    let forbidden = known.await.expect_err("forbidden");
    assert_eq!((forbidden.operation(), forbidden.required_roles().is_empty()), (Some("getGroupCluster"), false));
    assert_eq!(script.sent()[2].headers["accept"], "application/vnd.atlas.2024-08-05+json");
}

#[tokio::test(start_paused = true)]
async fn handle_options_apply_to_the_new_handle_only() {
    let (client, script) = over(|_, _| reply(503, &[("retry-after", "10")], ""));
    let snapshots = cluster(&client).snapshots();
    let began = tokio::time::Instant::now();
    let hasty = snapshots.with_timeout(Duration::from_secs(5)).with_header("X-Request-Id", "7").expect("a header");
    assert_eq!(hasty.get(SNAPSHOT).await.expect_err("unavailable").attempts(), 1);
    assert_eq!(
        (began.elapsed(), &script.sent()[0].headers["x-request-id"]),
        (Duration::ZERO, &"7".parse().expect("a value"))
    );
    assert_eq!(snapshots.get(SNAPSHOT).await.expect_err("unavailable").attempts(), 4);
    assert!(!script.sent()[1].headers.contains_key("x-request-id"));
    let pinned = snapshots.with_pin("2022-01-01".parse().expect("a version"));
    assert_eq!(pinned.get(SNAPSHOT).await.expect_err("too old").kind(), ErrorKind::UnsupportedVersion);
}

#[tokio::test]
async fn errors_406_and_410_have_own_kinds_and_no_retry() {
    let bodies = [
        (406, r#"{"error":406,"errorCode":"INVALID_VERSION_DATE"}"#, ErrorKind::NotAcceptable),
        (410, r#"{"error":410,"errorCode":"VERSION_GONE","parameters":["2023-01-01","/x"]}"#, ErrorKind::Gone),
    ];
    for (status, body, kind) in bodies {
        let (client, script) =
            over(move |_, _| reply(status, &[("deprecation", "Mon, 5 Aug 2024 00:00:00 GMT")], body));
        let error = cluster(&client).snapshots().get(SNAPSHOT).await.expect_err("refused");
        assert_eq!((error.kind(), error.attempts(), script.sent().len()), (kind, 1, 1));
    }
}

#[tokio::test]
async fn client_remembers_latest_deprecation_of_version() {
    let (client, _) = over(|asked, sent| {
        let sunset = if sent == 0 { "Thu, 1 Jul 2027 00:00:00 GMT" } else { "Fri, 1 Oct 2027 00:00:00 GMT" };
        match asked.path.ends_with("snapshots") {
            true => reply(200, &[("deprecation", "Mon, 5 Aug 2024 00:00:00 GMT")], r#"{"results":[]}"#),
            false => reply(200, &[("sunset", sunset)], r#"{"id":"a"}"#),
        }
    });
    assert_eq!(client.deprecations(), []);
    for _ in 0..2 {
        cluster(&client.with_timeout(Duration::from_secs(9))).snapshots().get(SNAPSHOT).await.expect("an answer");
    }
    cluster(&client).snapshots().list().all().await.expect("a list");
    let reported = client.deprecations();
    let reported: Vec<_> = reported
        .iter()
        .map(|reported| {
            let day = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| at.format("%F").to_string());
            (reported.operation, reported.version.as_str(), day(reported.since), day(reported.sunset))
        })
        .collect();
    let day = |day: &str| Some(day.to_owned());
    let (get, list) = ("getGroupClusterBackupSnapshot", "listGroupClusterBackupSnapshots");
    assert_eq!(reported, [(get, "2023-01-01", None, day("2027-10-01")), (list, "2023-01-01", day("2024-08-05"), None)]);
}

#[tokio::test]
async fn header_that_the_client_owns_cannot_be_set() {
    let (client, script) = over(|_, _| reply(200, &[], r#"{"id":"a"}"#));
    let transfer = ["accept-encoding", "transfer-encoding", "connection", "range"];
    for name in ["Accept", "authorization", "Host", "user-agent", "bad name"].into_iter().chain(transfer) {
        assert_eq!(client.with_header(name, "x").expect_err(name).kind(), ErrorKind::InvalidInput);
    }
    let tagged = client.with_header("X-Request-Id", "7").expect("a header");
    cluster(&tagged).snapshots().get(SNAPSHOT).await.expect("an answer");
    assert_eq!(script.sent()[0].headers["x-request-id"], "7");
}

#[tokio::test]
async fn retired_operation_follows_retired_policy() {
    let list = |client: &Client| {
        #[allow(deprecated, reason = "the shims are what the test is about")]
        crate::compat::serverless::list_serverless_backups(client, PROJECT, "Flex0").expect("a list").all()
    };
    let answer = |request: &SentRequest, _: usize| match request.path.contains("/serverless/") {
        true => reply(410, &[], r#"{"error":410,"errorCode":"VERSION_GONE"}"#),
        false => reply(
            200,
            &[],
            r#"{"results":[{"id":"a","status":"RUNNING","expiration":"2026-09-01T00:00:00Z","startTime":"2026-08-24T00:00:00Z"}]}"#,
        ),
    };
    let (client, script) = over(answer);
    let snapshots = list(&client).await.expect("snapshots");
    let snapshot = &snapshots[0];
    assert_eq!(snapshot.meta().served_by(), Some("listGroupFlexClusterBackupSnapshots"));
    assert_eq!(snapshot.status.as_ref().map(|s| s.as_str()), Some("inProgress"));
    assert_eq!(snapshot.serverless_instance_name.as_deref(), Some("Flex0"));
    assert!(snapshot.expires_at.is_some() && snapshot.created_at.is_none());
    assert_eq!((&snapshot.snapshot_type, &snapshot.frequency_type, snapshot.storage_size_bytes), (&None, &None, None));
    assert_eq!(snapshot.extra["startTime"], "2026-08-24T00:00:00Z");
    assert_eq!(script.sent().len(), 1);
    assert_eq!(script.sent()[0].headers["accept"], "application/vnd.atlas.2024-11-13+json");
    assert_eq!(script.sent()[0].path, format!("/api/atlas/v2/groups/{PROJECT}/flexClusters/Flex0/backup/snapshots"));

    assert_eq!(list(&client.with_retired(RetiredPolicy::TryFirst)).await.expect("snapshots").len(), 1);
    assert_eq!(script.sent()[1].headers["accept"], "application/vnd.atlas.2023-01-01+json");
    assert_eq!(script.sent().len(), 3);

    let refused = list(&client.with_retired(RetiredPolicy::Refuse)).await.expect_err("refused");
    assert_eq!(refused.kind(), ErrorKind::Retired);
    assert!(refused.to_string().contains("listGroupFlexClusterBackupSnapshots"), "{refused}");
    assert_eq!(script.sent().len(), 3);
}

#[tokio::test]
async fn retired_requests_are_converted_to_flex() {
    let (client, script) = over(|_, _| {
        reply(
            200,
            &[],
            r#"{"id":"a","deliveryType":"DOWNLOAD","status":"FAILED","snapshotUrl":"http://127.0.0.1/x","instanceName":"Flex0"}"#,
        )
    });
    let call = |name: &str, body: serde_json::Value| {
        client.operation(name).expect(name).parameter("groupId", PROJECT).parameter("clusterName", "Flex0").body(&body)
    };
    let target = json!({ "snapshotId": SNAPSHOT, "targetDeploymentItemName": "T", "targetProjectId": PROJECT });
    let shared = call("createSharedClusterBackupRestoreJob", target.clone()).await.expect("an answer");
    assert_eq!(shared.json().expect("JSON")["clusterName"], "Flex0");
    call("downloadSharedClusterBackup", target.clone()).await.expect("an answer");
    let serverless = |delivery: &str| {
        let body = json!({
            "deliveryType": delivery, "snapshotId": SNAPSHOT, "targetClusterName": "T", "targetGroupId": PROJECT,
        });
        call("createServerlessBackupRestoreJob", body)
    };
    serverless("automated").await.expect("an answer");
    let download = serverless("download").await.expect("an answer").json().expect("JSON");
    assert_eq!((&download["deliveryType"], &download["failed"]), (&json!("download"), &json!(true)));
    assert_eq!(download["deliveryUrl"], json!(["http://127.0.0.1/x"]));

    let sent: Vec<_> = script.sent().iter().map(|r| (r.path.clone(), r.body.clone())).collect();
    let body =
        |n: usize| serde_json::from_slice::<serde_json::Value>(sent[n].1.as_deref().expect("a body")).expect("JSON");
    let only_snapshot = json!({ "snapshotId": SNAPSHOT });
    assert!(sent[0].0.ends_with("/flexClusters/Flex0/backup/restoreJobs") && body(0) == target, "{sent:?}");
    assert!(sent[1].0.ends_with("/flexClusters/Flex0/backup/download") && body(1) == only_snapshot, "{sent:?}");
    assert!(sent[2].0.ends_with("/flexClusters/Flex0/backup/restoreJobs") && body(2) == target, "{sent:?}");
    assert!(sent[3].0.ends_with("/flexClusters/Flex0/backup/download") && body(3) == only_snapshot, "{sent:?}");

    assert_eq!(serverless("pointInTime").await.expect_err("no counterpart").kind(), ErrorKind::InvalidInput);
    assert_eq!(script.sent().len(), 4);
}

#[tokio::test]
async fn every_retired_operation_has_a_replacement() {
    use atlas_backup_generated::operations;
    let retired: Vec<_> = operations::ALL.iter().filter(|operation| operation.retired).collect();
    assert!(retired.len() >= 11, "{}", retired.len());
    for operation in retired {
        let replacement = operation.replaced_by.and_then(operations::find);
        assert!(replacement.is_some_and(|r| !r.retired), "{}", operation.id);
        assert!(crate::call::flex_form::FormerTier::of(operation).is_some(), "{}", operation.id);
    }
}

/// A service with one bucket of 20 requests and 10 more a second, and how many it has refused.
fn bucket_service() -> (impl Fn(&SentRequest, usize) -> super::Reply + Send + Sync, Arc<std::sync::atomic::AtomicUsize>)
{
    let bucket = std::sync::Mutex::new((20.0_f64, tokio::time::Instant::now()));
    let refused = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = refused.clone();
    let answer = move |_: &SentRequest, _: usize| {
        let (mut bucket, now) = (bucket.lock().expect("not poisoned"), tokio::time::Instant::now());
        *bucket = ((bucket.0 + 10.0 * (now - bucket.1).as_secs_f64()).min(20.0), now);
        if bucket.0 < 1.0 {
            count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let body = r#"{"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":["/x",1,20,10,1]}"#;
            return reply(429, &[("retry-after", "1"), ("ratelimit-limit", "20"), ("ratelimit-remaining", "0")], body);
        }
        bucket.0 -= 1.0;
        let left = format!("{}", bucket.0 as u32);
        reply(200, &[("ratelimit-limit", "20"), ("ratelimit-remaining", &left)], r#"{"id":"a"}"#)
    };
    (answer, refused)
}

#[tokio::test(start_paused = true)]
async fn limiter_waits_where_service_would_refuse() {
    let refusals = |limiter: bool| async move {
        let (answer, refused) = bucket_service();
        let client = Client::builder().rate_limiter(limiter).build_over(CannedService::respond_with(answer));
        let mut tasks = tokio::task::JoinSet::new();
        let began = tokio::time::Instant::now();
        for _ in 0..200 {
            let snapshots = cluster(&client).snapshots();
            tasks.spawn(async move { snapshots.get(SNAPSHOT).await.map_err(|error| error.kind()).err() });
        }
        let failed = tasks.join_all().await.into_iter().flatten().count();
        (refused.load(std::sync::atomic::Ordering::SeqCst), failed, began.elapsed().as_secs())
    };
    // Nothing is refused, nothing is lost and no time either: 20 at once and 10 a second make 18 seconds.
    let (refused, failed, seconds) = refusals(true).await;
    assert_eq!((refused, failed), (0, 0));
    assert!((17..=24).contains(&seconds), "{seconds} s");
    let (without, failed, _) = refusals(false).await;
    assert!(without > 100 && failed > 0, "{without} refused, {failed} failed");
}

#[tokio::test(start_paused = true)]
async fn service_without_limits_is_delayed_by_one_response_at_most() {
    const LATENCY: Duration = Duration::from_millis(20);
    let rounds = async |limiter: bool| {
        let silent = CannedService::respond_with(|_, _| CannedResponse::from(json!({ "id": "a" })).after(LATENCY));
        let client = Client::builder().rate_limiter(limiter).max_in_flight(50).build_over(silent);
        let began = tokio::time::Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..200 {
            let snapshots = cluster(&client).snapshots();
            tasks.spawn(async move { snapshots.get(SNAPSHOT).await.is_ok() });
        }
        assert!(tasks.join_all().await.into_iter().all(|ok| ok));
        began.elapsed().as_millis() / LATENCY.as_millis()
    };
    assert_eq!((rounds(false).await, rounds(true).await), (4, 5));
}

#[tokio::test(start_paused = true)]
async fn in_flight_requests_stay_within_limit() {
    let service =
        CannedService::respond_with(|_, _| CannedResponse::from(json!({ "id": "a" })).after(Duration::from_millis(20)));
    let client = Client::builder().max_in_flight(3).build_over(service.clone());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let snapshots = cluster(&client).snapshots();
        tasks.spawn(async move { snapshots.get(SNAPSHOT).await.is_ok() });
    }
    assert!(tasks.join_all().await.into_iter().all(|ok| ok));
    assert_eq!(service.in_flight(), (0, 3));
}

#[tokio::test(start_paused = true)]
async fn enveloped_failure_is_retried_and_limited() {
    let script = CannedService::respond_with(|_, sent| match sent {
        0 => reply(200, &[], r#"{"status":503,"content":{"error":503}}"#),
        1 => reply(200, &[("retry-after", "30")], r#"{"status":429,"error":429,"errorCode":"RATE_LIMITED"}"#),
        _ => reply(200, &[], r#"{"status":200,"content":{"id":"a"}}"#),
    });
    let client = Client::builder().envelope(true).build_over(script.clone());
    let began = tokio::time::Instant::now();
    let snapshot = cluster(&client).snapshots().get(SNAPSHOT).await.expect("the third");
    assert_eq!((snapshot.id.as_str(), snapshot.meta().attempts(), script.sent().len()), ("a", 3, 3));
    assert!((30..33).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());

    // Left on for a raw call, it hides a failure no better.
    let (client, script) = over(|_, sent| match sent {
        0 => reply(200, &[], r#"{"status":503,"content":{"error":503}}"#),
        _ => reply(200, &[], r#"{"status":200,"content":{"id":"a"}}"#),
    });
    let raw = client.operation("getGroup").expect("an operation").parameter("groupId", PROJECT).envelope();
    assert_eq!(raw.await.expect("the second").json().expect("JSON")["content"]["id"], "a");
    assert_eq!(script.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn enveloped_401_renews_token() {
    let script = CannedService::respond_with(|request, sent| match request.path.as_str() {
        "/api/oauth/token" => reply(200, &[], &format!(r#"{{"access_token":"t{sent}","expires_in":3600}}"#)),
        _ if request.headers["authorization"] == "Bearer t0" => reply(200, &[], r#"{"status":401,"error":401}"#),
        _ => reply(200, &[], r#"{"status":200,"content":{"id":"a"}}"#),
    });
    let builder = Client::builder().credentials(crate::Credentials::service_account("account", "hunter2"));
    let client = builder.envelope(true).build_over(script.clone());
    assert_eq!(cluster(&client).snapshots().get(SNAPSHOT).await.expect("a snapshot").id.as_str(), "a");
    assert_eq!(script.sent().len(), 4);
}

#[tokio::test]
async fn proxy_page_is_not_an_acknowledgement() {
    for (media, body) in [("text/html", "<html>log in</html>"), ("text/html", "\"ok\""), ("application/json", "[1]")] {
        let (client, _) = over(move |_, _| reply(200, &[("content-type", media)], body));
        let error = cluster(&client).snapshots().delete(SNAPSHOT).await.expect_err("a page");
        assert_eq!((error.kind(), error.body().map(|body| &body[..])), (ErrorKind::Decode, Some(body.as_bytes())));
    }
    for (status, body) in [(204, ""), (200, "{}"), (202, "{}"), (200, " \n")] {
        let (client, _) = over(move |_, _| reply(status, &[("content-type", "application/json")], body));
        assert!(cluster(&client).snapshots().delete(SNAPSHOT).await.is_ok(), "{status} {body:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn dropped_calls_delay_no_other() {
    // As many as may be under way at all, and as many as a bucket that nothing is known about begins with.
    for (allowed, hanging) in [(1, 1), (1000, 16)] {
        let service = CannedService::respond_with(move |_, before| match before < hanging {
            true => CannedResponse::never(),
            false => json!({ "id": "a" }).into(),
        });
        let client = Client::builder().max_in_flight(allowed).build_over(service);
        let snapshots = cluster(&client).snapshots();
        let (mut calls, get) = (Vec::new(), || Box::pin(async { snapshots.get(SNAPSHOT).await }));
        // Twice as many: the later ones wait in line.
        for _ in 0..2 * hanging {
            let mut call = get();
            assert!(tokio::time::timeout(Duration::from_millis(1), &mut call).await.is_err());
            calls.push(call);
        }
        drop(calls);
        assert!(tokio::time::timeout(Duration::from_secs(1), get()).await.is_ok_and(|answer| answer.is_ok()));
    }
}
