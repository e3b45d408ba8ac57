//! What errors say: the operation and what it was about, what can be done, and never a secret of the client.

use std::{error::Error as StdError, time::Duration};

use serde_json::json;

use crate::{Credentials, Error, ErrorCode, ErrorKind, Retention, RetryPolicy, resources::tests::*};

const SUBJECT: &str = "(project 32b6e34b3d91647abb20e7b8, cluster Cluster0, snapshot 5f3e8e7d9b1c2a0012345678)";

/// The error of getting a snapshot.
async fn get(response: impl Into<CannedResponse>) -> Error {
    cluster(&answering(response)).snapshots().get(ID).await.expect_err("no snapshot")
}

/// The error of taking a snapshot.
async fn take(response: impl Into<CannedResponse>) -> Error {
    cluster(&answering(response)).snapshots().take("test", Retention::days(1)).await.expect_err("no snapshot")
}

/// Everything that an error shows, causes included.
fn shown(error: &Error) -> String {
    let mut text =
        format!("{error} {error:?} {error:#?} {:?} {:?} {:?}", error.api_error(), error.headers(), error.body());
    let mut cause = error.source();
    while let Some(next) = cause {
        text += &format!(" {next} {next:?}");
        cause = next.source();
    }
    text
}

#[tokio::test(start_paused = true)]
async fn error_names_operation_project_cluster_and_object() {
    let page = CannedResponse::status(200).bytes("<html>").header("content-type", "text/html");
    for response in [
        CannedResponse::error(404, "RESOURCE_NOT_FOUND"),
        CannedResponse::status(502),
        CannedResponse::failure(ErrorKind::Connect),
        CannedResponse::failure(ErrorKind::Connection),
        CannedResponse::never(),
        page,
        json!([]).into(),
        json!({}).into(),
        CannedResponse::status(204),
    ] {
        let error = get(response.clone()).await;
        let text = error.to_string();
        assert!(text.starts_with(&format!("getGroupClusterBackupSnapshot {SUBJECT}: ")), "{response:?}: {text}");
        assert_eq!(error.operation(), Some("getGroupClusterBackupSnapshot"));
        assert_eq!((error.project(), error.cluster(), error.object()), (Some(PROJECT), Some("Cluster0"), Some(ID)));
    }
}

