use std::{error::Error as _, path::Path, sync::LazyLock};

use super::*;
use crate::{
    http::{auth::signer::Signer, base::BaseUrl, budget::Budget, retry::RetryPolicy},
    model::credentials::Scheme,
    testing::{CannedResponse, CannedService, reply},
};

/// A service whose n-th token is `t<n>` and that accepts what `accepts` says.
fn service(accepts: impl Fn(&str) -> bool + Send + Sync + 'static) -> CannedService {
    slow(Duration::ZERO, accepts)
}

/// The same, but a token takes that long.
fn slow(delay: Duration, accepts: impl Fn(&str) -> bool + Send + Sync + 'static) -> CannedService {
    let issued = std::sync::atomic::AtomicUsize::new(0);
    CannedService::respond_with(move |request, _| {
        if request.path == "/api/oauth/token" {
            let n = issued.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
            let body = format!(r#"{{"access_token":"t{n}","expires_in":3600,"token_type":"Bearer"}}"#);
            return CannedResponse::status(200).bytes(body).after(delay);
        }
        let sent = request.headers["authorization"].to_str().expect("text");
        CannedResponse::status(if accepts(sent.trim_start_matches("Bearer ")) { 200 } else { 401 })
    })
}

fn signer() -> Arc<Signer> {
    signer_with(None)
}

fn signer_with(store: Option<&Path>) -> Arc<Signer> {
    let scheme = Scheme::ServiceAccount { id: "account".into(), secret: "hunter2".into() };
    let base = BaseUrl::parse("http://127.0.0.1", &[]).expect("a base");
    Arc::new(Signer::new(scheme, &base, store).expect("a signer"))
}

async fn send(signer: &Signer, script: &CannedService, seconds: u64) -> Result<Reply> {
    let (retry, deadline) = (RetryPolicy::default(), Instant::now() + Duration::from_secs(seconds));
    let context = TokenContext { wire: script, retry: &retry, budget: &retry.full_budget(), deadline };
    signer.send(&Outgoing::get("/x"), context).await
}

async fn call(signer: &Signer, script: &CannedService) -> u16 {
    send(signer, script, 60).await.expect("an answer").status.as_u16()
}

fn token_requests(script: &CannedService) -> usize {
    script.sent().iter().filter(|r| r.path == "/api/oauth/token").count()
}

#[tokio::test(start_paused = true)]
async fn concurrent_tasks_send_one_token_request() {
    let (script, signer) = (service(|_| true), signer());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let (script, signer) = (script.clone(), signer.clone());
        tasks.spawn(async move { call(&signer, &script).await });
    }
    assert_eq!(tasks.join_all().await, [200; 32]);
    assert_eq!(token_requests(&script), 1);
    let request = &script.sent()[0];
    assert_eq!(request.body.as_deref(), Some(&b"grant_type=client_credentials"[..]));
    assert_eq!(request.headers["authorization"], "Basic YWNjb3VudDpodW50ZXIy");
}

#[tokio::test(start_paused = true)]
async fn token_is_renewed_before_expiry() {
    let (script, signer) = (service(|_| true), signer());
    call(&signer, &script).await;
    tokio::time::advance(Duration::from_secs(3200)).await;
    call(&signer, &script).await;
    assert_eq!(token_requests(&script), 1);
    tokio::time::advance(Duration::from_secs(150)).await;
    call(&signer, &script).await;
    assert_eq!(token_requests(&script), 2);
}

