//! `compliance`: a project's backup compliance policy, which no one person can take back.

use std::cell::RefCell;

use atlas_backup::{
    CompliancePolicyDocument,
    generated::Nullable,
    types::{
        BackupComplianceOnDemandPolicyItem, BackupComplianceScheduledPolicyItem, DataProtectionSettings20231001,
        SnapshotFrequency,
    },
};
use clap::{Args, Subcommand};
use serde_json::{Map, Value};

use super::{
    consent::Consent,
    edit::{self, Extra, Source},
    policy_items::{self, Items, Kept},
    waiting::{Job, Waiting},
};
use crate::{
    args::Global,
    exit::{Outcome, Resume},
    output::{Column, Document, cell::Cell},
    session::Session,
};

/// What the service sets and nobody can change.
const READ_ONLY: &[&str] = &["deletable", "projectId", "state", "updatedDate", "updatedUser"];
/// The states of a change to the policy, as the service calls them.
const STATES: &[&str] = &["ENABLING", "UPDATING", "ACTIVE"];

/// What to do with a compliance policy.
#[derive(Debug, Subcommand)]
pub(crate) enum ComplianceCommand {
    /// Shows the compliance policy of a project.
    #[command(visible_alias = "describe")]
    Get,
    /// Sets or changes the compliance policy of a project. Most of it can be undone by MongoDB's support only.
    #[command(visible_aliases = ["update", "setup", "enable"])]
    Set(Box<Set>),
    /// Ends the compliance policy of a project, once that is agreed on with MongoDB's support.
    Disable {
        #[command(flatten)]
        consent: Consent,
    },
}

/// How the policy is to be.
#[derive(Debug, Args)]
pub(crate) struct Set {
    /// The e-mail address of who may ask the support to change the policy.
    #[arg(long, alias = "authorizedEmail", value_name = "ADDRESS")]
    authorized_email: Option<String>,
    /// That person's first name.
    #[arg(long, alias = "authorizedUserFirstName", value_name = "NAME")]
    first_name: Option<String>,
    /// That person's last name.
    #[arg(long, alias = "authorizedUserLastName", value_name = "NAME")]
    last_name: Option<String>,
    #[command(flatten)]
    items: Items,
    /// The least time that snapshots taken on demand are kept, such as 7d.
    #[arg(long, value_name = "KEPT")]
    on_demand: Option<Kept>,
    /// Whether every cluster must have continuous backup.
    #[arg(long, alias = "pointInTimeRestores", value_name = "true|false")]
    point_in_time: Option<bool>,
    /// How many days back a point in time can be restored at least.
    #[arg(long, alias = "restoreWindowDays", value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..))]
    restore_window: Option<i64>,
    /// Whether copies in other regions are protected too.
    #[arg(long, alias = "copyProtection", value_name = "true|false")]
    copy_protection: Option<bool>,
    /// Whether every cluster must be encrypted with keys of the customer's own.
    #[arg(long, alias = "encryptionAtRest", value_name = "true|false")]
    encryption_at_rest: Option<bool>,
    /// Overwrites no schedule that does not comply: then the change is refused.
    #[arg(long)]
    keep_schedules: bool,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    waiting: Waiting,
}

pub(crate) async fn run(command: ComplianceCommand, global: &Global, resume: &Resume) -> Outcome {
    let session = Session::open(global).await?;
    let policy = session.project()?.compliance_policy();
    match command {
        ComplianceCommand::Get => {
            let document = policy.get().await?;
            if document.state.is_none() && session.printer().is_table() {
                crate::notice(format_args!("the project has no compliance policy"));
                return Ok(());
            }
            session.printer().one(&document).await
        }
        ComplianceCommand::Set(set) => set.run(&session, resume).await,
        ComplianceCommand::Disable { consent } => {
            let project = session.project()?.id().clone();
            consent
                .ask(&format!("Ends the compliance policy of project {project}"), project.as_str(), &session)
                .await?;
            policy.disable().await?;
            crate::notice(format_args!("the compliance policy of project {project} is being disabled"));
            Ok(())
        }
    }
}

