//! What takes more than a call: a fleet over a network with a latency, and memory that must not grow with what is read.
//! Each is measured in a process of its own.

use std::{
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use atlas_backup::{Client, Credentials};

use crate::server::{CLUSTERS, Running, Service};

const PROJECTS: usize = 20;
const IN_FLIGHT: usize = 32;
const LATENCY: Duration = Duration::from_millis(20);

fn client(base: &str) -> Option<Client> {
    Client::builder().base_url(base).credentials(Credentials::none()).timeout(Duration::from_secs(600)).build().ok()
}

/// One snapshot of each of 2,000 clusters: prints how much of the time was needed that it takes at best.
pub(crate) fn fleet() -> Option<bool> {
    let service = Service { latency: 20, projects: PROJECTS, snapshots: 1, archive: 0 };
    let mut best = 0.0_f64;
    for _ in 0..3 {
        let service = Running::start(service)?;
        let taken: u64 = of_child(&["whole", "fleet", &service.base])?.first().copied()?;
        let requests = service.requests()?;
        // The projects must be known before anything else can be asked for.
        let ideal = LATENCY * u32::try_from(1 + (requests - 1).div_ceil(IN_FLIGHT)).ok()?;
        let taken = Duration::from_micros(taken);
        let share = ideal.as_secs_f64() / taken.as_secs_f64();
        println!("  {requests} requests in {taken:.2?}, at best {ideal:.2?}: {:.1} %", share * 100.0);
        best = best.max(share);
    }
    Some(best >= 0.95)
}

/// Prints the most memory that was held, for little and for much to read.
pub(crate) fn memory() -> Option<bool> {
    let mut within = true;
    for (what, little, much) in [
        (
            "fleet, snapshots of each of 200 clusters",
            Service { latency: 0, projects: 2, snapshots: 500, archive: 0 },
            Service { latency: 0, projects: 2, snapshots: 5_000, archive: 0 },
        ),
        (
            "download, mebibytes",
            Service { latency: 0, projects: 0, snapshots: 0, archive: 16 },
            Service { latency: 0, projects: 0, snapshots: 0, archive: 512 },
        ),
    ] {
        let held = |service: Service| {
            let job = if service.archive > 0 { "download" } else { "fleet" };
            of_child(&["whole", job, &Running::start(service)?.base])?.get(1).copied()
        };
        let (before, after) = (held(little)?, held(much)?);
        let amount = |service: Service| service.snapshots + service.archive;
        println!("  {what}: {} KiB for {}, {} KiB for {}", before, amount(little), after, amount(much));
        within &= after < before + before / 4;
    }
    Some(within)
}

/// The numbers that a process of this program prints.
fn of_child(arguments: &[&str]) -> Option<Vec<u64>> {
    let output = Command::new(std::env::current_exe().ok()?).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.split_whitespace().filter_map(|number| number.parse().ok()).collect())
}

/// Runs in a process of its own: prints microseconds and the most kibibytes held.
pub(crate) fn run(job: &str, base: &str) -> ExitCode {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return ExitCode::FAILURE;
    };
    let Some(client) = client(base) else { return ExitCode::FAILURE };
    let began = Instant::now();
    runtime.block_on(async {
        if job == "fleet" {
            let (mut fleet, mut found) = (client.fleet().concurrency(IN_FLIGHT).snapshots(), 0);
            while let Some(next) = fleet.next().await {
                next.expect("a snapshot");
                found += 1;
            }
            assert!(found >= 2 * CLUSTERS, "{found}");
        } else {
            let folder = tempfile::tempdir().expect("a folder");
            let cluster = client.project(crate::ID).and_then(|project| project.cluster("Cluster0")).expect("a cluster");
            let download = cluster.restores().resume_download(crate::ID).await.expect("a job");
            download.save_to(folder.path().join("archive")).await.expect("saved");
        }
    });
    println!("{} {}", began.elapsed().as_micros(), most_held().unwrap_or(0));
    ExitCode::SUCCESS
}

/// The most memory that the process has held, in KiB.
fn most_held() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
