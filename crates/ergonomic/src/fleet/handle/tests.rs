use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};
use tokio::time::Instant;

use super::*;
use crate::{
    RetryPolicy,
    testing::{CannedResponse, CannedService, SentRequest},
};

const LATENCY: Duration = Duration::from_millis(20);

/// A service of some projects with the same clusters each. A response takes [`LATENCY`].
#[derive(Default)]
struct Service {
    projects: usize,
    clusters: usize,
    snapshots: usize,
}

fn id(number: usize) -> String {
    format!("{number:024x}")
}

impl Service {
    fn start(self) -> CannedService {
        CannedService::respond_with(move |request, _| {
            let answer = match request.path.as_str() {
                path if path.contains(&format!("{}/clusters", id(1))) => {
                    CannedResponse::error(403, "USER_UNAUTHORIZED")
                }
                path if path.contains(&format!("{}/clusters/c3/", id(0))) => CannedResponse::status(500),
                _ => self.answer(request).into(),
            };
            answer.after(LATENCY)
        })
    }

    fn answer(&self, request: &SentRequest) -> Value {
        let path: Vec<_> = request.path.split('/').skip(5).collect();
        let numbered = |name: &str| {
            let (_, value) = request.query.iter().find(|(key, _)| key == name)?;
            value.parse::<usize>().ok()
        };
        let (page, size) = (numbered("pageNum").unwrap_or(1), numbered("itemsPerPage").unwrap_or(100));
        let list_page = |total: usize, item: &dyn Fn(usize) -> Value| {
            let items: Vec<_> = (0..total).skip((page - 1) * size).take(size).map(item).collect();
            let links = if page * size < total { json!([{ "rel": "next" }]) } else { json!([]) };
            json!({ "results": items, "links": links, "totalCount": total })
        };
        match path[..] {
            [] => list_page(self.projects, &|n| json!({ "id": id(n), "name": format!("p{n}") })),
            [_, "clusters"] => list_page(self.clusters, &|n| match n % 10 {
                8 => json!({ "name": format!("c{n}"), "clusterType": "SHARDED" }),
                9 => {
                    json!({ "name": format!("c{n}"), "replicationSpecs": [{ "regionConfigs": [{ "providerName": "TENANT" }] }] })
                }
                _ => json!({ "name": format!("c{n}"), "clusterType": "REPLICASET" }),
            }),
            [_, "flexClusters"] => list_page(1, &|_| json!({ "name": "flex" })),
            [_, "backupCompliancePolicy"] if path[0] == id(0) => json!({ "projectId": id(0), "state": "ACTIVE" }),
            [_, "backupCompliancePolicy"] => json!({}),
            [_, _, _, "backup", "schedule"] => json!({ "clusterName": path[2] }),
            _ => list_page(self.snapshots, &|n| json!({ "id": id(n) })),
        }
    }
}

fn paths(service: &CannedService) -> Vec<String> {
    service.sent().into_iter().map(|sent| sent.path).collect()
}

fn fleet(service: &CannedService) -> Fleet {
    Client::builder().retry(RetryPolicy::none()).build_over(service.clone()).fleet()
}

async fn all<T>(mut stream: FleetStream<T>) -> (Vec<FleetItem<T>>, Vec<FleetError>) {
    let (mut found, mut missed) = (Vec::new(), Vec::new());
    while let Some(next) = stream.next().await {
        match next {
            Ok(next) => found.push(next),
            Err(next) => missed.push(next),
        }
    }
    (found, missed)
}