impl Set {
    async fn run(mut self: Box<Self>, session: &Session, resume: &Resume) -> Outcome {
        let project = session.project()?;
        let policy = project.compliance_policy();
        let current = policy.get().await?;
        let source = std::mem::replace(&mut self.source, Source::none());
        let fields = source.fields("compliance-policy", current.document(), READ_ONLY).await?;
        let deed = format!("Changes the compliance policy of project {}, which you can't undo", project.id());
        self.consent.ask(&deed, project.id().as_str(), session).await?;
        let problem = RefCell::new(None);
        let change = |document: &mut DataProtectionSettings20231001| {
            if let Some(fields) = fields {
                match edit::apply(document, fields) {
                    Ok(changed) => *document = changed,
                    Err(failure) => return drop(problem.replace(Some(failure))),
                }
            }
            self.change(document);
        };
        let changed = match self.keep_schedules {
            true => policy.update_without_overwriting(change).await,
            false => policy.update(change).await,
        };
        if let Some(failure) = problem.into_inner() {
            return Err(failure);
        }
        let changed = changed?;
        if !self.waiting.wait {
            return session.printer().one(&changed).await;
        }
        let job = Job {
            noun: "compliance policy",
            id: project.id().to_string(),
            owner: format!("project {}", project.id()),
            states: STATES,
            again: "`atlas-backup compliance get`".to_owned(),
            list: "`atlas-backup compliance get`".to_owned(),
            remedy: "look at it and set it again",
        };
        let done = job.wait(policy.wait(), state_of, self.waiting.patience, session, resume).await?;
        session.printer().one(&done).await
    }

    fn change(&self, document: &mut DataProtectionSettings20231001) {
        fn set<T: Clone>(field: &mut Option<T>, value: &Option<T>) {
            if value.is_some() {
                field.clone_from(value);
            }
        }
        set(&mut document.authorized_email, &self.authorized_email);
        set(&mut document.authorized_user_first_name, &self.first_name);
        set(&mut document.authorized_user_last_name, &self.last_name);
        set(&mut document.pit_enabled, &self.point_in_time);
        set(&mut document.restore_window_days, &self.restore_window);
        set(&mut document.copy_protection_enabled, &self.copy_protection);
        set(&mut document.encryption_at_rest_enabled, &self.encryption_at_rest);
        if let Some(kept) = &self.on_demand {
            let (interval, frequency) = (0, SnapshotFrequency::Ondemand);
            let item = BackupComplianceOnDemandPolicyItem::new(interval, frequency, kept.unit.clone(), kept.value);
            document.on_demand_policy_item = Some(Nullable::Value(item));
        }
        for (frequency, wanted) in self.items.chosen() {
            let items = document.scheduled_policy_items.get_or_insert_default();
            items.retain(|item| item.frequency_type.as_ref() != Some(&frequency));
            items.extend(wanted.map(|wanted| {
                let kept = &wanted.kept;
                BackupComplianceScheduledPolicyItem::new(wanted.interval, frequency, kept.unit.clone(), kept.value)
            }));
        }
    }
}

impl Extra for DataProtectionSettings20231001 {
    fn extra(&self) -> &Map<String, Value> {
        &self.extra
    }
}

fn state_of(policy: &CompliancePolicyDocument) -> Option<&str> {
    policy.state.as_ref().map(|state| state.as_str())
}

fn scheduled(policy: &CompliancePolicyDocument) -> Option<Vec<String>> {
    let words = policy.scheduled_policy_items.as_ref()?.iter().map(|item| {
        let (frequency, unit) = (item.frequency_type.as_ref(), item.retention_unit.as_ref());
        policy_items::words(frequency, item.frequency_interval, item.retention_value, unit)
    });
    Some(words.collect())
}

impl Document for CompliancePolicyDocument {
    const PLURAL: &'static str = "compliance policies";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("PROJECT", |policy, _| Cell::text(policy.project_id.as_ref())),
        Column::new("STATE", |policy, _| Cell::state(policy.state.as_ref())),
        Column::new("SNAPSHOTS", |policy, _| Cell::lines(scheduled(policy))),
        Column::new("ON DEMAND", |policy, _| {
            let item = policy.on_demand_policy_item.as_ref().and_then(Nullable::value);
            let kept =
                item.and_then(|item| Some(format!("kept {} {}", item.retention_value?, item.retention_unit.as_ref()?)));
            Cell::text(kept)
        }),
        Column::new("POINT IN TIME", |policy, _| Cell::yes_no(policy.pit_enabled)),
        Column::new("WINDOW", |policy, _| Cell::text(policy.restore_window_days.map(|days| format!("{days} days")))),
        Column::detail("COPY PROTECTION", |policy, _| Cell::yes_no(policy.copy_protection_enabled)),
        Column::detail("ENCRYPTION AT REST", |policy, _| Cell::yes_no(policy.encryption_at_rest_enabled)),
        Column::detail("AUTHORIZED", |policy, _| Cell::text(policy.authorized_email.as_ref())),
        Column::detail("UPDATED", |policy, now| Cell::time(policy.updated_date, now)),
        Column::detail("BY", |policy, _| Cell::text(policy.updated_user.as_ref())),
    ];
}
