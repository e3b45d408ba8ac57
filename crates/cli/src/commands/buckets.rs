//! `buckets`: the customer's buckets for exported snapshots.

use atlas_backup::{ExportBucket, NewExportBucket, types::ExportBucket as Bucket};
use clap::{Args, Subcommand, ValueEnum};

use crate::{
    context::{confirmation::Confirmation, global::Listing, session::Session},
    ui::{
        exit::{Failure, Outcome},
        hints::Command,
        messages,
        output::columns::{Cell, Column, Document},
    },
};

/// Subcommands of `buckets`.
#[derive(Debug, Subcommand)]
pub(crate) enum BucketsCommand {
    /// List the export buckets of a project.
    #[command(visible_alias = "ls")]
    List(Listing),
    /// Show an export bucket.
    #[command(visible_alias = "describe")]
    Get(BucketArg),
    /// Register a bucket as export bucket.
    Create(Create),
    /// Change whether exports to an AWS bucket require private networking.
    Update {
        #[command(flatten)]
        bucket: BucketArg,
        /// Whether to require private networking.
        #[arg(long, value_name = "true|false", action = clap::ArgAction::Set)]
        private_networking: bool,
    },
    /// Delete an export bucket from the project; the exported data stays in the bucket.
    #[command(visible_alias = "rm")]
    Delete {
        #[command(flatten)]
        bucket: BucketArg,
        #[command(flatten)]
        confirmation: Confirmation,
    },
}

/// An export bucket argument.
#[derive(Debug, Args)]
pub(crate) struct BucketArg {
    /// Export bucket ID.
    #[arg(required_unless_present = "bucket_flag")]
    bucket: Option<String>,
    #[arg(long = "bucketId", alias = "bucket-id", hide = true, conflicts_with = "bucket")]
    bucket_flag: Option<String>,
}

impl BucketArg {
    fn id(self) -> String {
        self.bucket.or(self.bucket_flag).unwrap_or_default()
    }
}

/// Cloud provider of a bucket.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Provider {
    Aws,
    Azure,
    Gcp,
}

/// Flags of `buckets create`.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Name of the bucket, or of the container on Azure.
    name: String,
    /// Cloud provider of the bucket.
    #[arg(long, alias = "cloudProvider", value_enum, ignore_case = true, default_value = "aws")]
    provider: Provider,
    /// ID of the cloud provider role that lets Atlas write to the bucket.
    #[arg(long, aliases = ["iamRoleId", "roleId", "role-id"], value_name = "ID")]
    role: String,
    /// URL of the storage account; required on Azure.
    #[arg(long, alias = "serviceUrl", value_name = "URL", required_if_eq("provider", "azure"))]
    service_url: Option<String>,
    /// Require private networking; AWS only.
    #[arg(long)]
    private_networking: bool,
}

impl Create {
    fn bucket(self) -> Outcome<NewExportBucket> {
        if self.private_networking && !matches!(self.provider, Provider::Aws) {
            return Err(Failure::usage(
                "cannot use private networking: it is available on AWS only",
                "omit `--private-networking`",
            ));
        }
        Ok(match self.provider {
            Provider::Aws if self.private_networking => NewExportBucket::aws_private(self.name, self.role)?,
            Provider::Aws => NewExportBucket::aws(self.name, self.role)?,
            Provider::Azure => NewExportBucket::azure(self.name, self.service_url.unwrap_or_default(), self.role)?,
            Provider::Gcp => NewExportBucket::gcp(self.name, self.role)?,
        })
    }
}

pub(crate) async fn run(command: BucketsCommand, session: &Session) -> Outcome {
    let buckets = session.project()?.export_buckets();
    let missing = |error| Failure::not_found(error, Command::new("buckets list"));
    match command {
        BucketsCommand::List(listing) => session.printer().list(buckets.list().items(), listing.limit).await,
        BucketsCommand::Get(bucket) => session.printer().one(&buckets.get(bucket.id()).await.map_err(missing)?).await,
        BucketsCommand::Create(create) => session.printer().one(&buckets.create(create.bucket()?).await?).await,
        BucketsCommand::Update { bucket, private_networking } => {
            let changed = buckets.require_private_networking(bucket.id(), private_networking).await.map_err(missing)?;
            session.printer().one(&changed).await
        }
        BucketsCommand::Delete { bucket, confirmation } => {
            let bucket = buckets.get(bucket.id()).await.map_err(missing)?;
            let name = name(&bucket).unwrap_or(bucket.id.as_str()).to_owned();
            confirmation
                .ask(&format!("Delete export bucket {name} ({}) from the project", bucket.id), &name, session)
                .await?;
            buckets.delete(&bucket.id).await?;
            messages::note(format_args!("deleted export bucket {name}; the exported data stays in the bucket"));
            Ok(())
        }
    }
}

fn name(bucket: &Bucket) -> Option<&str> {
    match bucket {
        Bucket::Aws(bucket) => bucket.bucket_name.as_deref(),
        Bucket::Azure(bucket) => bucket.bucket_name.as_deref(),
        Bucket::Gcp(bucket) => bucket.bucket_name.as_deref(),
        _ => None,
    }
}

fn aws(bucket: &Bucket) -> Option<&atlas_backup::types::AwsExportBucket> {
    if let Bucket::Aws(bucket) = bucket { Some(bucket) } else { None }
}

impl Document for ExportBucket {
    const PLURAL: &'static str = "export buckets";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("ID", |bucket, _| Cell::text(Some(&bucket.id))),
        Column::new("NAME", |bucket, _| Cell::text(name(bucket))),
        Column::new("PROVIDER", |bucket, _| match bucket.document() {
            Bucket::Aws(_) => Cell::text(Some("AWS")),
            Bucket::Azure(_) => Cell::text(Some("AZURE")),
            Bucket::Gcp(_) => Cell::text(Some("GCP")),
            _ => Cell::text(None::<&str>),
        }),
        Column::new("ROLE", |bucket, _| match bucket.document() {
            Bucket::Aws(bucket) => Cell::text(bucket.iam_role_id.as_ref()),
            Bucket::Azure(bucket) => Cell::text(bucket.role_id.as_ref()),
            Bucket::Gcp(bucket) => Cell::text(bucket.role_id.as_ref()),
            _ => Cell::text(None::<&str>),
        }),
        Column::detail("REGION", |bucket, _| Cell::text(aws(bucket).and_then(|bucket| bucket.region.as_ref()))),
        Column::detail("PRIVATE NETWORKING", |bucket, _| {
            Cell::yes_no(aws(bucket).and_then(|bucket| bucket.require_private_networking))
        }),
        Column::detail("SERVICE URL", |bucket, _| match bucket.document() {
            Bucket::Azure(bucket) => Cell::text(bucket.service_url.as_ref()),
            _ => Cell::text(None::<&str>),
        }),
    ];
}
