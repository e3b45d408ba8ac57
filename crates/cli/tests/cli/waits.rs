//! Every interrupted wait names a command that resumes it unchanged, for the same project and credentials.

use std::{
    io::{BufRead as _, BufReader},
    time::Duration,
};

use atlas_backup_emulator::{DEMO_PROJECT, Emulator, Recorder};
use serde_json::Value;

use crate::{
    drill::interrupt,
    stub::{Stub, V2023_01_01},
    support::{Ended, Run, guarded, run, until},
};

/// Commands that start a job and wait for it.
const WAITS: &[&str] = &[
    "snapshots take Cluster0 --wait",
    "snapshots take Sharded0 --wait",
    "restores start automated Cluster0 --snapshot {snapshot} --target-cluster Cluster0 --yes --wait",
    "restores start automated Flex0 --snapshot {flex} --target-cluster Flex0 --yes --wait",
    "restores start point-in-time Cluster0 --at {hour} --target-cluster Cluster0 --yes --wait",
    "restores start download Cluster0 --snapshot {snapshot} --wait",
    "restores start download Flex0 --snapshot {flex} --wait",
    "flex restores start Flex0 --snapshot {flex} --target-cluster Flex0 --yes --wait",
    "flex download Flex0 {flex} --to flex.tar.gz",
    "exports create Cluster0 --snapshot {snapshot} --bucket {bucket} --wait",
    "collections restore Cluster0 --snapshot {snapshot} --collection shop.orders=shop.then --wait",
    "compliance set --authorized-email z@example.com --first-name Y --last-name Z --weekly 1:5w --yes --wait",
    "endpoints create US_EAST_1 --wait",
    "endpoints delete {endpoint} --yes --wait",
];

/// Passes base URL and project as flags, so the printed command must repeat them.
fn typed(emulator: &Emulator, arguments: &str) -> Run {
    run(arguments)
        .env("MONGODB_ATLAS_PUBLIC_API_KEY", "public")
        .env("MONGODB_ATLAS_PRIVATE_API_KEY", "private")
        .argument("--base-url")
        .argument(emulator.base_url())
}

