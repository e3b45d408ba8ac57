//! `schedule`: when snapshots of a cluster are taken by themselves, and how long they are kept.

use std::cell::RefCell;

use atlas_backup::{
    ScheduleDocument,
    types::{
        AdvancedDiskBackupSnapshotSchedulePolicy, DiskBackupApiPolicyItem, DiskBackupSnapshotSchedule20240805,
        SnapshotFrequency,
    },
};
use clap::{Args, Subcommand};
use serde_json::{Map, Value};

use super::{
    consent::Consent,
    edit::{self, Extra, Source},
    policy_items::{self, Items},
    target::OneCluster,
};
use crate::{
    args::Global,
    exit::{Failure, Outcome},
    output::{Column, Document, cell::Cell},
    session::Session,
};

/// What the service sets and nobody can change.
const READ_ONLY: &[&str] = &["clusterId", "clusterName", "links", "nextSnapshot"];

/// What to do with a snapshot schedule.
#[derive(Debug, Subcommand)]
pub(crate) enum ScheduleCommand {
    /// Shows the schedule of a cluster.
    #[command(visible_alias = "describe")]
    Get {
        #[command(flatten)]
        cluster: OneCluster,
    },
    /// Changes the schedule of a cluster; only what is different is sent.
    #[command(visible_alias = "update")]
    Set(Box<Set>),
    /// Removes all items of the schedule: no more snapshots are taken by themselves.
    #[command(visible_alias = "rm")]
    Delete {
        #[command(flatten)]
        cluster: OneCluster,
        #[command(flatten)]
        consent: Consent,
    },
}

/// How the schedule is to be.
#[derive(Debug, Args)]
pub(crate) struct Set {
    #[command(flatten)]
    cluster: OneCluster,
    #[command(flatten)]
    items: Items,
    /// When snapshots are taken, in UTC, such as 03:30.
    #[arg(long, value_name = "HH:MM", value_parser = time_of_day)]
    at: Option<(i64, i64)>,
    #[arg(long = "referenceHourOfDay", hide = true, conflicts_with = "at", value_parser = clap::value_parser!(i64).range(0..24))]
    hour: Option<i64>,
    #[arg(long = "referenceMinuteOfHour", hide = true, conflicts_with = "at", value_parser = clap::value_parser!(i64).range(0..60))]
    minute: Option<i64>,
    /// How many days back a point in time can be restored.
    #[arg(long, alias = "restoreWindowDays", value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..))]
    restore_window: Option<i64>,
    /// Whether snapshots are exported by themselves.
    #[arg(long, alias = "autoExport", value_name = "true|false", num_args = 0..=1, default_missing_value = "true")]
    auto_export: Option<bool>,
    #[arg(long = "noAutoExport", hide = true, conflicts_with = "auto_export")]
    no_auto_export: bool,
    /// The export bucket's id, for snapshots that are exported by themselves.
    #[arg(long, alias = "exportBucketId", value_name = "ID")]
    export_bucket: Option<String>,
    /// Which snapshots are exported by themselves: daily, weekly, monthly or yearly.
    #[arg(long, alias = "exportFrequencyType", value_name = "FREQUENCY")]
    export_frequency: Option<SnapshotFrequency>,
    /// Lets the snapshots that there are follow a changed retention too.
    #[arg(long, alias = "updateSnapshots")]
    update_snapshots: bool,
    #[command(flatten)]
    source: Source,
}

fn time_of_day(text: &str) -> Result<(i64, i64), String> {
    let time = chrono::NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| "write it HH:MM".to_owned())?;
    Ok((i64::from(chrono::Timelike::hour(&time)), i64::from(chrono::Timelike::minute(&time))))
}

pub(crate) async fn run(command: ScheduleCommand, global: &Global) -> Outcome {
    let session = Session::open(global).await?;
    let document = match command {
        ScheduleCommand::Get { cluster } => cluster.find(&session)?.schedule().get().await?,
        ScheduleCommand::Set(set) => set.run(&session).await?,
        ScheduleCommand::Delete { cluster, consent } => {
            let cluster = cluster.find(&session)?;
            let deed = format!("Removes the snapshot schedule of {}: no more snapshots by themselves", cluster.name());
            consent.ask(&deed, cluster.name().as_str(), &session).await?;
            cluster.schedule().delete().await?
        }
    };
    session.printer().one(&document).await
}

impl Set {
    async fn run(mut self: Box<Self>, session: &Session) -> Outcome<ScheduleDocument> {
        let schedule = self.cluster.clone().find(session)?.schedule();
        let current = schedule.get().await?;
        let source = std::mem::replace(&mut self.source, Source::none());
        let fields = source.fields("schedule", current.document(), READ_ONLY).await?;
        let problem = RefCell::new(None);
        let changed = schedule.update(|document| {
            if let Some(fields) = fields {
                match edit::apply(document, fields) {
                    Ok(changed) => *document = changed,
                    Err(failure) => return drop(problem.replace(Some(failure))),
                }
            }
            if let Err(failure) = self.change(document) {
                // Nothing that is half done may be sent.
                *document = current.document().clone();
                problem.replace(Some(failure));
            }
        });
        let changed = changed.await;
        match problem.into_inner() {
            Some(failure) => Err(failure),
            None => Ok(changed?),
        }
    }

