//! What can be typed: the flags that every command takes, and the tree of commands.
//!
//! Nothing is decided here. The environment is read where its values are used, because with `--emulator` nothing of it
//! may count; secrets are never flags, so they never show in a process list or a shell's history.

use atlas_backup_emulator::program;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::ArgValueCompleter;

use crate::{
    commands::{
        api::ApiCommand,
        audit::Audit,
        auth::AuthCommand,
        buckets::BucketsCommand,
        clusters::ClustersCommand,
        collections::CollectionsCommand,
        compliance::ComplianceCommand,
        drill::DrillCommand,
        endpoints::EndpointsCommand,
        exports::ExportsCommand,
        fleet::FleetCommand,
        flex::FlexCommand,
        projects::ProjectsCommand,
        report::ReportCommand,
        restores::RestoresCommand,
        schedule::ScheduleCommand,
        shell::{Man, Shell},
        snapshots::SnapshotsCommand,
    },
    exit::{Failure, Outcome},
    names,
    output::query::Query,
    words::shell_word,
};

const AFTER_HELP: &str = "\
Credentials come from the environment or a profile, never from flags:
  service account  MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET
  API key          MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY
  token            MONGODB_ATLAS_ACCESS_TOKEN
  profile          what the official command line has stored; --profile or MONGODB_ATLAS_PROFILE names another

Exit codes:
  0 done        3 not found           6 timed out
  1 other       4 not allowed         7 rate limited    9 findings
  2 usage       5 the job failed      8 part missing    130 interrupted

Data goes to standard output, everything else to standard error.

Try it without an account:  atlas-backup --emulator snapshots list Cluster0";

/// Backups of MongoDB Atlas clusters: snapshots, restores, exports, schedules, and any call of the backup API.
#[derive(Debug, Parser)]
#[command(name = "atlas-backup", version, after_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags that stand before or after any command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Runs against a throw-away emulator with demo data; needs no account and changes nothing real.
    #[arg(long, global = true)]
    pub(crate) emulator: bool,
    /// The project's id [env: MONGODB_ATLAS_PROJECT_ID].
    #[arg(long, global = true, value_name = "ID", aliases = ["projectId", "project-id"],
          add = ArgValueCompleter::new(names::projects))]
    pub(crate) project: Option<String>,
    /// The profile of the official command line to use, credentials and project [env: MONGODB_ATLAS_PROFILE].
    #[arg(short = 'P', long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Where to call instead of Atlas [env: MONGODB_ATLAS_OPS_MANAGER_URL, else MONGODB_ATLAS_BASE_URL].
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Calls without credentials, for an emulator that asks for none.
    #[arg(long, global = true)]
    pub(crate) no_auth: bool,
    /// Changes nothing: what reads is done, and the first request that would change something is printed instead.
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    /// How to print [default: table, with --query json; `api` prints the service's JSON].
    #[arg(short, long, global = true, value_enum, value_name = "FORMAT")]
    pub(crate) output: Option<Format>,
    /// Prints what a jq filter makes of the JSON: of a list as one array, with `-o ndjson` of each document.
    #[arg(long, global = true, value_name = "FILTER")]
    pub(crate) query: Option<Query>,
    /// Prints the strings that `--query` finds without quotes.
    #[arg(short, long, global = true)]
    pub(crate) raw: bool,
    /// Prints without colour, as the variable NO_COLOR does.
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    /// Shows the causes of an error, and each call as it is made.
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

impl Global {
    /// How to print: a query works on JSON.
    pub(crate) fn format(&self) -> Format {
        self.output.unwrap_or(if self.query.is_some() { Format::Json } else { Format::Table })
    }

