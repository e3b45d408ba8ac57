//! The emulator as a program: its command line, shared by its own binary and by programs that have it as a subcommand.
//! Feature `binary`. Standard output carries one line, the record that says it is ready; everything else goes to standard
//! error.

use std::{io::Write, net::SocketAddr, path::PathBuf};

use anyhow::{Context, bail};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use clap::{Subcommand, ValueEnum};

use crate::{
    api::operations::operations,
    app::emulator::Emulator,
    domain::{refusals, roles::Access},
    seed::{fleet::Fleet, seeds::Seed},
};

/// What the program can do.
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum Command {
    /// Serves until it is told to stop (SIGTERM or ctrl-c).
    Serve(Box<Serve>),
    /// Lists every operation of the curated document, its versions, and whether it is modelled.
    Operations {
        /// As JSON, for programs.
        #[arg(long)]
        json: bool,
    },
    /// Lists every refusal: about what, with which status and code, and when.
    Refusals,
}

/// How to serve.
#[derive(clap::Args)]
pub struct Serve {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// Listens beyond this machine, which is otherwise refused.
    #[arg(long)]
    allow_remote: bool,
    /// Keeps the state in this folder, over restarts; without it the state ends with the program.
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// Writes exports that end into this folder, in it a folder for each bucket; below --data-dir it is `exports` if
    /// nothing else is said.
    #[arg(long, value_name = "FOLDER")]
    export_dir: Option<PathBuf>,
    /// Serves the control API under /control/, to this machine only: faults, clock, reset, state, requests.
    #[arg(long)]
    control: bool,
    /// An API key, with its roles (ORG_OWNER without any) and the project it is for (all without one); may be given
    /// several times.
    #[arg(long, value_name = "PUBLIC:PRIVATE[:ROLE,ROLE][@PROJECT]", value_parser = credentials)]
    api_key: Vec<Credentials>,
    /// A service account, likewise.
    #[arg(long, value_name = "ID:SECRET[:ROLE,ROLE][@PROJECT]", value_parser = credentials)]
    service_account: Vec<Credentials>,
    /// A bearer token that never expires, likewise.
    #[arg(long, value_name = "TOKEN[:ROLE,ROLE][@PROJECT]", value_parser = bearer)]
    bearer_token: Vec<(String, Access)>,
    /// Grants every request, however many there are.
    #[arg(long)]
    no_rate_limits: bool,
    /// How many times as fast as the wall clock time runs.
    #[arg(long, default_value_t = 1.0, value_name = "N")]
    time_scale: f64,
    /// When the emulator's time begins, instead of now, to see what a day to come will bring, such as a version's sunset;
    /// a data folder that is there already goes on from its own time.
    #[arg(long, value_name = "TIME", value_parser = start)]
    start: Option<DateTime<Utc>>,
    /// What there is at the start.
    #[arg(long, value_enum, default_value = "empty")]
    seed: SeedName,
    /// Projects of the fleet; 10 if nothing is said.
    #[arg(long, value_name = "NUMBER")]
    projects: Option<u32>,
    /// Clusters in each project of the fleet; 10 if nothing is said.
    #[arg(long, value_name = "NUMBER")]
    clusters: Option<u32>,
    /// Snapshots of each cluster of the fleet; 100 if nothing is said.
    #[arg(long, value_name = "NUMBER")]
    snapshots: Option<u32>,
    /// Starts with the state in this file, which an emulator has exported.
    #[arg(long, value_name = "FILE", conflicts_with = "seed")]
    seed_file: Option<PathBuf>,
}

/// Without the secrets that are among the flags.
impl std::fmt::Debug for Serve {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Serve").field("listen", &self.listen).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SeedName {
    /// One organization and nothing in it.
    Empty,
    /// A project with clusters, snapshots, exports and restores.
    Demo,
    /// Many projects with many clusters with many snapshots.
    Fleet,
}

/// Does what was typed, on a runtime of its own. Serving ends when the process is told to stop (SIGTERM, ctrl-c).
///
/// # Errors
/// It can't be served as asked, or standard output can't be written.
pub fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(arguments) => serve(*arguments),
        Command::Operations { json } => list_operations(json),
        Command::Refusals => print(&refusals::markdown()),
    }
}

