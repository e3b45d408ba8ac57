//! Changes a compliance policy. Flags, a file or an editor produce one change to the current policy.
//!
//! Only MongoDB Support can undo most changes, so the user confirms with the project ID first, and a change is sent
//! completely or not at all.

use atlas_backup::{
    CompliancePolicyDocument, HasState, Project, StateWords,
    runtime::Nullable,
    types::{
        BackupComplianceOnDemandPolicyItem, BackupComplianceScheduledPolicyItem, DataProtectionSettings,
        SnapshotFrequency,
    },
};
use clap::Args;
use serde_json::{Map, Value};

use crate::{
    context::{
        confirmation::Confirmation,
        edit::{ChangeSource, Extra, Update},
        policy_items::{Item, ItemFlags, RetentionFlag},
        session::Session,
        wait::{Job, Timeout, WaitFlags},
    },
    ui::{exit::Outcome, hints::Command},
};

use super::command::describe_item;

/// Read-only fields.
const READ_ONLY: &[&str] = &["deletable", "projectId", "state", "updatedDate", "updatedUser"];

/// Flags of `compliance set`.
#[derive(Debug, Args)]
pub(crate) struct Set {
    #[command(flatten)]
    changes: PolicyChanges,
    /// Reject the change instead of overwriting schedules that do not comply.
    #[arg(long)]
    keep_schedules: bool,
    #[command(flatten)]
    source: ChangeSource,
    #[command(flatten)]
    confirmation_flags: ConfirmationFlags,
}

/// Changes to the policy.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct PolicyChanges {
    /// E-mail address of the person authorized to change the policy with MongoDB Support.
    #[arg(long, alias = "authorizedEmail", value_name = "ADDRESS")]
    pub(super) authorized_email: Option<String>,
    /// First name of that person.
    #[arg(long, alias = "authorizedUserFirstName", value_name = "NAME")]
    pub(super) first_name: Option<String>,
    /// Last name of that person.
    #[arg(long, alias = "authorizedUserLastName", value_name = "NAME")]
    pub(super) last_name: Option<String>,
    #[command(flatten)]
    pub(super) items: ItemFlags,
    /// Additional items.
    #[arg(skip)]
    pub(super) additional_items: Vec<(SnapshotFrequency, Item)>,
    /// Minimum retention of on-demand snapshots, such as 7d.
    #[arg(long, value_name = "RETENTION")]
    pub(super) on_demand: Option<RetentionFlag>,
    /// Whether to require continuous backup for every cluster.
    #[arg(long, alias = "pointInTimeRestores", value_name = "true|false")]
    pub(super) point_in_time: Option<bool>,
    /// Minimum restore window in days.
    #[arg(long, alias = "restoreWindowDays", value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..))]
    pub(super) restore_window: Option<i64>,
    /// Whether to protect snapshot copies in other regions.
    #[arg(long, alias = "copyProtection", value_name = "true|false")]
    pub(super) copy_protection: Option<bool>,
    /// Whether to require encryption at rest with customer-managed keys for every cluster.
    #[arg(long, alias = "encryptionAtRest", value_name = "true|false")]
    pub(super) encryption_at_rest: Option<bool>,
}

/// Flags for confirmation and waiting.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct ConfirmationFlags {
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    wait: WaitFlags,
}

impl Set {
    /// Creates a change from flags only.
    pub(super) fn new(changes: PolicyChanges, confirmation_flags: ConfirmationFlags) -> Self {
        Set { changes, keep_schedules: false, source: ChangeSource::none(), confirmation_flags }
    }

    pub(super) async fn run(self, session: &Session) -> Outcome {
        let Set {
            changes,
            keep_schedules,
            source,
            confirmation_flags: ConfirmationFlags { confirmation, wait: flags },
        } = self;
        let project = session.project()?;
        let policy = project.compliance_policy();
        let current = policy.get().await?;
        let fields = source.fields("compliance-policy", current.document(), READ_ONLY).await?;
        let update = Update::default();
        let mut preview = current.document().clone();
        let change = |document: &mut DataProtectionSettings| {
            changes.clone().apply_to(document);
            Ok(())
        };
        update.change(fields.clone(), change)(&mut preview);
        let update = update.checked()?;
        let differences = differences(current.document(), &preview);
        if !differences.is_empty() {
            let schedules = match keep_schedules {
                true => "schedules that do not comply are kept and the change is rejected",
                false => "schedules that do not comply are overwritten",
            };
            let action = format!(
                "Change the compliance policy of project {}: {}. Only MongoDB Support can undo this; {schedules}",
                project.id(),
                differences.join(". ")
            );
            confirmation.ask(&action, project.id().as_str(), session).await?;
        }
        let change = update.change(fields, change);
        let changed = match keep_schedules {
            true => policy.update_without_overwriting(change).await,
            false => policy.update(change).await,
        };
        let changed = update.outcome(changed, current.document(), CompliancePolicyDocument::document)?;
        if !flags.wait {
            return session.printer().one(&changed).await;
        }
        wait(&project, flags.timeout, session).await
    }
}

