//! Drills stopped at any step, by signals, a second signal or a timeout. Their resources are deleted or reported with a
//! delete command, and other resources stay unchanged.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::Child,
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use atlas_backup::types::CloudProvider;
use atlas_backup_emulator::{DEMO_PROJECT, Emulator, Fault, Recorder};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    drill::{clusters, folder, interrupt, read, step},
    support::{Ended, Run, guarded, run, until},
};

/// Timeout of a test; reached only on failure.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longer than any test.
const LONG: Duration = Duration::from_secs(3600);

/// An emulator with a fast clock, and its recorded requests.
struct Service {
    emulator: Emulator,
    recorder: Recorder,
}

impl Service {
    async fn start() -> Self {
        let recorder = Recorder::default();
        let emulator = guarded().time_scale(1000.0).recorder(&recorder).start().await.expect("an emulator");
        Service { emulator, recorder }
    }

    fn inject(&self, fault: Fault) -> u64 {
        self.emulator.inject(fault).expect("a fault")
    }

    /// Delays requests to this operation until faults are cleared.
    fn holds(&self, operation: &str) -> u64 {
        self.inject(Fault::latency(LONG).on(operation))
    }

    /// Stops the clock and releases delayed requests.
    fn let_go_and_stand(&self) {
        self.emulator.clock().stand();
        self.emulator.clear_faults();
    }

    /// Waits until the fault was hit.
    fn struck(&self, fault: u64) {
        until("the fault strikes", || self.emulator.faults().iter().all(|known| known.id != fault || known.hits > 0));
    }

    /// Waits for a successful response to a request with this method and path.
    fn answered(&self, method: &str, path: &str) {
        until(&format!("{method} {path} is answered"), || {
            let asked = self.recorder.requests();
            asked.iter().any(|one| one.method == method && one.path.contains(path) && one.status.is_success())
        });
    }

    /// The number of deleted database users and access list entries.
    fn removed_logins(&self) -> (usize, usize) {
        let asked = self.recorder.requests();
        let removed = |part: &str| {
            let deletions = asked.iter().filter(|one| one.method == "DELETE" && one.status.is_success());
            deletions.filter(|one| one.path.contains(part)).count()
        };
        (removed("/databaseUsers/admin/drill-"), removed("/accessList/127.0.0.1"))
    }

    /// The clusters with a delete request.
    fn deleted(&self) -> Vec<String> {
        let asked = self.recorder.requests().into_iter();
        let deletions = asked
            .filter(|one| one.method == "DELETE" && one.path.contains("lusters/") && !one.path.contains("restoreJobs"));
        let names = deletions.filter_map(|one| one.path.rsplit('/').next().map(str::to_owned));
        names.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    }
}

/// A running drill.
struct Running {
    child: Child,
    folder: TempDir,
    lines: Receiver<String>,
    printed: Vec<String>,
}

/// The result of a drill.
struct Over {
    code: Option<i32>,
    printed: String,
    evidence: Value,
}

impl Running {
    fn start(service: &Service, arguments: &str, verify: Option<&str>) -> Self {
        Self::start_as(|run| run, service, arguments, verify)
    }

    fn start_as(how: fn(Run) -> Run, service: &Service, arguments: &str, verify: Option<&str>) -> Self {
        let folder = folder();
        let mut run = run(&format!("drill {arguments} --yes --evidence records"))
            .with_key(&service.emulator)
            .env("TMPDIR", &folder.path().display().to_string())
            .env("PATH", "/usr/bin:/bin")
            .directory(folder.path());
        if let Some(command) = verify {
            run = run.argument("--verify-command").argument(command);
        }
        let mut child = how(run).start();
        let (line, lines) = channel();
        let stderr = BufReader::new(child.stderr.take().expect("standard error"));
        thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|text| line.send(text)));
        Running { child, folder, lines, printed: Vec::new() }
    }

    /// Waits for a line with `text` and returns it.
    fn says(&mut self, text: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("no {text:?} in {:?}", self.printed));
            self.printed.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
    }

    fn is_sent(&self, signal: &str) {
        interrupt(&self.child, signal);
    }

    fn ends(mut self) -> Over {
        self.printed.extend(self.lines.iter());
        let output = self.child.wait_with_output().expect("it ends");
        let printed = self.printed.join("\n");
        let ended = Ended { code: output.status.code(), stdout: String::new(), stderr: printed.clone() };
        let read = read(ended, &self.folder.path().join("records"));
        let left: Vec<_> = self.folder.path().read_dir().expect("a folder").filter_map(Result::ok).collect();
        let left: Vec<_> = left.iter().map(std::fs::DirEntry::file_name).filter(|name| name != "records").collect();
        assert!(left.is_empty(), "{left:?} is left\n{printed}");
        Over { code: read.ended.code, printed, evidence: read.evidence }
    }
}

