//! Random operations on an emulator, compared with a small reference model.
//!
//! Every operation goes to two emulators, one in memory and one on disk, which crashes now and then. Both must respond
//! alike and match the model.

mod reference;

use atlas_backup_emulator::{Emulator, Seed};
use http::Method;
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use self::reference::{Outcome, Reference};
use crate::support::{Answer, Bench, NEWEST};

/// The operations. Numbers select among the items that exist at that time.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    CreateProject {
        name: u8,
    },
    DeleteProject {
        project: u8,
    },
    CreateCluster {
        project: u8,
        name: u8,
    },
    DeleteCluster {
        cluster: u8,
    },
    Pause {
        cluster: u8,
        paused: bool,
    },
    TakeSnapshot {
        cluster: u8,
        days: u8,
    },
    KeepSnapshot {
        snapshot: u8,
        days: u8,
    },
    DeleteSnapshot {
        snapshot: u8,
    },
    Restore {
        snapshot: u8,
        download: bool,
    },
    CancelRestore {
        restore: u8,
    },
    CreateBucket {
        project: u8,
        name: u8,
    },
    DeleteBucket {
        bucket: u8,
    },
    Export {
        snapshot: u8,
        bucket: u8,
    },
    Schedule {
        cluster: u8,
        hour: u8,
    },
    Policy {
        project: u8,
        on_demand_days: u8,
    },
    Step {
        seconds: u32,
    },
    /// The current folder, without the process.
    Crash,
    /// A clean stop and a new start.
    Restart,
    /// The state is exported and imported.
    Reimport,
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    use Operation as O;
    let n = || 0u8..6;
    let one = prop_oneof![
        1 => n().prop_map(|name| O::CreateProject { name: name % 2 }),
        1 => n().prop_map(|project| O::DeleteProject { project }),
        3 => (n(), n()).prop_map(|(project, name)| O::CreateCluster { project, name: name % 3 }),
        1 => n().prop_map(|cluster| O::DeleteCluster { cluster }),
        2 => (n(), any::<bool>()).prop_map(|(cluster, paused)| O::Pause { cluster, paused }),
        6 => (n(), 1u8..9).prop_map(|(cluster, days)| O::TakeSnapshot { cluster, days }),
        2 => (n(), 1u8..9).prop_map(|(snapshot, days)| O::KeepSnapshot { snapshot, days }),
        2 => n().prop_map(|snapshot| O::DeleteSnapshot { snapshot }),
        3 => (n(), any::<bool>()).prop_map(|(snapshot, download)| O::Restore { snapshot, download }),
        2 => n().prop_map(|restore| O::CancelRestore { restore }),
        2 => (n(), n()).prop_map(|(project, name)| O::CreateBucket { project, name: name % 2 }),
        1 => n().prop_map(|bucket| O::DeleteBucket { bucket }),
        3 => (n(), n()).prop_map(|(snapshot, bucket)| O::Export { snapshot, bucket }),
        1 => (n(), 0u8..26).prop_map(|(cluster, hour)| O::Schedule { cluster, hour }),
        1 => (n(), 1u8..9).prop_map(|(project, on_demand_days)| O::Policy { project, on_demand_days }),
        6 => prop_oneof![Just(5u32), Just(60), Just(90), Just(200), Just(9_000), Just(86_400), Just(200_000)]
            .prop_map(|seconds| O::Step { seconds }),
        2 => Just(O::Crash),
        1 => Just(O::Restart),
        1 => Just(O::Reimport),
    ];
    // Each run starts with some data, so that few operations target missing items.
    prop::collection::vec(one, 10..45).prop_map(|rest| {
        let begin = [O::CreateProject { name: 0 }, O::CreateCluster { project: 0, name: 0 }, O::Step { seconds: 200 }];
        begin.into_iter().chain(rest).collect()
    })
}

/// An emulator on disk, with its folder.
struct OnDisk {
    bench: Bench,
    folder: TempDir,
}

impl OnDisk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { bench: Bench::with(Emulator::builder().stepped_clock().data_dir(folder.path())).await, folder }
    }

    /// A new emulator on the folder as a killed process leaves it. The old emulator is dropped afterwards.
    async fn crashed(self) -> Self {
        self.bench.emulator.flush().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(self.folder.path().join("state.redb"), folder.path().join("state.redb")).unwrap();
        Self { bench: Bench::with(Emulator::builder().stepped_clock().data_dir(folder.path())).await, folder }
    }

    async fn restarted(self) -> Self {
        self.bench.emulator.stop().await;
        let builder = Emulator::builder().seed(Seed::Demo).stepped_clock().data_dir(self.folder.path());
        Self { bench: Bench::with(builder).await, folder: self.folder }
    }
}

