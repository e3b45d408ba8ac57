//! The calls that are compared: the whole client, and reqwest with a struct for serde written by hand.
//!
//! Both run on a runtime of one thread and talk to the same service. The one by hand never authenticates and checks
//! nothing but the status: what the client does beyond that is part of what is measured.

use std::{hint::black_box, process::ExitCode};

use atlas_backup::{Client, Cluster, Credentials, SecretString};

use crate::{derived, server::Running};

/// A call and the most that the client may take for it, as a multiple of what it takes by hand.
pub(crate) struct Call {
    pub(crate) name: &'static str,
    pub(crate) list: bool,
    pub(crate) target: f64,
}

pub(crate) const CALLS: [Call; 2] = [
    Call { name: "one snapshot", list: false, target: 1.25 },
    Call { name: "a list of 500 snapshots", list: true, target: 1.05 },
];

/// The callers; by hand first.
pub(crate) const CALLERS: [&str; 4] = ["reqwest by hand", "without credentials", "API key", "service account"];

pub(crate) struct Caller {
    runtime: tokio::runtime::Runtime,
    how: How,
    list: bool,
}

enum How {
    ByHand { client: reqwest::Client, url: String },
    Client(Cluster),
}

impl Caller {
    pub(crate) fn new(base: &str, call: usize, caller: usize) -> Option<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        let list = CALLS.get(call)?.list;
        let credentials = match caller {
            0 => {
                let snapshots = format!("{base}/api/atlas/v2/groups/{}/clusters/Cluster0/backup/snapshots", crate::ID);
                let url = match list {
                    true => format!("{snapshots}?itemsPerPage=500&pageNum=1"),
                    false => format!("{snapshots}/{}", crate::ID),
                };
                let client = reqwest::Client::builder().no_proxy().build().ok()?;
                return Some(Caller { runtime, how: How::ByHand { client, url }, list });
            }
            1 => Credentials::none(),
            2 => Credentials::api_key("public", SecretString::from("private")),
            _ => Credentials::service_account("account", SecretString::from("secret")),
        };
        let base = if caller == 2 { format!("{base}/digest") } else { base.to_owned() };
        let client = Client::builder().base_url(base).credentials(credentials).build().ok()?;
        let cluster = client.project(crate::ID).and_then(|project| project.cluster("Cluster0")).ok()?;
        Some(Caller { runtime, how: How::Client(cluster), list })
    }

    /// Calls some times, one after the other.
    pub(crate) fn call(&self, times: usize) {
        self.runtime.block_on(async {
            for _ in 0..times {
                match (&self.how, self.list) {
                    (How::ByHand { client, url }, true) => {
                        black_box(by_hand::<derived::Page>(client, url).await);
                    }
                    (How::ByHand { client, url }, false) => {
                        black_box(by_hand::<derived::Snapshot>(client, url).await);
                    }
                    (How::Client(cluster), true) => {
                        let all = cluster.snapshots().list().items_per_page(500).all().await.expect("a page");
                        assert_eq!(black_box(all).len(), 500);
                    }
                    (How::Client(cluster), false) => {
                        black_box(cluster.snapshots().get(crate::ID).await.expect("a snapshot"));
                    }
                }
            }
        });
    }
}

async fn by_hand<T: serde::de::DeserializeOwned>(client: &reqwest::Client, url: &str) -> T {
    let accept = "application/vnd.atlas.2023-01-01+json";
    let response = client.get(url).header("accept", accept).send().await.expect("an answer");
    let body = response.error_for_status().expect("a good status").bytes().await.expect("a body");
    serde_json::from_slice(&body).expect("the document")
}

/// What runs under valgrind: `BASE CALL CALLER TIMES`.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let [base, numbers @ ..] = arguments else { return ExitCode::FAILURE };
    let numbers: Vec<usize> = numbers.iter().filter_map(|number| number.parse().ok()).collect();
    let &[call, caller, times] = numbers.as_slice() else { return ExitCode::FAILURE };
    let Some(caller) = Caller::new(base, call, caller) else { return ExitCode::FAILURE };
    caller.call(times);
    ExitCode::SUCCESS
}

/// How many requests `times` calls make beyond the first call's.
pub(crate) fn requests(service: &Running, call: usize, caller: usize, times: usize) -> Option<usize> {
    let caller = Caller::new(&service.base, call, caller)?;
    caller.call(1);
    service.requests()?;
    caller.call(times);
    service.requests()
}
