//! Methods and former names of operations. That each method exists is checked by rustdoc, which refuses broken links.

use std::collections::{BTreeMap, BTreeSet};

use atlas_backup::{operations, queries::ListGroupClusterBackupSnapshotsQuery};

use super::*;

#[test]
fn methods_toml_names_only_operations() {
    let methods: BTreeMap<String, Vec<String>> =
        toml::from_str(include_str!("../../../spec/methods.toml")).expect("a table of lists");
    for (id, methods) in &methods {
        assert!(!methods.is_empty(), "{id} has no method");
        assert_eq!(operations::find(id).expect("an operation").id, id, "{id} is not a current name");
    }
}

/// The attributes of a method of the library, from its source.
fn attributes(source: &str, of: &str, method: &str) -> Option<String> {
    let head = format!("\nimpl {of} {{\n");
    source.match_indices(&head).map(|(start, _)| source[start..].split("\n}").next().unwrap_or_default()).find_map(
        |body| {
            let at = ["pub fn", "pub async fn"].iter().find_map(|word| body.find(&format!("    {word} {method}(")))?;
            // Up to the item before.
            let start = body[..at].rfind("\n\n").unwrap_or_default();
            Some(body[start..at].to_owned())
        },
    )
}

#[test]
fn usual_method_is_found_by_every_name_of_its_operation() {
    let methods: BTreeMap<String, Vec<String>> =
        toml::from_str(include_str!("../../../spec/methods.toml")).expect("a table of lists");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/ergonomic/src/resources");
    let files = folder.read_dir().expect("a folder").map(|entry| entry.expect("an entry").path());
    let sources: Vec<_> = files.filter_map(|file| std::fs::read_to_string(file).ok()).collect();
    let mut checked = 0;
    for (id, methods) in methods {
        // The operations that only `compat` knows are functions there, by their own names.
        let Some((of, method)) = methods[0].split_once("::").filter(|(of, _)| *of != "compat") else { continue };
        let attributes = sources.iter().find_map(|source| attributes(source, of, method));
        let attributes = attributes.unwrap_or_else(|| panic!("{of}::{method} is not among the resources"));
        let operation = operations::find(&id).expect("an operation");
        let names = operation.former_ids.iter().chain([&operation.id, &operation.short_name]);
        // A name that another operation has now leads to that one.
        for name in names.filter(|name| operations::find(name).is_some_and(|found| found.id == id)) {
            assert!(attributes.contains(&format!("\"{name}\"")), "{of}::{method} lacks the alias {name}");
            checked += 1;
        }
    }
    assert!(checked > 150, "{checked}");
}

#[test]
fn documents_say_where_their_fields_are() {
    let source = include_str!("../../../crates/ergonomic/src/model/documents.rs");
    let mut documents = 0;
    for (before, alias) in source.lines().zip(source.lines().skip(1)).filter(|(_, line)| line.starts_with("pub type "))
    {
        let target = alias.split("types::").nth(1).and_then(|rest| rest.split('>').next()).expect("a generated type");
        assert!(before.contains(&format!("[`types::{target}`]")), "{alias} does not link {target}");
        documents += 1;
    }
    assert!(documents > 20, "{documents}");
}

/// The measured names are other people's data: where they are at hand, none of the subset's may be missing.
#[tokio::test]
async fn every_known_former_name_is_callable() {
    let Ok(folder) = std::env::var("ATLAS_BACKUP_UPSTREAM") else {
        eprintln!("skipped: ATLAS_BACKUP_UPSTREAM is not set");
        return;
    };
    let text = std::fs::read_to_string(std::path::Path::new(&folder).join("renames.tsv")).expect("the names");
    let mut lines = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    let column = |name: &str| header.iter().position(|title| *title == name).expect("a column");
    let (id, former) = (column("operation_id"), column("former_ids"));
    let (emulator, _) = demo().await;
    let atlas = client(&emulator, api_key());
    let mut names = 0;
    for row in lines {
        let Some(operation) = operations::ALL.iter().find(|operation| operation.id == row[id]) else { continue };
        for name in row[former].split(',').filter(|name| !name.is_empty()) {
            assert_eq!(atlas.operation(name).expect(name).operation().id, operation.id, "{name}");
            names += 1;
        }
    }
    assert!(names > 150, "{names}");
}