#[tokio::test(start_paused = true)]
async fn failed_early_renewal_fails_no_call() {
    let script = CannedService::respond_with(|request, sent| match (request.path.as_str(), sent) {
        ("/api/oauth/token", 0) => reply(200, &[], r#"{"access_token":"t1","expires_in":3600}"#),
        ("/api/oauth/token", _) => reply(403, &[], ""),
        _ => reply(200, &[], ""),
    });
    let signer = signer();
    call(&signer, &script).await;
    tokio::time::advance(Duration::from_secs(3400)).await;
    for _ in 0..5 {
        assert_eq!(call(&signer, &script).await, 200);
    }
    assert_eq!(token_requests(&script), 2, "a failed renewal is not tried again with every call");
    tokio::time::advance(Duration::from_secs(31)).await;
    assert_eq!(call(&signer, &script).await, 200);
    assert_eq!(token_requests(&script), 3);
}

#[tokio::test(start_paused = true)]
async fn concurrent_tasks_share_token_refusal() {
    let (script, signer) = (CannedService::respond_with(|_, _| reply(401, &[], "")), signer());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let (script, signer) = (script.clone(), signer.clone());
        tasks.spawn(async move { send(&signer, &script, 60).await.expect_err("refused").kind() });
    }
    assert_eq!(tasks.join_all().await, [ErrorKind::Authentication; 32]);
    assert_eq!(token_requests(&script), 1);
    // The next call asks anew.
    assert!(send(&signer, &script, 60).await.is_err());
    assert_eq!(token_requests(&script), 2);
}

#[tokio::test(start_paused = true)]
async fn concurrent_401_renews_token_once() {
    let (script, signer) = (service(|token| token != "t1"), signer());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (script, signer) = (script.clone(), signer.clone());
        tasks.spawn(async move { call(&signer, &script).await });
    }
    assert_eq!(tasks.join_all().await, [200; 8]);
    assert_eq!(token_requests(&script), 2);
}

#[tokio::test(start_paused = true)]
async fn unlimited_token_lifetime_is_accepted() {
    let script = CannedService::respond_with(|_, _| {
        reply(200, &[], r#"{"access_token":"t","expires_in":18446744073709551615}"#)
    });
    assert_eq!(call(&signer(), &script).await, 200);
}

#[tokio::test(start_paused = true)]
async fn second_401_is_returned() {
    let (script, signer) = (service(|_| false), signer());
    assert_eq!(call(&signer, &script).await, 401);
    assert_eq!(token_requests(&script), 2);
}

#[tokio::test(start_paused = true)]
async fn refused_account_is_an_authentication_error_without_the_secret() {
    let script = CannedService::respond_with(|_, _| reply(401, &[], r#"{"error":"invalid_client"}"#));
    let error = send(&signer(), &script, 60).await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert_eq!(error.to_string(), "the token endpoint refused the service account: invalid_client");
    assert_eq!(error.source().map(ToString::to_string), Some("401 Unauthorized".to_owned()));
    assert!(!format!("{error:?} {error}").contains("hunter2"));
}

#[tokio::test(start_paused = true)]
async fn token_requests_are_limited_to_ten_per_minute() {
    let (script, signer) = (CannedService::respond_with(|_, _| reply(401, &[], "")), signer());
    for _ in 0..10 {
        assert_eq!(send(&signer, &script, 30).await.expect_err("refused").kind(), ErrorKind::Authentication);
    }
    let error = send(&signer, &script, 30).await.expect_err("one too many");
    assert_eq!((error.kind(), token_requests(&script)), (ErrorKind::RateLimited, 10));
    let began = Instant::now();
    assert_eq!(send(&signer, &script, 90).await.expect_err("refused").kind(), ErrorKind::Authentication);
    assert_eq!((began.elapsed().as_secs(), token_requests(&script)), (60, 11));
}

#[tokio::test(start_paused = true)]
async fn token_request_honours_retry_after() {
    let script = CannedService::respond_with(|request, sent| match (request.path.as_str(), sent) {
        ("/api/oauth/token", 0) => reply(429, &[("retry-after", "20")], ""),
        ("/api/oauth/token", _) => reply(200, &[], r#"{"access_token":"t1","expires_in":3600}"#),
        _ => reply(200, &[], ""),
    });
    let began = Instant::now();
    assert_eq!((call(&signer(), &script).await, began.elapsed().as_secs()), (200, 20));
}

/// A folder that goes with the test.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("atlas-backup-tokens-{}-{:x}", std::process::id(), fastrand::u64(..));
        Folder(std::env::temp_dir().join(name))
    }

    /// The one file of a token in it.
    fn file(&self) -> std::path::PathBuf {
        let files = std::fs::read_dir(&self.0).expect("a folder").map(|entry| entry.expect("an entry").path());
        let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|e| e == "json")).collect();
        assert_eq!(files.len(), 1, "{files:?}");
        files.remove(0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _removed = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test(start_paused = true)]
async fn clients_sharing_a_folder_share_a_token() {
    let (script, folder) = (service(|_| true), Folder::new());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (script, signer) = (script.clone(), signer_with(Some(&folder.0)));
        tasks.spawn(async move { call(&signer, &script).await });
    }
    assert_eq!(tasks.join_all().await, [200; 8]);
    assert_eq!(token_requests(&script), 1);
    // Another account, or the same at another base, is another token.
    let scheme = Scheme::ServiceAccount { id: "other".into(), secret: "hunter2".into() };
    let base = BaseUrl::parse("http://127.0.0.1", &[]).expect("a base");
    call(&Signer::new(scheme, &base, Some(&folder.0)).expect("a signer"), &script).await;
    let scheme = Scheme::ServiceAccount { id: "account".into(), secret: "hunter2".into() };
    let base = BaseUrl::parse("http://127.0.0.1:1", &[]).expect("a base");
    call(&Signer::new(scheme, &base, Some(&folder.0)).expect("a signer"), &script).await;
    assert_eq!(token_requests(&script), 3);
}

#[tokio::test(start_paused = true)]
#[cfg(unix)]
async fn token_file_is_owner_only_and_ignored_otherwise() {
    use std::os::unix::fs::PermissionsExt as _;
    let (script, folder) = (service(|_| true), Folder::new());
    call(&signer_with(Some(&folder.0)), &script).await;
    let mode = |path: &Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode(&folder.file()), mode(&folder.0)), (0o600, 0o700));
    assert_eq!(mode(&folder.file().with_extension("lock")), 0o600);
    std::fs::set_permissions(folder.file(), std::fs::Permissions::from_mode(0o644)).expect("a mode");
    call(&signer_with(Some(&folder.0)), &script).await;
    assert_eq!((token_requests(&script), mode(&folder.file())), (2, 0o600));
}

