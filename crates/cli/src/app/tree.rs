//! The tree of commands.

use atlas_backup_emulator::program;
use clap::{Parser, Subcommand};

use super::{
    completion::{self, Shell},
    help,
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
        exports::{self, JobsCommand, Setup},
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
Credentials come from the environment or from a profile, never from flags:
  service account  MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET
  API key          MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY
  token            MONGODB_ATLAS_ACCESS_TOKEN
  profile          of the official Atlas CLI; choose one with --profile or MONGODB_ATLAS_PROFILE

Exit codes:
  0 success          4 not authorized   8 partial result
  1 other error      5 job failed       9 findings
  2 invalid usage    6 timed out        130 interrupted, 143 terminated
  3 not found        7 rate limited

Data goes to standard output, messages go to standard error.";

/// Manage backups of MongoDB Atlas clusters: snapshots, restores, exports, schedules and policies.
#[derive(Debug, Parser)]
#[command(name = "atlas-backup", version, after_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// Rejects flags that contradict each other or the command.
    ///
    /// # Errors
    /// A query over a format that is not JSON, or a format that the command does not support.
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

/// A command.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List, take, keep, download and delete snapshots of a cluster.
    #[command(subcommand, visible_alias = "snapshot")]
    Snapshots(SnapshotsCommand),
    /// Restore snapshots into a cluster or for download.
    #[command(subcommand, visible_alias = "restore")]
    Restores(RestoresCommand),
    /// Export snapshots into a bucket.
    #[command(subcommand, visible_alias = "export")]
    Exports(ExportsCommand),
    /// Manage the buckets that snapshots are exported into.
    #[command(subcommand, visible_alias = "bucket")]
    Buckets(BucketsCommand),
    /// Show and change the snapshot schedule of a cluster.
    #[command(subcommand)]
    Schedule(ScheduleCommand),
    /// Show and change the backup compliance policy of a project.
    #[command(subcommand, aliases = ["compliancePolicy", "compliancepolicy", "compliance-policy"])]
    Compliance(ComplianceCommand),
    /// Manage backups of flex clusters.
    #[command(subcommand)]
    Flex(FlexCommand),
    /// Restore single databases and collections from a snapshot or a point in time.
    #[command(subcommand)]
    Collections(CollectionsCommand),
    /// Manage private endpoints for exports.
    #[command(subcommand, visible_alias = "endpoint")]
    Endpoints(EndpointsCommand),
    /// List the projects that the credentials can read.
    #[command(subcommand, visible_alias = "project")]
    Projects(ProjectsCommand),
    /// List the clusters of a project.
    #[command(subcommand, visible_alias = "cluster")]
    Clusters(ClustersCommand),
    /// List clusters, snapshots, schedules and exports of all projects.
    #[command(subcommand)]
    Fleet(FleetCommand),
    /// Test a restore: restore a snapshot, verify and time it, and write a record.
    Drill(Box<DrillOptions>),
    /// Find problems in the backups of all clusters, with the commands that fix them.
    Audit(AuditCommand),
    /// Write an HTML report about the backups of all clusters.
    Report(ReportCommand),
    /// Call any operation of the backup API, with JSON as input and output.
    #[command(subcommand)]
    Api(ApiCommand),
    /// Run an emulator of the service on this machine.
    #[command(subcommand)]
    Emulator(program::Command),
    /// Manage credentials.
    #[command(subcommand)]
    Auth(AuthCommand),
    /// Print the completion script of a shell.
    #[command(alias = "completion")]
    Completions {
        /// Shell to print the script for.
        shell: Shell,
    },
    /// Print the manual page, or write one page per command.
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
            Command::Exports(ExportsCommand::Setup(setup)) => exports::set_up(*setup, &session().await?).await,
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
            Command::Man(man) => man::man(&man, help::command()),
        }
    }
}

/// Commands for exports.
#[derive(Debug, Subcommand)]
pub(crate) enum ExportsCommand {
    #[command(flatten)]
    Job(JobsCommand),
    /// Set up exports into an AWS bucket: cloud role, bucket, automatic export, and one export as proof.
    Setup(Box<Setup>),
    /// Official spelling: `exports jobs list` and others.
    #[command(subcommand, hide = true, alias = "job")]
    Jobs(JobsCommand),
    /// Official spelling: `exports buckets list` and others.
    #[command(subcommand, hide = true, alias = "bucket")]
    Buckets(BucketsCommand),
}