/// Sends the request to both and returns the response, which must be equal.
async fn ask(pair: (&Bench, &Bench), method: Method, path: &str, body: &Value) -> Answer {
    let ask = async |bench: &Bench| {
        let request = bench.request(method.clone(), path).header("accept", NEWEST).header("host", "h");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        bench.send(request.header("content-type", NEWEST), body).await
    };
    let (memory, disk) = (ask(pair.0).await, ask(pair.1).await);
    let alike = memory.status == disk.status && without_keys(&memory.json) == without_keys(&disk.json);
    assert!(alike, "{method} {path}:\n{} {}\n{} {}", memory.status, memory.text, disk.status, disk.text);
    assert!(memory.status.as_u16() < 500, "{method} {path}: {}", memory.text);
    memory
}

/// A document without random values: the keys of downloads and their URLs.
fn without_keys(document: &Value) -> Value {
    let mut document = document.clone();
    let mut unseen = vec![&mut document];
    while let Some(value) = unseen.pop() {
        match value {
            Value::Object(fields) => {
                fields.remove("linkKey");
                if let Some(urls) = fields.get_mut("deliveryUrl") {
                    *urls = urls.as_array().map_or(0, Vec::len).into();
                }
                unseen.extend(fields.values_mut());
            }
            Value::Array(items) => unseen.extend(items),
            _ => {}
        }
    }
    document
}

fn state(bench: &Bench) -> Value {
    without_keys(&bench.emulator.export_state())
}

async fn live(operations: Vec<Operation>) {
    let memory = Bench::with(Emulator::builder().stepped_clock()).await;
    let mut disk = OnDisk::new().await;
    let mut model = Reference::default();
    for operation in &operations {
        match operation {
            Operation::Step { seconds } => {
                for bench in [&memory, &disk.bench] {
                    bench.advance(u64::from(*seconds));
                }
                model.now += i64::from(*seconds);
            }
            Operation::Crash => disk = disk.crashed().await,
            Operation::Restart => disk = disk.restarted().await,
            Operation::Reimport => {
                let state = disk.bench.emulator.export_state();
                disk.bench.emulator.import_state(state).await.unwrap();
            }
            operation => {
                let Some(request) = model.request(operation) else { continue };
                let pair = (&memory, &disk.bench);
                let answer = ask(pair, request.method.clone(), &request.path, &request.body).await;
                let done = answer.status.is_success();
                match request.expected {
                    Outcome::Done => assert!(done, "{operation:?}: {}", answer.text),
                    Outcome::Refused(status, code) => {
                        let answered = (answer.status.as_u16(), answer.json["errorCode"].as_str());
                        assert_eq!(answered, (status, Some(code)), "{operation:?}: {}", answer.text);
                    }
                    Outcome::Either => {}
                }
                if done {
                    model.happened(operation, &answer.json);
                }
            }
        }
        // Comparing takes most of the time, so it is done only after operations that can lose or advance data.
        if matches!(operation, Operation::Crash | Operation::Restart | Operation::Reimport | Operation::Step { .. }) {
            look(&model, (&memory, &disk.bench), operation).await;
        }
    }
    assert!(state(&memory) == state(&disk.bench), "two emulators with the same operations");
    let disk = disk.crashed().await;
    look(&model, (&memory, &disk.bench), &Operation::Crash).await;
    assert!(state(&memory) == state(&disk.bench), "after the last crash");
}

/// Compares the emulators with the model.
async fn look(model: &Reference, pair: (&Bench, &Bench), after: &Operation) {
    for (path, field, shown) in model.shown() {
        let answer = ask(pair, Method::GET, &path, &Value::Null).await.documented(200);
        let rows = answer.json["results"].as_array().unwrap().iter();
        let rows: Vec<Value> = rows.filter(|row| model.knows(row)).map(|row| reference::brief(row, field)).collect();
        assert_eq!(json!(rows), shown, "{path} after {after:?}: {}", answer.text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn emulator_matches_reference_model_across_crashes(operations in operations()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(live(operations));
    }
}
