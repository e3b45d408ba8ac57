use super::*;

#[test]
fn client_without_credentials_is_not_configured() {
    assert_eq!(Client::builder().build().expect_err("no credentials").kind(), ErrorKind::NotConfigured);
    assert!(Client::builder().credentials(Credentials::none()).build().is_ok());
}

#[test]
fn ops_manager_url_takes_precedence_over_base_url() {
    let variables = |name: &str| match name {
        "MONGODB_ATLAS_OPS_MANAGER_URL" => Some("http://127.0.0.1:1".to_owned()),
        "MONGODB_ATLAS_BASE_URL" => Some("http://127.0.0.1:2".to_owned()),
        "MONGODB_ATLAS_ACCESS_TOKEN" => Some("t".to_owned()),
        _ => None,
    };
    let client = Client::builder().from_variables(variables).and_then(Builder::build).expect("a client");
    assert_eq!(client.base_url(), "http://127.0.0.1:1");
}

#[test]
fn plain_http_requires_allowed_host() {
    let builder = Client::builder().credentials(Credentials::none()).base_url("http://atlas.test:8080");
    assert_eq!(builder.clone().build().expect_err("http").kind(), ErrorKind::InvalidInput);
    assert!(builder.allow_http_to("atlas.test").build().is_ok());
}

#[test]
fn debug_output_of_client_and_builder_hides_secrets() {
    let builder = Client::builder().credentials(Credentials::service_account("account", "hunter2"));
    let builder = builder.proxy("http://user:hunter2@127.0.0.1:3128");
    assert!(!format!("{builder:?}").contains("hunter2"));
    let mistaken = builder.clone().base_url("https://user:hunter2@cloud.mongodb.com");
    assert!(!format!("{mistaken:?} {:?}", mistaken.clone().build()).contains("hunter2"));
    assert!(!format!("{:?}", builder.build().expect("a client")).contains("hunter2"));
}

#[test]
fn invalid_proxy_url_is_refused_without_echo() {
    let builder = Client::builder().credentials(Credentials::none()).proxy("http://user:hunter2@:::");
    let refused = builder.build().expect_err("no proxy");
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    assert!(!format!("{refused} {refused:?}").contains("hunter2"));
}

#[test]
fn token_endpoint_follows_base_url() {
    use crate::testing::{CannedService, reply};
    let script =
        CannedService::respond_with(|_, _| reply(200, &[], r#"{"access_token":"t","results":[],"totalCount":0}"#));
    let builder = Client::builder().base_url(format!("{ATLAS_GOVERNMENT}/behind/"));
    let builder = builder.credentials(Credentials::service_account("account", "hunter2"));
    let client = builder.build_with(script.clone()).expect("a client");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(client.projects().list().all()).expect("projects");
    let sent: Vec<_> = script.sent().iter().map(|request| request.url.clone()).collect();
    assert_eq!(sent[0], "https://cloud.mongodbgov.com/behind/api/oauth/token");
    assert!(sent[1].starts_with("https://cloud.mongodbgov.com/behind/api/atlas/v2/groups"), "{sent:?}");
}
