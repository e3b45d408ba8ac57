//! The table of operations and methods, and the functions of former names, against the operations table. That each
//! method exists is rustdoc's to say, which refuses links that lead nowhere.

use std::collections::BTreeMap;

use atlas_backup::operations;

use super::*;

const TABLE: &str = include_str!("../../../crates/ergonomic/src/generated/operations.md");
const FORMER: &str = include_str!("../../../crates/ergonomic/src/generated/former.rs");

/// The rows of the table: id, short name, methods.
fn rows() -> Vec<(&'static str, &'static str, Vec<&'static str>)> {
    let rows = TABLE.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let [id, short, methods] = row.trim_matches(['|', ' ']).splitn(3, " | ").collect::<Vec<_>>()[..] else {
            panic!("{row}")
        };
        let methods = methods.split(", ").filter_map(|link| link.strip_prefix("[`")?.split_once("`](crate::"));
        let methods = methods.map(|(name, path)| {
            assert_eq!(path.trim_end_matches(')'), name, "a link leads to what it says");
            name
        });
        (id.trim_matches('`'), short.trim_matches('`'), methods.collect())
    })
    .collect()
}

#[test]
fn each_operation_is_in_the_table_once_with_its_short_name_and_a_method() {
    let rows = rows();
    let named: BTreeMap<_, _> = rows.iter().map(|(id, short, _)| (*id, *short)).collect();
    let all: BTreeMap<_, _> = operations::ALL.iter().map(|operation| (operation.id, operation.short_name)).collect();
    assert_eq!(named, all);
    assert_eq!(rows.len(), operations::ALL.len());
    for (id, _, methods) in &rows {
        assert!(!methods.is_empty(), "spec/methods.toml names no method for {id}");
    }
}

#[test]
fn what_methods_toml_names_is_an_operation() {
    let text = include_str!("../../../spec/methods.toml");
    let named = text.lines().filter_map(|line| line.split_once(" = [")).map(|(id, _)| id);
    for id in named {
        assert!(operations::ALL.iter().any(|operation| operation.id == id), "{id} is no operation any more");
    }
}

#[test]
fn each_former_name_is_a_deprecated_function_that_names_what_to_use() {
    let mut functions = BTreeMap::new();
    let mut note = None;
    for line in FORMER.lines().map(str::trim) {
        if let Some((_, text)) = line.split_once("note = \"") {
            note = Some(text.trim_end_matches([')', ']', '"']));
        } else if let Some(rest) = line.strip_prefix("pub async fn ") {
            let name = rest.split('(').next().expect("a name");
            functions.insert(name, note.take().unwrap_or_else(|| panic!("{name} is not deprecated")));
        }
    }
    let rows: BTreeMap<_, _> = rows().into_iter().map(|(id, _, methods)| (id, methods)).collect();
    let snake = |name: &str| {
        let mut snake = String::new();
        let mut before = '_';
        for letter in name.chars() {
            // An acronym's last capital begins the next word, as in `OneM2OrM5Cluster`.
            if letter.is_ascii_uppercase() && before != '_' {
                snake.push('_');
            }
            snake.push(letter.to_ascii_lowercase());
            before = letter;
        }
        snake
    };
    let mut names = 0;
    for operation in operations::ALL {
        for former in operation.former_ids {
            let note = functions.get(snake(former).as_str()).or_else(|| functions.get(former));
            let note = note.unwrap_or_else(|| panic!("{former} is no function"));
            assert!(note.contains(operation.id) && note.contains(rows[operation.id][0]), "{former}: {note}");
            if let (true, Some(took_over)) = (operation.retired, operation.replaced_by) {
                let sunset = operation.newest().sunset.expect("what is retired has ended");
                assert!(note.contains(took_over) && note.contains(sunset), "{former}: {note}");
            }
            names += 1;
        }
    }
    assert_eq!(functions.len(), names, "there is no function without a name");
    assert!(names > 150, "{names}");
}

/// The measured names are other people's data: where they are at hand, none of the subset's may be missing.
#[tokio::test]
async fn every_measured_former_name_of_an_operation_here_can_be_called() {
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
async fn former_names_answer_what_their_operations_answer() {
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
    let page = former::list_backup_snapshots(&atlas, DEMO_PROJECT, "Cluster0", None, Some(3), None, None, None, None);
    assert_eq!(page.await.expect("a page").value.results.len(), 3);
    // The trap: this was the shared-tier list's name.
    drop(recorder.take());
    let shared = former::list_cluster_backup_snapshots(&atlas, DEMO_PROJECT, "Flex0").await.expect("a page");
    assert!(!shared.value.results.expect("snapshots").is_empty());
    assert!(recorder.take().iter().all(|request| request.path.contains("/flexClusters/Flex0/")));

    let refused = former::get_cluster(&atlas, "no id", "Cluster0").await.expect_err("no id");
    assert_eq!((refused.kind(), recorder.take().len()), (atlas_backup::ErrorKind::InvalidInput, 0));
    let missing = former::get_cluster(&atlas, DEMO_PROJECT, "Cluster9").await.expect_err("no such cluster");
    assert_eq!(missing.code(), Some(&atlas_backup::ErrorCode::ClusterNotFound));
}

#[tokio::test]
#[allow(deprecated, reason = "Legacy Backup is among them")]
async fn what_answers_no_document_answers_what_came_beside_it() {
    use atlas_backup::{
        testing::{Answer, Canned},
        types::CloudProvider,
    };

    let service = Canned::new();
    let told = Answer::status(204).header("ratelimit-limit", "600").header("ratelimit-remaining", "599");
    let told =
        told.header("sunset", "Thu, 1 Jul 2027 00:00:00 GMT").header("deprecation", "Mon, 5 Aug 2024 00:00:00 GMT");
    for operation in operations::ALL {
        service.answer(operation.id, told.clone());
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
    let asked: std::collections::BTreeSet<_> = service.sent().iter().filter_map(|sent| sent.operation).collect();
    assert_eq!(asked.len(), answers.len() - 1, "two of them call one operation: {asked:?}");
    for answer in answers {
        let answer = answer.expect("an answer");
        let meta = answer.meta();
        assert_eq!((meta.status().as_u16(), meta.rate_limit().map(|limit| limit.remaining)), (204, Some(599)));
        assert!(meta.version().is_some() && meta.sunset() > meta.deprecation() && meta.headers().len() > 4);
    }
}