    /// The commands that `text` names in backquotes, with the flags by which this run was told where to call and as whom:
    /// what we advise has to work as it stands, and for the same project.
    pub(crate) fn retold(&self, text: &str) -> String {
        let flag = |name: &str, value: &Option<String>| match value {
            Some(value) => format!(" --{name} {}", shell_word(value)),
            None => String::new(),
        };
        let emulator = if self.emulator { " --emulator" } else { "" };
        let no_auth = if self.no_auth { " --no-auth" } else { "" };
        let of_call =
            format!("{emulator}{no_auth}{}{}", flag("profile", &self.profile), flag("base-url", &self.base_url));
        let with_project = of_call.clone() + &flag("project", &self.project);
        let mut parts = text.split("`atlas-backup ");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |told, rest| {
            // Projects are not looked for within one, and what names its own needs no other.
            let command = rest.split('`').next().unwrap_or_default();
            let has_its_own = command.starts_with("projects ") || command.contains("--groupId ");
            format!("{told}`atlas-backup{} {rest}", if has_its_own { &of_call } else { &with_project })
        })
    }

    /// Refuses flags that contradict each other. Clap would compare only those that stand before the command, or only
    /// those behind it.
    ///
    /// # Errors
    /// Two places to call, two callers, or a query over something that is no JSON.
    fn check(&self) -> Outcome {
        let (profile, base_url) = (self.profile.is_some(), self.base_url.is_some());
        for (flag, given, other, both) in [
            ("--emulator", self.emulator, "--base-url", base_url),
            ("--emulator", self.emulator, "--no-auth", self.no_auth),
            ("--emulator", self.emulator, "--profile", profile),
            ("--no-auth", self.no_auth, "--profile", profile),
        ] {
            if given && both {
                return Err(Failure::usage(format!("{flag} cannot be used with {other}"), "leave one of them out"));
            }
        }
        if self.raw && self.query.is_none() {
            return Err(Failure::usage("--raw is about what `--query` finds", "add `--query FILTER`"));
        }
        match (self.format(), &self.query) {
            (Format::Table | Format::Wide | Format::Csv | Format::Junit | Format::Prometheus, Some(_)) => {
                Err(Failure::usage("--query works on JSON", "leave `-o` out, or use `-o json` or `-o ndjson`"))
            }
            _ => Ok(()),
        }
    }
}

impl Cli {
    /// Refuses flags that contradict each other or the command, before anything is done.
    ///
    /// # Errors
    /// A query over something that is no JSON, or a format that the command does not have.
    pub(crate) fn check(&self) -> Outcome {
        self.global.check()?;
        match (self.global.format(), &self.command) {
            (Format::Junit | Format::Prometheus, command) if !matches!(command, Command::Audit(_)) => {
                Err(Failure::only_audit())
            }
            _ => Ok(()),
        }
    }
}

/// How data is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Columns for people: times relative, sizes rounded.
    Table,
    /// The same with every column, however narrow the terminal.
    Wide,
    /// The documents as the service sent them; a list is one array.
    Json,
    /// The documents as the service sent them, one a line.
    Ndjson,
    /// Columns with exact values and a heading, for spreadsheets and databases.
    Csv,
    /// Findings of `audit` as test cases, for build servers.
    Junit,
    /// Counts of `audit` as gauges, for Prometheus's textfile collector.
    Prometheus,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Snapshots of a cluster.
    #[command(subcommand, visible_alias = "snapshot")]
    Snapshots(SnapshotsCommand),
    /// Restores of snapshots, into a cluster or for download.
    #[command(subcommand, visible_alias = "restore")]
    Restores(RestoresCommand),
    /// Exports of snapshots into a bucket.
    #[command(subcommand, visible_alias = "export")]
    Exports(ExportsCommand),
    /// Buckets that snapshots are exported into.
    #[command(subcommand, visible_alias = "bucket")]
    Buckets(BucketsCommand),
    /// When snapshots are taken by themselves, and how long they are kept.
    #[command(subcommand)]
    Schedule(ScheduleCommand),
    /// A project's backup compliance policy.
    #[command(subcommand, aliases = ["compliancePolicy", "compliancepolicy", "compliance-policy"])]
    Compliance(ComplianceCommand),
    /// Backups of flex clusters.
    #[command(subcommand)]
    Flex(FlexCommand),
    /// Single databases and collections brought back out of a snapshot or a moment.
    #[command(subcommand)]
    Collections(CollectionsCommand),
    /// Private endpoints that exports go through.
    #[command(subcommand, visible_alias = "endpoint")]
    Endpoints(EndpointsCommand),
    /// Projects that the credentials may see.
    #[command(subcommand, visible_alias = "project")]
    Projects(ProjectsCommand),
    /// Clusters of a project.
    #[command(subcommand, visible_alias = "cluster")]
    Clusters(ClustersCommand),
    /// Snapshots, schedules and exports of all clusters of all projects.
    #[command(subcommand)]
    Fleet(FleetCommand),
    /// Rehearses a restore: restores a snapshot, checks what came back, times it, and writes a record.
    Drill(Box<DrillCommand>),
    /// Finds what is wrong with the backups of all clusters, and says what mends it.
    Audit(Audit),
    /// Writes a page about the backups of all clusters: complete in one file, for any browser.
    Report(ReportCommand),
    /// Any operation of the backup API by name, JSON in and out.
    #[command(subcommand)]
    Api(ApiCommand),
    /// Serves an emulator of the service on this machine, as `atlas-backup-emulator` does.
    #[command(subcommand)]
    Emulator(program::Command),
    /// Where the credentials come from, storing some, and giving a token back.
    #[command(subcommand)]
    Auth(AuthCommand),
    /// Prints what a shell has to run to complete commands, operations, projects and clusters.
    #[command(alias = "completion")]
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Prints the manual page, or writes one for each command.
    Man(Man),
}

/// How much of a list to print.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Listing {
    /// Stops after so many; without it every page is read.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
}
