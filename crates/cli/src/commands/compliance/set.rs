//! Changing a compliance policy: the flags, a file or an editor, all of them one change to the policy that there is.
//!
//! Most of it only MongoDB's support can undo, so nothing is sent before the project's id has been typed, and nothing that
//! is half done ever is.

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

/// What the service sets and nobody can change.
const READ_ONLY: &[&str] = &["deletable", "projectId", "state", "updatedDate", "updatedUser"];

/// How the policy is to be, and how to get there.
#[derive(Debug, Args)]
pub(crate) struct Set {
    #[command(flatten)]
    changes: PolicyChanges,
    /// Overwrites no schedule that does not comply: then the change is refused.
    #[arg(long)]
    keep_schedules: bool,
    #[command(flatten)]
    source: ChangeSource,
    #[command(flatten)]
    confirmation_flags: ConfirmationFlags,
}

/// How the policy is to be.
#[derive(Debug, Default, Args)]
pub(super) struct PolicyChanges {
    /// The e-mail address of who may ask the support to change the policy.
    #[arg(long, alias = "authorizedEmail", value_name = "ADDRESS")]
    pub(super) authorized_email: Option<String>,
    /// That person's first name.
    #[arg(long, alias = "authorizedUserFirstName", value_name = "NAME")]
    pub(super) first_name: Option<String>,
    /// That person's last name.
    #[arg(long, alias = "authorizedUserLastName", value_name = "NAME")]
    pub(super) last_name: Option<String>,
    #[command(flatten)]
    pub(super) items: ItemFlags,
    /// Items beside those that there are.
    #[arg(skip)]
    pub(super) additional_items: Vec<(SnapshotFrequency, Item)>,
    /// The least time that snapshots taken on demand are kept, such as 7d.
    #[arg(long, value_name = "KEPT")]
    pub(super) on_demand: Option<RetentionFlag>,
    /// Whether every cluster must have continuous backup.
    #[arg(long, alias = "pointInTimeRestores", value_name = "true|false")]
    pub(super) point_in_time: Option<bool>,
    /// How many days back a point in time can be restored at least.
    #[arg(long, alias = "restoreWindowDays", value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..))]
    pub(super) restore_window: Option<i64>,
    /// Whether copies in other regions are protected too.
    #[arg(long, alias = "copyProtection", value_name = "true|false")]
    pub(super) copy_protection: Option<bool>,
    /// Whether every cluster must be encrypted with keys of the customer's own.
    #[arg(long, alias = "encryptionAtRest", value_name = "true|false")]
    pub(super) encryption_at_rest: Option<bool>,
}

/// Whether to ask before and to wait after.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct ConfirmationFlags {
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    wait: WaitFlags,
}

impl Set {
    /// A change to nothing but what is wished for.
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
        let action = format!("Changes the compliance policy of project {}, which you can't undo", project.id());
        confirmation.ask(&action, project.id().as_str(), session).await?;
        let update = Update::default();
        let change = update.change(fields, |document| {
            changes.apply_to(document);
            Ok(())
        });
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

/// Waits until a change is in force, and prints the policy.
pub(super) async fn wait(project: &Project, timeout: Timeout, session: &Session) -> Outcome {
    let job = Job {
        noun: "compliance policy",
        id: project.id().to_string(),
        owner: format!("project {}", project.id()),
        states: StateWords::COMPLIANCE_POLICY.steps(),
        wait_command: Command::new("compliance wait"),
        list_command: Command::new("compliance get"),
        remedy: "look at it and set it again".into(),
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
