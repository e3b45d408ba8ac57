//! Waits poll through temporary failures: a service that fails, is busy, sends malformed responses or does not respond,
//! and credentials that are being renewed. Paused time.

use std::{
    error::Error as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::join_all;
use serde_json::json;
use tokio::time::Instant;

use crate::{
    Credentials, Error, OnPollError, RetryPolicy, Snapshot, Wait, WaitPolicy, model::error_kind::ErrorKind,
    resources::tests::*,
};

const MINUTE: Duration = Duration::from_secs(60);
const HTML: &str = "<html><body>Bad Gateway</body></html>";

fn state(state: &str) -> CannedResponse {
    json!({ "id": ID, "status": state }).into()
}

/// All temporary failures, with their kind in a call.
fn passing() -> Vec<(&'static str, CannedResponse, ErrorKind)> {
    let html = |status| CannedResponse::status(status).bytes(HTML).header("content-type", "text/html");
    vec![
        ("408", CannedResponse::status(408), ErrorKind::Timeout),
        ("429", CannedResponse::error(429, "RATE_LIMITED").header("retry-after", "3"), ErrorKind::RateLimited),
        ("500", CannedResponse::error(500, "UNEXPECTED_ERROR"), ErrorKind::Server),
        ("502 with HTML", html(502), ErrorKind::Server),
        ("503", CannedResponse::status(503).header("retry-after", "2"), ErrorKind::Server),
        ("504", CannedResponse::status(504), ErrorKind::Server),
        ("dead service", CannedResponse::failure(ErrorKind::Connect), ErrorKind::Connect),
        ("reset", CannedResponse::failure(ErrorKind::Connection), ErrorKind::Connection),
        ("no answer in time", CannedResponse::failure(ErrorKind::Timeout), ErrorKind::Timeout),
        ("hanging service", CannedResponse::never(), ErrorKind::Timeout),
        ("200 with HTML", html(200), ErrorKind::Decode),
        ("200 with an empty body", CannedResponse::status(200), ErrorKind::Decode),
        ("200 with half a body", CannedResponse::status(200).bytes("{\"id\":"), ErrorKind::Decode),
        ("200 with another object", json!({ "links": [] }).into(), ErrorKind::Decode),
        (
            "200 of another version",
            state("completed").header("content-type", "application/vnd.atlas.2099-01-01+json"),
            ErrorKind::VersionMismatch,
        ),
    ]
}

/// A service that answers polls with what `answer` makes of the number of polls before, and a client of it.
fn polled(answer: impl Fn(usize) -> CannedResponse + Send + Sync + 'static) -> (Client, CannedService) {
    let service = CannedService::respond_with(move |_, before| answer(before));
    (Client::builder().attempt_timeout(Duration::from_secs(20)).build_over(service.clone()), service)
}

fn snapshot(client: &Client) -> Wait<Snapshot> {
    cluster(client).snapshots().wait(ID).timeout(10 * MINUTE)
}

/// The error of the last poll that a wait's own error holds.
fn last_error(error: &Error) -> &Error {
    error.source().and_then(|source| source.downcast_ref()).expect("the error of a poll")
}

#[tokio::test(start_paused = true)]
async fn wait_polls_through_every_passing_failure_until_done() {
    for (what, failure, kind) in passing() {
        let (client, _) = polled(move |before| match before {
            0 => state("queued"),
            1..=3 => failure.clone(),
            _ => state("completed"),
        });
        let errors = Arc::new(Mutex::new(Vec::new()));
        let sink = errors.clone();
        let wait = snapshot(&client).on_retry(move |error| sink.lock().expect("not poisoned").push(error.kind()));
        let done = wait.await.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(done.status.as_ref().map(|status| status.as_str()), Some("completed"), "{what}");
        let errors = errors.lock().expect("not poisoned");
        assert!(!errors.is_empty() && errors.iter().all(|found| *found == kind), "{what}: {errors:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn deadline_error_holds_last_document_and_last_error() {
    for (what, failure, kind) in passing() {
        let (client, _) = polled(move |before| if before == 0 { state("queued") } else { failure.clone() });
        let began = Instant::now();
        let error = snapshot(&client).await.expect_err("the service stays broken");
        assert_eq!((error.kind(), began.elapsed()), (ErrorKind::Timeout, 10 * MINUTE), "{what}");
        assert_eq!(error.document(), Some(&json!({ "id": ID, "status": "queued" })), "{what}");
        assert_eq!(last_error(&error).kind(), kind, "{what}");
        assert_eq!(error.operation(), Some("getGroupClusterBackupSnapshot"), "{what}");
        assert_eq!((error.project(), error.cluster(), error.object()), (Some(PROJECT), Some("Cluster0"), Some(ID)));
        let text = error.to_string();
        assert!(
            text.contains(ID) && text.contains("Cluster0") && text.contains("the last poll failed"),
            "{what}: {text}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn deadline_error_of_a_pending_job_holds_no_error() {
    let (client, _) = polled(|before| match before {
        1 => CannedResponse::status(503),
        _ => state("queued"),
    });
    let error = snapshot(&client).await.expect_err("it stays queued");
    assert_eq!((error.kind(), error.source().is_none()), (ErrorKind::Timeout, true));
}

#[tokio::test(start_paused = true)]
async fn polls_draw_nothing_from_the_retry_budget() {
    let service = CannedService::respond_with(|request: &SentRequest, before| {
        match (request.path.ends_with("/oauth/token"), before) {
            (true, 0) => json!({ "access_token": "first", "expires_in": 400 }).into(),
            (true, _) => CannedResponse::status(503),
            (false, 1) => state("queued"),
            (false, _) => CannedResponse::status(503),
        }
    });
    let builder = Client::builder().credentials(Credentials::service_account("account", "secret"));
    let client = builder.retry(RetryPolicy::default().budget(3)).build_over(service);
    snapshot(&client).await.expect_err("the service stays broken");
    assert_eq!(client.core().budget.left(), 3);
}

#[tokio::test(start_paused = true)]
async fn retry_after_postpones_the_next_poll() {
    let polls = Arc::new(Mutex::new(Vec::new()));
    let (sink, began) = (polls.clone(), Instant::now());
    let (client, _) = polled(move |before| {
        sink.lock().expect("not poisoned").push(began.elapsed());
        match before {
            0 => CannedResponse::status(503).header("retry-after", "200"),
            _ => state("completed"),
        }
    });
    snapshot(&client).await.expect("done");
    let polls = polls.lock().expect("not poisoned");
    assert!((200..=203).contains(&polls[1].as_secs()), "{polls:?}");
}

/// 200 waits on one service that started together, and when each of their polls was made.
async fn together(answer: fn(Duration) -> CannedResponse) -> (Vec<Result<Snapshot>>, Vec<Duration>) {
    let polls = Arc::new(Mutex::new(Vec::new()));
    let (sink, began) = (polls.clone(), Instant::now());
    let (client, _) = polled(move |_| {
        let at = began.elapsed();
        sink.lock().expect("not poisoned").push(at);
        answer(at)
    });
    let ended = join_all((0..200).map(|_| snapshot(&client).into_future())).await;
    let polls = polls.lock().expect("not poisoned").clone();
    (ended, polls)
}

#[tokio::test(start_paused = true)]
async fn many_waits_survive_an_outage_at_the_second_poll() {
    let (ended, _) = together(|at| match at.as_millis() {
        0..500 => state("queued"),
        500..2500 => CannedResponse::status(503),
        2500..10_000 => state("inProgress"),
        _ => state("completed"),
    })
    .await;
    let errors: Vec<_> = ended.into_iter().filter_map(Result::err).collect();
    assert!(errors.is_empty(), "{} of 200: {}", errors.len(), errors[0]);
}

#[tokio::test(start_paused = true)]
async fn many_waits_do_not_poll_in_lockstep() {
    for answer in [
        |at: Duration| if at < MINUTE { state("queued") } else { state("completed") },
        // All are told the same time to come back.
        |at: Duration| match at.as_secs() {
            0 => CannedResponse::status(503).header("retry-after", "5"),
            1..60 => state("queued"),
            _ => state("completed"),
        },
    ] {
        let (_, polls) = together(answer).await;
        let mut tenths = std::collections::BTreeMap::new();
        for at in polls.iter().filter(|at| at.as_millis() > 500) {
            *tenths.entry(at.as_millis() / 100).or_insert(0) += 1;
        }
        let most = tenths.values().max().copied().unwrap_or_default();
        assert!(most <= 60, "{most} of 200 waits polled within a tenth of a second");
    }
}

#[tokio::test(start_paused = true)]
async fn refused_token_is_renewed_and_polled_through() {
    let began = Instant::now();
    let service = CannedService::respond_with(move |request: &SentRequest, before| {
        if request.path.ends_with("/oauth/token") {
            return json!({ "access_token": format!("token{before}"), "expires_in": 3600 }).into();
        }
        match began.elapsed().as_secs() {
            0 => state("queued"),
            1..40 => CannedResponse::status(401),
            _ => state("completed"),
        }
    });
    let builder = Client::builder().credentials(Credentials::service_account("account", "secret"));
    snapshot(&builder.build_over(service.clone())).await.expect("done");
    let sent = service.sent();
    let tokens = sent.iter().filter(|request| request.path.ends_with("/oauth/token")).count();
    assert!(tokens > 2, "each refused poll gets its own token: {tokens}");
}

#[tokio::test(start_paused = true)]
async fn refused_nonce_is_replaced_and_polled_through() {
    let began = Instant::now();
    let service = CannedService::respond_with(move |request: &SentRequest, before| {
        let challenge = format!(r#"Digest realm="r", nonce="n{before}", algorithm=MD5, qop="auth""#);
        match (request.headers.get("authorization"), began.elapsed().as_secs()) {
            (None, _) | (Some(_), 1..40) => CannedResponse::status(401).header("www-authenticate", &challenge),
            (Some(_), 0) => state("queued"),
            (Some(_), _) => state("completed"),
        }
    });
    let builder = Client::builder().credentials(Credentials::api_key("public", "private"));
    snapshot(&builder.build_over(service)).await.expect("done");
}

#[tokio::test(start_paused = true)]
async fn refused_credentials_end_the_wait_after_a_minute() {
    let refused: [fn() -> CannedResponse; 3] = [
        || CannedResponse::status(401),
        || CannedResponse::error(401, "INVALID_TOKEN"),
        || CannedResponse::status(403).bytes(HTML).header("content-type", "text/html"),
    ];
    for refuse in refused {
        let (client, _) = polled(move |before| if before == 0 { state("queued") } else { refuse() });
        let first = Arc::new(Mutex::new(None));
        let sink = first.clone();
        let wait = snapshot(&client).on_retry(move |_| {
            sink.lock().expect("not poisoned").get_or_insert_with(Instant::now);
        });
        let error = wait.await.expect_err("the credentials stay refused");
        assert!(matches!(error.kind(), ErrorKind::Unauthorized | ErrorKind::Forbidden), "{error}");
        assert_eq!(error.document(), Some(&json!({ "id": ID, "status": "queued" })));
        let first = first.lock().expect("not poisoned").expect("an error that the wait survived");
        assert_eq!(first.elapsed().as_secs(), 60);
    }
}

#[tokio::test(start_paused = true)]
async fn definite_answers_end_the_wait_at_once() {
    for (answer, kind) in [
        (CannedResponse::error(401, "USER_UNAUTHORIZED"), ErrorKind::Forbidden),
        (CannedResponse::error(401, "NOT_IN_GROUP"), ErrorKind::Forbidden),
        (CannedResponse::error(403, "IP_ADDRESS_NOT_ON_ACCESS_LIST"), ErrorKind::Forbidden),
        (CannedResponse::error(404, "RESOURCE_NOT_FOUND"), ErrorKind::NotFound),
        (CannedResponse::error(410, "VERSION_GONE"), ErrorKind::Gone),
        (CannedResponse::error(400, "INVALID_ATTRIBUTE"), ErrorKind::BadRequest),
    ] {
        let (client, service) = polled(move |before| if before == 0 { state("queued") } else { answer.clone() });
        let error = snapshot(&client).await.expect_err("an end");
        assert_eq!((error.kind(), service.sent().len()), (kind, 2));
    }
}

#[tokio::test(start_paused = true)]
async fn deadline_covers_first_lookup_and_rate_limiter() {
    let hangs: fn(usize) -> CannedResponse = |_| CannedResponse::never();
    let limited: fn(usize) -> CannedResponse =
        |_| CannedResponse::error(429, "RATE_LIMITED").header("retry-after", "100000");
    for answer in [hangs, limited] {
        let (client, _) = polled(answer);
        // Another call has used the limit up.
        let _refused = tokio::time::timeout(Duration::from_secs(1), cluster(&client).snapshots().get(ID)).await;
        let began = Instant::now();
        let error = snapshot(&client).timeout(MINUTE).await.expect_err("no answer");
        assert_eq!((error.kind(), began.elapsed()), (ErrorKind::Timeout, MINUTE));
    }
}

#[tokio::test(start_paused = true)]
async fn policy_of_client_and_of_wait_decide_which_errors_end_it() {
    let (client, _) = polled(|before| match before {
        0 => state("queued"),
        1 => CannedResponse::error(404, "RESOURCE_NOT_FOUND"),
        2 => CannedResponse::status(503),
        _ => state("completed"),
    });
    let ends_on = |kind| {
        let decide = move |error: &Error| match error.kind() == kind {
            true => OnPollError::EndWait,
            false => OnPollError::PollAgain,
        };
        WaitPolicy::default().on_error(decide)
    };
    let ended = snapshot(&client.with_wait_policy(ends_on(ErrorKind::Server))).await;
    assert_eq!(ended.expect_err("503").kind(), ErrorKind::Server);
    let (client, _) = polled(|before| match before {
        0 => CannedResponse::error(404, "RESOURCE_NOT_FOUND"),
        _ => state("completed"),
    });
    snapshot(&client).policy(ends_on(ErrorKind::Server)).await.expect("polled through 404");
    let interval = Duration::from_secs(300);
    let hasty = client.with_wait_policy(WaitPolicy::default().timeout(MINUTE).interval(interval));
    assert_eq!(hasty.wait_policy().timeout, MINUTE);
}