#[tokio::test]
async fn calls_by_name_and_by_path_name_what_they_are_about() {
    let client = answering(CannedResponse::error(404, "CLUSTER_NOT_FOUND"));
    let by_name = client.operation("getBackupSchedule").expect("an operation");
    let error = by_name.parameter("groupId", PROJECT).parameter("clusterName", "C").await.expect_err("404");
    assert_eq!((error.project(), error.cluster(), error.object()), (Some(PROJECT), Some("C"), None));
    let path = format!("/api/atlas/v2/groups/{PROJECT}/clusters/C/elsewhere");
    let version = "2023-01-01".parse().expect("a version");
    let error = client.path(crate::Method::GET, path).version(version).await.expect_err("404");
    assert_eq!((error.project(), error.cluster()), (Some(PROJECT), Some("C")));
    let html = answering(CannedResponse::status(200).bytes("<html>"));
    let by_name = html.operation("getBackupSchedule").expect("an operation");
    let response = by_name.parameter("groupId", PROJECT).parameter("clusterName", "C").await.expect("a response");
    let error = response.json().expect_err("no JSON");
    assert!(
        error.to_string().starts_with(&format!("getGroupClusterBackupSchedule (project {PROJECT}, cluster C): ")),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn error_is_retryable_if_repeating_can_help_and_does_no_harm() {
    for response in [
        CannedResponse::status(408),
        CannedResponse::status(429),
        CannedResponse::status(500),
        CannedResponse::status(502),
        CannedResponse::status(503),
        CannedResponse::status(504),
        CannedResponse::failure(ErrorKind::Connect),
        CannedResponse::failure(ErrorKind::Connection),
        CannedResponse::never(),
    ] {
        let error = get(response.clone()).await;
        assert!(error.is_retryable() && !error.outcome_unknown(), "{response:?}: {error}");
    }
    for response in
        [400, 401, 403, 404, 409, 410, 501].map(CannedResponse::status).into_iter().chain([json!([]).into()])
    {
        assert!(!get(response.clone()).await.is_retryable(), "{response:?}");
    }
    for response in [CannedResponse::status(429), CannedResponse::failure(ErrorKind::Connect)] {
        assert!(take(response.clone()).await.is_retryable(), "{response:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn unanswered_post_says_that_it_may_have_been_carried_out() {
    for response in [
        CannedResponse::failure(ErrorKind::Connection),
        CannedResponse::never(),
        CannedResponse::status(500),
        CannedResponse::status(502),
        CannedResponse::status(504),
    ] {
        let error = take(response.clone()).await;
        assert!(error.outcome_unknown() && !error.is_retryable(), "{response:?}: {error}");
        assert!(
            error.to_string().ends_with("; the request may have been carried out: check before repeating it"),
            "{error}"
        );
    }
    for response in [
        CannedResponse::failure(ErrorKind::Connect),
        CannedResponse::status(400),
        CannedResponse::status(429),
        CannedResponse::status(501),
    ] {
        let error = take(response.clone()).await;
        assert!(!error.outcome_unknown() && !error.to_string().contains("carried out"), "{response:?}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn post_that_was_never_sent_has_a_known_outcome() {
    let script = CannedService::respond_with(|_, _| CannedResponse::never());
    let client = Client::builder().max_in_flight(1).attempt_timeout(Duration::MAX).build_over(script.clone());
    let first = cluster(&client);
    let hanging = tokio::spawn(async move { first.snapshots().get(ID).await.map(drop) });
    tokio::task::yield_now().await;
    let waiting = cluster(&client).with_timeout(Duration::from_secs(1));
    let error = waiting.snapshots().take("test", Retention::days(1)).await.expect_err("out of time");
    assert_eq!((error.kind(), error.outcome_unknown(), script.sent().len()), (ErrorKind::Timeout, false, 1));
    hanging.abort();
}

#[tokio::test]
async fn refused_address_is_shown_with_what_to_do() {
    let refusal = json!({
        "error": 403, "errorCode": "IP_ADDRESS_NOT_ON_ACCESS_LIST", "reason": "Forbidden",
        "detail": "IP address 203.0.113.9 is not allowed to access this resource.", "parameters": ["203.0.113.9"],
    });
    let error = get(CannedResponse::status(403).body(refusal.clone())).await;
    assert_eq!(error.caller_address(), "203.0.113.9".parse().ok());
    assert_eq!((error.kind(), error.code()), (ErrorKind::Forbidden, Some(&ErrorCode::IpAddressNotOnAccessList)));
    let advice = "; add the address 203.0.113.9 to the API access list of the API key or service account";
    assert!(error.to_string().ends_with(advice), "{error}");
    assert!(!error.to_string().contains("role"), "{error}");

    for (detail, address) in [
        ("IP address `2001:db8::7` is not allowed to access this resource.", Some("2001:db8::7")),
        ("This resource requires access through an access list of ip ranges.", None),
    ] {
        let mut refusal = refusal.clone();
        (refusal["detail"], refusal["parameters"]) = (json!(detail), json!([]));
        let error = get(CannedResponse::status(403).body(refusal)).await;
        assert_eq!(error.caller_address().map(|address| address.to_string()).as_deref(), address, "{detail}");
        assert!(error.to_string().ends_with("to the API access list of the API key or service account"), "{error}");
    }
}

#[tokio::test]
async fn error_of_token_endpoint_keeps_code_and_detail() {
    let body = json!({
        "error": 403, "errorCode": "IP_ADDRESS_NOT_ON_ACCESS_LIST", "reason": "Forbidden",
        "detail": "IP address 203.0.113.9 is not allowed to access this resource.", "parameters": ["203.0.113.9"],
    });
    let script = CannedService::respond_with(move |_, _| CannedResponse::status(403).body(body.clone()));
    let credentials = Credentials::service_account("mdb_sa_id", "mdb_sa_secret");
    let client = Client::builder().credentials(credentials).build_over(script);
    let handle = cluster(&client);
    // The second call shares the failure of the first.
    let (one, other) = tokio::join!(async { handle.get().await }, async { handle.get().await });
    for error in [one.expect_err("no token"), other.expect_err("no token")] {
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::Authentication, Some(&ErrorCode::IpAddressNotOnAccessList))
        );
        assert_eq!((error.cluster(), error.caller_address()), (Some("Cluster0"), "203.0.113.9".parse().ok()));
        let text = error.to_string();
        assert!(text.contains("token endpoint") && text.contains("203.0.113.9 is not allowed"), "{text}");
    }

    let script = CannedService::respond_with(|_, _| {
        CannedResponse::status(401).body(json!({ "error": "invalid_client", "error_description": "unknown client" }))
    });
    let credentials = Credentials::service_account("mdb_sa_id", "mdb_sa_secret");
    let error =
        cluster(&Client::builder().credentials(credentials).build_over(script)).get().await.expect_err("no token");
    assert!(error.to_string().ends_with("refused the service account: invalid_client: unknown client"), "{error}");
}

/// A hostile service returns the request and other data wherever there is room.
#[tokio::test]
async fn no_secret_is_shown_if_the_service_echoes_it() {
    const SECRET: &str = "s3cr3t-\"pri\\vate";
    let all = [
        (Credentials::api_key("abcdefgh", SECRET), SECRET),
        (Credentials::service_account("mdb_sa_id", SECRET), SECRET),
        (Credentials::bearer("s3cr3t-token"), "s3cr3t-token"),
    ];
    for ((credentials, own), is_provided) in all.into_iter().flat_map(|one| [(one.clone(), false), (one, true)]) {
        for (status, is_token_served) in [(400, true), (403, true), (500, true), (200, true), (401, false)] {
            let script = CannedService::respond_with(move |request, _| {
                let is_token = request.path.ends_with("/api/oauth/token");
                let sent = request.headers.get("authorization").map(|value| value.to_str().expect("text").to_owned());
                if is_token && is_token_served {
                    return json!({ "access_token": "s3cr3t-access", "expires_in": 3600 }).into();
                }
                let Some(sent) = sent else {
                    let challenge = r#"Digest realm="r", nonce="n", algorithm=MD5, qop="auth""#;
                    return CannedResponse::status(401).header("www-authenticate", challenge);
                };
                let words = format!("{sent} {own}");
                let body = json!({
                    "error": words, "errorCode": words, "detail": words, "reason": words, "parameters": [words],
                    "error_description": words, "badRequestDetail": { "fields": [{ "field": words, "description": words }] },
                    "results": words, "status": words,
                });
                // A success that is not a document, so it cannot be decoded.
                let body = if status == 200 { json!([words]) } else { body };
                CannedResponse::status(status).body(body).header("x-echo", &sent)
            });
            let builder = Client::builder().retry(RetryPolicy::none());
            let builder = match is_provided {
                true => builder.credentials_provider(credentials.clone()),
                false => builder.credentials(credentials.clone()),
            };
            let client = builder.build_over(script.clone());
            let errors = [
                cluster(&client).get().await.expect_err("refused"),
                cluster(&client).snapshots().list().all().await.expect_err("refused"),
                client.revoke_token().await.err().unwrap_or_else(|| Error::new(ErrorKind::NotFound, "none")),
            ];
            for error in &errors {
                let text = shown(error);
                let mut secrets = vec!["s3cr3t".to_owned()];
                for request in script.sent() {
                    let sent =
                        request.headers.get("authorization").map(|value| value.to_str().expect("text").to_owned());
                    let sent = sent.unwrap_or_default();
                    secrets.extend(sent.split("response=\"").nth(1).map(|rest| rest[..32].to_owned()));
                    secrets.extend(
                        sent.split_once(' ')
                            .filter(|(scheme, _)| *scheme != "Digest")
                            .map(|(_, value)| value.to_owned()),
                    );
                }
                for secret in secrets {
                    assert!(!text.contains(&secret), "{credentials:?} {status}: {secret} in {text}");
                }
            }
        }
    }
}

#[tokio::test]
async fn text_of_the_service_is_capped() {
    let long = "long\n".repeat(10_000);
    let fields = vec![json!({ "field": long[..10_000], "description": long[..10_000] }); 100];
    let refusal = json!({ "error": 400, "errorCode": long, "detail": long, "badRequestDetail": { "fields": fields } });
    for response in [
        CannedResponse::status(400).body(refusal),
        json!({ "id": ID, "links": long, "status": {} }).into(),
        json!(long).into(),
        CannedResponse::status(200).bytes("x").header("content-type", &"x".repeat(100_000)),
    ] {
        let client = answering(response);
        let errors = [cluster(&client).get().await.err(), cluster(&client).snapshots().list().all().await.err()];
        for error in errors.into_iter().flatten() {
            let text = format!("{error}");
            assert!(text.len() < 64_000 && !text.contains('\n'), "{} bytes", text.len());
            assert!(format!("{error:?}").len() < 200_000);
        }
    }
}
