//! What takes more than a call: a fleet over a network with a latency, and memory that must not grow with what is read.
//! Each is measured in a separate process.

use std::{
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use atlas_backup::{Client, Credentials};

use crate::server::{CLUSTERS, Running, Service};

const PROJECTS: usize = 20;
const IN_FLIGHT: usize = 32;
/// Milliseconds.
const LATENCY: u64 = 20;

fn client(base: &str) -> Option<Client> {
    Client::builder().base_url(base).credentials(Credentials::none()).timeout(Duration::from_secs(600)).build().ok()
}

/// One snapshot of each of 2,000 clusters: prints how much of the time was needed that it takes at best, beside what a
/// loop by hand needs in the same minute. At best means with a request's time as a single one takes it here, by hand: the
/// service sleeps a little longer than it is told to, and no client can make up for that.
pub(crate) fn fleet() -> Option<bool> {
    let service = Service { latency: LATENCY, projects: PROJECTS, snapshots: 1, archive: 0 };
    let single = of_child(&["whole", "single", &Running::start(service)?.base])?.first().copied()?;
    let single = Duration::from_micros(single);
    println!("  a single request takes {single:.2?}");
    let mut best = 0.0_f64;
    for _ in 0..3 {
        let [share, _] = [("the client", "fleet"), ("by hand", "fleet-by-hand")].map(|(caller, job)| {
            let service = Running::start(service)?;
            let taken = Duration::from_micros(of_child(&["whole", job, &service.base])?.first().copied()?);
            let requests = service.requests()?;
            // The projects must be known before anything else can be asked for.
            let rounds = u32::try_from(1 + (requests - 1).div_ceil(IN_FLIGHT)).ok()?;
            let share = |latency: Duration| (latency * rounds).as_secs_f64() / taken.as_secs_f64();
            let (real, reported) = (share(single), share(Duration::from_millis(LATENCY)));
            println!(
                "  {caller:<10} {requests} requests in {taken:.2?}: {:.1} % of the ideal, {:.1} % with {LATENCY} ms sharp",
                real * 100.0,
                reported * 100.0
            );
            Some(real)
        });
        best = best.max(share?);
    }
    Some(best >= 0.95)
}

/// The median time of a request, one after the other, in microseconds.
async fn single_by_hand(base: &str) -> Option<u128> {
    let client = reqwest::Client::builder().no_proxy().build().ok()?;
    let mut taken = Vec::new();
    for _ in 0..51 {
        let began = Instant::now();
        client.get(format!("{base}/api/atlas/v2/groups")).send().await.ok()?.bytes().await.ok()?;
        taken.push(began.elapsed().as_micros());
    }
    taken.sort_unstable();
    taken.get(taken.len() / 2).copied()
}

/// The requests of the fleet, written with reqwest: the lists of clusters, then a list of snapshots for each.
async fn fleet_by_hand(base: &str) -> Option<usize> {
    use futures_util::{StreamExt as _, stream};

    let client = reqwest::Client::builder().no_proxy().build().ok()?;
    let listed = async |url: String| {
        let request = client.get(url).header("accept", "application/vnd.atlas.2023-01-01+json");
        let body = request.send().await.ok()?.error_for_status().ok()?.bytes().await.ok()?;
        let page: serde_json::Value = serde_json::from_slice(&body).ok()?;
        page["results"].as_array().cloned()
    };
    let groups = format!("{base}/api/atlas/v2/groups");
    let projects = listed(format!("{groups}?pageNum=1")).await?;
    let lists = projects.iter().filter_map(|project| project["id"].as_str()).flat_map(|project| {
        ["clusters", "flexClusters"].map(|kind| (project, format!("{groups}/{project}/{kind}?pageNum=1")))
    });
    let lists = lists.map(async |(project, url)| (project, listed(url).await.unwrap_or_default()));
    let clusters: Vec<_> = stream::iter(lists).buffer_unordered(IN_FLIGHT).collect().await;
    let named = clusters.iter().flat_map(|(project, clusters)| {
        clusters.iter().filter_map(move |cluster| Some((project, cluster["name"].as_str()?)))
    });
    let snapshots = named.map(async |(project, cluster)| {
        listed(format!("{groups}/{project}/clusters/{cluster}/backup/snapshots?pageNum=1")).await.map_or(0, |s| s.len())
    });
    Some(stream::iter(snapshots).buffer_unordered(IN_FLIGHT).fold(0, async |sum, found| sum + found).await)
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

/// Runs in a separate process: prints microseconds and the most kibibytes held.
pub(crate) fn run(job: &str, base: &str) -> ExitCode {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return ExitCode::FAILURE;
    };
    let Some(client) = client(base) else { return ExitCode::FAILURE };
    if job == "single" {
        println!("{}", runtime.block_on(single_by_hand(base)).unwrap_or(0));
        return ExitCode::SUCCESS;
    }
    let began = Instant::now();
    runtime.block_on(async {
        if job == "fleet" {
            let (mut fleet, mut found) = (client.fleet().concurrency(IN_FLIGHT).snapshots(), 0);
            while let Some(next) = fleet.next().await {
                next.expect("a snapshot");
                found += 1;
            }
            assert!(found >= 2 * CLUSTERS, "{found}");
        } else if job == "fleet-by-hand" {
            assert_eq!(fleet_by_hand(base).await, Some(PROJECTS * CLUSTERS));
        } else {
            let folder = tempfile::tempdir().expect("a folder");
            let cluster = client.project(crate::ID).and_then(|project| project.cluster("Cluster0")).expect("a cluster");
            let download = cluster.restores().resume_download(crate::ID).await.expect("a job");
            download.save_to(folder.path().join("archive")).await.expect("saved");
        }
    });
    println!("{} {}", began.elapsed().as_micros(), max_held().unwrap_or(0));
    ExitCode::SUCCESS
}

/// The most memory that the process has held, in KiB.
fn max_held() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
