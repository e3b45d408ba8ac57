//! The emulator as a program: its command line, for its own binary and for programs that include it as a subcommand.
//! Feature `binary`. Standard output receives one line, the record that it is ready. Everything else goes to standard
//! error.

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
};

use anyhow::{Context, bail};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use clap::{Subcommand, ValueEnum};

pub use crate::app::log_writer::LogWriter;
use crate::{
    api::operations::operations,
    app::emulator::Emulator,
    domain::{refusals, roles::Access},
    seed::{fleet::Fleet, seeds::Seed},
};

/// The subcommands.
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum Command {
    /// Serve until the process is stopped (SIGTERM or ctrl-c).
    Serve(Box<Serve>),
    /// List every operation of the curated document, its versions, and whether it is modelled.
    Operations {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// List every refusal: topic, status, code and condition.
    Refusals,
}

/// Keeps secrets out of core dumps: on Unix the process writes none, and on Linux other processes of the same user cannot
/// attach to it either. Call it before reading a secret. Has no effect on Windows.
///
/// # Errors
/// The operating system refuses the setting.
pub fn forbid_core_dumps() -> io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        // Child processes may raise it again.
        setrlimit(Resource::Core, Rlimit { current: Some(0), ..getrlimit(Resource::Core) })?;
    }
    // Where a program receives the dumps, as with systemd-coredump, Linux ignores the limit.
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// Options of `serve`.
#[derive(clap::Args)]
pub struct Serve {
    /// Address to listen on. Port 0 selects a free port.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// Allow listening on an address that other machines can reach.
    #[arg(long)]
    allow_remote: bool,
    /// Store the state in this folder. Without it the state is lost when the program ends.
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// Write finished exports into this folder, with a subfolder for each bucket. Default: `exports` in --data-dir.
    #[arg(long, value_name = "FOLDER")]
    export_dir: Option<PathBuf>,
    /// Serve the control API under /control/, to this machine only: faults, clock, reset, state, requests.
    #[arg(long)]
    control: bool,
    /// Serve each cluster to MongoDB drivers, on a port of 127.0.0.1 that its connection string names.
    #[cfg(feature = "mongo")]
    #[arg(long)]
    mongo: bool,
    /// Create a database user with the role atlasAdmin in every project, and add 127.0.0.1 to their access lists.
    /// Implies --mongo. May be repeated.
    #[cfg(feature = "mongo")]
    #[arg(long, value_name = "NAME:PASSWORD", value_parser = mongo_user)]
    mongo_user: Vec<Credentials>,
    /// Add an API key, with its roles (default: ORG_OWNER) and its project (default: all). May be repeated.
    #[arg(long, value_name = "PUBLIC:PRIVATE[:ROLE,ROLE][@PROJECT]", value_parser = credentials)]
    api_key: Vec<Credentials>,
    /// Add a service account, in the same form.
    #[arg(long, value_name = "ID:SECRET[:ROLE,ROLE][@PROJECT]", value_parser = credentials)]
    service_account: Vec<Credentials>,
    /// Add a bearer token that never expires, in the same form.
    #[arg(long, value_name = "TOKEN[:ROLE,ROLE][@PROJECT]", value_parser = bearer)]
    bearer_token: Vec<(String, Access)>,
    /// Disable rate limits.
    #[arg(long)]
    no_rate_limits: bool,
    /// Speed of the emulator's clock, as a multiple of the wall clock.
    #[arg(long, default_value_t = 1.0, value_name = "N")]
    time_scale: f64,
    /// Start time of the emulator's clock instead of now, for example to test the sunset of a version. An existing data
    /// folder continues at its own time.
    #[arg(long, value_name = "TIME", value_parser = start)]
    start: Option<DateTime<Utc>>,
    /// The initial state.
    #[arg(long, value_enum, default_value = "empty")]
    seed: SeedName,
    /// Projects of the fleet. Default: 10.
    #[arg(long, value_name = "NUMBER")]
    projects: Option<u32>,
    /// Clusters in each project of the fleet. Default: 10.
    #[arg(long, value_name = "NUMBER")]
    clusters: Option<u32>,
    /// Snapshots of each cluster of the fleet. Default: 100.
    #[arg(long, value_name = "NUMBER")]
    snapshots: Option<u32>,
    /// Start with the state in this file, which an emulator exported.
    #[arg(long, value_name = "FILE", conflicts_with = "seed")]
    seed_file: Option<PathBuf>,
}

