//! Export buckets of each provider, and exports into them from request to end.

use atlas_backup::{
    CloudRoleId, ErrorKind, NewCloudRole, NewExportBucket,
    types::{CloudProvider, CloudRole as Role, ExportBucket as Bucket},
};
use atlas_backup_emulator::DEMO_SNAPSHOT;
use serde_json::{Value, json};

use super::*;

const ROLE: &str = "5e2211c17a3e5a48f5497de3";
const UUID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

fn sent(recorder: &Recorder) -> Value {
    let request = recorder.take().into_iter().rfind(|r| !r.body.is_empty() && !r.path.ends_with("/token"));
    serde_json::from_slice(&request.expect("a request with a body").body).expect("JSON")
}

#[tokio::test]
async fn buckets_of_each_provider_are_created_listed_and_deleted() {
    let (emulator, recorder) = demo().await;
    let buckets = project(&client(&emulator, service_account())).export_buckets();
    let before = buckets.list().all().await.expect("buckets").len();
    let service_url = "https://account.blob.core.windows.net";
    let wanted = [
        (NewExportBucket::aws("ours", ROLE), json!({"cloudProvider": "AWS", "bucketName": "ours", "iamRoleId": ROLE})),
        (
            NewExportBucket::aws_private("ours-too", ROLE),
            json!({"cloudProvider": "AWS", "bucketName": "ours-too", "iamRoleId": ROLE,
                "requirePrivateNetworking": true}),
        ),
        (
            NewExportBucket::azure("ours", service_url, ROLE),
            json!({"cloudProvider": "AZURE", "bucketName": "ours", "roleId": ROLE, "serviceUrl": service_url}),
        ),
        (
            NewExportBucket::gcp("ours", CloudRoleId::new(ROLE).expect("an id")),
            json!({"cloudProvider": "GCP", "bucketName": "ours", "roleId": ROLE}),
        ),
    ];
    let mut created = Vec::new();
    for (bucket, body) in wanted {
        created.push(buckets.create(bucket.expect("a role id")).await.expect("a bucket"));
        assert_eq!(sent(&recorder), body);
    }
    let shown = |bucket: &Bucket| match bucket {
        Bucket::Aws(bucket) => format!("AWS {:?} {:?}", bucket.bucket_name, bucket.require_private_networking),
        Bucket::Azure(bucket) => format!("Azure {:?} {:?}", bucket.bucket_name, bucket.service_url),
        Bucket::Gcp(bucket) => format!("GCP {:?} {:?}", bucket.bucket_name, bucket.role_id),
        other => format!("{other:?}"),
    };
    let [aws, private, azure, gcp] = &created[..] else { panic!("four buckets") };
    assert_eq!(shown(aws), r#"AWS Some("ours") Some(false)"#);
    assert_eq!(shown(private), r#"AWS Some("ours-too") Some(true)"#);
    assert_eq!(shown(azure), format!("Azure Some(\"ours\") Some({service_url:?})"));
    assert_eq!(shown(gcp), format!("GCP Some(\"ours\") Some({ROLE:?})"));

    assert_eq!(buckets.list().items_per_page(1).all().await.expect("buckets").len(), before + 4);
    for bucket in &created {
        assert_eq!(&buckets.get(&bucket.id).await.expect("the bucket"), bucket);
        buckets.delete(&bucket.id).await.expect("it is forgotten");
        assert_eq!(buckets.get(&bucket.id).await.expect_err("it is gone").kind(), ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn cloud_role_is_created_authorized_used_and_deleted() {
    let (emulator, _) = demo().await;
    let project = project(&client(&emulator, api_key()));
    let roles = project.cloud_roles();
    let of_aws = |role: &Role| {
        let Role::Aws(role) = role else { panic!("{role:?}") };
        (role.authorized_date.is_some(), role.feature_usages.iter().flatten().count())
    };
    let before = roles.list().await.expect("roles").aws_iam_roles.as_ref().map_or(0, Vec::len);
    let created = roles.create(NewCloudRole::aws()).await.expect("a role");
    assert_eq!(of_aws(&created), (false, 0));
    let authorized =
        roles.authorize_aws(&created.id, "arn:aws:iam::123456789012:role/r").await.expect("it is authorized");
    assert_eq!((&authorized.id, of_aws(&authorized)), (&created.id, (true, 0)));
    let bucket = NewExportBucket::aws("ours", &created.id).expect("a role ID");
    project.export_buckets().create(bucket).await.expect("a bucket");
    assert_eq!(of_aws(&roles.get(&created.id).await.expect("the role")), (true, 1));
    for (new, provider) in
        [(NewCloudRole::gcp(), CloudProvider::Gcp), (NewCloudRole::azure(UUID, UUID, UUID), CloudProvider::Azure)]
    {
        let role = roles.create(new).await.expect("a role");
        assert_eq!(roles.get(&role.id).await.expect("the role").id, role.id);
        roles.delete(provider, &role.id).await.expect("it is deleted");
        assert_eq!(roles.get(&role.id).await.expect_err("it is gone").kind(), ErrorKind::NotFound);
    }
    let lists = roles.list().await.expect("roles");
    assert_eq!(lists.aws_iam_roles.as_ref().map(Vec::len), Some(before + 1));
    assert_eq!(lists.azure_service_principals.as_ref().map(Vec::len), Some(0));
}

#[tokio::test]
async fn only_the_private_networking_of_an_aws_bucket_can_be_changed() {
    let (emulator, recorder) = demo().await;
    let buckets = project(&client(&emulator, api_key())).export_buckets();
    let aws = buckets.create(NewExportBucket::aws("ours", ROLE).expect("a role id")).await.expect("a bucket");
    let changed = buckets.require_private_networking(&aws.id, true).await.expect("it is changed");
    assert_eq!(sent(&recorder), json!({"requirePrivateNetworking": true}));
    let Bucket::Aws(document) = changed.document() else { panic!("{changed:?}") };
    assert_eq!((&changed.id, document.require_private_networking), (&aws.id, Some(true)));

    let gcp = buckets.create(NewExportBucket::gcp("ours", ROLE).expect("a role id")).await.expect("a bucket");
    let refused = buckets.require_private_networking(&gcp.id, true).await.expect_err("no private networking there");
    assert_eq!(refused.kind(), ErrorKind::BadRequest);
}

#[tokio::test]
async fn bucket_may_be_registered_twice_and_its_role_is_an_id() {
    let (emulator, _) = demo().await;
    let buckets = project(&client(&emulator, api_key())).export_buckets();
    let bucket = NewExportBucket::gcp("ours", ROLE).expect("a role id");
    buckets.create(bucket.clone()).await.expect("a bucket");
    buckets.create(bucket).await.expect("the same bucket again");
    let no_role = NewExportBucket::aws("ours", "arn:aws:iam::1:role/x").expect_err("no role id");
    assert_eq!(no_role.kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn snapshot_is_exported_and_awaited() {
    let (emulator, recorder) = hurried().await;
    let atlas = client(&emulator, service_account());
    let buckets = project(&atlas).export_buckets();
    let bucket = buckets.create(NewExportBucket::aws("ours", ROLE).expect("a role id")).await.expect("a bucket");
    let exports = cluster(&atlas, "Cluster0").exports();
    let labels = [("reason", "audit")];
    let job = exports.create_labelled(DEMO_SNAPSHOT, &bucket.id, labels).await.expect("a job");
    let expected = json!({"snapshotId": DEMO_SNAPSHOT, "exportBucketId": bucket.id.as_str(),
        "customData": [{"key": "reason", "value": "audit"}]});
    assert_eq!(sent(&recorder), expected);
    let done = brief(exports.wait(&job.id)).await.expect("it is exported");
    assert_eq!((&done.id, done.state.as_ref().map(|s| s.as_str())), (&job.id, Some("Successful")));

    exports.create(DEMO_SNAPSHOT, &bucket.id).await.expect("a job");
    assert_eq!(sent(&recorder), json!({"snapshotId": DEMO_SNAPSHOT, "exportBucketId": bucket.id.as_str()}));
}

#[tokio::test]
async fn export_to_or_of_nothing_is_refused() {
    let (emulator, _) = started(demo_builder().stepped_clock()).await;
    let atlas = client(&emulator, service_account());
    let (buckets, exports) = (project(&atlas).export_buckets(), cluster(&atlas, "Cluster0").exports());
    let nowhere = exports.create(DEMO_SNAPSHOT, "ffffffffffffffffffffffff").await.expect_err("no such bucket");
    assert_eq!(nowhere.kind(), ErrorKind::NotFound);
    let bucket = buckets.create(NewExportBucket::aws("ours", ROLE).expect("a role id")).await.expect("a bucket");
    let nothing = exports.create("ffffffffffffffffffffffff", &bucket.id).await.expect_err("no such snapshot");
    assert_eq!(nothing.kind(), ErrorKind::NotFound);
    let job = exports.create(DEMO_SNAPSHOT, &bucket.id).await.expect("a job");
    let wait = exports.wait(&job.id).interval(Duration::from_millis(5)).timeout(Duration::from_secs(2));
    let late = wait.await.expect_err("time stands still");
    assert_eq!((late.kind(), late.document().map(|d| &d["state"])), (ErrorKind::Timeout, Some(&"Queued".into())));
}
