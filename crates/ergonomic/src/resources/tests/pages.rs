//! A response that is not a page never passes for an empty list, whichever list it is.

use std::{future::Future, pin::Pin};

use serde_json::json;

use crate::{Error, ErrorKind, call::paging::List, resources::tests::*, types::CloudProvider};

/// What a service or a proxy may send in place of a page.
fn no_pages() -> Vec<CannedResponse> {
    let html = CannedResponse::status(200).bytes("<html>busy</html>").header("content-type", "text/html");
    let bodies = [
        "",
        " ",
        "{}",
        "null",
        "[]",
        "7",
        "\"text\"",
        "{\"results\":null}",
        "{\"results\":{}}",
        "{\"results\":\"\"}",
        "{\"totalCount\":0}",
        "{\"totalCount\":2,\"links\":[]}",
        "{\"results\":[],\"totalCount\":2}",
        "{\"message\":\"maintenance\"}",
        "{\"results\":[",
        "[[],{}]",
    ];
    let bodies = bodies.into_iter().map(|body| CannedResponse::status(200).bytes(body));
    bodies.chain([html, CannedResponse::status(204), CannedResponse::status(202)]).collect()
}

type Outcome = Pin<Box<dyn Future<Output = (&'static str, Result<usize, Error>)>>>;

/// Reads a list by its stream of items.
fn read<E: Send + 'static>(name: &'static str, list: List<E>) -> Outcome {
    Box::pin(async move {
        let (mut items, mut read) = (list.items(), 0);
        while let Some(item) = items.next().await {
            match item {
                Ok(_) => read += 1,
                Err(error) => return (name, Err(error)),
            }
        }
        (name, Ok(read))
    })
}

/// Every list of the library.
#[allow(deprecated, reason = "lists of retired operations are lists too")]
fn lists(client: &Client) -> Vec<Outcome> {
    let (project, cluster, flex) = (project(client), cluster(client), flex(client));
    let (any, legacy) = (project.any_cluster("Cluster0").expect("a name"), cluster.legacy_backup());
    let databases = cluster.snapshots().databases(ID).expect("an ID");
    let raw = client.operation("listBackupSnapshots").expect("an operation");
    let raw = raw.parameter("groupId", PROJECT).parameter("clusterName", "C").list().expect("a list");
    vec![
        read("projects", client.projects().list()),
        read("projects with clusters", client.projects().list_with_clusters()),
        read("organizations", client.organizations().list()),
        read("rate limits", client.rate_limits().list()),
        read("clusters", project.clusters().list()),
        read("clusters with deleted", project.clusters().list_with_deleted()),
        read("flex clusters", project.flex_clusters().list()),
        read("provider regions", project.provider_regions().list()),
        read("export buckets", project.export_buckets().list()),
        read("private endpoints", project.backup_private_endpoints(CloudProvider::Aws).list()),
        read("snapshots", cluster.snapshots().list()),
        read("sharded snapshots", cluster.sharded_snapshots().list()),
        read("restores", cluster.restores().list()),
        read("exports", cluster.exports().list()),
        read("collection restores", cluster.collection_restores().list()),
        read("restored collections", cluster.collection_restores().collections(ID).expect("an ID").list()),
        read("databases", databases.list()),
        read("collections", databases.collections("shop").expect("a name").list()),
        read("legacy snapshots", legacy.list_snapshots()),
        read("legacy restore jobs", legacy.list_restore_jobs()),
        read("legacy restore jobs of a batch", legacy.list_restore_jobs_of(ID).expect("an ID")),
        read("checkpoints", legacy.list_checkpoints()),
        read("flex snapshots", flex.snapshots().list()),
        read("flex restores", flex.restores().list()),
        read("snapshots of any kind", any.snapshots()),
        read("restores of any kind", any.restores()),
        read(
            "shared snapshots",
            crate::compat::shared_tier::list_shared_cluster_backups(client, PROJECT, "C").expect("a list"),
        ),
        read(
            "serverless snapshots",
            crate::compat::serverless::list_serverless_backups(client, PROJECT, "C").expect("a list"),
        ),
        read("call by name", raw),
    ]
}