fn demo(emulator: &Emulator, command: &str) -> String {
    let first = |list: &str, pointer: &str| {
        let list = run(list).with_key(emulator).json();
        list.pointer(pointer).and_then(Value::as_str).expect("an id").to_owned()
    };
    type Found<'f> = (&'static str, Box<dyn Fn() -> String + 'f>);
    let found: [Found<'_>; 5] = [
        ("{snapshot}", Box::new(|| first("snapshots list Cluster0 --limit 1 -o json", "/0/id"))),
        ("{flex}", Box::new(|| first("snapshots list Flex0 --limit 1 -o json", "/0/id"))),
        ("{bucket}", Box::new(|| first("buckets list -o json", "/0/_id"))),
        (
            "{hour}",
            Box::new(|| {
                (emulator.clock().now() - chrono::TimeDelta::hours(1)).format("%Y-%m-%dT%H:%M:%SZ").to_string()
            }),
        ),
        ("{endpoint}", Box::new(|| first("endpoints create US_EAST_1 -o json", "/id"))),
    ];
    found.iter().fold(command.to_owned(), |command, (place, value)| match command.contains(place) {
        true => command.replace(place, &value()),
        false => command,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn interrupted_wait_names_command_for_every_job() {
    let mut checks = Vec::new();
    for (wait, signal) in WAITS.iter().zip(["-INT", "-TERM"].into_iter().cycle()) {
        let recorder = Recorder::default();
        let emulator = guarded().stepped_clock().recorder(&recorder).start().await.expect("an emulator");
        checks.push(tokio::task::spawn_blocking(move || {
            let folder = tempfile::tempdir().expect("a folder");
            let command = demo(&emulator, wait);
            if wait.contains("{endpoint}") {
                emulator.clock().advance(Duration::from_secs(3600));
            }
            let _before = recorder.take();
            let child =
                typed(&emulator, &format!("{command} --project {DEMO_PROJECT}")).directory(folder.path()).start();
            until(&format!("{command} waits"), || {
                let asked = recorder.requests();
                let begun = asked.iter().position(|one| one.method != "GET" && one.status.is_success());
                begun.is_some_and(|at| asked[at..].iter().any(|one| one.method == "GET" && one.status.is_success()))
            });
            interrupt(&child, signal);
            let output = child.wait_with_output().expect("it ends");
            let printed = String::from_utf8(output.stderr).expect("text");
            let code = if signal == "-TERM" { 143 } else { 130 };
            assert_eq!(output.status.code(), Some(code), "{command}: {printed}");
            let again = printed.split('`').nth(1).unwrap_or_else(|| panic!("no command in {printed}")).to_owned();
            assert!(
                printed.contains("continues in Atlas; `") && printed.contains("` resumes the wait"),
                "{command}: {printed}"
            );

            emulator.clock().run(1000.0);
            let arguments = again.strip_prefix("atlas-backup ").expect("our own");
            let waited = run(arguments)
                .env("MONGODB_ATLAS_PUBLIC_API_KEY", "public")
                .env("MONGODB_ATLAS_PRIVATE_API_KEY", "private")
                .directory(folder.path())
                .ends();
            assert_eq!(waited.code, Some(0), "{again}: {}", waited.stderr);
            assert!(
                waited.stderr.starts_with("note: ") && waited.stderr.contains(" after "),
                "{again}: {}",
                waited.stderr
            );
        }));
    }
    for check in checks {
        check.await.expect("as it should be");
    }
}

/// Starts the emulator as a program over `folder` and reads where it listens.
fn serve(folder: &std::path::Path, listen: &str, time_scale: &str) -> (std::process::Child, String) {
    let mut child = run("emulator serve --seed demo --api-key public:private --no-rate-limits --time-scale")
        .argument(time_scale)
        .argument("--listen")
        .argument(listen)
        .argument("--data-dir")
        .argument(&folder.display().to_string())
        .start();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("its output")).read_line(&mut line).expect("the ready line");
    let ready: Value = serde_json::from_str(&line).expect("the ready line is JSON");
    (child, ready["address"].as_str().expect("an address").to_owned())
}

#[test]
fn wait_survives_a_service_that_is_killed_and_restarted() {
    let folder = tempfile::tempdir().expect("a folder");
    // So slow that the snapshot is never done before the restart.
    let (mut service, address) = serve(folder.path(), "127.0.0.1:0", "0.001");
    let mut child = run("snapshots take Cluster0 --wait --verbose -o json")
        .env("MONGODB_ATLAS_PUBLIC_API_KEY", "public")
        .env("MONGODB_ATLAS_PRIVATE_API_KEY", "private")
        .at(&format!("http://{address}"))
        .start();
    let mut printed = BufReader::new(child.stderr.take().expect("its messages")).lines().map_while(Result::ok);
    let polled = |line: &String| line.contains("atlas_call") && line.contains("getGroupClusterBackupSnapshot");
    printed.find(polled).expect("it polls");
    service.kill().expect("it runs");
    service.wait().expect("it ends");
    printed.find(|line| line.starts_with("note: still waiting for snapshot")).expect("a note of the outage");
    let (mut service, _) = serve(folder.path(), &address, "1000");
    let printed = printed.collect::<Vec<_>>().join("\n");
    let ended = Ended::from(child.wait_with_output().expect("it ends"));
    service.kill().expect("it runs");
    service.wait().expect("it ends");
    assert_eq!(ended.code, Some(0), "{printed}");
    assert_eq!(ended.json()["status"], "completed");
}

#[test]
fn wait_polls_through_an_outage_at_its_first_lookup() {
    const ID: &str = "665255e9257cc6a722feec8a";
    for (command, document) in [
        ("restores", serde_json::json!({"id": ID, "deliveryType": "automated", "finishedAt": "2026-08-10T03:40:10Z"})),
        ("snapshots", serde_json::json!({"id": ID, "status": "completed", "type": "replicaSet"})),
    ] {
        let asked = std::sync::atomic::AtomicUsize::new(0);
        let stub = Stub::start(move |_| match asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            // More than the retries of one call.
            0..5 => (502, "text/html", "<html>".to_owned()),
            _ => (200, V2023_01_01, document.to_string()),
        });
        let ended = run(&format!("{command} wait Cluster0 {ID} -o json --no-auth")).at(&stub.base_url).ends();
        assert_eq!((ended.code, ended.json()["id"].as_str()), (Some(0), Some(ID)), "{command}: {}", ended.stderr);
        assert!(ended.stderr.contains("note: still waiting for "), "{command}: {}", ended.stderr);
    }
}