#[tokio::test(start_paused = true)]
async fn damaged_or_expired_token_file_is_replaced() {
    let (script, folder) = (service(|_| true), Folder::new());
    call(&signer_with(Some(&folder.0)), &script).await;
    let whole = std::fs::read_to_string(folder.file()).expect("a file");
    let expired = whole.replace("\"expires_at\":", "\"expires_at\":1,\"was\":");
    let eternal = whole.replace("\"expires_at\":", "\"expires_at\":9999999999,\"was\":");
    for (at, content) in ["", "{", &whole[..whole.len() / 2], "\0\0", &expired, &eternal].iter().enumerate() {
        std::fs::write(folder.file(), content).expect("a file");
        assert_eq!(call(&signer_with(Some(&folder.0)), &script).await, 200);
        assert_eq!(token_requests(&script), at + 2, "{content}");
    }
    call(&signer_with(Some(&folder.0)), &script).await;
    assert_eq!(token_requests(&script), 7, "it was written anew");
}

#[tokio::test(start_paused = true)]
async fn uncreatable_token_folder_fails_no_call() {
    let (script, folder) = (service(|_| true), Folder::new());
    std::fs::write(&folder.0, "a file").expect("a file");
    assert_eq!(call(&signer_with(Some(&folder.0)), &script).await, 200);
    std::fs::remove_file(&folder.0).expect("it is removed");
}

#[tokio::test(start_paused = true)]
async fn refused_stored_token_is_replaced() {
    let (script, folder) = (service(|token| token != "t1"), Folder::new());
    let (one, two) = (signer_with(Some(&folder.0)), signer_with(Some(&folder.0)));
    assert_eq!((call(&one, &script).await, token_requests(&script)), (200, 2));
    // The other process had the refused one in its memory, or finds the new one in the file.
    assert_eq!((call(&two, &script).await, token_requests(&script)), (200, 2));
}

