//! `endpoints`: private endpoints, through which exports reach object storage without the public internet.

use atlas_backup::{HasState, PrivateEndpoint, PrivateEndpointId, PrivateEndpoints, StateWords, types::CloudProvider};
use clap::{Args, Subcommand, ValueEnum};

use crate::{
    context::{
        confirmation::Confirmation,
        global::Listing,
        session::Session,
        wait::{Job, StartedJob, Timeout, WaitFlags},
    },
    ui::{
        exit::{Failure, Outcome},
        hints::Command,
        messages,
        output::columns::{Cell, Column, Document},
    },
};

/// States during deletion.
const DELETION_STATES: &[&str] = &["DELETING", "deleted"];

/// Subcommands of `endpoints`.
#[derive(Debug, Subcommand)]
pub(crate) enum EndpointsCommand {
    /// List the private endpoints of a project.
    #[command(visible_alias = "ls")]
    List {
        #[command(flatten)]
        provider: ProviderFlag,
        #[command(flatten)]
        listing: Listing,
    },
    /// Show a private endpoint.
    #[command(visible_alias = "describe")]
    Get(EndpointArg),
    /// Create a private endpoint in a region.
    Create {
        /// Region of the object storage, such as US_EAST_1.
        region: String,
        /// Region in which the connection starts, if it differs.
        #[arg(long, value_name = "REGION")]
        starting_in: Option<String>,
        #[command(flatten)]
        provider: ProviderFlag,
        #[command(flatten)]
        wait: WaitFlags,
    },
    /// Delete a private endpoint; exports that require one then fail.
    #[command(visible_alias = "rm")]
    Delete {
        #[command(flatten)]
        endpoint: EndpointArg,
        #[command(flatten)]
        confirmation: Confirmation,
        #[command(flatten)]
        wait: WaitFlags,
    },
    /// Wait until a private endpoint is active or deleted.
    #[command(visible_alias = "watch")]
    Wait {
        #[command(flatten)]
        endpoint: EndpointArg,
        /// Wait until the endpoint is deleted.
        #[arg(long)]
        deleted: bool,
        #[command(flatten)]
        timeout: Timeout,
    },
}

/// A private endpoint argument.
#[derive(Debug, Args)]
pub(crate) struct EndpointArg {
    /// Private endpoint ID.
    id: String,
    #[command(flatten)]
    provider: ProviderFlag,
}

/// The cloud provider flag.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct ProviderFlag {
    /// Cloud provider of the endpoint.
    #[arg(long, alias = "cloudProvider", value_enum, ignore_case = true, default_value = "aws")]
    provider: Provider,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Provider {
    Aws,
    Azure,
}

impl ProviderFlag {
    fn endpoints(self, session: &Session) -> Outcome<PrivateEndpoints> {
        let provider = match self.provider {
            Provider::Aws => CloudProvider::Aws,
            Provider::Azure => CloudProvider::Azure,
        };
        Ok(session.project()?.backup_private_endpoints(provider))
    }

    /// The flag for a hint, unless it is the default.
    fn arguments(self) -> &'static [&'static str] {
        match self.provider {
            Provider::Aws => &[],
            Provider::Azure => &["--provider", "azure"],
        }
    }
}

pub(crate) async fn run(command: EndpointsCommand, session: &Session) -> Outcome {
    match command {
        EndpointsCommand::List { provider, listing } => {
            session.printer().list(provider.endpoints(session)?.list().items(), listing.limit).await
        }
        EndpointsCommand::Get(endpoint) => {
            let endpoints = endpoint.provider.endpoints(session)?;
            let found = endpoints.get(endpoint.id).await;
            let missing = |error| Failure::not_found(error, Command::new("endpoints list"));
            session.printer().one(&found.map_err(missing)?).await
        }
        EndpointsCommand::Create { region, starting_in, provider, wait: flags } => {
            let endpoints = provider.endpoints(session)?;
            let created = match starting_in {
                Some(start) => endpoints.create_across(region, start).await?,
                None => endpoints.create(region).await?,
            };
            job(provider, &created.id, session)?.print(&created, flags, session).await
        }
        EndpointsCommand::Delete { endpoint: EndpointArg { id, provider }, confirmation, wait: flags } => {
            let endpoints = provider.endpoints(session)?;
            let id = endpoints.get(id).await?.id;
            confirmation.ask(&format!("Delete private endpoint {id}"), id.as_str(), session).await?;
            endpoints.delete(&id).await?;
            if flags.wait {
                wait_deleted(provider, &id, flags.timeout, session).await?;
            }
            messages::note(format_args!(
                "{} private endpoint {id}",
                if flags.wait { "deleted" } else { "started to delete" }
            ));
            Ok(())
        }
        EndpointsCommand::Wait { endpoint: EndpointArg { id, provider }, deleted: true, timeout } => {
            wait_deleted(provider, &id.try_into()?, timeout, session).await
        }
        EndpointsCommand::Wait { endpoint: EndpointArg { id, provider }, deleted: false, timeout } => {
            job(provider, &id.try_into()?, session)?.wait_and_print(timeout, session).await
        }
    }
}

fn job(provider: ProviderFlag, id: &PrivateEndpointId, session: &Session) -> Outcome<StartedJob<PrivateEndpoint>> {
    let wait = provider.endpoints(session)?.wait(id);
    let job = describe_job(provider, id, StateWords::PRIVATE_ENDPOINT.steps());
    Ok(job.with_wait(wait, |endpoint| endpoint.state_word()))
}

async fn wait_deleted(provider: ProviderFlag, id: &PrivateEndpointId, timeout: Timeout, session: &Session) -> Outcome {
    let wait_command = Command::new("endpoints wait").arg(id).args(provider.arguments()).arg("--deleted");
    let job = Job { wait_command, ..describe_job(provider, id, DELETION_STATES) };
    let gone = |(): &()| "deleted".to_owned();
    job.wait_until(
        provider.endpoints(session)?.wait_deleted(id),
        |endpoint| endpoint.state_word(),
        gone,
        timeout,
        session,
    )
    .await
}

fn describe_job(provider: ProviderFlag, id: &PrivateEndpointId, states: &'static [&'static str]) -> Job {
    Job {
        noun: "private endpoint",
        id: id.to_string(),
        owner: "the project".to_owned(),
        states,
        wait_command: Command::new("endpoints wait").arg(id).args(provider.arguments()),
        list_command: Command::new("endpoints list").args(provider.arguments()),
        remedy: "delete it and create another".into(),
    }
}

impl Document for PrivateEndpoint {
    const PLURAL: &'static str = "private endpoints";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("ID", |endpoint, _| Cell::text(Some(&endpoint.id))),
        Column::new("STATUS", |endpoint, _| Cell::state(endpoint.status.as_ref())),
        Column::new("PROVIDER", |endpoint, _| Cell::text(endpoint.cloud_provider.as_ref())),
        Column::new("REGION", |endpoint, _| Cell::text(endpoint.region_name.as_ref())),
        Column::new("STARTING IN", |endpoint, _| Cell::text(endpoint.vpc_region_name.as_ref())),
        Column::detail("CONNECTION", |endpoint, _| Cell::text(endpoint.private_endpoint_connection_name.as_ref())),
        Column::detail("ERROR", |endpoint, _| Cell::text(endpoint.error_message.as_ref())),
    ];
}
