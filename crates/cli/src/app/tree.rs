//! The tree of commands.

use atlas_backup_emulator::program;
use clap::{CommandFactory, Parser, Subcommand};

use super::{
    completion::{self, Shell},
    man::{self, Man},
};
use crate::{
    commands::{
        api::{self, ApiCommand},
        audit::{self, AuditCommand},
        auth::{self, AuthCommand},
        buckets::{self, BucketsCommand},
        clusters::{self, ClustersCommand},
        collections::{self, CollectionsCommand},
        compliance::{self, ComplianceCommand},
        emulator,
        endpoints::{self, EndpointsCommand},
        exports::{self, JobsCommand},
        fleet::{self, FleetCommand},
        flex::{self, FlexCommand},
        projects::{self, ProjectsCommand},
        report::{self, ReportCommand},
        restores::{self, RestoresCommand},
        schedule::{self, ScheduleCommand},
        snapshots::{self, SnapshotsCommand},
    },
    context::{global::Global, interruption::Interruption, session::Session},
    drill::{self, options::DrillOptions},
    ui::{
        exit::{Failure, Outcome},
        output::format::Format,
    },
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

impl Cli {
    /// Refuses flags that contradict each other or the command, before anything is done.
    ///
    /// # Errors
    /// A query over something that is no JSON, or a format that the command does not have.
    pub(crate) fn check(&self) -> Outcome {
        self.global.check()?;
        match (self.global.output.format(), &self.command) {
            (Format::Junit | Format::Prometheus, command) if !matches!(command, Command::Audit(_)) => {
                Err(Failure::audit_format_only())
            }
            _ => Ok(()),
        }
    }
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
    Drill(Box<DrillOptions>),
    /// Finds what is wrong with the backups of all clusters, and says what mends it.
    Audit(AuditCommand),
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

impl Command {
    /// Runs the command. Only commands that call the service open a session.
    ///
    /// # Errors
    /// The command fails.
    pub(super) async fn run(self, global: &Global, interruption: &Interruption) -> Outcome {
        let session = async || Session::open(global).await.map(|session| session.interrupted_by(interruption));
        match self {
            Command::Snapshots(command) => snapshots::run(command, &session().await?).await,
            Command::Restores(command) => restores::run(command, &session().await?).await,
            Command::Exports(ExportsCommand::Job(command) | ExportsCommand::Jobs(command)) => {
                exports::run(command, &session().await?).await
            }
            Command::Buckets(command) | Command::Exports(ExportsCommand::Buckets(command)) => {
                buckets::run(command, &session().await?).await
            }
            Command::Schedule(command) => schedule::run(command, &session().await?).await,
            Command::Compliance(command) => compliance::run(command, &session().await?).await,
            Command::Flex(command) => flex::run(command, &session().await?).await,
            Command::Collections(command) => collections::run(command, &session().await?).await,
            Command::Endpoints(command) => endpoints::run(command, &session().await?).await,
            Command::Projects(command) => projects::run(command, &session().await?).await,
            Command::Clusters(command) => clusters::run(command, &session().await?).await,
            Command::Fleet(command) => fleet::run(command, &session().await?).await,
            Command::Drill(options) => drill::run::run(&options, &session().await?).await,
            Command::Audit(command) => audit::run(command, global).await,
            Command::Report(command) => report::run(command, global).await,
            Command::Api(command) => api::run(command, global).await,
            Command::Emulator(command) => emulator::run(command).await,
            Command::Auth(command) => auth::run(command, global).await,
            Command::Completions { shell } => completion::completions(shell),
            Command::Man(man) => man::man(&man, Cli::command()),
        }
    }
}

/// What to do with exports.
#[derive(Debug, Subcommand)]
pub(crate) enum ExportsCommand {
    #[command(flatten)]
    Job(JobsCommand),
    /// As the official command line has it: `exports jobs list` and so on.
    #[command(subcommand, hide = true, alias = "job")]
    Jobs(JobsCommand),
    /// As the official command line has it: `exports buckets list` and so on.
    #[command(subcommand, hide = true, alias = "bucket")]
    Buckets(BucketsCommand),
}
