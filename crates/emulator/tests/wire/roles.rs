//! Permissions: roles of keys, accounts and tokens, and keys for one project.

use atlas_backup_emulator::{Access, DEMO_PROJECT, Emulator, ORGANIZATION, Role, Seed};
use http::Method;
use serde_json::json;

use crate::support::{Answer, Bench, NEWEST, OLDEST, demo};

/// The demo with a static token for each access, named after it.
async fn bench(accesses: &[&str]) -> Bench {
    let mut builder = Emulator::builder().seed(Seed::Demo).stepped_clock();
    for access in accesses {
        builder = builder.bearer_token(format!("token of {access}").replace(' ', "-"), access.parse().unwrap());
    }
    Bench::with(builder).await
}

async fn call(bench: &Bench, access: &str, method: Method, path: &str, body: serde_json::Value) -> Answer {
    let token = format!("token of {access}").replace(' ', "-");
    let request = bench.request(method, path).header("accept", OLDEST).header("content-type", OLDEST);
    let body = if body.is_null() { String::new() } else { body.to_string() };
    bench.send(request.header("authorization", format!("Bearer {token}")), body).await
}

#[tokio::test]
async fn read_only_key_reads_everything_and_writes_nothing() {
    let readers = ["GROUP_READ_ONLY", "ORG_READ_ONLY"];
    let bench = bench(&readers).await;
    let snapshots = demo("/clusters/Cluster0/backup/snapshots");
    for reader in readers {
        for path in
            ["/api/atlas/v2/groups", "/api/atlas/v2/orgs", &snapshots, &demo("/clusters/Cluster0/backup/schedule")]
        {
            call(&bench, reader, Method::GET, path, json!(null)).await.documented(200);
        }
        for (method, path, body) in [
            (Method::POST, snapshots.clone(), json!({"retentionInDays": 3})),
            (Method::PATCH, demo("/clusters/Cluster0/backup/schedule"), json!({"referenceHourOfDay": 3})),
            (Method::DELETE, demo("/clusters/Cluster0"), json!(null)),
            (Method::POST, "/api/atlas/v2/groups".to_owned(), json!({"name": "n", "orgId": ORGANIZATION})),
        ] {
            let refused = call(&bench, reader, method, &path, body).await.refused(401, "USER_UNAUTHORIZED");
            assert_ne!(refused.header("ratelimit-limit"), "", "the request was counted");
        }
    }
}

#[tokio::test]
async fn role_allows_operations_that_document_names() {
    let roles = ["GROUP_BACKUP_CREATOR", "GROUP_BACKUP_MANAGER", "GROUP_OWNER", "ORG_GROUP_CREATOR"];
    let bench = bench(&roles).await;
    let snapshots = demo("/clusters/Cluster0/backup/snapshots");
    let take = async |access: &str| {
        call(&bench, access, Method::POST, &snapshots, json!({"retentionInDays": 3})).await.status.as_u16()
    };
    assert_eq!(take("GROUP_BACKUP_CREATOR").await, 200);
    // The next on-demand snapshot waits for this one.
    bench.advance(60);
    assert_eq!(take("GROUP_OWNER").await, 200);
    assert_eq!(take("ORG_GROUP_CREATOR").await, 401);
    let schedule = demo("/clusters/Cluster0/backup/schedule");
    let change = json!({"referenceHourOfDay": 3});
    call(&bench, "GROUP_BACKUP_MANAGER", Method::PATCH, &schedule, change.clone()).await.documented(200);
    call(&bench, "GROUP_BACKUP_CREATOR", Method::PATCH, &schedule, change).await.refused(401, "USER_UNAUTHORIZED");
    let project = json!({"name": "new", "orgId": ORGANIZATION});
    let create = async |access| call(&bench, access, Method::POST, "/api/atlas/v2/groups", project.clone()).await;
    create("GROUP_OWNER").await.refused(401, "USER_UNAUTHORIZED");
    create("ORG_GROUP_CREATOR").await.documented(201);
}

#[tokio::test]
async fn project_key_sees_only_its_project() {
    let own = format!("GROUP_OWNER@{DEMO_PROJECT}");
    let bench = bench(&["ORG_OWNER", &own]).await;
    let body = json!({"name": "other", "orgId": ORGANIZATION});
    let other = call(&bench, "ORG_OWNER", Method::POST, "/api/atlas/v2/groups", body).await.documented(201).json;
    let other = format!("/api/atlas/v2/groups/{}", other["id"].as_str().unwrap());
    call(&bench, &own, Method::GET, &demo(""), json!(null)).await.documented(200);
    call(&bench, &own, Method::GET, &other, json!(null)).await.refused(401, "NOT_IN_GROUP");
    call(&bench, &own, Method::DELETE, &other, json!(null)).await.refused(401, "NOT_IN_GROUP");
    let seen = async |access: &str| {
        let list = call(&bench, access, Method::GET, "/api/atlas/v2/groups", json!(null)).await.documented(200).json;
        list["totalCount"].as_u64().unwrap()
    };
    assert_eq!((seen(&own).await, seen("ORG_OWNER").await), (1, 2));
    let clusters = call(&bench, &own, Method::GET, "/api/atlas/v2/clusters", json!(null)).await.documented(200).json;
    assert_eq!(clusters["totalCount"], 1);
}

#[tokio::test]
async fn api_keys_and_service_accounts_have_roles() {
    let reader = || Access::with([Role::GroupReadOnly]);
    let builder = Emulator::builder().seed(Seed::Demo).stepped_clock();
    let bench =
        Bench::with(builder.api_key_with("public", "private", reader()).service_account_with("id", "secret", reader()))
            .await;
    let path = demo("/clusters/Cluster0");
    let challenge = bench.get_as(&path, NEWEST).await;
    let challenge = crate::support::digest::Challenge::parse(challenge.header("www-authenticate"));
    let form = "grant_type=client_credentials&client_id=id&client_secret=secret";
    let token = bench.send(bench.request(Method::POST, "/api/oauth/token"), form).await.json;
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let signed = |method: &str, count| challenge.answer(("public", "private"), method, &path, count);
    for (read, write) in [(signed("GET", 1), signed("DELETE", 2)), (bearer.clone(), bearer)] {
        let send = async |method, authorization: String| {
            let request = bench.request(method, &path).header("accept", NEWEST);
            bench.send(request.header("authorization", authorization), "").await
        };
        send(Method::GET, read).await.documented(200);
        send(Method::DELETE, write).await.refused(401, "USER_UNAUTHORIZED");
    }
}

#[tokio::test]
async fn another_static_token_is_refused() {
    let bench = bench(&["ORG_OWNER"]).await;
    for wrong in ["Bearer token-of-ORG_OWNE", "Bearer ", "Bearer token-of-ORG_OWNERR", "Basic token-of-ORG_OWNER"] {
        let request = bench.request(Method::GET, &demo("")).header("accept", OLDEST).header("authorization", wrong);
        assert_eq!(bench.send(request, "").await.status, 401, "{wrong}");
    }
}
