//! Comparison with recorded responses of the real service, if a folder of them is available: the same fields and types,
//! media type and error codes.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Bench, NEWEST, demo};

/// Fields of a recording that depend on the request or its time, not on the service.
const CHANCE: [&str; 1] = ["/description"];

#[tokio::test]
async fn responses_have_every_recorded_field() {
    let Some(folder) = std::env::var_os("ATLAS_BACKUP_RECORDINGS") else {
        eprintln!("skipped: ATLAS_BACKUP_RECORDINGS is not set");
        return;
    };
    let lines = std::fs::read_to_string(std::path::Path::new(&folder).join("sample.jsonl")).unwrap();
    let bench = Bench::demo().await;
    let mut compared = 0;
    for line in lines.lines() {
        let recorded: Value = serde_json::from_str(line).unwrap();
        let operation = recorded["operationId"].as_str().unwrap();
        let media_type = recorded["contentType"].as_str().unwrap();
        let accept = if media_type.contains("vnd.atlas") { media_type } else { NEWEST };
        let Some(answer) = ask(&bench, operation, recorded["status"].as_u64().unwrap(), accept).await else { continue };
        compared += 1;
        assert_eq!(answer.status.as_u16(), recorded["status"], "{operation}: {}", answer.text);
        assert_eq!(answer.header("content-type"), media_type, "{operation}");
        assert_eq!(answer.header("x-error-code"), recorded["headers"]["X-Error-Code"].as_str().unwrap_or_default());
        let mut missing = Vec::new();
        compare(&recorded["body"], &answer.json, String::new(), &mut missing);
        assert!(missing.is_empty(), "{operation}: {missing:#?}");
        // Finishes jobs that were just created, because the next line needs a finished one.
        bench.advance(600);
    }
    assert!(compared >= 10, "only {compared} recordings were compared");
}

/// The same request to the emulator. `None` if it is not modelled.
async fn ask(bench: &Bench, operation: &str, status: u64, accept: &str) -> Option<Answer> {
    let cluster = "/clusters/Cluster0";
    let flex = "/flexClusters/Flex0/backup";
    let first = async |list: &str, key: &str| {
        let list = bench.get_as(&demo(list), NEWEST).await.json;
        list["results"][0][key].as_str().unwrap().to_owned()
    };
    let snapshot = first(&format!("{cluster}/backup/snapshots"), "id").await;
    let post = async |path: &str, body: Value| bench.send_json(Method::POST, path, accept, body).await;
    let path = match (operation, status) {
        ("createGroup", _) => {
            let body = json!({"name": "recorded", "orgId": atlas_backup_emulator::ORGANIZATION});
            return Some(post("/api/atlas/v2/groups", body).await);
        }
        ("createGroupClusterBackupExport", _) => {
            let bucket = first("/backup/exportBuckets", "_id").await;
            let body = json!({"exportBucketId": bucket, "snapshotId": snapshot});
            return Some(post(&demo(&format!("{cluster}/backup/exports")), body).await);
        }
        ("createGroupFlexClusterBackupRestoreJob", _) => {
            let snapshot = first(&format!("{flex}/snapshots"), "id").await;
            let body = json!({"snapshotId": snapshot, "targetDeploymentItemName": "Flex0",
                "targetProjectId": atlas_backup_emulator::DEMO_PROJECT});
            return Some(post(&demo(&format!("{flex}/restoreJobs")), body).await);
        }
        ("listGroups", _) => return Some(bench.get_as("/api/atlas/v2/groups", accept).await),
        ("getGroupCluster", 200) => cluster.to_owned(),
        ("getGroupCluster", 404) => "/clusters/none".to_owned(),
        ("getGroupCluster", 400) => "/clusters/Flex0".to_owned(),
        ("getGroupClusterBackupSnapshot", _) => format!("{cluster}/backup/snapshots/{snapshot}"),
        ("getGroupFlexClusterBackupSnapshot", 400) => format!("/flexClusters/Cluster0/backup/snapshots/{snapshot}"),
        ("listGroupBackupExportBuckets", _) => "/backup/exportBuckets".to_owned(),
        ("listGroupClusterBackupRestoreJobs", _) => format!("{cluster}/backup/restoreJobs"),
        ("getGroupClusterBackupRestoreJob", _) => {
            let job = first(&format!("{cluster}/backup/restoreJobs"), "id").await;
            format!("{cluster}/backup/restoreJobs/{job}")
        }
        ("listGroupFlexClusterBackupRestoreJobs", _) => format!("{flex}/restoreJobs"),
        ("getGroupFlexClusterBackupRestoreJob", _) => {
            let job = first(&format!("{flex}/restoreJobs"), "id").await;
            format!("{flex}/restoreJobs/{job}")
        }
        _ => return None,
    };
    Some(bench.get_as(&demo(&path), accept).await)
}

/// Collects the fields of `recorded` that `answer` lacks or has with another type.
fn compare(recorded: &Value, answer: &Value, at: String, missing: &mut Vec<String>) {
    match (recorded, answer) {
        (Value::Object(recorded), Value::Object(answer)) => {
            for (name, value) in recorded {
                let at = format!("{at}/{name}");
                match answer.get(name) {
                    Some(found) => compare(value, found, at, missing),
                    None if CHANCE.contains(&at.as_str()) => {}
                    None => missing.push(at),
                }
            }
        }
        (Value::Array(recorded), Value::Array(answer)) => {
            if let (Some(recorded), Some(answer)) = (recorded.first(), answer.first()) {
                compare(recorded, answer, format!("{at}/0"), missing);
            }
        }
        _ if std::mem::discriminant(recorded) != std::mem::discriminant(answer) => {
            missing.push(format!("{at} is {answer} where {recorded} was recorded"));
        }
        _ => {}
    }
}