#[tokio::test(start_paused = true)]
async fn fleet_reports_failed_project_and_cluster_and_continues() {
    let service = Service { projects: 3, clusters: 10, snapshots: 2 }.start();
    let (found, mut missed) = all(fleet(&service).snapshots()).await;
    // Ten clusters a project, one of them free, and a flex one; less a forbidden project and a failing cluster.
    assert_eq!(found.len(), 2 * (10 + 10) - 2);
    missed.sort_by_key(|missed| missed.project.clone());
    let reported: Vec<_> = missed.iter().map(|m| (m.project.as_ref().map(ProjectId::as_str), m.error.kind())).collect();
    assert_eq!(reported, [(Some(&*id(0)), ErrorKind::Server), (Some(&*id(1)), ErrorKind::Forbidden)]);
    assert_eq!(missed[0].cluster.as_ref().map(|c| c.as_str()), Some("c3"));
    assert!(missed[1].cluster.is_none() && missed[1].to_string().contains(&id(1)), "{}", missed[1]);

    let at = |kind: &dyn Fn(&AnySnapshot) -> bool| {
        let of_kind = found.iter().filter(|found| kind(&found.item));
        of_kind.map(|found| found.cluster.as_ref().expect("a cluster").as_str()).collect::<BTreeSet<_>>()
    };
    assert_eq!(at(&|s| matches!(s, AnySnapshot::Sharded(_))), ["c8"].into());
    assert_eq!(at(&|s| matches!(s, AnySnapshot::Flex(_))), ["flex"].into());
    assert!(paths(&service).iter().all(|path| !path.contains("/c9/")), "a free cluster has no backups");
}

#[tokio::test(start_paused = true)]
async fn fleet_items_name_their_project_and_cluster() {
    let service = Service { projects: 1, clusters: 3, snapshots: 2 }.start();
    let (clusters, _) = all(fleet(&service).clusters()).await;
    assert_eq!(clusters.iter().map(|c| c.item.name().as_str()).collect::<Vec<_>>(), ["c0", "c1", "c2", "flex"]);
    let (schedules, _) = all(fleet(&service).schedules()).await;
    assert_eq!(schedules.len(), 3);
    assert!(schedules.iter().all(|s| s.cluster.as_ref().map(|c| c.as_str()) == s.item.cluster_name.as_deref()));
    assert_eq!(all(fleet(&service).exports()).await.0.len(), 3 * 2);

    let service = Service { projects: 3, ..Service::default() }.start();
    let (policies, _) = all(fleet(&service).compliance_policies()).await;
    assert_eq!(policies.len(), 1, "projects without a policy bring none");
    assert!(policies[0].cluster.is_none() && policies[0].project.as_str() == id(0));
}

#[tokio::test(start_paused = true)]
async fn fleet_uses_its_concurrency_limit() {
    let service = Service { projects: 22, clusters: 100, snapshots: 1 }.start();
    let began = Instant::now();
    let (found, _) = all(fleet(&service).concurrency(32).snapshots()).await;
    let (requests, took) = (service.sent().len(), began.elapsed());
    assert!(found.len() > 1900, "{}", found.len());
    assert_eq!(service.in_flight().1, 32);
    // The projects must be known before anything else can be asked for.
    let ideal = LATENCY * (1 + u32::try_from((requests - 1).div_ceil(32)).expect("few"));
    assert!(ideal.as_secs_f64() / took.as_secs_f64() >= 0.95, "{took:?} for {requests} requests, at best {ideal:?}");
}

#[tokio::test(start_paused = true)]
async fn fleet_stops_when_caller_stops_reading() {
    let service = Service { projects: 50, clusters: 60, snapshots: 5000 }.start();
    let mut stream = fleet(&service).concurrency(4).snapshots();
    for _ in 0..1200 {
        stream.next().await.expect("there are more").ok();
    }
    tokio::time::sleep(Duration::from_secs(3600)).await;
    // Three pages were read; each of four clusters, projects and lists may have one more.
    let asked = service.sent().len();
    assert!(asked < 40, "{asked} requests");
    drop(stream);
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!((service.sent().len(), service.in_flight().0), (asked, 0));
}

#[tokio::test(start_paused = true)]
async fn fleet_requests_end_with_stream() {
    let service = Service { projects: 9, clusters: 9, snapshots: 9 }.start();
    let mut stream = fleet(&service).concurrency(4).snapshots();
    let some = async { while stream.next().await.is_some() {} };
    tokio::time::timeout(LATENCY * 7 / 2, some).await.expect_err("there are more");
    assert!(service.in_flight().0 > 0);
    drop(stream);
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(service.in_flight().0, 0);
}