/// The point at which a drill is stopped.
#[derive(Debug, Clone, Copy)]
enum Stage {
    Asking,
    Creating,
    Ordering,
    Restoring,
    Ready,
    Allowing,
    LoggingIn,
    LoggedIn,
    Verifying,
    Preparing,
    Fetching,
    Reading,
}

impl Stage {
    const ALL: [(Stage, &str, &str); 12] = [
        (Stage::Asking, "--create", "create"),
        (Stage::Creating, "--create", "create"),
        (Stage::Ordering, "--create", "restore"),
        (Stage::Restoring, "--create", "restore"),
        (Stage::Ready, "--create", "ready"),
        // Hours of the service are seconds here, and a login expires.
        (Stage::Allowing, "--create --login --timeout 100h", "login"),
        (Stage::LoggingIn, "--create --login --timeout 100h", "login"),
        (Stage::LoggedIn, "--create --login --timeout 100h", "verify"),
        (Stage::Verifying, "--create", "verify"),
        (Stage::Preparing, "--download", "prepare"),
        (Stage::Fetching, "--download", "fetch"),
        (Stage::Reading, "--download", "verify"),
    ];

    /// A verify command that never ends, with a child process.
    fn verify(self) -> Option<&'static str> {
        match self {
            Stage::LoggedIn | Stage::Verifying | Stage::Reading => Some("sleep 3600 & echo began $!; wait"),
            Stage::Allowing | Stage::LoggingIn => Some("true"),
            _ => None,
        }
    }

    /// The number of users and of access list entries that the drill has created at this point.
    fn logins(self) -> (usize, usize) {
        match self {
            Stage::Allowing => (0, 1),
            Stage::LoggingIn | Stage::LoggedIn => (1, 1),
            _ => (0, 0),
        }
    }

    /// Prepares the service so that the drill stays at this point.
    fn prepare(self, service: &Service) -> Option<u64> {
        match self {
            Stage::Asking | Stage::Creating => Some(service.holds("createGroupCluster")),
            Stage::Ordering | Stage::Restoring | Stage::Ready => {
                Some(service.holds("createGroupClusterBackupRestoreJob"))
            }
            Stage::Allowing => Some(service.holds("createGroupAccessListEntry")),
            Stage::LoggingIn => Some(service.holds("createGroupDatabaseUser")),
            Stage::Preparing => {
                service.emulator.clock().stand();
                None
            }
            Stage::Fetching => Some(service.inject(Fault::slow_body(10, Duration::from_millis(200)).on("download"))),
            Stage::LoggedIn | Stage::Verifying | Stage::Reading => None,
        }
    }

    /// Waits until the drill is at this point.
    fn reach(self, service: &Service, drill: &mut Running, fault: Option<u64>) {
        if let Some(fault) = fault {
            service.struck(fault);
        }
        match self {
            Stage::Asking | Stage::Ordering | Stage::Allowing | Stage::LoggingIn | Stage::Fetching => {}
            Stage::Creating => {
                service.let_go_and_stand();
                service.answered("POST", "/clusters");
            }
            Stage::Restoring => {
                service.let_go_and_stand();
                service.answered("POST", "/restoreJobs");
            }
            Stage::Ready => {
                // Delay only one request, so the teardown is not delayed.
                let looking = service.inject(Fault::latency(LONG).on("getGroupCluster").times(1));
                assert!(fault.is_some_and(|restoring| service.emulator.clear_fault(restoring)));
                service.struck(looking);
            }
            Stage::Preparing => service.answered("POST", "/restoreJobs"),
            Stage::LoggedIn | Stage::Verifying | Stage::Reading => {
                let line = drill.says("began ");
                let id = line.rsplit(' ').next().expect("an id").to_owned();
                assert!(Path::new("/proc").join(&id).exists() || !cfg!(target_os = "linux"), "{line}");
                drill.printed.push(format!("id {id}"));
            }
        }
    }

    /// Restarts the clock.
    fn release(service: &Service) {
        service.emulator.clear_faults();
        service.emulator.clock().run(1000.0);
    }
}

