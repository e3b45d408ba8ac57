//! `exports setup`: from nothing to an export that succeeded.
//!
//! A run looks at what exists and does the rest, so it can be repeated after any interruption. It stops once in the
//! middle: the trust policy of the role in the AWS account can only be set by its owner.

use atlas_backup::{
    Cluster, Export, ExportBucketId, ExportId, HasState as _, JobState, NewCloudRole, NewExportBucket, Project,
    SnapshotId,
    types::{DiskBackupSnapshotSchedule, ExportBucket as Bucket, SnapshotFrequency},
};
use clap::Args;
use futures_util::stream;

use super::{jobs, role::Role};
use crate::{
    context::{
        confirmation::Confirmation,
        planned_step::PlannedStep,
        policy_items::export_frequency,
        session::Session,
        snapshots::{Order, restorable},
        targets::ClusterArg,
        wait::Timeout,
    },
    ui::{
        exit::{Failure, Outcome},
        hints::Command,
        messages,
    },
};

const AFTER_HELP: &str = "\
The first run creates the cloud role in Atlas and prints the trust policy for the role in your AWS account. Set this \
policy, and allow the role s3:PutObject and s3:GetBucketLocation on the bucket. A run with --role-arn then authorizes \
the role, registers the bucket, turns on automatic export, exports the latest snapshot and waits for it. Every run \
continues where the last one ended, and changes nothing that is set up.";

/// Flags of `exports setup`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Setup {
    #[command(flatten)]
    cluster: ClusterArg,
    /// Name of the AWS bucket to export into.
    #[arg(long = "bucket", value_name = "NAME")]
    bucket_name: String,
    /// ARN of the role in your AWS account, once its trust policy is set.
    #[arg(long, value_name = "ARN")]
    role_arn: Option<String>,
    /// ID of the cloud role in Atlas [default: that of the bucket, the one with the ARN, or the one that is not
    /// authorized yet; else a new one].
    #[arg(long, value_name = "ID")]
    role: Option<String>,
    /// Frequency of the snapshots to export automatically: weekly, monthly, yearly; or daily, if MongoDB Support has
    /// enabled it [default: the current one, or monthly].
    #[arg(long, value_name = "FREQUENCY", value_parser = export_frequency)]
    frequency: Option<SnapshotFrequency>,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    timeout: Timeout,
}

impl Setup {
    /// The command that continues the setup with the ARN of the role.
    fn next(&self, cluster: &Cluster, arn: &str) -> Command {
        let command = Command::new("exports setup").arg(cluster.name()).args(["--bucket", &self.bucket_name]);
        let command = command.args(["--role-arn", arn]);
        let command = self.role.iter().fold(command, |command, role| command.args(["--role", role]));
        self.frequency.iter().fold(command, |command, frequency| command.args(["--frequency", frequency.as_str()]))
    }
}

/// Sets up exports, as far as it can.
///
/// # Errors
/// Something that exists contradicts the flags, a call fails, or the export fails.
pub(crate) async fn run(setup: Setup, session: &Session) -> Outcome {
    let plan = Plan::new(&setup, session).await?;
    let steps = plan.steps(&setup);
    if session.client().is_dry_run() {
        let steps = steps.into_iter().map(|(_, step)| Ok::<_, Failure>(step));
        return session.printer().list(stream::iter(steps), None).await;
    }
    let changes: Vec<_> = steps.iter().filter(|(changes, _)| *changes).map(|(_, step)| step.what.as_str()).collect();
    if !changes.is_empty() {
        let (cluster, bucket) = (plan.cluster.name(), &setup.bucket_name);
        let action = format!("Set up exports of {cluster} to {bucket}: {}", changes.join(", "));
        setup.confirmation.ask(&action, cluster.as_str(), session).await?;
    }
    plan.run(&setup, session).await
}

/// What exists, and what is missing.
#[derive(Debug)]
struct Plan {
    project: Project,
    cluster: Cluster,
    role: Option<Role>,
    bucket: Option<ExportBucketId>,
    frequency: SnapshotFrequency,
    /// Whether the schedule already exports to the bucket.
    is_scheduled: bool,
    /// The bucket that the schedule exports to so far, if it is another one.
    former_bucket: Option<String>,
    /// `None` until the role can be authorized.
    proof: Option<Proof>,
}

/// The export that shows that the setup works.
#[derive(Debug)]
enum Proof {
    /// It succeeded already.
    Succeeded(Box<Export>),
    /// It is running.
    Running(ExportId),
    /// It has to be started, for this snapshot.
    Missing(SnapshotId),
}

