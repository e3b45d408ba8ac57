//! The blocking face: the emulator runs on a thread of its own, the tests on none of a runtime's.

use std::{sync::mpsc, time::Duration};

use atlas_backup::{ErrorKind, Retention, blocking};
use atlas_backup_emulator::{DEMO_PROJECT, DEMO_SNAPSHOT};

use super::*;

/// An emulator on a thread of its own, which ends with the test's process.
fn emulator() -> String {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let (emulator, _recorder) = started(demo_builder().time_scale(10_000.0)).await;
            tell.send(emulator.base_url().to_string()).expect("somebody waits");
            std::future::pending::<()>().await;
        });
    });
    told.recv().expect("an address")
}

fn client() -> blocking::Client {
    blocking::Client::builder().base_url(emulator()).credentials(service_account()).build().expect("a client")
}

fn cluster(client: &blocking::Client) -> blocking::Cluster {
    client.project(DEMO_PROJECT).and_then(|project| project.cluster("Cluster0")).expect("a cluster")
}

#[test]
fn calls_lists_waits_and_downloads_block_until_they_are_done() {
    let atlas = client();
    let cluster = cluster(&atlas);
    assert_eq!(cluster.name().as_str(), "Cluster0");
    assert_eq!(cluster.snapshots().get(DEMO_SNAPSHOT).expect("a snapshot").id.as_str(), DEMO_SNAPSHOT);

    let all = cluster.snapshots().list().items_per_page(1).all().expect("snapshots");
    let items: Vec<_> = cluster.snapshots().list().items_per_page(1).items().collect::<Result<_, _>>().expect("items");
    let pages = cluster.snapshots().list().items_per_page(1).pages().count();
    assert!(all.len() > 1 && items.len() == all.len() && pages == all.len(), "{} {} {pages}", all.len(), items.len());

    let taken = cluster.snapshots().take("blocking", Retention::days(1)).expect("a snapshot");
    let (tell, told) = mpsc::channel();
    let wait = cluster.snapshots().wait(&taken.id).interval(Duration::from_millis(5));
    let done =
        wait.on_progress(move |s| tell.send(s.id.clone()).expect("the test waits")).block().expect("it completes");
    assert_eq!(done.id, taken.id);
    assert!(told.iter().count() > 0);

    let folder = tempfile::tempdir().expect("a folder");
    let download = cluster.restores().download(&done.id).expect("a job").interval(Duration::from_millis(5));
    assert!(!download.id.as_str().is_empty(), "a download is its job, here too");
    let saved = download.verify().save_to(folder.path().join("dump")).expect("saved");
    assert_eq!(std::fs::metadata(saved.path).expect("the file").len(), saved.bytes);

    let job = cluster.restores().automated(DEMO_SNAPSHOT, &cluster).expect("a handle is an argument too");
    assert!(job.finished_at.is_none());
    let found: Vec<_> = atlas.fleet().snapshots().collect::<Result<_, _>>().expect("all of it");
    assert!(found.len() > all.len());
    let raw = atlas.operation("getGroup").expect("an operation").parameter("groupId", DEMO_PROJECT).send();
    assert!(raw.expect("an answer").json().expect("JSON")["id"] == DEMO_PROJECT);
}

#[test]
fn errors_are_those_of_the_asynchronous_client() {
    let missing = cluster(&client()).snapshots().get("ffffffffffffffffffffffff").expect_err("there is none");
    assert_eq!((missing.kind(), missing.operation()), (ErrorKind::NotFound, Some("getGroupClusterBackupSnapshot")));
    let invalid = client().project("no id").expect_err("no id");
    assert_eq!(invalid.kind(), ErrorKind::InvalidInput);
}

#[test]
fn many_threads_share_one_client() {
    let cluster = cluster(&client());
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let cluster = cluster.clone();
            std::thread::spawn(move || cluster.snapshots().get(DEMO_SNAPSHOT).map(|s| s.id))
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().expect("no panic").expect("a snapshot").as_str(), DEMO_SNAPSHOT);
    }
}

#[tokio::test]
async fn on_a_thread_of_a_runtime_every_call_is_refused_without_a_panic() {
    let builder = blocking::Client::builder().base_url("http://127.0.0.1:1").credentials(service_account());
    let atlas = builder.build().expect("a client");
    let cluster = cluster(&atlas);
    let refused = [
        cluster.get().map(drop).expect_err("a call"),
        cluster.snapshots().list().all().map(drop).expect_err("a list"),
        cluster.snapshots().wait(DEMO_SNAPSHOT).block().map(drop).expect_err("a wait"),
    ];
    for error in refused {
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("asynchronous"), "{error}");
    }
    let mut items = cluster.snapshots().list().items();
    assert_eq!(items.next().expect("a refusal").expect_err("refused").kind(), ErrorKind::InvalidInput);
    assert!(items.next().is_none(), "and no end of them");
    let mut fleet = atlas.fleet().snapshots();
    assert_eq!(fleet.next().expect("a refusal").expect_err("refused").error.kind(), ErrorKind::InvalidInput);
    assert!(fleet.next().is_none());
}
