//! Changes a snapshot schedule. Flags, a file or an editor produce one change to the current schedule.
//!
//! Only changed fields are sent, completely or not at all.

use atlas_backup::{
    ScheduleDocument,
    types::{DiskBackupPolicyItem, DiskBackupSnapshotSchedule, DiskBackupSnapshotSchedulePolicy, SnapshotFrequency},
};
use clap::Args;
use serde_json::{Map, Value};

use crate::{
    context::{
        confirmation::Confirmation,
        edit::{ChangeSource, Extra, Update},
        policy_items::{self, ItemFlags, ItemReplacement},
        session::Session,
        targets::ClusterArg,
    },
    ui::{
        exit::{Failure, Outcome},
        hints::Command,
    },
};

use super::losses;

/// Read-only fields.
const READ_ONLY: &[&str] = &["clusterId", "clusterName", "links", "nextSnapshot"];

/// Flags of `schedule set`.
#[derive(Debug, Args)]
pub(crate) struct Set {
    #[command(flatten)]
    cluster: ClusterArg,
    #[command(flatten)]
    items: ItemFlags,
    /// Time of day of the snapshots in UTC, such as 03:30.
    #[arg(long, value_name = "HH:MM", value_parser = time_of_day)]
    at: Option<(i64, i64)>,
    #[arg(long = "referenceHourOfDay", hide = true, conflicts_with = "at", value_parser = clap::value_parser!(i64).range(0..24))]
    hour: Option<i64>,
    #[arg(long = "referenceMinuteOfHour", hide = true, conflicts_with = "at", value_parser = clap::value_parser!(i64).range(0..60))]
    minute: Option<i64>,
    /// Restore window in days, for point-in-time restores.
    #[arg(long, alias = "restoreWindowDays", value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..))]
    restore_window: Option<i64>,
    /// Whether to export snapshots automatically.
    #[arg(long, value_name = "true|false")]
    auto_export: Option<bool>,
    /// Export bucket ID for automatic exports.
    #[arg(long, alias = "exportBucketId", value_name = "ID")]
    export_bucket: Option<String>,
    /// Frequency of the snapshots to export automatically: weekly, monthly, yearly; or daily, if MongoDB Support has enabled it.
    #[arg(long, alias = "exportFrequencyType", value_name = "FREQUENCY", value_parser = policy_items::export_frequency)]
    export_frequency: Option<SnapshotFrequency>,
    /// Whether export paths contain the names of organization and project instead of their IDs.
    #[arg(long, value_name = "true|false")]
    names_in_prefix: Option<bool>,
    /// Apply changed retentions to existing snapshots too.
    #[arg(long, alias = "updateSnapshots")]
    update_snapshots: bool,
    #[command(flatten)]
    official: OfficialFlags,
    #[command(flatten)]
    source: ChangeSource,
    #[command(flatten)]
    confirmation: Confirmation,
}

/// Flags in the spelling of the official command line.
#[derive(Debug, Default, Args)]
struct OfficialFlags {
    #[arg(long = "policy", hide = true, value_name = "POLICY,ITEM,FREQUENCY,INTERVAL,UNIT,VALUE")]
    replacements: Vec<ItemReplacement>,
    #[arg(long = "autoExport", hide = true, conflicts_with = "auto_export")]
    auto_export_on: bool,
    #[arg(long = "noAutoExport", hide = true, conflicts_with_all = ["auto_export", "auto_export_on"])]
    auto_export_off: bool,
    #[arg(long = "useOrgAndGroupNamesInExportPrefix", hide = true, conflicts_with = "names_in_prefix")]
    names_on: bool,
    #[arg(long = "noUseOrgAndGroupNamesInExportPrefix", hide = true, conflicts_with_all = ["names_in_prefix", "names_on"])]
    names_off: bool,
    #[arg(long = "noUpdateSnapshots", hide = true, conflicts_with = "update_snapshots")]
    leave_snapshots: bool,
}

fn time_of_day(text: &str) -> Result<(i64, i64), String> {
    let time = chrono::NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| "expected HH:MM".to_owned())?;
    Ok((i64::from(chrono::Timelike::hour(&time)), i64::from(chrono::Timelike::minute(&time))))
}

impl Set {
    pub(super) async fn run(mut self: Box<Self>, session: &Session) -> Outcome<ScheduleDocument> {
        let cluster = self.cluster.clone().find(session)?;
        let schedule = cluster.schedule();
        let current = schedule.get().await?;
        let source = std::mem::replace(&mut self.source, ChangeSource::none());
        let fields = source.fields("schedule", current.document(), READ_ONLY).await?;
        if fields.is_none() && self.changes_nothing() {
            return Err(Failure::usage(
                "missing change",
                Command::new("schedule set --help").hint(" lists the flags").preceded_by("pass what to change; "),
            ));
        }
        let update = Update::default();
        let mut preview = current.document().clone();
        update.change(fields.clone(), |document| self.change(document))(&mut preview);
        let update = update.checked()?;
        let losses = losses::of_change(current.document(), &preview, &cluster, session).await?;
        if !losses.is_empty() {
            let action = format!("Change the snapshot schedule of {}: {}", cluster.name(), losses.join(". "));
            self.confirmation.ask(&action, cluster.name().as_str(), session).await?;
        }
        let changed = schedule.update(update.change(fields, |document| self.change(document))).await;
        update.outcome(changed, current.document(), ScheduleDocument::document)
    }

