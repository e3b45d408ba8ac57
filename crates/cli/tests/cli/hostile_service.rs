//! Every reading command, and every command that starts a job, against every fault of the service.
//!
//! A cell is a command, a fault, and the request whose response is broken. In each of them the run ends in time with an
//! error or with the output of an undisturbed run, starts no second job, shows no secret and sends nothing elsewhere.
//! `ATLAS_BACKUP_EVERY_FAULT=1` runs all cells, which takes minutes; otherwise a sample of them runs, with all
//! that must not pass for an empty list.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use atlas_backup_emulator::{DEMO_PROJECT, Recorder};
use tokio::{net::TcpListener, sync::Semaphore, task::JoinSet};

use crate::{
    demo::Demo,
    faults::{ALWAYS, Allowed, Fault, Place, faults},
    faulty_service::{Plan, Recording, Service, TOKEN, record},
    support::{Ended, Run, run},
};

/// Commands that read. Output is JSON, because tables contain relative times.
const READING: &[&str] = &[
    "snapshots list Cluster0",
    "snapshots list Cluster0 --limit 5",
    "snapshots list Sharded0",
    "snapshots get Cluster0 {snapshot}",
    "snapshots databases Cluster0 {snapshot}",
    "snapshots collections Cluster0 {snapshot} --database shop",
    "restores list Cluster0",
    "restores get Cluster0 {restore}",
    "restores wait Cluster0 {restore} --timeout 2s",
    "exports list Cluster0",
    "exports get Cluster0 {export}",
    "buckets list",
    "buckets get {bucket}",
    "schedule get Cluster0",
    "compliance get",
    "flex snapshots list Flex0",
    "flex snapshots get Flex0 {flex}",
    "flex restores list Flex0",
    "flex restores get Flex0 {flex-restore}",
    "collections list Cluster0",
    "endpoints list",
    "projects list",
    "projects get",
    "clusters list",
    "clusters get Cluster0",
    "clusters get Flex0",
    "fleet clusters",
    "fleet snapshots",
    "fleet schedules",
    "fleet exports",
    "audit",
    "audit -o junit",
    "auth status",
    "api cloudBackups listBackupSnapshots --clusterName Cluster0 --paginate",
];

/// Commands that start a job, which may not be started twice.
const STARTING: &[&str] = &[
    "snapshots take Cluster0",
    "restores start download Cluster0 --snapshot {snapshot}",
    "restores start automated Cluster0 --snapshot {snapshot} --target-cluster Cluster0 --yes",
    "restores start automated Flex0 --snapshot {flex} --target-cluster Flex0 --yes",
    "exports create Cluster0 --snapshot {snapshot} --bucket {bucket}",
    "collections restore Cluster0 --snapshot {snapshot} --collection shop.orders=shop.then",
];

/// Parts of the credentials that no output may contain, also in the encodings in which they are sent.
const SECRETS: [&str; 4] = ["hunter2-key", "hunter2-secret", TOKEN, "aHVudGVyMi"];

/// One cell in this many runs without `ATLAS_BACKUP_EVERY_FAULT`.
const SAMPLE: usize = 29;

/// Credentials of `place`: an API key where it matters, a service account where it matters, else by turns.
fn with_credentials(run: Run, place: Place, turn: usize) -> Run {
    if place == Place::Token || (place == Place::Response && turn % 2 == 1) {
        return run.env("MONGODB_ATLAS_CLIENT_ID", "mdb_sa_id_1").env("MONGODB_ATLAS_CLIENT_SECRET", "hunter2-secret");
    }
    run.env("MONGODB_ATLAS_PUBLIC_API_KEY", "public").env("MONGODB_ATLAS_PRIVATE_API_KEY", "hunter2-key")
}

/// A command, the responses to its requests, and how it ends undisturbed.
struct Sound {
    command: String,
    recording: Arc<std::sync::Mutex<Recording>>,
    /// The different requests, by method and target.
    requests: Vec<String>,
    ended: Ended,
}

impl Sound {
    async fn record(demo: &Demo, command: &str) -> Self {
        demo.enter(&demo.with_policy).await;
        let command = demo.fill(command);
        let format = if command.contains("-o ") { "" } else { "-o json" };
        let command = format!("--project {DEMO_PROJECT} -v {command} {format}");
        let (base, recording) = record(demo.address()).await;
        let ended = run(&format!("--no-auth {command}")).at(&base).ends_within(DEADLINE).await.expect("it ends");
        assert!([Some(0), Some(9)].contains(&ended.code), "{command}: {}", ended.stderr);
        let mut requests = recording.lock().expect("a recording").requests();
        // Some commands send several at once.
        requests.sort();
        let mut sound = Self { command, recording, requests, ended };
        for turn in [0, 1] {
            let plan = Plan { recording: sound.recording.clone(), fault: None, foreign: String::new() };
            let service = Service::start(plan).await;
            let replayed = with_credentials(run(&sound.command).at(&service.base_url), Place::Response, turn);
            let replayed = replayed.ends_within(DEADLINE).await.expect("it ends");
            assert_eq!(replayed.code, sound.ended.code, "{}: {}", sound.command, replayed.stderr);
            sound.ended = replayed;
        }
        sound
    }
}

const DEADLINE: Duration = Duration::from_secs(60);

/// The lines of an output without the times of the run. Walks of a fleet have no order.
fn unchanging(output: &str) -> Vec<&str> {
    let mut lines: Vec<_> = output.lines().filter(|line| !line.contains("\"readAt\"")).collect();
    lines.sort_unstable();
    lines
}