#[tokio::main]
async fn serve(arguments: Serve) -> anyhow::Result<()> {
    if !arguments.listen.ip().is_loopback() && !arguments.allow_remote {
        bail!("{} is reachable from other machines; add --allow-remote if that is meant", arguments.listen);
    }
    if !(arguments.time_scale.is_finite() && arguments.time_scale > 0.0) {
        bail!("--time-scale must be more than 0");
    }
    let seed = seed(&arguments)?;
    let mut builder = Emulator::builder().listen(arguments.listen).seed(seed).time_scale(arguments.time_scale);
    if let Some(start) = arguments.start {
        builder = builder.start_at(start);
    }
    if let Some(folder) = arguments.export_dir {
        builder = builder.export_dir(folder);
    }
    builder = builder.control(arguments.control);
    if arguments.no_rate_limits {
        builder = builder.no_rate_limits();
    }
    if let Some(folder) = arguments.data_dir {
        builder = builder.data_dir(folder);
    }
    for Credentials { name, secret, access } in arguments.api_key {
        builder = builder.api_key_with(name, secret, access);
    }
    for Credentials { name, secret, access } in arguments.service_account {
        builder = builder.service_account_with(name, secret, access);
    }
    for (token, access) in arguments.bearer_token {
        builder = builder.bearer_token(token, access);
    }
    // Signals are caught before anybody can know that there is something to stop.
    let stop = signals()?;
    let emulator = builder.start().await?;
    let ready = serde_json::json!({"address": emulator.address(), "baseUrl": emulator.base_url()});
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{ready}").and_then(|()| stdout.flush()).context("the ready line could not be written")?;
    stop.await;
    tracing::info!("stopping");
    emulator.stop().await;
    Ok(())
}

fn seed(arguments: &Serve) -> anyhow::Result<Seed> {
    if let Some(file) = &arguments.seed_file {
        let text = std::fs::read(file).with_context(|| format!("{} could not be read", file.display()))?;
        let document = serde_json::from_slice(&text).with_context(|| format!("{} is not JSON", file.display()))?;
        return Ok(Seed::from_export(document));
    }
    let size = [arguments.projects, arguments.clusters, arguments.snapshots];
    Ok(match arguments.seed {
        SeedName::Fleet => {
            let [projects, clusters, snapshots] =
                [(size[0], 10), (size[1], 10), (size[2], 100)].map(|(n, d)| n.unwrap_or(d));
            Seed::Fleet(Fleet { projects, clusters, snapshots })
        }
        _ if size.iter().any(Option::is_some) => bail!("--projects, --clusters and --snapshots go with --seed fleet"),
        SeedName::Empty => Seed::Empty,
        SeedName::Demo => Seed::Demo,
    })
}

/// The operations as a table or as JSON.
fn list_operations(json: bool) -> anyhow::Result<()> {
    let operations = operations();
    let mut text = String::new();
    if json {
        text = serde_json::json!(operations).to_string() + "\n";
    } else {
        let modelled = operations.iter().filter(|operation| operation.modelled).count();
        let width = operations.iter().map(|operation| operation.id.len()).max().unwrap_or_default();
        let mut tag = "";
        for operation in &operations {
            if operation.tag != tag {
                tag = operation.tag;
                text += &format!("{tag}\n");
            }
            let versions = operation.versions.iter().map(|v| match v.sunset {
                Some(sunset) => format!("{} (until {sunset})", v.version),
                None => v.version.to_owned(),
            });
            let modelled = if operation.modelled { "yes" } else { "no " };
            text += &format!("  {modelled}  {:width$}  {}\n", operation.id, versions.collect::<Vec<_>>().join(", "));
        }
        text += &format!("{modelled} of {} operations are modelled\n", operations.len());
    }
    print(&text)
}

/// Writes to standard output. A reader that goes away early is not an error.
fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Ends when the process is told to stop. What arrives between this call and the first wait is not lost.
#[cfg(unix)]
fn signals() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminated, mut interrupted) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
    })
}

/// Ends when the process is told to stop.
#[cfg(windows)]
fn signals() -> anyhow::Result<impl Future<Output = ()>> {
    let mut interrupted = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        let _told = interrupted.recv().await;
    })
}

/// A name, its secret, and what the two may do.
#[derive(Clone)]
struct Credentials {
    name: String,
    secret: String,
    access: Access,
}

/// A moment, or a day, which begins at midnight UTC. Of other centuries nothing is known.
fn start(text: &str) -> Result<DateTime<Utc>, String> {
    let day = || text.parse::<NaiveDate>().map(|day| day.and_time(NaiveTime::MIN).and_utc());
    let start = text.parse().or_else(|_| day()).map_err(|_| "expected a time like 2027-07-01T00:00:00Z, or a day")?;
    if !(2000..2100).contains(&start.year()) {
        return Err("expected a time of this century".to_owned());
    }
    Ok(start)
}

fn credentials(text: &str) -> Result<Credentials, String> {
    let (name, rest) = text.split_once(':').ok_or("expected a name and a secret with a colon between them")?;
    let (secret, access) = bearer(rest)?;
    if name.is_empty() {
        return Err("the name is missing".to_owned());
    }
    Ok(Credentials { name: name.to_owned(), secret, access })
}

fn bearer(text: &str) -> Result<(String, Access), String> {
    let end = text.find([':', '@']).unwrap_or(text.len());
    let (secret, access) = text.split_at(end);
    if secret.is_empty() {
        return Err("the secret is missing".to_owned());
    }
    Ok((secret.to_owned(), access.strip_prefix(':').unwrap_or(access).parse()?))
}
