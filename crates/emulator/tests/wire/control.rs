//! The control API over HTTP: access, and equality with the commands in process.

use atlas_backup_emulator::{Emulator, Seed};
use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Bench, OLDEST, demo, raw::Raw};

async fn bench() -> Bench {
    Bench::with(Emulator::builder().seed(Seed::Demo).stepped_clock().control(true)).await
}

async fn control(bench: &Bench, method: Method, path: &str, body: Value) -> Answer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    bench.send(bench.request(method, &format!("/control/{path}")), body).await
}

#[tokio::test]
async fn control_api_is_off_by_default() {
    let bench = Bench::demo().await;
    control(&bench, Method::GET, "faults", Value::Null).await.refused(404, "RESOURCE_NOT_FOUND");
}

#[tokio::test]
async fn control_api_ignores_credentials_and_refuses_web_pages() {
    let builder = Emulator::builder().seed(Seed::Demo).api_key("public", "private").control(true);
    let bench = Bench::with(builder).await;
    assert_eq!(bench.get(&demo("")).await.status, 401);
    assert_eq!(control(&bench, Method::GET, "clock", Value::Null).await.status, 200);
    let page = bench.request(Method::GET, "/control/clock").header("origin", "https://example.com");
    bench.send(page, "").await.refused(403, "CONTROL_NOT_ALLOWED");
    let ask = async |host: &str| {
        let mut raw = Raw::to(bench.emulator.address()).await;
        raw.send(format!("GET /control/clock HTTP/1.1\r\nhost: {host}\r\n\r\n")).await;
        raw.answer(false).await.status()
    };
    assert_eq!(ask("rebound.example.com:80").await, 403);
    let mut raw = Raw::to(bench.emulator.address()).await;
    raw.send("GET http://rebound.example.com/control/clock HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert_eq!(raw.answer(false).await.status(), 403, "the target in absolute form counts");
    for own in ["localhost:1", "127.0.0.1", "[::1]:80"] {
        assert_eq!(ask(own).await, 200, "{own}");
    }
}

#[tokio::test]
async fn faults_are_added_listed_and_cleared() {
    let bench = bench().await;
    let fault = json!({
        "operation": "getGroup", "count": 2, "effect": {"kind": "status", "status": 503, "code": "BUSY", "retryAfter": 1},
    });
    let added = control(&bench, Method::POST, "faults", fault).await;
    assert_eq!(added.status, 200, "{}", added.text);
    bench.get(&demo("")).await.refused(503, "BUSY");
    let list = control(&bench, Method::GET, "faults", Value::Null).await.json;
    let listed = &list["faults"][0];
    assert_eq!((&listed["id"], &listed["hits"]), (&added.json["id"], &1.into()));
    assert_eq!((&listed["fault"]["count"], &listed["fault"]["effect"]["kind"]), (&1.into(), &"status".into()));
    let one = format!("faults/{}", added.json["id"]);
    assert_eq!(control(&bench, Method::DELETE, &one, Value::Null).await.status, 204);
    control(&bench, Method::DELETE, &one, Value::Null).await.refused(404, "RESOURCE_NOT_FOUND");
    bench.get(&demo("")).await.documented(200);
    control(&bench, Method::POST, "faults", json!({"effect": {"kind": "truncate"}})).await;
    assert_eq!(control(&bench, Method::DELETE, "faults", Value::Null).await.status, 204);
    assert_eq!(control(&bench, Method::GET, "faults", Value::Null).await.json, json!({"faults": []}));
}

#[tokio::test]
async fn control_api_accepts_every_fault_effect() {
    let bench = bench().await;
    for effect in [
        json!({"kind": "status", "status": 502, "contentType": "text/html", "body": "<h1>"}),
        json!({"kind": "latency", "milliseconds": 5}),
        json!({"kind": "resetBefore"}),
        json!({"kind": "resetAfter"}),
        json!({"kind": "truncate"}),
        json!({"kind": "truncate", "bytes": 3}),
        json!({"kind": "slow", "bytes": 10, "milliseconds": 5}),
        json!({"kind": "contentType", "contentType": "text/plain"}),
    ] {
        let fault = json!({"probability": 0.5, "seed": 3, "effect": effect});
        let added = control(&bench, Method::POST, "faults", fault).await;
        assert_eq!(added.status, 200, "{effect}: {}", added.text);
        let list = control(&bench, Method::GET, "faults", Value::Null).await.json;
        assert_eq!(list["faults"].as_array().unwrap().last().unwrap()["fault"]["effect"], effect);
    }
}

#[tokio::test]
async fn control_api_reads_advances_and_scales_clock() {
    let bench = bench().await;
    let clock = control(&bench, Method::GET, "clock", Value::Null).await.json;
    assert_eq!(clock, json!({"now": "2026-09-01T12:00:00Z", "unscaled": "2026-09-01T12:00:00Z", "scale": 0.0}));
    let stepped = control(&bench, Method::POST, "clock/advance", json!({"seconds": 3600})).await.json;
    assert_eq!(stepped["now"], "2026-09-01T13:00:00Z");
    assert_eq!(bench.emulator.clock().now().to_rfc3339(), "2026-09-01T13:00:00+00:00");
    assert_eq!(control(&bench, Method::PUT, "clock", json!({"scale": 1000.0})).await.json["scale"], 1000.0);
    let stopped = control(&bench, Method::PUT, "clock", json!({"scale": 0})).await.json;
    assert_eq!((&stopped["scale"], &stopped["now"]), (&0.0.into(), &json!(bench.emulator.clock().now())));
    control(&bench, Method::PUT, "clock", json!({"scale": -1})).await.refused(400, "CONTROL_INVALID");
}

#[tokio::test]
async fn reset_restores_seed_and_clears_history() {
    let bench = bench().await;
    let snapshots = demo("/clusters/Cluster0/backup/snapshots");
    let before = bench.get(&snapshots).await.documented(200).json["totalCount"].clone();
    bench.post(&snapshots, json!({"retentionInDays": 3})).await.documented(200);
    control(&bench, Method::POST, "faults", json!({"effect": {"kind": "latency", "milliseconds": 0}})).await;
    let reset = control(&bench, Method::POST, "reset", json!({"seed": "demo"})).await;
    assert_eq!(reset.status, 204, "{}", reset.text);
    assert_eq!(control(&bench, Method::GET, "requests", Value::Null).await.json, json!({"requests": []}));
    let after = bench.get(&snapshots).await.documented(200);
    assert_eq!(after.json["totalCount"], before);
    assert_eq!(after.header("ratelimit-remaining"), "1199");
    assert!(bench.emulator.faults().is_empty());
    let fleet = json!({"seed": {"fleet": {"projects": 2, "clusters": 1, "snapshots": 3}}});
    assert_eq!(control(&bench, Method::POST, "reset", fleet).await.status, 204);
    assert_eq!(bench.get("/api/atlas/v2/groups").await.documented(200).json["totalCount"], 2);
    bench.emulator.reset(&Seed::Empty).await.unwrap();
    bench.get(&demo("")).await.refused(404, "GROUP_NOT_FOUND");
    control(&bench, Method::POST, "reset", json!({"seed": "other"})).await.refused(400, "CONTROL_INVALID");
    let most = json!({"seed": {"fleet": {"projects": 4_000_000_000u32, "clusters": 4_000_000_000u32, "snapshots": 9}}});
    control(&bench, Method::POST, "reset", most).await.refused(400, "CONTROL_INVALID");
}

#[tokio::test]
async fn control_api_exports_and_imports_state() {
    let (one, other) = (bench().await, bench().await);
    let snapshots = demo("/clusters/Cluster0/backup/snapshots");
    one.post(&snapshots, json!({"retentionInDays": 3, "description": "carried"})).await.documented(200);
    let state = control(&one, Method::GET, "state", Value::Null).await.json;
    let put = control(&other, Method::PUT, "state", state).await;
    assert_eq!(put.status, 204, "{}", put.text);
    let carried = other.get(&format!("{snapshots}?itemsPerPage=1")).await.documented(200).json;
    assert_eq!(carried["results"][0]["description"], "carried");
    control(&other, Method::PUT, "state", json!({"format": "other"})).await.refused(400, "CONTROL_INVALID");
}

#[tokio::test]
async fn control_api_redacts_recorded_requests() {
    let bench = bench().await;
    let request = bench.request(Method::POST, &demo("/clusters/Cluster0/backup/snapshots"));
    let request =
        request.header("accept", OLDEST).header("content-type", OLDEST).header("authorization", "Bearer s3cret");
    bench.send(request, r#"{"retentionInDays": 3}"#).await.documented(200);
    bench.send(bench.request(Method::POST, "/api/oauth/token"), "client_id=a&client_secret=s3cret").await;
    let recorded = control(&bench, Method::GET, "requests", Value::Null).await;
    assert!(!recorded.text.contains("s3cret"), "{}", recorded.text);
    let [first, token] = &recorded.json["requests"].as_array().unwrap()[..] else { panic!("{}", recorded.text) };
    assert_eq!((&first["method"], &first["status"]), (&"POST".into(), &200.into()));
    assert_eq!(first["body"], json!({"retentionInDays": 3}));
    assert_eq!(
        (&first["headers"]["accept"], &first["headers"]["authorization"]),
        (&OLDEST.into(), &"Bearer (secret)".into())
    );
    assert_eq!((&token["path"], &token["body"]), (&"/api/oauth/token".into(), &"(secret)".into()));
    assert_eq!(control(&bench, Method::DELETE, "requests", Value::Null).await.status, 204);
    assert_eq!(control(&bench, Method::GET, "requests", Value::Null).await.json, json!({"requests": []}));
}

#[tokio::test]
async fn control_api_refuses_invalid_requests() {
    let bench = bench().await;
    for (method, path, status) in [
        (Method::GET, "", 404),
        (Method::GET, "nothing", 404),
        (Method::GET, "faults/1/2", 404),
        (Method::PUT, "faults", 405),
        (Method::GET, "faults/1", 405),
        (Method::GET, "reset", 405),
        (Method::DELETE, "clock", 405),
        (Method::POST, "reset", 400),
        (Method::POST, "faults", 400),
        (Method::POST, "clock/advance", 400),
    ] {
        let refused = control(&bench, method.clone(), path, json!({"unheard": 1})).await;
        assert_eq!(refused.status, status, "{method} {path}: {}", refused.text);
    }
    let faults = control(&bench, Method::OPTIONS, "faults", Value::Null).await;
    assert_eq!((faults.status.as_u16(), faults.header("allow")), (204, "GET, HEAD, POST, DELETE, OPTIONS"));
    for odd in [
        json!({"effect": {"kind": "status", "status": 20}}),
        json!({"effect": {"kind": "other"}}),
        json!({"effect": {"kind": "resetBefore"}, "probability": 2}),
        json!({"effect": {"kind": "resetBefore"}, "operation": "nothing"}),
        json!({"effect": {"kind": "resetBefore"}, "cuont": 1}),
    ] {
        control(&bench, Method::POST, "faults", odd).await.refused(400, "CONTROL_INVALID");
    }
}

#[tokio::test]
async fn control_api_reads_and_changes_cluster_data() {
    let bench = bench().await;
    let cluster = format!("data/{}/Cluster0", atlas_backup_emulator::DEMO_PROJECT);
    let held = async || control(&bench, Method::GET, &cluster, Value::Null).await.json;
    let orders = held().await["databases"][0]["collections"][1].clone();
    assert_eq!((&orders["name"], &orders["documents"]), (&"orders".into(), &400.into()));
    assert_eq!(orders["indexes"][0]["key"], json!({"_id": 1}));
    let notes = format!("{cluster}/shop/a%2Fb");
    let documents = json!({"documents": [{"_id": {"$numberLong": "1"}}, {"_id": 2}, {"_id": 3}]});
    assert_eq!(control(&bench, Method::POST, &notes, documents).await.status, 204);
    let page = control(&bench, Method::GET, &format!("{notes}?skip=1&limit=1"), Value::Null).await;
    assert_eq!(page.json, json!({"documents": [{"_id": {"$numberInt": "2"}}]}));
    let request = bench.request(Method::POST, &format!("/control/{notes}"));
    assert_eq!(
        bench.send(request, r#"{"documents": [{"z": "1", "_id": "4", "a": [{"y": "2", "b": "3"}]}]}"#).await.status,
        204
    );
    let page = control(&bench, Method::GET, &format!("{notes}?skip=3"), Value::Null).await;
    assert_eq!(page.text, r#"{"documents":[{"_id":"4","z":"1","a":[{"y":"2","b":"3"}]}]}"#);
    assert_eq!(control(&bench, Method::PUT, &notes, json!({"count": 1_000_000})).await.status, 204);
    assert!(held().await.to_string().contains("1000000"));
    assert_eq!(control(&bench, Method::DELETE, &notes, Value::Null).await.status, 204);
    assert!(!held().await.to_string().contains("a/b"));
    for (method, path, body) in [
        (Method::GET, notes.as_str(), Value::Null),
        (Method::POST, &notes, json!({"documents": [7]})),
        (Method::PUT, &notes, json!({"count": 10_000_001})),
        (Method::POST, &format!("{cluster}/shop/%24bad"), json!({"documents": []})),
        (Method::GET, &format!("{cluster}/shop/orders?limit=x"), Value::Null),
    ] {
        control(&bench, method, path, body).await.refused(400, "CONTROL_INVALID");
    }
    control(&bench, Method::GET, "data/none/Cluster0", Value::Null).await.refused(404, "RESOURCE_NOT_FOUND");
    assert_eq!(
        control(&bench, Method::PATCH, &notes, Value::Null).await.header("allow"),
        "GET, HEAD, POST, PUT, DELETE, OPTIONS"
    );
}

/// The response to another machine: the test uses this machine's network address, if it has one.
#[tokio::test]
async fn control_api_refuses_remote_peers() {
    // Sends nothing: connecting a datagram socket only asks the kernel for the local address.
    let probe = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
    let own = probe.connect("192.0.2.1:9").and_then(|()| probe.local_addr());
    let Some(own) = own.ok().map(|address| address.ip()).filter(|ip| !ip.is_loopback() && !ip.is_unspecified()) else {
        eprintln!("skipped: this machine has no network");
        return;
    };
    let everywhere = "0.0.0.0:0".parse().unwrap();
    let builder = Emulator::builder().seed(Seed::Demo).control(true).listen(everywhere);
    let bench = Bench::with(builder).await;
    let address = std::net::SocketAddr::new(own, bench.emulator.address().port());
    let ask = async |path: &str| {
        let mut raw = Raw::to(address).await;
        raw.send(format!("GET {path} HTTP/1.1\r\nhost: {address}\r\naccept: {OLDEST}\r\n\r\n")).await;
        raw.answer(false).await.status()
    };
    assert_eq!(ask(&demo("")).await, 200, "the API itself accepts it");
    assert_eq!(ask("/control/state").await, 403);
}

#[tokio::test]
async fn control_api_orders_failures_and_clears_policy() {
    let bench = bench().await;
    let ordered = async || control(&bench, Method::GET, "failures", Value::Null).await.json["failures"].clone();
    for (job, count) in [("export", Value::Null), ("flexRestore", 2.into())] {
        let body = json!({"job": job, "count": count});
        assert_eq!(control(&bench, Method::POST, "failures", body).await.status, 204);
    }
    assert_eq!(ordered().await, json!(["export", "flexRestore", "flexRestore"]));
    control(&bench, Method::POST, "failures", json!({"job": "backup"})).await.refused(400, "CONTROL_INVALID");
    assert_eq!(control(&bench, Method::DELETE, "failures", Value::Null).await.status, 204);
    assert_eq!(ordered().await, json!([]));
    assert_eq!(control(&bench, Method::PUT, "failures", Value::Null).await.status, 405);

    let clear = |project: &str| format!("compliancePolicies/{project}/clear");
    let project = atlas_backup_emulator::DEMO_PROJECT;
    let nothing = control(&bench, Method::POST, &clear(project), Value::Null).await;
    nothing.refused(404, "RESOURCE_NOT_FOUND");
    control(&bench, Method::POST, &clear("no-id"), Value::Null).await.refused(404, "GROUP_NOT_FOUND");
    let policy = json!({
        "authorizedEmail": "a@example.com", "authorizedUserFirstName": "A", "authorizedUserLastName": "B",
    });
    let path = crate::support::demo("/backupCompliancePolicy");
    let put = bench.send_json(Method::PUT, &path, crate::support::NEWEST, policy).await;
    put.documented(200);
    assert_eq!(control(&bench, Method::POST, &clear(project), Value::Null).await.status, 204);
    assert_eq!(bench.get_as(&path, crate::support::NEWEST).await.documented(200).json["deletable"], true);
}