/// Omits the secrets among the flags.
impl std::fmt::Debug for Serve {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Serve").field("listen", &self.listen).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SeedName {
    /// One empty organization.
    Empty,
    /// One project with clusters, snapshots, exports and restores.
    Demo,
    /// Many projects, clusters and snapshots.
    Fleet,
}

/// Runs a command on its own runtime. `serve` ends when the process is stopped (SIGTERM, ctrl-c).
///
/// # Errors
/// Returns an error if it cannot serve as requested or cannot write to standard output.
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
        bail!(
            "cannot listen on {}: other machines could reach it; pass --allow-remote to allow that",
            arguments.listen
        );
    }
    if !(arguments.time_scale.is_finite() && arguments.time_scale > 0.0) {
        bail!("invalid --time-scale: must be more than 0");
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
    #[cfg(feature = "mongo")]
    {
        builder = builder.mongo(arguments.mongo);
        for Credentials { name, secret, .. } in arguments.mongo_user {
            builder = builder.mongo_user(name, secret);
        }
    }
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
    // Install the signal handlers before another process can learn that the server runs.
    let stop = signals()?;
    let emulator = builder.start().await?;
    let ready = serde_json::json!({"address": emulator.address(), "baseUrl": emulator.base_url()});
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{ready}").and_then(|()| stdout.flush()).context("cannot write ready line to standard output")?;
    stop.await;
    tracing::info!("stopping");
    emulator.stop().await;
    Ok(())
}

fn seed(arguments: &Serve) -> anyhow::Result<Seed> {
    if let Some(file) = &arguments.seed_file {
        let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let document =
            serde_json::from_slice(&text).with_context(|| format!("cannot parse {}: not JSON", file.display()))?;
        return Ok(Seed::from_export(document));
    }
    let size = [arguments.projects, arguments.clusters, arguments.snapshots];
    Ok(match arguments.seed {
        SeedName::Fleet => {
            let [projects, clusters, snapshots] =
                [(size[0], 10), (size[1], 10), (size[2], 100)].map(|(n, d)| n.unwrap_or(d));
            Seed::Fleet(Fleet { projects, clusters, snapshots })
        }
        _ if size.iter().any(Option::is_some) => bail!("--projects, --clusters and --snapshots require --seed fleet"),
        SeedName::Empty => Seed::Empty,
        SeedName::Demo => Seed::Demo,
    })
}

/// Prints the operations as a table or as JSON.
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

/// Writes to standard output. A closed pipe is not an error.
fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Completes when the process receives a signal to stop. Signals between this call and the first poll are not lost.
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

/// Completes when the process receives a signal to stop.
#[cfg(windows)]
fn signals() -> anyhow::Result<impl Future<Output = ()>> {
    let mut interrupted = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        let _told = interrupted.recv().await;
    })
}

/// A name, its secret and its access.
#[derive(Clone)]
struct Credentials {
    name: String,
    secret: String,
    access: Access,
}

/// A time, or a day, which begins at midnight UTC. Only this century is accepted.
fn start(text: &str) -> Result<DateTime<Utc>, String> {
    let day = || text.parse::<NaiveDate>().map(|day| day.and_time(NaiveTime::MIN).and_utc());
    let start = text
        .parse()
        .or_else(|_| day())
        .map_err(|_| "invalid time: expected a time like 2027-07-01T00:00:00Z, or a day")?;
    if !(2000..2100).contains(&start.year()) {
        return Err("invalid time: expected a time of this century".to_owned());
    }
    Ok(start)
}

fn credentials(text: &str) -> Result<Credentials, String> {
    let (name, rest) =
        text.split_once(':').ok_or("invalid credentials: expected a name and a secret, separated by a colon")?;
    let (secret, access) = bearer(rest)?;
    if name.is_empty() {
        return Err("invalid credentials: missing name".to_owned());
    }
    Ok(Credentials { name: name.to_owned(), secret, access })
}

/// A database user. A password may contain any character.
#[cfg(feature = "mongo")]
fn mongo_user(text: &str) -> Result<Credentials, String> {
    match text.split_once(':') {
        Some((name, secret)) if !name.is_empty() && !secret.is_empty() => {
            Ok(Credentials { name: name.to_owned(), secret: secret.to_owned(), access: Access::default() })
        }
        _ => Err("invalid database user: expected a name and a password, separated by a colon".to_owned()),
    }
}

fn bearer(text: &str) -> Result<(String, Access), String> {
    let end = text.find([':', '@']).unwrap_or(text.len());
    let (secret, access) = text.split_at(end);
    if secret.is_empty() {
        return Err("invalid credentials: missing secret".to_owned());
    }
    Ok((secret.to_owned(), access.strip_prefix(':').unwrap_or(access).parse()?))
}
