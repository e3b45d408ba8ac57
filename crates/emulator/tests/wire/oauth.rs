//! Service accounts: tokens, their access and their end.

use crate::support::{Answer, Bench, OLDEST, demo};
use atlas_backup_emulator::{Emulator, Seed};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::Method;

const ACCOUNT: (&str, &str) = ("mdb_sa_id_66a1", "mdb_sa_sk_+/=%?&");

async fn bench() -> Bench {
    Bench::with(Emulator::builder().seed(Seed::Demo).stepped_clock().service_account(ACCOUNT.0, ACCOUNT.1)).await
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

async fn post(bench: &Bench, path: &str, authorization: &str, form: &str) -> Answer {
    let request = bench.request(Method::POST, path).header("authorization", authorization);
    bench.send(request.header("content-type", "application/x-www-form-urlencoded"), form.to_owned()).await
}

async fn token(bench: &Bench) -> String {
    let form = "grant_type=client_credentials";
    let answer = post(bench, "/api/oauth/token", &basic(ACCOUNT.0, ACCOUNT.1), form).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!((answer.header("content-type"), answer.header("cache-control")), ("application/json", "no-store"));
    assert_eq!((&answer.json["expires_in"], &answer.json["token_type"]), (&3600.into(), &"Bearer".into()));
    answer.json["access_token"].as_str().unwrap().to_owned()
}

async fn with(bench: &Bench, token: &str) -> Answer {
    let request = bench.request(Method::GET, &demo("")).header("accept", OLDEST);
    bench.send(request.header("authorization", format!("Bearer {token}")), "").await
}

#[tokio::test]
async fn token_is_accepted_until_it_expires() {
    let bench = bench().await;
    assert_eq!(bench.get(&demo("")).await.status, 401);
    let token = token(&bench).await;
    with(&bench, &token).await.documented(200);
    bench.advance(3599);
    with(&bench, &token).await.documented(200);
    bench.advance(1);
    let expired = with(&bench, &token).await;
    assert_eq!(expired.status, 401);
    assert!(expired.header("www-authenticate").starts_with("Bearer"));
    assert!(!expired.text.contains(&token));
}

#[tokio::test]
async fn revoked_token_is_rejected_and_others_stay_valid() {
    let bench = bench().await;
    let (first, second) = (token(&bench).await, token(&bench).await);
    let form = format!("token={first}&token_type_hint=access_token");
    let revoked = post(&bench, "/api/oauth/revoke", &basic(ACCOUNT.0, ACCOUNT.1), &form).await;
    assert_eq!(revoked.status, 200);
    assert_eq!(with(&bench, &first).await.status, 401);
    with(&bench, &second).await.documented(200);
}

#[tokio::test]
async fn id_and_secret_may_be_form_encoded() {
    let bench = bench().await;
    let encoded: String = url::form_urlencoded::byte_serialize(ACCOUNT.1.as_bytes()).collect();
    let answer = post(&bench, "/api/oauth/token", &basic(ACCOUNT.0, &encoded), "grant_type=client_credentials").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn id_and_secret_may_come_in_the_form() {
    let bench = bench().await;
    let form = |secret: &str| {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials").append_pair("client_id", ACCOUNT.0);
        form.append_pair("client_secret", secret).finish()
    };
    let ask = async |secret: &str| bench.send(bench.request(Method::POST, "/api/oauth/token"), form(secret)).await;
    assert_eq!(ask(ACCOUNT.1).await.status, 200);
    assert_eq!(ask("other").await.status, 401);
}

#[tokio::test]
async fn other_secrets_and_other_grants_are_refused() {
    let bench = bench().await;
    let grant = "grant_type=client_credentials";
    for wrong in [basic(ACCOUNT.0, "other"), basic("other", ACCOUNT.1), "Basic !".to_owned(), String::new()] {
        let refused = post(&bench, "/api/oauth/token", &wrong, grant).await;
        assert_eq!((refused.status.as_u16(), &refused.json["error"]), (401, &"invalid_client".into()));
    }
    let right = basic(ACCOUNT.0, ACCOUNT.1);
    for form in ["", "grant_type=password", "token=x"] {
        let refused = post(&bench, "/api/oauth/token", &right, form).await;
        assert_eq!((refused.status.as_u16(), &refused.json["error"]), (400, &"unsupported_grant_type".into()));
    }
    let twice = format!("{grant}&grant_type=client_credentials");
    let refused = post(&bench, "/api/oauth/token", &right, &twice).await;
    assert_eq!((refused.status.as_u16(), &refused.json["error"]), (400, &"invalid_request".into()));
    assert_eq!(bench.get("/api/oauth/token").await.status, 405);
}

#[tokio::test]
async fn token_endpoint_allows_ten_requests_per_minute() {
    let bench = bench().await;
    for _ in 0..10 {
        token(&bench).await;
    }
    let right = basic(ACCOUNT.0, ACCOUNT.1);
    let refused = post(&bench, "/api/oauth/token", &right, "grant_type=client_credentials").await;
    let refused = refused.refused(429, "RATE_LIMITED_TOKEN_BUCKET");
    assert_eq!(refused.header("retry-after"), "6");
    bench.advance(6);
    token(&bench).await;
}

#[test]
fn builder_shows_no_secret() {
    let builder = Emulator::builder().service_account("account", "hidden-1").api_key("key", "hidden-2");
    let shown = format!("{builder:?}");
    assert!(!shown.contains("hidden") && shown.contains("account"), "{shown}");
}

#[tokio::test]
async fn token_is_signed_jwt_with_expiry() {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let bench = bench().await;
    let token = token(&bench).await;
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 3);
    let read =
        |part: &str| serde_json::from_slice::<serde_json::Value>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    assert_eq!(read(parts[0]), serde_json::json!({"alg": "HS256", "typ": "JWT"}));
    let claims = read(parts[1]);
    let now = bench.emulator.clock().now().timestamp();
    assert_eq!(
        (&claims["sub"], &claims["iat"], &claims["exp"]),
        (&ACCOUNT.0.into(), &now.into(), &(now + 3600).into())
    );
    assert_eq!(URL_SAFE_NO_PAD.decode(parts[2]).unwrap().len(), 32);
}

#[tokio::test]
async fn modified_or_foreign_token_is_refused() {
    let (bench, other) = (bench().await, self::bench().await);
    let (own, foreign) = (token(&bench).await, token(&other).await);
    with(&bench, &own).await.documented(200);
    let (signed, signature) = own.rsplit_once('.').unwrap();
    let (_, foreign_signature) = foreign.rsplit_once('.').unwrap();
    for forged in [
        foreign.clone(),
        format!("{signed}.{foreign_signature}"),
        format!("{signed}."),
        format!("x{signed}.{signature}"),
    ] {
        let refused = with(&bench, &forged).await;
        assert_eq!(refused.status, 401, "{forged}");
        assert!(refused.header("www-authenticate").starts_with("Bearer"), "bearer and digest cannot be combined");
    }
}

#[tokio::test]
async fn account_keeps_newest_hundred_tokens() {
    let bench = bench().await;
    let mut tokens = Vec::new();
    for _ in 0..101 {
        tokens.push(token(&bench).await);
        // Ten per minute are allowed.
        bench.advance(6);
    }
    assert_eq!(with(&bench, &tokens[0]).await.status, 401);
    with(&bench, &tokens[1]).await.documented(200);
    with(&bench, &tokens[100]).await.documented(200);
}
