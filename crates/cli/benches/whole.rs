//! Compares a run of the program with curl, in turns, with the same request to the same emulator, and measures the memory
//! of a fleet. `cargo bench -p atlas-backup-cli`; with `-- --check` it fails if a target is missed.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{
    collections::BTreeMap,
    env, fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use atlas_backup_emulator::{Builder, DEMO_PROJECT, Emulator, Fleet, Seed};

const PROGRAM: &str = env!("CARGO_BIN_EXE_atlas-backup");
const ROUNDS: usize = 41;
/// The targets in milliseconds.
const VERSION: f64 = 10.0;
const ABOVE_CURL: f64 = 30.0;

fn program(arguments: &str, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.env_clear().args(arguments.split_whitespace()).envs(environment.iter().copied());
    command
}

fn curl(arguments: &[&str]) -> Command {
    let mut command = Command::new("curl");
    command.args(["-sf", "-H", "Accept: application/vnd.atlas.2023-01-01+json"]).args(arguments);
    command
}

/// The duration of a command, including its start.
fn timed(command: &mut Command) -> f64 {
    let begun = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("it runs");
    let took = begun.elapsed();
    assert!(status.success(), "{command:?}: {status}");
    took.as_secs_f64() * 1000.0
}

async fn start(builder: Builder) -> Emulator {
    builder.no_rate_limits().start().await.expect("an emulator")
}

/// Medians in milliseconds.
async fn times() -> BTreeMap<&'static str, f64> {
    let open = start(Emulator::builder().seed(Seed::Demo)).await;
    let demo = Emulator::builder().seed(Seed::Demo);
    let guarded = start(demo.api_key("public", "private").service_account("account", "secret")).await;
    let cache = tempfile::tempdir().expect("a folder");
    let cache = cache.path().display().to_string();
    let path =
        format!("/api/atlas/v2/groups/{DEMO_PROJECT}/clusters/Cluster0/backup/snapshots?itemsPerPage=100&pageNum=1");
    let [open_url, guarded_url] = [&open, &guarded].map(|emulator| format!("{}{path}", emulator.base_url()));
    let list = "snapshots list Cluster0 --limit 100 -o json";
    let at = |emulator: &Emulator| {
        [
            ("MONGODB_ATLAS_BASE_URL", emulator.base_url().to_owned()),
            ("MONGODB_ATLAS_PROJECT_ID", DEMO_PROJECT.to_owned()),
            ("XDG_CACHE_HOME", cache.clone()),
        ]
    };
    let (at_open, at_guarded) = (at(&open), at(&guarded));
    let with = |at: &'static [(&'static str, &'static str)], base: &[(&'static str, String)], arguments: &str| {
        let mut command = program(arguments, at);
        command.envs(base.iter().map(|(name, value)| (*name, value.as_str())));
        command
    };
    let key = &[("MONGODB_ATLAS_PUBLIC_API_KEY", "public"), ("MONGODB_ATLAS_PRIVATE_API_KEY", "private")];
    let account = &[("MONGODB_ATLAS_CLIENT_ID", "account"), ("MONGODB_ATLAS_CLIENT_SECRET", "secret")];
    let mut cases = [
        ("--version", program("--version", &[])),
        ("list, no credentials: curl", curl(&[&open_url])),
        ("list, no credentials: atlas-backup", with(&[], &at_open, &format!("{list} --no-auth"))),
        ("list, API key: curl", curl(&["--digest", "-u", "public:private", &guarded_url])),
        ("list, API key: atlas-backup", with(key, &at_guarded, list)),
        ("list, service account: atlas-backup", with(account, &at_guarded, list)),
    ];
    let mut taken: BTreeMap<&'static str, Vec<f64>> = BTreeMap::new();
    for _ in 0..ROUNDS {
        for (name, command) in &mut cases {
            let command = &mut *command;
            let took = tokio::task::block_in_place(|| timed(command));
            taken.entry(name).or_default().push(took);
        }
    }
    let median = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    taken.into_iter().map(|(name, times)| (name, median(times))).collect()
}

/// Peak memory in KiB for a fleet of 100 clusters with this number of snapshots each.
async fn memory(snapshots: u32) -> Option<u64> {
    let fleet = Seed::Fleet(Fleet { projects: 10, clusters: 10, snapshots });
    let emulator = start(Emulator::builder().seed(fleet)).await;
    let environment = [("MONGODB_ATLAS_BASE_URL", emulator.base_url())];
    let mut child =
        program("fleet snapshots -o ndjson --no-auth", &environment).stdout(Stdio::null()).spawn().expect("it runs");
    let status = format!("/proc/{}/status", child.id());
    let mut most = None;
    while child.try_wait().expect("it is ours").is_none() {
        let now = fs::read_to_string(&status).ok().and_then(|text| {
            text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok())
        });
        most = most.max(now);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    most
}

#[tokio::main(flavor = "multi_thread")]
async fn main() {
    let check = env::args().any(|argument| argument == "--check");
    let times = times().await;
    for (name, median) in &times {
        println!("{name:40} {median:6.2} ms");
    }
    for snapshots in [100, 1000] {
        if let Some(most) = memory(snapshots).await {
            println!("fleet of {:>6} snapshots                 {most} KiB", snapshots * 100);
        }
    }
    let above = |ours: &str, theirs: &str| times[ours] - times[theirs];
    let missed = [
        ("--version", times["--version"] > VERSION),
        ("list", above("list, no credentials: atlas-backup", "list, no credentials: curl") > ABOVE_CURL),
        ("list, API key", above("list, API key: atlas-backup", "list, API key: curl") > ABOVE_CURL),
        (
            "list, service account",
            above("list, service account: atlas-backup", "list, no credentials: curl") > ABOVE_CURL,
        ),
    ];
    let missed: Vec<_> = missed.iter().filter(|(_, missed)| *missed).map(|(name, _)| *name).collect();
    assert!(!check || missed.is_empty(), "over the target: {missed:?}");
}