#[tokio::test]
#[allow(deprecated, reason = "former names are what the test is about")]
async fn former_names_return_the_same_as_their_operations() {
    use atlas_backup::compat::former;

    let (emulator, recorder) = demo().await;
    let atlas = client(&emulator, service_account());
    let snapshots = cluster(&atlas, "Cluster0").snapshots();
    let first = &snapshots.list().page(1).await.expect("a page").items.remove(0).expect("a snapshot");
    for answer in [
        former::get_replica_set_backup(&atlas, DEMO_PROJECT, "Cluster0", &first.id).await,
        former::return_one_replica_set_cloud_backup(&atlas, DEMO_PROJECT, "Cluster0", first.id.as_str()).await,
        former::get_cluster_backup_snapshot(&atlas, DEMO_PROJECT, "Cluster0", &first.id).await,
    ] {
        assert_eq!(&answer.expect("the snapshot").value, first.document());
    }
    let query = ListGroupClusterBackupSnapshotsQuery::default().with_items_per_page(3);
    let page = former::list_backup_snapshots(&atlas, DEMO_PROJECT, "Cluster0", &query);
    assert_eq!(page.await.expect("a page").value.results.len(), 3);
    // The trap: this was the shared-tier list's name.
    drop(recorder.take());
    let shared = former::list_cluster_backup_snapshots(&atlas, DEMO_PROJECT, "Flex0").await.expect("a page");
    assert!(!shared.value.results.is_empty());
    assert!(recorder.take().iter().all(|request| request.path.contains("/flexClusters/Flex0/")));

    let refused = former::get_cluster(&atlas, "no id", "Cluster0").await.expect_err("no id");
    assert_eq!((refused.kind(), recorder.take().len()), (atlas_backup::ErrorKind::InvalidInput, 0));
    let missing = former::get_cluster(&atlas, DEMO_PROJECT, "Cluster9").await.expect_err("no such cluster");
    assert_eq!(missing.code(), Some(&atlas_backup::ErrorCode::ClusterNotFound));
}

#[tokio::test]
#[allow(deprecated, reason = "Legacy Backup is among them")]
async fn call_without_document_returns_metadata() {
    use atlas_backup::{
        testing::{CannedResponse, CannedService},
        types::CloudProvider,
    };

    let service = CannedService::new();
    let reported = CannedResponse::status(204).header("ratelimit-limit", "600").header("ratelimit-remaining", "599");
    let reported =
        reported.header("sunset", "Thu, 1 Jul 2027 00:00:00 GMT").header("deprecation", "Mon, 5 Aug 2024 00:00:00 GMT");
    for operation in operations::ALL {
        service.answer(operation.id, reported.clone());
    }
    let atlas = service.client();
    let (project, cluster) = (project(&atlas), cluster(&atlas, "Cluster0"));
    let (flex, id) = (project.flex_cluster("Flex0").expect("a name"), DEMO_PROJECT);
    let answers = [
        cluster.restores().cancel(id).await,
        project.delete().await,
        project.export_buckets().delete(id).await,
        project.backup_private_endpoints(CloudProvider::Aws).delete(id).await,
        cluster.delete().await,
        cluster.snapshots().delete(id).await,
        cluster.sharded_snapshots().delete(id).await,
        cluster.legacy_backup().delete_snapshot(id).await,
        flex.delete().await,
        project.compliance_policy().disable().await,
        cluster.delete_retaining_backups().await,
    ];
    let asked: BTreeSet<_> = service.sent().iter().filter_map(|sent| sent.operation).collect();
    assert_eq!(asked.len(), answers.len() - 1, "two of them call one operation: {asked:?}");
    for answer in answers {
        let answer = answer.expect("an answer");
        let meta = answer.meta();
        assert_eq!((meta.status().as_u16(), meta.rate_limit().map(|limit| limit.remaining)), (204, Some(599)));
        assert!(meta.version().is_some() && meta.sunset() > meta.deprecation() && meta.headers().len() > 4);
    }
}