/// Runs one cell. Returns what is wrong.
async fn cell(sound: &Sound, fault: &Fault, request: &str, turn: usize, foreign: &str) -> Vec<String> {
    let fault = fault.clone();
    let (place, refuses) = (fault.place, fault.refuses());
    let (is_list, is_success) = sound.recording.lock().expect("a recording").answers(request);
    // A resource without required fields may be any object, and no command reads the body of an error that it expects.
    let is_object = fault.is_object() || (fault.is_empty() && !request.starts_with("GET "));
    let may_be_any_document = is_object && !is_list;
    let allowed = match fault.allowed {
        Allowed::Error if may_be_any_document => Allowed::AnyOutput,
        // An audit depends on the time, the status on the address of the service.
        Allowed::SameOutput if ["-v audit", "-v auth"].iter().any(|name| sound.command.contains(name)) => {
            Allowed::AnyOutput
        }
        // The name of the project is only shown.
        Allowed::Error if request.ends_with(DEMO_PROJECT) && !sound.command.contains("projects get") => {
            Allowed::SameOutput
        }
        Allowed::Error if !is_success && fault.keeps_status() => Allowed::SameOutput,
        allowed => allowed,
    };
    let plan = Plan {
        recording: sound.recording.clone(),
        fault: Some((fault, request.to_owned())),
        foreign: foreign.to_owned(),
    };
    let service = Service::start(plan).await;
    let command = format!("--request-timeout 1s {}", sound.command);
    let Some(ended) = with_credentials(run(&command).at(&service.base_url), place, turn).ends_within(DEADLINE).await
    else {
        return vec!["does not end".to_owned()];
    };
    let mut wrong = Vec::new();
    let mut check = |is_right: bool, what: &str| {
        if !is_right {
            let beginning = |text: &str| text.chars().take(600).collect::<String>();
            wrong.push(format!("{what}: {:?} {} | {}", ended.code, beginning(&ended.stdout), beginning(&ended.stderr)));
        }
    };
    let documented = [0, 1, 3, 4, 5, 6, 7, 8, 9].map(Some);
    check(documented.contains(&ended.code), "undocumented exit code");
    check(!ended.stderr.contains("panicked"), "panic");
    check(ended.code == Some(0) || !ended.stderr.is_empty(), "no message");
    let shows = |text: &str| SECRETS.iter().any(|secret| text.contains(secret));
    // A document is printed as it was sent.
    check(!shows(&ended.stderr) && (allowed == Allowed::AnyOutput || !shows(&ended.stdout)), "secret");
    check(!ended.stderr.contains('\u{1b}'), "control characters");
    if ended.code == Some(0) {
        check(allowed != Allowed::Error, "success");
        let same = unchanging(&ended.stdout) == unchanging(&sound.ended.stdout);
        check(same || allowed != Allowed::SameOutput, "other output");
    }
    let signed = service.signed.lock().expect("requests");
    let sent: Vec<_> = signed.iter().filter(|line| line.starts_with("POST ")).collect();
    check(refuses || sent.len() == sent.iter().collect::<HashSet<_>>().len(), "sent twice");
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_survives_every_fault_of_the_service() {
    let demo = Demo::start(&Recorder::default()).await;
    let (listener, contacted) =
        (TcpListener::bind("127.0.0.1:0").await.expect("a port"), Arc::new(AtomicUsize::new(0)));
    let foreign: Arc<str> = format!("http://{}", listener.local_addr().expect("an address")).into();
    let counted = contacted.clone();
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Relaxed);
        }
    });

    let sample = if std::env::var_os("ATLAS_BACKUP_EVERY_FAULT").is_some() { 1 } else { SAMPLE };
    let faults = Arc::new(faults());
    let (mut cells, permits) = (JoinSet::new(), Arc::new(Semaphore::new(8)));
    let mut count = 0;
    for command in READING.iter().chain(STARTING) {
        let sound = Arc::new(Sound::record(&demo, command).await);
        let starting = STARTING.contains(command);
        // The first and the last by method and target; of a command that starts a job also the one to the request that starts it.
        let mut broken: Vec<_> = sound.requests.first().into_iter().chain(sound.requests.last()).cloned().collect();
        broken.extend(sound.requests.iter().find(|line| starting && line.starts_with("POST ")).cloned());
        let mut seen = HashSet::new();
        broken.retain(|line| seen.insert(line.clone()));
        for (request, fault) in broken.iter().flat_map(|request| (0..faults.len()).map(move |fault| (request, fault))) {
            if faults[fault].place != Place::Response && *request != broken[0] {
                continue;
            }
            count += 1;
            if fault >= ALWAYS && count % sample != 0 {
                continue;
            }
            let (sound, faults, foreign, request) = (sound.clone(), faults.clone(), foreign.clone(), request.clone());
            let permit = permits.clone().acquire_owned().await.expect("a permit");
            let turn = count;
            cells.spawn(async move {
                let wrong = cell(&sound, &faults[fault], &request, turn, &foreign).await;
                drop(permit);
                let name = format!("{}, {request}: {}", sound.command, faults[fault].name);
                wrong.iter().for_each(|what| eprintln!("{name}: {what}\n"));
                wrong.len()
            });
        }
    }
    let run = cells.len();
    let wrong: usize = cells.join_all().await.into_iter().sum();
    eprintln!("{run} of {count} cells, {} faults, {} commands", faults.len(), READING.len() + STARTING.len());
    assert_eq!(wrong, 0, "the output above says which");
    assert_eq!(contacted.load(Relaxed), 0, "nothing is sent elsewhere");
}
