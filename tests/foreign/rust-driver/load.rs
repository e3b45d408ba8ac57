//! A load of one command, repeated on each of several connections.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
    time::{Duration, Instant},
};

use mongodb::{
    Client, Collection,
    bson::{Document, doc},
    options::ClientOptions,
};

/// Documents in the collection at the start. Reads select one of them.
const DOCUMENTS: i32 = 1_000;
const WARM_UP: Duration = Duration::from_millis(500);

/// Documents that `fill` inserts, and those of each of its commands.
const FILL: (i32, i32) = (100_000, 1_000);

/// Repeats `find` or `insert` on each connection for some seconds, or inserts many documents on one (`fill`), and prints the number of commands, the number of those
/// after the warm-up, and their latencies at the median and the 99th percentile in milliseconds.
pub(crate) async fn run(
    mut options: ClientOptions,
    operation: &str,
    connections: u32,
    seconds: u64,
) -> Result<(), Box<dyn Error>> {
    options.max_pool_size = Some(connections);
    let items: Collection<Document> = Client::with_options(options)?.database("load").collection("items");
    items.drop().await?;
    items.insert_many((0..DOCUMENTS).map(document)).await?;
    if operation == "fill" {
        let (count, batch) = FILL;
        let mut latencies = Vec::new();
        for first in (0..count).step_by(batch as usize) {
            let sent = Instant::now();
            items.insert_many((first..first + batch).map(|n| document(DOCUMENTS + n))).await?;
            latencies.push(sent.elapsed());
        }
        return print(latencies.len(), latencies);
    }
    let next = Arc::new(AtomicI32::new(DOCUMENTS));
    let begin = Instant::now() + WARM_UP;
    let end = begin + Duration::from_secs(seconds);
    let tasks: Vec<_> = (0..connections)
        .map(|_| {
            let (items, next, operation) = (items.clone(), Arc::clone(&next), operation.to_owned());
            tokio::spawn(async move {
                let (mut all, mut latencies) = (0_usize, Vec::new());
                loop {
                    let sent = Instant::now();
                    if sent >= end {
                        return Ok::<_, mongodb::error::Error>((all, latencies));
                    }
                    let id = next.fetch_add(1, Ordering::Relaxed);
                    match operation.as_str() {
                        "find" => assert!(items.find_one(doc! {"_id": id % DOCUMENTS}).await?.is_some()),
                        _ => drop(items.insert_one(document(id)).await?),
                    }
                    all += 1;
                    if sent >= begin {
                        latencies.push(sent.elapsed());
                    }
                }
            })
        })
        .collect();
    let (mut all, mut latencies) = (0, Vec::new());
    for task in tasks {
        let (commands, measured) = task.await??;
        all += commands;
        latencies.extend(measured);
    }
    print(all, latencies)
}

fn print(all: usize, mut latencies: Vec<Duration>) -> Result<(), Box<dyn Error>> {
    latencies.sort();
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("{all} {} {:.3} {:.3}", latencies.len(), at(0.5), at(0.99));
    Ok(())
}

fn document(id: i32) -> Document {
    doc! {"_id": id, "state": "open", "lines": [{"sku": "A-1", "count": 2}, {"sku": "B-2", "count": 1}], "total": 17.5}
}