#[tokio::test(start_paused = true)]
async fn revoked_token_is_removed_from_memory_and_file() {
    let (script, folder) = (service(|_| true), Folder::new());
    let signer = signer_with(Some(&folder.0));
    let (retry, deadline) = (RetryPolicy::default(), Instant::now() + Duration::from_secs(60));
    let context = TokenContext { wire: &script, retry: &retry, budget: &retry.full_budget(), deadline };
    assert!(!signer.revoke(context).await.expect("nothing to revoke"));
    call(&signer, &script).await;
    assert!(signer.revoke(context).await.expect("revoked"));
    let last = script.sent().pop().expect("a request");
    assert_eq!(last.path, "/api/oauth/revoke");
    assert_eq!(last.body.as_deref(), Some(&b"token=t1&token_type_hint=access_token"[..]));
    assert_eq!(last.headers["authorization"], "Basic YWNjb3VudDpodW50ZXIy");
    let left = std::fs::read_dir(&folder.0).expect("a folder").flatten();
    assert!(left.map(|entry| entry.path()).all(|path| path.extension().is_none_or(|e| e != "json")));
    call(&signer, &script).await;
    assert_eq!(token_requests(&script), 2);
    // A process that has not asked for a token yet takes the stored one back.
    assert!(signer_with(Some(&folder.0)).revoke(context).await.expect("revoked"));
}

#[tokio::test(start_paused = true)]
async fn token_file_with_absurd_lifetime_is_ignored() {
    let (script, folder) = (service(|_| true), Folder::new());
    call(&signer_with(Some(&folder.0)), &script).await;
    let eternal = std::fs::read_to_string(folder.file()).expect("a file").replace("3600", "18446744073709551615");
    let eternal = eternal.replace("\"expires_at\":", "\"expires_at\":18446744073709551615,\"was\":");
    std::fs::write(folder.file(), eternal).expect("a file");
    assert_eq!(call(&signer_with(Some(&folder.0)), &script).await, 200);
    assert_eq!(token_requests(&script), 2);
}

/// A call as the transport makes it.
async fn send_over(signer: &Signer, wire: &CannedService, seconds: u64) -> Result<Reply> {
    let context = way_of(wire, seconds);
    let attempt = |_| async move { signer.send(&Outgoing::get("/x"), context).await };
    context.retry.run(Safety::Read, context.deadline, context.budget, attempt).await
}

/// The way for so many seconds from now.
fn way_of(wire: &CannedService, seconds: u64) -> TokenContext<'_> {
    static RETRY: LazyLock<RetryPolicy> = LazyLock::new(RetryPolicy::default);
    static BUDGET: LazyLock<Budget> = LazyLock::new(|| RetryPolicy::default().budget(10_000).full_budget());
    TokenContext { wire, retry: &RETRY, budget: &BUDGET, deadline: Instant::now() + Duration::from_secs(seconds) }
}

#[tokio::test(start_paused = true)]
async fn short_deadline_of_one_task_fails_no_other() {
    let (wire, signer) = (slow(Duration::from_secs(5), |_| true), signer());
    let mut tasks = tokio::task::JoinSet::new();
    for seconds in [1, 60, 60] {
        let (wire, signer) = (wire.clone(), signer.clone());
        tasks.spawn(async move { send_over(&signer, &wire, seconds).await.map(|r| r.status.as_u16()).ok() });
        tokio::task::yield_now().await;
    }
    let mut answers = tasks.join_all().await;
    answers.sort_unstable();
    assert_eq!(answers, [None, Some(200), Some(200)]);
}