/// Whether SIGHUP is not ignored, as it is under `nohup`.
fn hears_of_the_terminal() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let hears = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_none_or(|mask| mask & 1 == 0);
    if !hears {
        eprintln!("SKIPPED SIGHUP: it is ignored in this environment");
    }
    hears
}

fn is_gone(drilled: &Over) {
    for id in drilled.printed.lines().filter_map(|line| line.strip_prefix("id ")) {
        let process = Path::new("/proc").join(id);
        // An ended process may remain as a zombie until its new parent reaps it.
        until("the program's own program is gone", || {
            let status = std::fs::read_to_string(process.join("stat")).unwrap_or_default();
            status.is_empty() || status.contains(") Z ")
        });
    }
}

/// Runs the checks concurrently.
async fn each<T: Send + 'static>(all: impl IntoIterator<Item = T>, check: fn(T, Service)) {
    let mut checks = Vec::new();
    for one in all {
        let service = Service::start().await;
        checks.push(tokio::task::spawn_blocking(move || check(one, service)));
    }
    for check in checks {
        check.await.expect("as it should be");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn drill_interrupted_at_any_step_leaves_nothing() {
    let signals: &[_] = if hears_of_the_terminal() { &["-INT", "-TERM", "-HUP"] } else { &["-INT", "-TERM"] };
    let signals = signals.iter().copied().cycle();
    each(Stage::ALL.into_iter().zip(signals), |((stage, how, at), signal), service| {
        let before = clusters(&service.emulator);
        let fault = stage.prepare(&service);
        let mut drill = Running::start(&service, &format!("Cluster0 {how}"), stage.verify());
        stage.reach(&service, &mut drill, fault);
        drill.is_sent(signal);
        drill.says("note: interrupted; tearing down the drill first");
        Stage::release(&service);
        let over = drill.ends();
        assert_eq!(
            (over.code, &over.evidence["outcome"]),
            (Some(if signal == "-TERM" { 143 } else { 130 }), &json!("interrupted")),
            "{stage:?}: {}",
            over.printed
        );
        assert_eq!(over.evidence["left"], json!([]), "{stage:?}");
        assert_eq!(step(&over.evidence, at)["outcome"], json!("unfinished"), "{stage:?}: {}", over.printed);
        assert_eq!(step(&over.evidence, "teardown")["outcome"], json!("done"), "{stage:?}: {}", over.printed);
        is_gone(&over);
        assert_eq!(clusters(&service.emulator), before, "{stage:?}");
        let own = over.evidence["target"]["cluster"].as_str().map(str::to_owned);
        assert_eq!(service.deleted(), Vec::from_iter(own), "{stage:?}");
        assert_eq!(service.removed_logins(), stage.logins(), "{stage:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drill_timed_out_at_any_step_leaves_nothing() {
    let stages = Stage::ALL.into_iter().filter(|(stage, ..)| {
        // Later stages are tested below with an existing cluster.
        !matches!(stage, Stage::Ordering | Stage::Restoring | Stage::Ready | Stage::Verifying)
            && stage.logins() == (0, 0)
    });
    each(stages, |(stage, how, at), service| {
        let before = clusters(&service.emulator);
        if let Stage::Creating = stage {
            service.emulator.clock().stand();
        } else {
            stage.prepare(&service);
        }
        let mut drill = Running::start(&service, &format!("Cluster0 {how} --timeout 12s"), stage.verify());
        drill.says("note: timed out; tearing down the drill first");
        Stage::release(&service);
        let over = drill.ends();
        assert_eq!(
            (over.code, &over.evidence["outcome"]),
            (Some(6), &json!("timedOut")),
            "{stage:?}: {}",
            over.printed
        );
        assert_eq!((&over.evidence["left"], &step(&over.evidence, at)["outcome"]), (&json!([]), &json!("unfinished")));
        assert_eq!(clusters(&service.emulator), before, "{stage:?}");
    })
    .await;
}

/// Creates a scratch cluster.
fn scratch(service: &Service) {
    let created = tokio::runtime::Handle::current().block_on(async {
        let atlas = atlas_backup::Client::builder()
            .base_url(service.emulator.base_url())
            .credentials(atlas_backup::Credentials::api_key("public", "private"))
            .build()?;
        let project = atlas.project(DEMO_PROJECT)?;
        let wanted = atlas_backup::NewCluster::replica_set("Scratch", CloudProvider::Aws, "US_EAST_1", "M10")?;
        project.clusters().create(wanted).await?;
        project.cluster("Scratch")?.wait().await
    });
    created.expect("a cluster");
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_drill_reports_restore_over_existing_cluster() {
    let stops = [None, Some("-INT"), Some("-TERM")];
    let stages = [Stage::Ordering, Stage::Restoring, Stage::Ready];
    let all = stages.into_iter().flat_map(|stage| stops.map(|stop| (stage, stop)));
    each(all, |(stage, stop), service| {
        scratch(&service);
        let fault = stage.prepare(&service);
        let time = if stop.is_none() { "--timeout 12s" } else { "" };
        let mut drill = Running::start(&service, &format!("Cluster0 --target Scratch {time}"), None);
        stage.reach(&service, &mut drill, fault);
        if let Some(signal) = stop {
            drill.is_sent(signal);
        }
        drill.says("tearing down the drill first");
        match stage {
            Stage::Ordering => service.let_go_and_stand(),
            Stage::Ready => Stage::release(&service),
            _ => {}
        }
        let over = drill.ends();
        let code = stop.map_or(6, |signal| if signal == "-TERM" { 143 } else { 130 });
        assert_eq!(over.code, Some(code), "{stage:?} {stop:?}: {}", over.printed);
        let reported = over.evidence["left"][0]["what"].as_str().expect("told of").to_owned();
        assert!(
            reported.contains("cluster Scratch of project") && over.printed.contains(&reported),
            "{}",
            over.printed
        );
        match stage {
            Stage::Ready => assert!(reported.contains("holds the data of the snapshot"), "{reported}"),
            _ => {
                assert!(
                    reported.contains("its restore did not finish; `atlas-backup restores wait"),
                    "{stage:?} {stop:?}: {reported}"
                );
                Stage::release(&service);
                let list = run("restores list Cluster0 --limit 1 -o json").with_key(&service.emulator).prints();
                let jobs: Value = serde_json::from_str(&list).expect("JSON");
                assert_eq!(jobs[0]["cancelled"], json!(false));
            }
        }
        assert!(service.deleted().is_empty() && clusters(&service.emulator).contains(&"Scratch".to_owned()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn second_interrupt_ends_teardown_and_lists_leftovers() {
    each([Stage::Asking, Stage::Creating, Stage::Restoring], |stage, service| {
        let before = clusters(&service.emulator);
        let fault = stage.prepare(&service);
        let mut drill = Running::start(&service, "Cluster0 --create", None);
        stage.reach(&service, &mut drill, fault);
        drill.is_sent("-INT");
        drill.says("note: interrupted; tearing down the drill first, press Ctrl-C again to leave its resources behind");
        if !matches!(stage, Stage::Asking) {
            // The clock stands still, so the cluster stays.
            service.answered("DELETE", "/clusters/drill-");
        }
        drill.is_sent("-INT");
        let over = drill.ends();
        assert_eq!((over.code, &over.evidence["outcome"]), (Some(130), &json!("interrupted")), "{}", over.printed);
        assert_eq!(step(&over.evidence, "teardown")["outcome"], json!("unfinished"), "{}", over.printed);
        let left = &over.evidence["left"][0];
        let (what, command) = (left["what"].as_str().expect("what"), left["command"].as_str().expect("a command"));
        assert!(
            over.printed.contains(&format!("note: left behind: {what}; `{command}` deletes it")),
            "{}",
            over.printed
        );
        let tag = format!(
            "if it exists and has the tag atlas-backup-drill={}",
            over.evidence["drillId"].as_str().expect("an id")
        );
        assert_eq!(what.contains(&tag), matches!(stage, Stage::Asking), "{what}");
        Stage::release(&service);
        if let Stage::Asking = stage {
            return;
        }
        until("the cluster is gone", || clusters(&service.emulator) == before);
        // The cluster is gone by now, so the command exits with 3.
        let again = run(command.strip_prefix("atlas-backup ").expect("our own")).with_key(&service.emulator).ends();
        assert_eq!(again.code, Some(3), "{}", again.stderr);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn interrupt_in_teardown_of_passed_drill_needs_repeat() {
    each([1, 2], |times, service| {
        let fault = service.holds("deleteGroupCluster");
        let mut drill = Running::start(&service, "Cluster0 --create --target Copy", None);
        service.struck(fault);
        service.let_go_and_stand();
        service.answered("DELETE", "/clusters/Copy");
        drill.is_sent("-INT");
        drill.says("note: tearing down the drill, press Ctrl-C again to leave its resources behind");
        if times == 1 {
            Stage::release(&service);
            let over = drill.ends();
            assert_eq!((over.code, &over.evidence["outcome"]), (Some(0), &json!("passed")), "{}", over.printed);
            assert_eq!(over.evidence["left"], json!([]));
            return;
        }
        drill.is_sent("-TERM");
        let over = drill.ends();
        assert_eq!((over.code, &over.evidence["outcome"]), (Some(143), &json!("passed")), "{}", over.printed);
        let command = over.evidence["left"][0]["command"].as_str().expect("a command");
        assert!(command.starts_with("atlas-backup api clusters deleteCluster --clusterName Copy "), "{command}");
        assert!(
            over.printed.contains("error: interrupted; the drill passed, but its teardown was stopped"),
            "{}",
            over.printed
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_drill_leaves_record_of_possible_leftovers() {
    each([Stage::Creating], |stage, service| {
        let before = clusters(&service.emulator);
        let fault = stage.prepare(&service);
        let mut drill = Running::start(&service, "Cluster0 --create", None);
        stage.reach(&service, &mut drill, fault);
        drill.is_sent("-KILL");
        let over = drill.ends();
        assert_eq!((over.code, &over.evidence["outcome"]), (None, &json!("error")), "{}", over.printed);
        let reason = over.evidence["reason"].as_str().expect("a reason");
        assert!(reason.contains("or was killed before it ended"), "{reason}");
        let left = &over.evidence["left"][0];
        let own = over.evidence["target"]["cluster"].as_str().expect("a name");
        assert!(left["what"].as_str().is_some_and(|what| what.contains(own)), "{left}");
        assert!(clusters(&service.emulator).contains(&own.to_owned()));
        Stage::release(&service);
        let command = left["command"].as_str().and_then(|command| command.strip_prefix("atlas-backup "));
        run(command.expect("our own")).with_key(&service.emulator).prints();
        until("the cluster is gone", || clusters(&service.emulator) == before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drill_deletes_cluster_when_response_is_lost() {
    each(["createGroupCluster", "deleteGroupCluster"], |operation, service| {
        let before = clusters(&service.emulator);
        service.inject(Fault::reset_after().on(operation).times(1));
        let drill = Running::start(&service, "Cluster0 --create", None);
        let over = drill.ends();
        let code = if operation == "createGroupCluster" { 1 } else { 0 };
        assert_eq!((over.code, &over.evidence["left"]), (Some(code), &json!([])), "{operation}: {}", over.printed);
        assert_eq!(clusters(&service.emulator), before, "{operation}");
        assert_eq!(service.deleted().len(), 1);
    })
    .await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn drill_under_nohup_ignores_hangup() {
    each([Stage::Creating], |stage, service| {
        let fault = stage.prepare(&service);
        let mut drill = Running::start_as(|run| run.by("nohup"), &service, "Cluster0 --create", None);
        stage.reach(&service, &mut drill, fault);
        drill.is_sent("-HUP");
        Stage::release(&service);
        let over = drill.ends();
        assert_eq!((over.code, &over.evidence["outcome"]), (Some(0), &json!("passed")), "{}", over.printed);
    })
    .await;
}
