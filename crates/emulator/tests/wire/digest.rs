//! API keys by HTTP digest: the first call, reuse of a nonce, refusals, and curl.

use crate::support::{Answer, Bench, OLDEST, digest::Challenge};
use atlas_backup_emulator::{Emulator, Seed};
use http::Method;

const KEY: (&str, &str) = ("lpxxqrst", "1c9d8d3e-0d38-4f0e-9e4a-53ac1a6c9a5e");
const PATH: &str = "/api/atlas/v2/groups?pageNum=1";

async fn bench() -> Bench {
    Bench::with(Emulator::builder().seed(Seed::Demo).stepped_clock().api_key(KEY.0, KEY.1)).await
}

async fn with(bench: &Bench, authorization: &str) -> Answer {
    let request = bench.request(Method::GET, PATH).header("accept", OLDEST);
    bench.send(request.header("authorization", authorization), "").await
}

async fn challenged(bench: &Bench) -> Challenge {
    challenge(&bench.get(PATH).await)
}

fn challenge(answer: &Answer) -> Challenge {
    assert_eq!(answer.status, 401, "{}", answer.text);
    Challenge::parse(answer.header("www-authenticate"))
}

#[tokio::test]
async fn digest_challenge_has_the_form_of_the_service() {
    let bench = bench().await;
    let first = bench.get(PATH).await;
    let Challenge { nonce, stale } = challenge(&first);
    let expected = format!(
        "Digest realm=\"MMS Public API\", domain=\"\", nonce=\"{nonce}\", algorithm=MD5, qop=\"auth\", stale=false"
    );
    assert_eq!((first.header("www-authenticate"), stale), (expected.as_str(), false));
    assert_eq!(first.json["error"], 401);
    assert!(first.json.get("errorCode").is_none());
    assert_eq!(first.header("x-error-code"), "");
}

#[tokio::test]
async fn nonce_serves_many_calls_with_rising_counts() {
    let bench = bench().await;
    let challenge = challenged(&bench).await;
    for count in 1..=5 {
        with(&bench, &challenge.answer(KEY, "GET", PATH, count)).await.documented(200);
    }
    with(&bench, &challenge.answer(KEY, "GET", PATH, 1000)).await.documented(200);
}

#[tokio::test]
async fn count_of_zero_and_a_replay_are_refused() {
    let bench = bench().await;
    let challenge = challenged(&bench).await;
    assert_eq!(with(&bench, &challenge.answer(KEY, "GET", PATH, 0)).await.status, 401);
    let once = challenge.answer(KEY, "GET", PATH, 1);
    with(&bench, &once).await.documented(200);
    let replay = with(&bench, &once).await;
    assert!(self::challenge(&replay).stale, "valid except for the nonce");
}

#[tokio::test]
async fn expired_nonce_is_stale_and_new_one_is_accepted() {
    let bench = bench().await;
    let old = challenged(&bench).await;
    with(&bench, &old.answer(KEY, "GET", PATH, 1)).await.documented(200);
    bench.advance(3600);
    let fresh = challenge(&with(&bench, &old.answer(KEY, "GET", PATH, 2)).await);
    assert!(fresh.stale && fresh.nonce != old.nonce);
    with(&bench, &fresh.answer(KEY, "GET", PATH, 1)).await.documented(200);
    let invented = Challenge { nonce: "0123456789abcdef".to_owned(), stale: false };
    assert!(challenge(&with(&bench, &invented.answer(KEY, "GET", PATH, 1)).await).stale);
}

#[tokio::test]
async fn wrong_credentials_are_not_stale() {
    let bench = bench().await;
    let offered = challenged(&bench).await;
    for wrong in [
        offered.answer((KEY.0, "other"), "GET", PATH, 1),
        offered.answer(("other", KEY.1), "GET", PATH, 2),
        offered.answer(KEY, "POST", PATH, 3),
        offered.answer(KEY, "GET", "/api/atlas/v2/orgs", 4),
        offered.answer(KEY, "GET", PATH, 5).replace("MMS Public API", "other"),
        offered.answer(KEY, "GET", PATH, 6).replace("qop=auth", "qop=auth-int"),
        "Digest".to_owned(),
        "Basic bHB4eHFyc3Q6c2VjcmV0".to_owned(),
        format!("Bearer {}", "0".repeat(64)),
    ] {
        let refused = with(&bench, &wrong).await;
        assert_eq!(refused.status, 401, "{wrong}");
        assert!(!refused.header("www-authenticate").contains("stale=true"), "{wrong}");
        assert!(!refused.text.contains(KEY.1));
    }
}

#[tokio::test]
async fn authentication_is_checked_first() {
    let bench = bench().await;
    for path in ["/api/atlas/v2/nothing", "/api/atlas/v2/groups/short"] {
        assert_eq!(bench.get_as(path, "*/*").await.status, 401);
    }
}

#[tokio::test]
async fn requests_need_no_credentials_when_none_are_configured() {
    let bench = Bench::demo().await;
    bench.get(PATH).await.documented(200);
    with(&bench, "Digest nonsense").await.documented(200);
}
