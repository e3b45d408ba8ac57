//! Random writes, snapshots, restores and crashes, compared with a reference model.

use std::collections::BTreeMap;

use atlas_backup_emulator::{DEMO_PROJECT, Emulator, Seed};
use bson::{Document, doc};
use proptest::prelude::*;
use serde_json::json;

use super::client::{Driver, prepare};
use crate::support::{Bench, demo};

#[derive(Debug, Clone)]
enum Step {
    Insert {
        collection: u8,
        id: u8,
        n: u8,
    },
    /// A filter by `n`, so that it can change several documents.
    Increment {
        collection: u8,
        n: u8,
    },
    Upsert {
        collection: u8,
        id: u8,
        n: u8,
    },
    Delete {
        collection: u8,
        n: u8,
    },
    Drop {
        collection: u8,
    },
    Snapshot,
    Restore {
        snapshot: u8,
    },
    /// To a moment in the past.
    PointInTime {
        back: u8,
    },
    Wait {
        seconds: u8,
    },
    Crash,
}

/// The documents of two collections, in the order of their `_id`.
type Data = BTreeMap<(u8, i32), i32>;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let collection = 0..2_u8;
    let step = prop_oneof![
        4 => (collection.clone(), 0..6_u8, 0..4_u8).prop_map(|(collection, id, n)| Step::Insert { collection, id, n }),
        2 => (collection.clone(), 0..4_u8).prop_map(|(collection, n)| Step::Increment { collection, n }),
        2 => (collection.clone(), 0..6_u8, 0..4_u8).prop_map(|(collection, id, n)| Step::Upsert { collection, id, n }),
        2 => (collection.clone(), 0..4_u8).prop_map(|(collection, n)| Step::Delete { collection, n }),
        1 => collection.prop_map(|collection| Step::Drop { collection }),
        2 => Just(Step::Snapshot),
        1 => (0..4_u8).prop_map(|snapshot| Step::Restore { snapshot }),
        2 => (0..200_u8).prop_map(|back| Step::PointInTime { back }),
        3 => (1..90_u8).prop_map(|seconds| Step::Wait { seconds }),
        1 => Just(Step::Crash),
    ];
    proptest::collection::vec(step, 1..40)
}

struct Run {
    bench: Bench,
    driver: Driver,
    folder: tempfile::TempDir,
    data: Data,
    /// The data from each time on, in whole seconds.
    history: Vec<(i64, Data)>,
    /// Each with the time at which it begins.
    snapshots: Vec<(String, i64)>,
    begun: i64,
}

async fn open(folder: &tempfile::TempDir) -> Bench {
    Bench::with(Emulator::builder().seed(Seed::Demo).stepped_clock().data_dir(folder.path()).mongo(true)).await
}