#[tokio::test(start_paused = true)]
async fn fleet_shard_of_project_is_unique_and_stable() {
    let service = Service { projects: 600, clusters: 0, ..Service::default() }.start();
    let mut seen = Vec::new();
    for part in 0..4 {
        let stream = fleet(&service).shard(part, 4).expect("a part").clusters();
        let of_part: BTreeSet<_> = all(stream).await.0.into_iter().map(|found| found.project).collect();
        assert!((100..200).contains(&of_part.len()), "{} of 600 projects in part {part} of 4", of_part.len());
        seen.extend(of_part);
    }
    // One of them refuses to list its clusters.
    assert_eq!((seen.len(), seen.iter().collect::<BTreeSet<_>>().len()), (599, 599));

    let known = ["32b6e34b3d91647abb20e7b8", "5f3e8e7d9b1c2a0012345678", "000000000000000000000000"];
    let parts = known.map(|text| {
        let id = ProjectId::new(text).expect("an id");
        (0..1000).find(|part| fleet(&service).shard(*part, 1000).expect("a part").has(&id)).expect("a part")
    });
    assert_eq!(parts, [380, 283, 317], "changing this would make running shards overlap");
    for (part, parts) in [(4, 4), (0, 0)] {
        assert_eq!(fleet(&service).shard(part, parts).expect_err("no such part").kind(), ErrorKind::InvalidInput);
    }
}

proptest::proptest! {
    /// However many parts there are, each project is in exactly one of them.
    #[test]
    fn fleet_shards_partition_projects(
        ids in proptest::collection::hash_set(proptest::array::uniform12(proptest::num::u8::ANY), 2..200),
        parts in 1..=16_u32,
    ) {
        let id = |bytes: &[u8; 12]| {
            let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            ProjectId::new(text).expect("an id")
        };
        let service = Service::default().start();
        let fleets: Vec<_> = (0..parts).map(|part| fleet(&service).shard(part, parts).expect("a part")).collect();
        for id in ids.iter().map(id) {
            let found: Vec<_> = (0..fleets.len()).filter(|part| fleets[*part].has(&id)).collect();
            proptest::prop_assert_eq!(found.len(), 1, "{} is in {:?} of {}", id, found, parts);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn added_project_moves_no_other_between_shards() {
    for parts in [1, 2, 3, 7, 16] {
        let mut placed = Vec::new();
        for projects in [60, 61] {
            let service = Service { projects, clusters: 0, ..Service::default() }.start();
            let mut of = std::collections::BTreeMap::new();
            for part in 0..parts {
                for found in all(fleet(&service).shard(part, parts).expect("a part").clusters()).await.0 {
                    let other = of.insert(found.project, part);
                    assert!(other.is_none_or(|other| other == part), "in {part} and {other:?} of {parts}");
                }
            }
            placed.push(of);
        }
        let [before, after] = [&placed[0], &placed[1]];
        assert!(before.iter().all(|(project, part)| after.get(project) == Some(part)), "{parts} parts");
        assert_eq!(after.len(), before.len() + 1, "{parts} parts");
    }
}

#[tokio::test(start_paused = true)]
async fn fleet_selects_projects_by_id_or_filter() {
    let service = Service { projects: 5, clusters: 1, ..Service::default() }.start();
    let projects =
        |found: Vec<FleetItem<AnyCluster>>| found.into_iter().map(|f| f.project.to_string()).collect::<BTreeSet<_>>();
    let chosen = fleet(&service).filter(|project| project.name.as_deref() == Some("p4"));
    assert_eq!(projects(all(chosen.clusters()).await.0), [id(4)].into());
    drop(service.take_sent());
    let named = fleet(&service).projects([ProjectId::new(id(2)).expect("an id")]);
    assert_eq!(projects(all(named.clusters()).await.0), [id(2)].into());
    assert!(paths(&service).iter().all(|path| path.contains(&id(2))), "named projects are not listed");
}