    /// Whether no flag changes the schedule. `--update-snapshots` only decides how another change applies.
    fn changes_nothing(&self) -> bool {
        let Set { items, at, hour, minute, restore_window, auto_export, export_bucket, export_frequency, .. } = self;
        let OfficialFlags { replacements, auto_export_on, auto_export_off, names_on, names_off, .. } = &self.official;
        items.chosen().next().is_none()
            && at.is_none()
            && [hour, minute, restore_window].iter().all(|number| number.is_none())
            && [auto_export, &self.names_in_prefix].iter().all(|switch| switch.is_none())
            && export_bucket.is_none()
            && export_frequency.is_none()
            && replacements.is_empty()
            && ![auto_export_on, auto_export_off, names_on, names_off].into_iter().any(|flag| *flag)
    }

    fn change(&self, document: &mut DiskBackupSnapshotSchedule) -> Outcome {
        if let Some((hour, minute)) = self.at {
            (document.reference_hour_of_day, document.reference_minute_of_hour) = (Some(hour), Some(minute));
        }
        document.reference_hour_of_day = self.hour.or(document.reference_hour_of_day);
        document.reference_minute_of_hour = self.minute.or(document.reference_minute_of_hour);
        if let Some(days) = self.restore_window {
            document.restore_window_days = Some(days);
        }
        let switched = |ours: Option<bool>, on: bool, off: bool| ours.or(on.then_some(true)).or(off.then_some(false));
        let official = &self.official;
        if let Some(on) = switched(self.auto_export, official.auto_export_on, official.auto_export_off) {
            document.auto_export_enabled = Some(on);
        }
        if let Some(on) = switched(self.names_in_prefix, official.names_on, official.names_off) {
            document.use_org_and_group_names_in_export_prefix = Some(on);
        }
        if self.export_bucket.is_some() || self.export_frequency.is_some() {
            let mut export = document.export.take().unwrap_or_default();
            export.export_bucket_id = self.export_bucket.clone().or(export.export_bucket_id);
            export.frequency_type = self.export_frequency.clone().or(export.frequency_type);
            document.export = Some(export);
        }
        if let Some(on) = switched(None, self.update_snapshots, official.leave_snapshots) {
            document.update_snapshots = Some(on);
        }
        for replacement in &official.replacements {
            replace_item(replacement, document)?;
        }
        self.change_items(document)
    }

    fn change_items(&self, document: &mut DiskBackupSnapshotSchedule) -> Outcome {
        let mut chosen = self.items.chosen().peekable();
        if chosen.peek().is_none() {
            return Ok(());
        }
        let policies = document.policies.get_or_insert_default();
        if policies.is_empty() {
            policies.push(DiskBackupSnapshotSchedulePolicy::new(Vec::new()));
        }
        let items = policies.first_mut().map(|policy| policy.policy_items.get_or_insert_default());
        let Some(items) = items else { return Ok(()) };
        for (frequency, new) in chosen {
            let same = |item: &DiskBackupPolicyItem| item.frequency_type.as_ref() == Some(&frequency);
            let Some(new) = new else {
                items.retain(|item| !same(item));
                continue;
            };
            let mut found: Vec<_> = items.iter_mut().filter(|item| same(item)).collect();
            match found.as_mut_slice() {
                [] => items.push(DiskBackupPolicyItem::new(
                    new.interval,
                    frequency,
                    new.kept.unit.clone(),
                    new.kept.value,
                )),
                [item] => {
                    item.frequency_interval = Some(new.interval);
                    item.retention_unit = Some(new.kept.unit.clone());
                    item.retention_value = Some(new.kept.value);
                }
                several => {
                    return Err(Failure::usage(
                        format!("cannot change the {frequency} item: the schedule has {} of them", several.len()),
                        "use `--edit` or `--file` to change a specific item",
                    ));
                }
            }
        }
        Ok(())
    }
}

/// Replaces the item with the same ID.
fn replace_item(replacement: &ItemReplacement, document: &mut DiskBackupSnapshotSchedule) -> Outcome {
    let ItemReplacement { policy, id, frequency, item } = replacement;
    let mut policies = document.policies.iter_mut().flatten();
    let found = policies.find(|known| known.id.as_ref() == Some(policy));
    let items = found.and_then(|policy| policy.policy_items.as_mut());
    let found = items.and_then(|items| items.iter_mut().find(|known| known.id.as_ref() == Some(id)));
    let found = found.ok_or_else(|| {
        Failure::usage(
            format!("unknown item {id} of policy {policy} in the schedule"),
            "`schedule get -o json` shows the IDs; flags such as `--daily 1:30d` need no IDs",
        )
    })?;
    found.frequency_type = Some(frequency.clone());
    found.frequency_interval = Some(item.interval);
    found.retention_unit = Some(item.kept.unit.clone());
    found.retention_value = Some(item.kept.value);
    Ok(())
}

impl Extra for DiskBackupSnapshotSchedule {
    fn extra(&self) -> &Map<String, Value> {
        &self.extra
    }
}