impl Run {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bench = open(&folder).await;
        prepare(&bench, "atlasAdmin").await;
        let driver = Driver::logged_in(&bench, "Cluster0").await;
        let begun = bench.emulator.clock().now().timestamp();
        let history = vec![(0, Data::new())];
        Self { bench, driver, folder, data: Data::new(), history, snapshots: Vec::new(), begun }
    }

    fn now(&self) -> i64 {
        self.bench.emulator.clock().now().timestamp()
    }

    fn at(&self, fits: impl Fn(i64) -> bool) -> Data {
        self.history.iter().rfind(|(time, _)| fits(*time)).unwrap().1.clone()
    }

    async fn restore(&mut self, mut body: serde_json::Value, data: Data) {
        body["targetClusterName"] = "Cluster0".into();
        body["targetGroupId"] = DEMO_PROJECT.into();
        self.bench.post(&demo("/clusters/Cluster0/backup/restoreJobs"), body).await.documented(200);
        let ping = self.driver.try_run(doc! {"ping": 1, "$db": "admin"}).await;
        assert!(ping.is_err(), "served during a restore");
        self.bench.advance(120);
        self.data = data;
        self.driver = Driver::logged_in(&self.bench, "Cluster0").await;
    }

    async fn take(&mut self, step: &Step) {
        let name = |collection: u8| format!("c{collection}");
        match *step {
            Step::Insert { collection, id, n } => {
                let insert =
                    doc! {"insert": name(collection), "documents": [{"_id": i32::from(id), "n": i32::from(n)}]};
                let place = (collection, i32::from(id));
                if self.data.contains_key(&place) {
                    assert_eq!(self.driver.refused(insert).await, 11000);
                } else {
                    self.driver.shop(insert).await;
                    self.data.insert(place, i32::from(n));
                }
            }
            Step::Increment { collection, n } => {
                let updates = vec![doc! {"q": {"n": i32::from(n)}, "u": {"$inc": {"n": 1}}, "multi": true}];
                let reply = self.driver.shop(doc! {"update": name(collection), "updates": updates}).await;
                let mut changed = 0;
                for ((of, _), known) in &mut self.data {
                    if *of == collection && *known == i32::from(n) {
                        *known += 1;
                        changed += 1;
                    }
                }
                assert_eq!(reply.get_i32("nModified").ok(), Some(changed));
            }
            Step::Upsert { collection, id, n } => {
                let updates =
                    vec![doc! {"q": {"_id": i32::from(id)}, "u": {"$set": {"n": i32::from(n)}}, "upsert": true}];
                self.driver.shop(doc! {"update": name(collection), "updates": updates}).await;
                self.data.insert((collection, i32::from(id)), i32::from(n));
            }
            Step::Delete { collection, n } => {
                let deletes = vec![doc! {"q": {"n": {"$gte": i32::from(n)}}, "limit": 0}];
                let reply = self.driver.shop(doc! {"delete": name(collection), "deletes": deletes}).await;
                let before = self.data.len();
                self.data.retain(|(of, _), known| *of != collection || *known < i32::from(n));
                assert_eq!(reply.get_i32("n").ok(), Some(i32::try_from(before - self.data.len()).unwrap()));
            }
            Step::Drop { collection } => {
                self.driver.run(doc! {"drop": name(collection), "$db": "shop"}).await;
                self.data.retain(|(of, _), _| *of != collection);
            }
            Step::Snapshot => {
                let body = json!({"retentionInDays": 1});
                let taken = self.bench.post(&demo("/clusters/Cluster0/backup/snapshots"), body).await;
                // One that is running refuses another.
                if taken.status == 200 {
                    self.snapshots.push((taken.json["id"].as_str().unwrap().to_owned(), self.now() + 10));
                }
            }
            Step::Restore { snapshot } => {
                let Some((id, begins)) = self.snapshots.get(usize::from(snapshot)).cloned() else { return };
                if self.now() < begins + 50 {
                    return;
                }
                let data = self.at(|time| time < begins);
                self.restore(json!({"deliveryType": "automated", "snapshotId": id}), data).await;
            }
            Step::PointInTime { back } => {
                let moment = (self.now() - i64::from(back)).max(self.begun);
                if moment >= self.now() {
                    return;
                }
                let data = self.at(|time| time <= moment);
                self.restore(json!({"deliveryType": "pointInTime", "pointInTimeUTCSeconds": moment}), data).await;
            }
            Step::Wait { seconds } => self.bench.advance(u64::from(seconds)),
            Step::Crash => {
                self.bench.emulator.flush().await.unwrap();
                let folder = tempfile::tempdir().unwrap();
                std::fs::copy(self.folder.path().join("state.redb"), folder.path().join("state.redb")).unwrap();
                self.bench = open(&folder).await;
                self.folder = folder;
                self.driver = Driver::logged_in(&self.bench, "Cluster0").await;
            }
        }
        self.history.push((self.now(), self.data.clone()));
    }

    async fn check(&mut self, step: &Step) {
        for collection in 0..2_u8 {
            let mut found = self.driver.find(&format!("c{collection}"), doc! {}).await;
            found.sort_by_key(|document| document.get_i32("_id").unwrap());
            let expected = self.data.iter().filter(|((of, _), _)| *of == collection);
            let expected: Vec<Document> = expected.map(|((_, id), n)| doc! {"_id": *id, "n": *n}).collect();
            assert_eq!(found, expected, "c{collection} after {step:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]
    #[test]
    fn data_match_reference_model_across_restores_and_crashes(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut run = Run::new().await;
            for step in &steps {
                run.take(step).await;
                run.check(step).await;
            }
        });
    }
}
