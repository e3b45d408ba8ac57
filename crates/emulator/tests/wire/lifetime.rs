//! The life of an emulator: many in parallel, a faster clock, its end.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use atlas_backup_emulator::{Emulator, Seed};
use tokio::net::TcpStream;

#[tokio::test]
async fn hundreds_of_emulators_run_side_by_side() {
    let mut running = Vec::new();
    for _ in 0..200 {
        running.push(Emulator::builder().seed(Seed::Demo).start().await.unwrap());
    }
    let addresses: HashSet<_> = running.iter().map(Emulator::address).collect();
    assert_eq!(addresses.len(), 200);
}

#[tokio::test]
async fn stopped_emulator_no_longer_listens() {
    let emulator = Emulator::builder().start().await.unwrap();
    let address = emulator.address();
    emulator.stop().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn dropped_emulator_no_longer_listens() {
    let emulator = Emulator::builder().start().await.unwrap();
    let address = emulator.address();
    drop(emulator);
    let deadline = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(address).await.is_ok() {
        assert!(Instant::now() < deadline, "it is still listening");
        tokio::task::yield_now().await;
    }
}
