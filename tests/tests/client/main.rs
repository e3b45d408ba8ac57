//! The library against the emulator, and against servers of the tests' own for faults that the emulator can't make.

mod archives;
mod auth;
mod clusters;
mod collections;
mod downloads;
mod dry_run;
mod examples;
mod exports;
mod fleets;
mod fuzzing;
mod guide;
mod log;
mod main_job;
mod operations;
mod policies;
mod raw_calls;
mod restores;
mod retired;
mod secrets;
mod server;
mod tls;
mod tokens;
mod trace;
mod transport;
mod wire;

use std::time::Duration;

use atlas_backup::{Client, Cluster, Credentials, Project, SecretString, Wait};
use atlas_backup_emulator::{DEMO_PROJECT, Emulator, Recorder, Seed};

/// An emulator with the demo's data that knows an API key and a service account, and a log of what it is asked.
async fn demo() -> (Emulator, Recorder) {
    started(demo_builder()).await
}

fn demo_builder() -> atlas_backup_emulator::Builder {
    Emulator::builder().seed(Seed::Demo).api_key("public", "private").service_account("account", "secret")
}

/// The demo on a fixed day, on which every resource version is still served: tests of old ones must not end with them.
async fn demo_of_2026() -> (Emulator, Recorder) {
    started(demo_builder().stepped_clock()).await
}

async fn started(builder: atlas_backup_emulator::Builder) -> (Emulator, Recorder) {
    let recorder = Recorder::default();
    (builder.recorder(&recorder).start().await.expect("a port"), recorder)
}

/// The demo on a clock on which minutes pass in milliseconds.
async fn hurried() -> (Emulator, Recorder) {
    started(demo_builder().time_scale(10_000.0)).await
}

/// A wait for what happens on such a clock.
fn brief<E, O>(wait: Wait<E, O>) -> Wait<E, O> {
    wait.interval(Duration::from_millis(5)).timeout(Duration::from_secs(60))
}

fn api_key() -> Credentials {
    Credentials::api_key("public", SecretString::from("private"))
}

fn service_account() -> Credentials {
    Credentials::service_account("account", SecretString::from("secret"))
}

fn client(emulator: &Emulator, credentials: Credentials) -> Client {
    Client::builder().base_url(emulator.base_url()).credentials(credentials).build().expect("a client")
}

fn project(client: &Client) -> Project {
    client.project(DEMO_PROJECT).expect("an id")
}

fn cluster(client: &Client, name: &str) -> Cluster {
    project(client).cluster(name).expect("a name")
}
