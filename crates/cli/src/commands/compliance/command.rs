//! The subcommands of `compliance`.

use atlas_backup::{
    CompliancePolicyDocument,
    runtime::Nullable,
    types::{BackupComplianceOnDemandPolicyItem, BackupComplianceScheduledPolicyItem},
};
use clap::Subcommand;
use futures_util::stream;

use super::{
    official::{Action, OfficialCommand},
    set::{self, Set},
};

use crate::{
    context::{confirmation::Confirmation, policy_items, session::Session, wait::Timeout},
    ui::{
        exit::Outcome,
        messages,
        output::columns::{Cell, Column, Document},
    },
};

/// Subcommands of `compliance`.
#[derive(Debug, Subcommand)]
pub(crate) enum ComplianceCommand {
    /// Show the compliance policy of a project.
    #[command(visible_alias = "describe")]
    Get,
    /// Set or change the compliance policy of a project. Only MongoDB Support can undo most changes.
    #[command(visible_aliases = ["update", "setup", "enable"])]
    Set(Box<Set>),
    /// Disable the compliance policy of a project, after MongoDB Support has approved it.
    Disable(Confirmation),
    /// Wait until the compliance policy is active.
    #[command(visible_alias = "watch")]
    Wait(Timeout),
    #[command(flatten)]
    Official(OfficialCommand),
}

pub(crate) async fn run(command: ComplianceCommand, session: &Session) -> Outcome {
    let policy = session.project()?.compliance_policy();
    let action = match command {
        ComplianceCommand::Get => Action::Policy,
        ComplianceCommand::Set(set) => Action::Change(set),
        ComplianceCommand::Wait(timeout) => {
            return set::wait(&session.project()?, timeout, session).await;
        }
        ComplianceCommand::Official(command) => command.action(),
        ComplianceCommand::Disable(confirmation) => {
            let project = session.project()?.id().clone();
            confirmation
                .ask(&format!("Disable the compliance policy of project {project}"), project.as_str(), session)
                .await?;
            policy.disable().await?;
            messages::note(format_args!("started to disable the compliance policy of project {project}"));
            return Ok(());
        }
    };
    if let Action::Change(set) = action {
        return set.run(session).await;
    }
    show(action, &policy.get().await?, session).await
}

/// Prints the policy, or some of its items.
async fn show(action: Action, policy: &CompliancePolicyDocument, session: &Session) -> Outcome {
    let printer = session.printer();
    if policy.state.is_none() && printer.is_table() {
        messages::note(format_args!("the project has no compliance policy"));
        return Ok(());
    }
    match action {
        Action::ScheduledItems => {
            let items = policy.scheduled_policy_items.clone().unwrap_or_default();
            printer.list(stream::iter(items.into_iter().map(Outcome::Ok)), None).await
        }
        Action::OnDemandItem => match policy.on_demand_policy_item.as_ref().and_then(Nullable::value) {
            Some(item) => printer.one(item).await,
            None if printer.is_table() => {
                messages::note(format_args!("the compliance policy has no item for on-demand snapshots"));
                Ok(())
            }
            None => printer.bytes(b"null").await,
        },
        Action::Policy | Action::Change(_) => printer.one(policy).await,
    }
}

/// Describes a scheduled item.
pub(super) fn describe_item(item: &BackupComplianceScheduledPolicyItem) -> String {
    let (frequency, unit) = (item.frequency_type.as_ref(), item.retention_unit.as_ref());
    policy_items::describe_item(frequency, item.frequency_interval, item.retention_value, unit)
}

impl Document for CompliancePolicyDocument {
    const PLURAL: &'static str = "compliance policies";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("PROJECT", |policy, _| Cell::text(policy.project_id.as_ref())),
        Column::new("STATE", |policy, _| Cell::state(policy.state.as_ref())),
        Column::new("SNAPSHOTS", |policy, _| {
            let items = policy.scheduled_policy_items.as_ref();
            Cell::lines(items.map(|items| items.iter().map(describe_item).collect()))
        }),
        Column::new("ON DEMAND", |policy, _| {
            let item = policy.on_demand_policy_item.as_ref().and_then(Nullable::value);
            let kept =
                item.map(|item| policy_items::describe_retention(item.retention_value, item.retention_unit.as_ref()));
            Cell::text(kept)
        }),
        Column::new("POINT IN TIME", |policy, _| Cell::yes_no(policy.pit_enabled)),
        Column::new("WINDOW", |policy, _| {
            let window = policy.restore_window_days.filter(|days| *days > 0);
            Cell::text(window.map(|days| format!("{days} days")))
        }),
        Column::detail("COPY PROTECTION", |policy, _| Cell::yes_no(policy.copy_protection_enabled)),
        Column::detail("ENCRYPTION AT REST", |policy, _| Cell::yes_no(policy.encryption_at_rest_enabled)),
        Column::detail("AUTHORIZED", |policy, _| Cell::text(policy.authorized_email.as_ref())),
        Column::detail("UPDATED", |policy, now| Cell::time(policy.updated_date, now)),
        Column::detail("BY", |policy, _| Cell::text(policy.updated_user.as_ref())),
    ];
}

impl Document for BackupComplianceScheduledPolicyItem {
    const PLURAL: &'static str = "scheduled policy items";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("ID", |item, _| Cell::text(item.id.as_ref())),
        Column::new("SNAPSHOTS", |item, _| Cell::text(Some(describe_item(item)))),
    ];
}

impl Document for BackupComplianceOnDemandPolicyItem {
    const PLURAL: &'static str = "on-demand policy items";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("ID", |item, _| Cell::text(item.id.as_ref())),
        Column::new("SNAPSHOTS", |item, _| {
            let (frequency, unit) = (item.frequency_type.as_ref(), item.retention_unit.as_ref());
            Cell::text(Some(policy_items::describe_item(frequency, None, item.retention_value, unit)))
        }),
    ];
}