#[tokio::test]
async fn no_list_takes_another_document_for_an_empty_page() {
    for response in no_pages() {
        let shown = format!("{response:?}");
        for list in lists(&answering(response)) {
            let (name, outcome) = list.await;
            let error = outcome.expect_err(&format!("{name}: {shown}"));
            assert_eq!(error.kind(), ErrorKind::Decode, "{name}: {shown}: {error}");
            assert!(error.operation().is_some(), "{name}: {error}");
        }
    }
    for list in lists(&answering(json!({ "results": [], "totalCount": 0 }))) {
        let (name, outcome) = list.await;
        // A list of snapshots or restores of any kind asks for the cluster next.
        if !name.ends_with("any kind") {
            assert_eq!(outcome.ok(), Some(0), "{name}");
        }
    }
}

/// A document without required fields would otherwise be taken for an empty one: a project without a policy, say.
#[tokio::test]
async fn document_without_a_body_is_refused() {
    for body in ["", " \r\n"] {
        let client = answering(CannedResponse::status(200).bytes(body));
        let (project, cluster) = (project(&client), cluster(&client));
        let outcomes = [
            project.get().await.err(),
            project.compliance_policy().get().await.err(),
            cluster.get().await.err(),
            cluster.schedule().get().await.err(),
        ];
        for outcome in outcomes {
            let error = outcome.expect("an error");
            assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
            assert!(error.to_string().contains("empty body"), "{error}");
        }
    }
}

/// Refusals and failures of the service, of a proxy before it, and of the connection.
fn failures() -> Vec<CannedResponse> {
    let statuses = (300..=308).chain(400..=431).chain([451, 499]).chain(500..=511).chain([599]);
    let responses = statuses.flat_map(|status| {
        let page = json!({ "results": [], "totalCount": 0 }).to_string();
        [String::new(), page].map(|body| {
            CannedResponse::status(status)
                .bytes(body)
                .header("location", "http://elsewhere.example/api/atlas/v2/groups")
        })
    });
    let delayed = ["0", "-1", "soon", "86400", "99999999999999999999"]
        .into_iter()
        .flat_map(|after| [429, 503].map(|status| CannedResponse::status(status).header("retry-after", after)));
    let kinds = [ErrorKind::Connect, ErrorKind::Connection, ErrorKind::Timeout, ErrorKind::Tls, ErrorKind::Decode];
    let cut = kinds.map(CannedResponse::failure);
    responses.chain(delayed).chain(cut).chain([CannedResponse::never()]).collect()
}

#[tokio::test(start_paused = true)]
async fn every_list_fails_in_time_on_every_failure() {
    for response in failures() {
        let (shown, script) = (format!("{response:?}"), CannedService::respond_with(move |_, _| response.clone()));
        for list in lists(&Client::builder().build_over(script.clone())) {
            let began = tokio::time::Instant::now();
            let (name, outcome) = list.await;
            let error = outcome.expect_err(&format!("{name}: {shown}"));
            assert!(error.operation().is_some(), "{name}: {shown}: {error}");
            let (elapsed, limit) = (began.elapsed(), std::time::Duration::from_secs(301));
            assert!(elapsed < limit && error.attempts() <= 4, "{name}: {shown}: {elapsed:?}: {error}");
            for request in script.take_sent() {
                assert!(request.method == "GET" && request.path.starts_with("/api/"), "{name}: {shown}: {request:?}");
            }
        }
    }
}

#[tokio::test]
async fn fleet_reports_what_is_not_a_page() {
    for response in no_pages() {
        // The projects, then the clusters of a project.
        for before in [0, 1] {
            let response = response.clone();
            let script = CannedService::respond_with(move |request, _| match request.path.as_str() {
                "/api/atlas/v2/groups" if before == 1 => json!({ "results": [{ "id": PROJECT }] }).into(),
                _ => response.clone(),
            });
            let client = Client::builder().build_over(script);
            let (mut snapshots, mut clusters) = (client.fleet().snapshots(), client.fleet().clusters());
            let (mut errors, mut items) = (0, 0);
            while let Some(item) = snapshots.next().await {
                if item.is_err() { errors += 1 } else { items += 1 }
            }
            while let Some(item) = clusters.next().await {
                if item.is_err() { errors += 1 } else { items += 1 }
            }
            assert!(errors >= 2 && items == 0, "{errors} errors, {items} items");
        }
    }
}