impl Plan {
    async fn new(setup: &Setup, session: &Session) -> Outcome<Self> {
        let (project, cluster) = (session.project()?, setup.cluster.clone().find(session)?);
        let schedule = cluster.schedule().get().await?;
        let frequency = frequency(setup, &schedule)?;
        let bucket = find_bucket(&project, &setup.bucket_name).await?;
        let role = find_role(&project, bucket.as_ref(), setup).await?;
        let bucket = bucket.map(|(id, _)| id);
        let exports = schedule.export.as_ref().filter(|_| schedule.auto_export_enabled == Some(true));
        let target = exports.and_then(|export| export.export_bucket_id.as_deref());
        let is_to_bucket = target.is_some() && target == bucket.as_ref().map(ExportBucketId::as_str);
        let is_scheduled =
            is_to_bucket && exports.and_then(|export| export.frequency_type.as_ref()) == Some(&frequency);
        let former_bucket = target.filter(|_| !is_to_bucket).map(str::to_owned);
        let proof = match setup.role_arn.is_some() || role.as_ref().is_some_and(Role::is_authorized) {
            true => Some(find_proof(&cluster, bucket.as_ref()).await?),
            false => None,
        };
        Ok(Plan { project, cluster, role, bucket, frequency, is_scheduled, former_bucket, proof })
    }

    /// The remaining steps, each with whether it changes something.
    fn steps(&self, setup: &Setup) -> Vec<(bool, PlannedStep)> {
        let mut steps = Vec::new();
        let mut step = |changes, step, what: String| steps.push((changes, PlannedStep { step, what }));
        let (bucket, cluster, frequency) = (&setup.bucket_name, self.cluster.name(), &self.frequency);
        if self.role.is_none() {
            step(true, "role", format!("creates a cloud role for AWS in project {}", self.project.id()));
        }
        if !self.role.as_ref().is_some_and(Role::is_authorized) {
            let Some(arn) = &setup.role_arn else {
                step(false, "trust", "prints the trust policy for the role in your AWS account, and stops".to_owned());
                return steps;
            };
            step(true, "authorize", format!("authorizes the cloud role to assume {arn}"));
        }
        if self.bucket.is_none() {
            step(true, "bucket", format!("registers bucket {bucket}"));
        }
        if !self.is_scheduled {
            let instead = self.former_bucket.as_ref().map(|id| format!(" instead of export bucket {id}"));
            let instead = instead.unwrap_or_default();
            step(true, "schedule", format!("exports {frequency} snapshots of {cluster} automatically{instead}"));
        }
        match &self.proof {
            None | Some(Proof::Succeeded(_)) => {}
            Some(Proof::Running(export)) => step(false, "export", format!("waits for export {export}")),
            Some(Proof::Missing(snapshot)) => {
                step(true, "export", format!("exports snapshot {snapshot} to verify the setup, and waits for it"))
            }
        }
        steps
    }

    async fn run(self, setup: &Setup, session: &Session) -> Outcome {
        let (Some(role), Some(proof)) = (self.role(setup, session).await?, self.proof) else { return Ok(()) };
        let bucket = match self.bucket {
            Some(bucket) => bucket,
            None => {
                let bucket = NewExportBucket::aws(&setup.bucket_name, &role.id)?;
                let bucket = self.project.export_buckets().create(bucket).await?.id;
                messages::note(format_args!("registered bucket {} as export bucket {bucket}", setup.bucket_name));
                bucket
            }
        };
        if !self.is_scheduled {
            let change = |schedule: &mut DiskBackupSnapshotSchedule| {
                let export = schedule.export.take().unwrap_or_default();
                schedule.auto_export_enabled = Some(true);
                let export = export.with_export_bucket_id(&bucket).with_frequency_type(self.frequency.clone());
                schedule.export = Some(export);
            };
            self.cluster.schedule().update(change).await?;
            messages::note(format_args!("turned on automatic export of {} snapshots", self.frequency));
        }
        let export = match proof {
            Proof::Succeeded(export) => {
                messages::note(format_args!("exports are set up: export {} succeeded", export.id));
                return session.printer().one(&*export).await;
            }
            Proof::Running(export) => export,
            Proof::Missing(snapshot) => {
                let started = self.cluster.exports().create(&snapshot, &bucket).await;
                let list = Command::new("exports list").arg(self.cluster.name());
                started.map_err(|error| Failure::from(error).of_start(list))?.id
            }
        };
        jobs::job(&self.cluster, &export).wait_and_print(setup.timeout, session).await
    }

    /// The authorized role. `None` if its trust policy has to be set first.
    async fn role(&self, setup: &Setup, session: &Session) -> Outcome<Option<Role>> {
        let roles = self.project.cloud_roles();
        let role = match &self.role {
            Some(role) => role.clone(),
            None => {
                let role = Role::new(roles.create(NewCloudRole::aws()).await?)?;
                messages::note(format_args!("created cloud role {}", role.id));
                role
            }
        };
        if role.is_authorized() {
            return Ok(Some(role));
        }
        let next = setup.next(&self.cluster, setup.role_arn.as_deref().unwrap_or("ARN"));
        let Some(arn) = &setup.role_arn else {
            print_trust_policy(&role, session).await?;
            let next =
                next.hint(" continues").preceded_by("set this trust policy on a role in your AWS account; then ");
            messages::note(session.render(&next));
            return Ok(None);
        };
        match roles.authorize_aws(&role.id, arn).await {
            Ok(role) => {
                messages::note(format_args!("authorized cloud role {} to assume {arn}", role.id));
                Role::new(role).map(Some)
            }
            Err(error) if error.status().is_some_and(|status| status.is_client_error()) => {
                print_trust_policy(&role, session).await?;
                let before =
                    format!("check that {arn} has the trust policy above, which can take a minute to apply; then ");
                Err(Failure::from(error).with_hint(|_| Some(next.hint(" continues").preceded_by(before))))
            }
            Err(error) => Err(error.into()),
        }
    }
}

