//! `buckets`: the customer's own buckets, into which snapshots are exported.

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

/// What to do with export buckets.
#[derive(Debug, Subcommand)]
pub(crate) enum BucketsCommand {
    /// Lists the export buckets of a project.
    #[command(visible_alias = "ls")]
    List(Listing),
    /// Shows one export bucket.
    #[command(visible_alias = "describe")]
    Get(BucketArg),
    /// Makes a bucket known to Atlas.
    Create(Create),
    /// Says whether an AWS bucket is written to over private networking only.
    Update {
        #[command(flatten)]
        bucket: BucketArg,
        /// Whether to write over private networking only.
        #[arg(long, value_name = "true|false", action = clap::ArgAction::Set)]
        private_networking: bool,
    },
    /// Makes Atlas forget a bucket; what lies in it stays there.
    #[command(visible_alias = "rm")]
    Delete {
        #[command(flatten)]
        bucket: BucketArg,
        #[command(flatten)]
        confirmation: Confirmation,
    },
}

/// Which bucket.
#[derive(Debug, Args)]
pub(crate) struct BucketArg {
    /// The export bucket's id.
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

/// Whose bucket it is.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Provider {
    Aws,
    Azure,
    Gcp,
}

/// Which bucket to make known.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The bucket's name; on Azure the container's.
    name: String,
    /// Whose bucket it is.
    #[arg(long, alias = "cloudProvider", value_enum, ignore_case = true, default_value = "aws")]
    provider: Provider,
    /// The id of the role that lets Atlas write there.
    #[arg(long, aliases = ["iamRoleId", "roleId", "role-id"], value_name = "ID")]
    role: String,
    /// The URL of the storage account, on Azure.
    #[arg(long, alias = "serviceUrl", value_name = "URL", required_if_eq("provider", "azure"))]
    service_url: Option<String>,
    /// Writes over private networking only, on AWS.
    #[arg(long)]
    private_networking: bool,
}

impl Create {
    fn bucket(self) -> Outcome<NewExportBucket> {
        if self.private_networking && !matches!(self.provider, Provider::Aws) {
            return Err(Failure::usage("private networking is for AWS only", "leave `--private-networking` out"));
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
                .ask(&format!("Makes Atlas forget export bucket {name} ({})", bucket.id), &name, session)
                .await?;
            buckets.delete(&bucket.id).await?;
            messages::note(format_args!("{name} is no export bucket any more; what lies in it stays there"));
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
