//! `exports setup`: it stops for the trust policy, continues after any interruption, and repeats nothing.

use atlas_backup_emulator::{Emulator, Fault, Recorder};
use serde_json::{Value, json};

use crate::support::{Ended, guarded, run};

const ARN: &str = "arn:aws:iam::123456789012:role/atlas-export";

/// Operations and bodies of the requests that would change something.
fn sent(recorder: &Recorder) -> Vec<(String, Value)> {
    let changes = recorder.take().into_iter().filter(|request| request.method != "GET" && request.status.is_success());
    let brief =
        |path: &str| path.rsplit('/').find(|part| !part.starts_with(char::is_numeric)).unwrap_or_default().to_owned();
    changes.map(|request| (brief(&request.path), serde_json::from_slice(&request.body).unwrap_or_default())).collect()
}

/// On a day on which no monthly snapshot is due, which would be exported too.
async fn emulator(recorder: &Recorder) -> Emulator {
    let noon = "2026-11-22T12:10:00Z".parse().expect("a time");
    guarded().recorder(recorder).stepped_clock_at(noon).start().await.expect("an emulator")
}

fn names(sent: &[(String, Value)]) -> Vec<&str> {
    sent.iter().map(|(name, _)| name.as_str()).collect()
}

fn setup(emulator: &Emulator, flags: &str) -> Ended {
    run(&format!("exports setup Cluster0 --bucket our-backups {flags}")).with_key(emulator).ends()
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_setup_continues_until_an_export_succeeded() {
    let recorder = Recorder::default();
    let emulator = emulator(&recorder).await;
    emulator.clock().run(100.0);
    let setup = |flags: &str| setup(&emulator, flags);

    let plan = setup("--dry-run -o json").json();
    assert_eq!(plan.as_array().map(Vec::len), Some(2), "{plan}");
    assert_eq!(setup("").code, Some(2), "it asks first");
    assert!(sent(&recorder).is_empty());

    // The first run creates the role and stops; the second one finds it.
    let first = setup("--yes");
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    assert!(first.stderr.contains("exports setup Cluster0 --bucket our-backups --role-arn ARN"), "{}", first.stderr);
    assert_eq!(sent(&recorder), [("cloudProviderAccess".to_owned(), json!({"providerName": "AWS"}))]);
    let again = setup("-o json");
    assert_eq!((again.code, &again.stdout), (Some(0), &first.stdout), "{}", again.stderr);
    let roles = run("api cloudProviderAccess listCloudProviderAccess").with_key(&emulator).json();
    let is_new = |role: &&Value| role.get("authorizedDate").is_none();
    let role = roles["awsIamRoles"].as_array().into_iter().flatten().find(is_new).expect("the role").clone();
    let statement = &first.json()["Statement"][0];
    assert_eq!(statement["Principal"]["AWS"], role["atlasAWSAccountArn"]);
    assert_eq!(statement["Condition"]["StringEquals"]["sts:ExternalId"], role["atlasAssumedRoleExternalId"]);

    // The trust policy is not in force yet.
    let with_arn = format!("--role-arn {ARN} --yes -o json");
    let refusal = Fault::refusal("CANNOT_ASSUME_ROLE").on("authorizeGroupCloudProviderAccessRole").times(1);
    emulator.inject(refusal).expect("a fault");
    let refused = setup(&with_arn);
    assert_eq!((refused.code, &refused.stdout), (Some(1), &first.stdout), "{}", refused.stderr);
    let next = format!("`atlas-backup exports setup Cluster0 --bucket our-backups --role-arn {ARN}` continues");
    assert!(refused.stderr.contains("CANNOT_ASSUME_ROLE") && refused.stderr.contains(&next), "{}", refused.stderr);
    assert!(sent(&recorder).is_empty());

    // Stopped between any two steps, the next run does the rest.
    let authorize = role["roleId"].as_str().expect("an ID");
    for (operation, done) in [
        ("createGroupBackupExportBucket", "cloudProviderAccess"),
        ("updateGroupClusterBackupSchedule", "exportBuckets"),
        ("createGroupClusterBackupExport", "schedule"),
    ] {
        emulator.inject(Fault::status(403).code("USER_UNAUTHORIZED").on(operation).times(1)).expect("a fault");
        let stopped = setup(&with_arn);
        assert_eq!(stopped.code, Some(4), "{operation}: {}", stopped.stderr);
        let sent = sent(&recorder);
        assert_eq!(names(&sent), [done], "{operation}");
    }
    let ended = setup(&with_arn);
    let export = ended.json();
    assert_eq!((ended.code, &export["state"]), (Some(0), &json!("Successful")), "{}", ended.stderr);
    assert_eq!(names(&sent(&recorder)), ["exports"]);

    // Nothing is left to do: with the ARN, without it, and without consent.
    for flags in ["-o json", &with_arn, "--dry-run -o json"] {
        let repeated = setup(flags);
        assert_eq!(repeated.code, Some(0), "{}", repeated.stderr);
        let expected = if flags.contains("dry-run") { &json!([]) } else { &export };
        assert_eq!(repeated.json(), *expected, "{flags}");
    }
    assert!(sent(&recorder).is_empty());
    let buckets = run("buckets list -o json").with_key(&emulator).json();
    let is_ours = |bucket: &&Value| bucket["bucketName"] == "our-backups";
    let bucket = buckets.as_array().into_iter().flatten().find(is_ours).expect("the bucket");
    assert_eq!(bucket["iamRoleId"], authorize);
    let schedule = run("schedule get Cluster0 -o json").with_key(&emulator).json();
    assert_eq!(schedule["autoExportEnabled"], json!(true));
    assert_eq!(schedule["export"], json!({"exportBucketId": bucket["_id"], "frequencyType": "monthly"}));
    assert_eq!(export["exportBucketId"], bucket["_id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_setup_refuses_what_contradicts_existing_things() {
    let recorder = Recorder::default();
    let emulator = emulator(&recorder).await;
    let with = |arguments: &str| run(arguments).with_key(&emulator);
    let create = |provider: &str| {
        let create = with("api cloudProviderAccess createCloudProviderAccess --file -");
        let role = create.input(&json!({ "providerName": provider }).to_string()).json();
        role["roleId"].as_str().expect("an ID").to_owned()
    };
    let (one, two, gcp) = (create("AWS"), create("AWS"), create("GCP"));
    assert_eq!(with("schedule set Cluster0 --yearly none --yes").ends().code, Some(0));
    drop(recorder.take());
    for (flags, problem) in [
        (
            format!("--bucket atlas-backup-demo --role-arn {ARN}"),
            "it assumes arn:aws:iam::123456789012:role/atlas-backup-demo",
        ),
        (format!("--bucket atlas-backup-demo --role {one}"), "bucket atlas-backup-demo has role"),
        ("--bucket our-backups".to_owned(), two.as_str()),
        (format!("--bucket our-backups --role {gcp}"), "it is not a role on AWS"),
        ("--bucket our-backups --frequency yearly".to_owned(), "the schedule of Cluster0 takes none"),
    ] {
        let refused = with(&format!("exports setup Cluster0 {flags} --yes")).ends();
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{flags}: {}", refused.stderr);
        assert!(refused.stderr.contains(problem), "{flags}: {}", refused.stderr);
    }
    assert!(sent(&recorder).is_empty());
}