async fn print_trust_policy(role: &Role, session: &Session) -> Outcome {
    session.printer().bytes(format!("{:#}", role.trust_policy()?).as_bytes()).await
}

/// The frequency of automatic exports.
///
/// # Errors
/// The schedule takes no snapshots of this frequency, so there would be nothing to export.
fn frequency(setup: &Setup, schedule: &DiskBackupSnapshotSchedule) -> Outcome<SnapshotFrequency> {
    let current = schedule.export.as_ref().and_then(|export| export.frequency_type.clone());
    let frequency = setup.frequency.clone().or(current).unwrap_or(SnapshotFrequency::Monthly);
    let items = schedule.policies.iter().flatten().flat_map(|policy| policy.policy_items.iter().flatten());
    let mut scheduled = items.filter_map(|item| item.frequency_type.as_ref());
    if scheduled.any(|known| *known == frequency) {
        return Ok(frequency);
    }
    let name = schedule.cluster_name.as_deref().unwrap_or("the cluster");
    Err(Failure::usage(
        format!("cannot export {frequency} snapshots automatically: the schedule of {name} takes none"),
        Command::new("schedule set --help").hint(" adds them").preceded_by("pass another `--frequency`; "),
    ))
}

/// The export bucket of this name on AWS, with the ID of its role. The service accepts the same name more than once; the
/// first one is used.
async fn find_bucket(project: &Project, name: &str) -> Outcome<Option<(ExportBucketId, Option<String>)>> {
    let mut buckets = project.export_buckets().list().items();
    while let Some(bucket) = buckets.try_next().await? {
        match bucket.document() {
            Bucket::Aws(aws) if aws.bucket_name.as_deref() == Some(name) => {
                return Ok(Some((bucket.id.clone(), aws.iam_role_id.clone())));
            }
            _ => {}
        }
    }
    Ok(None)
}

/// The role to use, if it exists.
///
/// # Errors
/// The flags contradict the role of the bucket, or the choice is ambiguous.
async fn find_role(
    project: &Project,
    bucket: Option<&(ExportBucketId, Option<String>)>,
    setup: &Setup,
) -> Outcome<Option<Role>> {
    let of_bucket = bucket.and_then(|(_, role)| role.as_ref());
    let roles = project.cloud_roles();
    let role = match setup.role.as_ref().or(of_bucket) {
        Some(role) => Role::new(roles.get(role.as_str()).await?)?,
        None => return Role::choose(&Role::all(roles.list().await?.document()), setup.role_arn.as_deref()),
    };
    if let Some(of_bucket) = of_bucket.filter(|id| role.id.as_str() != *id) {
        let message = format!("cannot use cloud role {}: bucket {} has role {of_bucket}", role.id, setup.bucket_name);
        return Err(Failure::usage(message, "omit `--role`, or pass another bucket"));
    }
    match (role.arn(), &setup.role_arn) {
        (Some(known), Some(arn)) if known != arn => {
            let message = format!("cannot authorize cloud role {} to assume {arn}: it assumes {known}", role.id);
            Err(Failure::usage(message, "omit `--role-arn` to keep that role"))
        }
        _ => Ok(Some(role)),
    }
}

/// The newest export of the cluster to the bucket, unless it failed; otherwise the latest snapshot, to export it.
async fn find_proof(cluster: &Cluster, bucket: Option<&ExportBucketId>) -> Outcome<Proof> {
    let mut newest: Option<Export> = None;
    if let Some(bucket) = bucket {
        let mut exports = cluster.exports().list().items();
        while let Some(export) = exports.try_next().await? {
            let is_newer = newest.as_ref().is_none_or(|known| known.created_at < export.created_at);
            if is_newer && export.export_bucket_id.as_deref() == Some(bucket.as_str()) {
                newest = Some(export);
            }
        }
    }
    match newest.map(|export| (export.job_state(), export)) {
        Some((JobState::Succeeded, export)) => Ok(Proof::Succeeded(Box::new(export))),
        Some((JobState::InProgress, export)) => Ok(Proof::Running(export.id.clone())),
        _ => {
            let snapshot = restorable(&cluster.of_any_kind(), Order::Latest).await?;
            Ok(Proof::Missing(snapshot.id().clone()))
        }
    }
}