#[tokio::test(start_paused = true)]
async fn dropped_task_leaves_token_fetch_to_next_task() {
    let (wire, signer) = (slow(Duration::from_secs(5), |_| true), signer());
    let (first, second) = (signer.clone(), signer);
    let dropped = tokio::spawn({
        let wire = wire.clone();
        async move { send_over(&first, &wire, 60).await }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let waiting = tokio::spawn({
        let wire = wire.clone();
        async move { send_over(&second, &wire, 60).await }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    dropped.abort();
    assert_eq!(waiting.await.expect("no panic").expect("an answer").status, 200);
    assert_eq!(token_requests(&wire), 2, "the one that was dropped, and the next");
}

#[tokio::test(start_paused = true)]
async fn hanging_token_endpoint_delays_no_call_with_token() {
    let (script, signer) = (service(|_| true), signer());
    call(&signer, &script).await;
    tokio::time::advance(Duration::from_secs(3400)).await;
    let (hangs, began) = (slow(Duration::from_secs(3600), |_| true), Instant::now());
    assert_eq!(send_over(&signer, &hangs, 60).await.expect("the old token").status, 200);
    assert!(began.elapsed() <= Duration::from_secs(10), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn token_that_cannot_be_sent_is_an_authentication_error() {
    for (token, problem) in [
        ("", "no token"),
        ("a\\r\\nX-Evil: 1", "a token that cannot be sent"),
        ("\\u0000", "a token that cannot be sent"),
    ] {
        let body = format!(r#"{{"access_token":"{token}","expires_in":3600,"token_type":"Bearer"}}"#);
        let script = CannedService::respond_with(move |_, _| reply(200, &[], &body));
        let error = send_over(&signer(), &script, 60).await.expect_err("no usable token");
        assert_eq!(error.kind(), ErrorKind::Authentication, "{token}");
        assert_eq!(error.to_string(), format!("unexpected response of the token endpoint: {problem}"));
        assert_eq!(script.sent().len(), 1, "the call itself is not sent");
    }
}

#[tokio::test(start_paused = true)]
async fn token_errors_distinguish_their_causes() {
    for (status, expected) in [
        (400, ErrorKind::Authentication),
        (401, ErrorKind::Authentication),
        (403, ErrorKind::Authentication),
        (429, ErrorKind::RateLimited),
        (503, ErrorKind::Server),
    ] {
        let script = CannedService::respond_with(move |_, _| reply(status, &[("retry-after", "7")], ""));
        let error = send_over(&signer(), &script, 60).await.expect_err("no token");
        assert_eq!(error.kind(), expected, "{status}");
        assert!(error.to_string().starts_with("the token endpoint"), "{error}");
        let repeated = [429, 503].contains(&status);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)), "{status}");
        assert_eq!((error.attempts(), script.sent().len()), if repeated { (4, 4) } else { (1, 1) }, "{status}");
    }
    for kind in [ErrorKind::Connect, ErrorKind::Connection, ErrorKind::Timeout, ErrorKind::Tls] {
        let error = send_over(&signer(), &CannedService::respond_with(move |_, _| CannedResponse::failure(kind)), 60)
            .await
            .expect_err("no token");
        assert_eq!((error.kind(), error.to_string()), (kind, "no response from the token endpoint".to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn token_revocation_ends_at_deadline() {
    let (wire, signer) = (slow(Duration::from_secs(50), |_| true), signer());
    let (fetching, slow) = (signer.clone(), wire.clone());
    let fetch = tokio::spawn(async move { send_over(&fetching, &slow, 60).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let began = Instant::now();
    assert_eq!(signer.revoke(way_of(&wire, 5)).await.expect_err("a deadline").kind(), ErrorKind::Timeout);
    assert_eq!(began.elapsed().as_secs(), 5);
    assert!(fetch.await.expect("no panic").is_ok());
}

#[tokio::test(start_paused = true)]
async fn revocation_covers_token_of_another_process() {
    let (script, folder) = (service(|token| token != "t1"), Folder::new());
    let (one, two) = (signer_with(Some(&folder.0)), signer_with(Some(&folder.0)));
    // The one holds t1; the other was refused it and has stored t2.
    assert!(matches!(&*one, Signer::Token(source) if source.token(way_of(&script, 60)).await.is_ok()));
    assert_eq!(call(&two, &script).await, 200);
    assert!(one.revoke(way_of(&script, 60)).await.expect("revoked"));
    let taken_back: Vec<_> = script
        .sent()
        .iter()
        .filter(|sent| sent.path == "/api/oauth/revoke")
        .map(|sent| String::from_utf8(sent.body.clone().expect("a form").to_vec()).expect("text"))
        .collect();
    assert_eq!(taken_back, ["token=t1&token_type_hint=access_token", "token=t2&token_type_hint=access_token"]);
}