    fn change(&self, document: &mut DiskBackupSnapshotSchedule20240805) -> Outcome {
        if let Some((hour, minute)) = self.at {
            (document.reference_hour_of_day, document.reference_minute_of_hour) = (Some(hour), Some(minute));
        }
        document.reference_hour_of_day = self.hour.or(document.reference_hour_of_day);
        document.reference_minute_of_hour = self.minute.or(document.reference_minute_of_hour);
        if let Some(days) = self.restore_window {
            document.restore_window_days = Some(days);
        }
        if let Some(on) = self.auto_export.or(self.no_auto_export.then_some(false)) {
            document.auto_export_enabled = Some(on);
        }
        if self.export_bucket.is_some() || self.export_frequency.is_some() {
            let mut export = document.export.take().unwrap_or_default();
            export.export_bucket_id = self.export_bucket.clone().or(export.export_bucket_id);
            export.frequency_type = self.export_frequency.clone().or(export.frequency_type);
            document.export = Some(export);
        }
        if self.update_snapshots {
            document.update_snapshots = Some(true);
        }
        self.change_items(document)
    }

    fn change_items(&self, document: &mut DiskBackupSnapshotSchedule20240805) -> Outcome {
        let mut chosen = self.items.chosen().peekable();
        if chosen.peek().is_none() {
            return Ok(());
        }
        let policies = document.policies.get_or_insert_default();
        if policies.is_empty() {
            policies.push(AdvancedDiskBackupSnapshotSchedulePolicy::new(Vec::new()));
        }
        let items = policies.first_mut().map(|policy| policy.policy_items.get_or_insert_default());
        let Some(items) = items else { return Ok(()) };
        for (frequency, wanted) in chosen {
            let same = |item: &DiskBackupApiPolicyItem| item.frequency_type.as_ref() == Some(&frequency);
            let Some(wanted) = wanted else {
                items.retain(|item| !same(item));
                continue;
            };
            let mut found: Vec<_> = items.iter_mut().filter(|item| same(item)).collect();
            match found.as_mut_slice() {
                [] => items.push(DiskBackupApiPolicyItem::new(
                    wanted.interval,
                    frequency,
                    wanted.kept.unit.clone(),
                    wanted.kept.value,
                )),
                [item] => {
                    item.frequency_interval = Some(wanted.interval);
                    item.retention_unit = Some(wanted.kept.unit.clone());
                    item.retention_value = Some(wanted.kept.value);
                }
                several => {
                    return Err(Failure::usage(
                        format!("there are {} {frequency} items, and a flag can't say which is meant", several.len()),
                        "use `--edit` or `--file`",
                    ));
                }
            }
        }
        Ok(())
    }
}

impl Extra for DiskBackupSnapshotSchedule20240805 {
    fn extra(&self) -> &Map<String, Value> {
        &self.extra
    }
}

/// The items of the first policy in words.
pub(super) fn items(schedule: &ScheduleDocument) -> Option<Vec<String>> {
    let policy = schedule.policies.as_ref()?.first()?;
    let words = policy.policy_items.as_ref()?.iter().map(|item| {
        let (frequency, unit) = (item.frequency_type.as_ref(), item.retention_unit.as_ref());
        policy_items::words(frequency, item.frequency_interval, item.retention_value, unit)
    });
    Some(words.collect())
}

impl Document for ScheduleDocument {
    const PLURAL: &'static str = "schedules";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("CLUSTER", |schedule, _| Cell::text(schedule.cluster_name.as_ref())),
        Column::new("NEXT SNAPSHOT", |schedule, now| Cell::time(schedule.next_snapshot, now)),
        Column::new("SNAPSHOTS", |schedule, _| Cell::lines(items(schedule))),
        Column::new("AT (UTC)", |schedule, _| {
            let time = schedule.reference_hour_of_day.zip(schedule.reference_minute_of_hour);
            Cell::text(time.map(|(hour, minute)| format!("{hour:02}:{minute:02}")))
        }),
        Column::new("POINT IN TIME", |schedule, _| {
            Cell::text(schedule.restore_window_days.map(|days| format!("{days} days back")))
        }),
        Column::detail("AUTO EXPORT", |schedule, _| Cell::yes_no(schedule.auto_export_enabled)),
        Column::detail("EXPORT BUCKET", |schedule, _| {
            Cell::text(schedule.export.as_ref().and_then(|export| export.export_bucket_id.as_ref()))
        }),
        Column::detail("EXPORTED", |schedule, _| {
            Cell::text(schedule.export.as_ref().and_then(|export| export.frequency_type.as_ref()))
        }),
        Column::detail("COPY REGIONS", |schedule, _| {
            let copies = schedule.copy_settings.iter().flatten();
            Cell::list(Some(copies.filter_map(|copy| copy.region_name.as_ref())))
        }),
    ];
}