/// The difference of two policies: each changed item and field with its old and new value.
fn differences(before: &DataProtectionSettings, after: &DataProtectionSettings) -> Vec<String> {
    let items = |policy: &DataProtectionSettings| -> Vec<_> {
        let items = policy.scheduled_policy_items.iter().flatten();
        items.map(|item| (item.frequency_type.clone(), describe_item(item))).collect()
    };
    let (old, new) = (items(before), items(after));
    let mut lines = Vec::new();
    for (frequency, item) in old.iter().filter(|item| !new.contains(item)) {
        let replacement = new.iter().find(|other| other.0 == *frequency && !old.contains(other));
        lines.push(format!("{item} -> {}", replacement.map_or("none", |(_, item)| item)));
    }
    for (frequency, item) in new.iter().filter(|item| !old.contains(item)) {
        if !old.iter().any(|other| other.0 == *frequency && !new.contains(other)) {
            lines.push(format!("none -> {item}"));
        }
    }
    let fields = |policy: &DataProtectionSettings| match serde_json::to_value(policy) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let (old, new) = (fields(before), fields(after));
    let text = |value: Option<&Value>| match value {
        None | Some(Value::Null) => "none".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Object(item)) if item.contains_key("retentionValue") => {
            let text = |key: &str| item.get(key).map(|value| value.to_string().replace('"', "")).unwrap_or_default();
            format!("kept for {} {}", text("retentionValue"), text("retentionUnit"))
        }
        Some(value) => value.to_string(),
    };
    for (name, value) in new.iter().filter(|(name, value)| old.get(*name) != Some(value)) {
        if name != "scheduledPolicyItems" {
            lines.push(format!("{name}: {} -> {}", text(old.get(name)), text(Some(value))));
        }
    }
    lines
}

/// Waits until the policy is active, and prints it.
pub(super) async fn wait(project: &Project, timeout: Timeout, session: &Session) -> Outcome {
    let job = Job {
        noun: "compliance policy",
        id: project.id().to_string(),
        owner: format!("project {}", project.id()),
        states: StateWords::COMPLIANCE_POLICY.steps(),
        wait_command: Command::new("compliance wait"),
        list_command: Command::new("compliance get"),
        remedy: "check the policy and set it again".into(),
    };
    let wait = project.compliance_policy().wait();
    job.with_wait(wait, |policy| policy.state_word()).wait_and_print(timeout, session).await
}

impl PolicyChanges {
    fn apply_to(self, document: &mut DataProtectionSettings) {
        fn set<T>(field: &mut Option<T>, value: Option<T>) {
            if value.is_some() {
                *field = value;
            }
        }
        let scheduled = |frequency: SnapshotFrequency, item: &Item| {
            let RetentionFlag { value, unit } = item.kept.clone();
            BackupComplianceScheduledPolicyItem::new(item.interval, frequency, unit, value)
        };
        for (frequency, new) in self.items.chosen() {
            let items = document.scheduled_policy_items.get_or_insert_default();
            items.retain(|item| item.frequency_type.as_ref() != Some(&frequency));
            items.extend(new.map(|item| scheduled(frequency, item)));
        }
        for (frequency, item) in &self.additional_items {
            document.scheduled_policy_items.get_or_insert_default().push(scheduled(frequency.clone(), item));
        }
        if let Some(RetentionFlag { value, unit }) = self.on_demand {
            let item = BackupComplianceOnDemandPolicyItem::new(0, SnapshotFrequency::Ondemand, unit, value);
            document.on_demand_policy_item = Some(Nullable::Value(item));
        }
        set(&mut document.authorized_email, self.authorized_email);
        set(&mut document.authorized_user_first_name, self.first_name);
        set(&mut document.authorized_user_last_name, self.last_name);
        set(&mut document.pit_enabled, self.point_in_time);
        set(&mut document.restore_window_days, self.restore_window);
        set(&mut document.copy_protection_enabled, self.copy_protection);
        set(&mut document.encryption_at_rest_enabled, self.encryption_at_rest);
    }
}

impl Extra for DataProtectionSettings {
    fn extra(&self) -> &Map<String, Value> {
        &self.extra
    }
}
