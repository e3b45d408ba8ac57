//! The compliance policy as the official command line has it: a command for each switch and each kind of item.
//!
//! Each is another way to type `compliance get` or `compliance set`, and holds nothing of its own: what is asked, sent and
//! waited for is theirs.

use clap::{Args, Subcommand, ValueEnum};

use super::set::{ConfirmationFlags, PolicyChanges, Set};

use crate::context::policy_items::{OfficialItemFlags, RetentionFlag};

/// Commands of the official command line.
#[derive(Debug, Subcommand)]
pub(crate) enum OfficialCommand {
    /// As the official command line has it: `compliance set --copy-protection`.
    #[command(hide = true, name = "copyProtection", aliases = ["copyprotection", "copy-protection"])]
    CopyProtection(Switch),
    /// As the official command line has it: `compliance set --encryption-at-rest`.
    #[command(hide = true, name = "encryptionAtRest", aliases = ["encryptionatrest", "encryption-at-rest"])]
    EncryptionAtRest(Switch),
    /// As the official command line has it: `compliance set --point-in-time true --restore-window`.
    #[command(subcommand, hide = true, name = "pointInTimeRestores",
              aliases = ["pointintimerestores", "point-in-time-restores", "pointInTimeRestore", "pointintimerestore"])]
    PointInTimeRestores(PointInTime),
    /// As the official command line has it: the items of the policy.
    #[command(subcommand, hide = true, alias = "policy")]
    Policies(Policies),
}

/// On or off.
#[derive(Debug, Args)]
pub(crate) struct Switch {
    #[arg(value_enum)]
    to: SwitchTo,
    #[command(flatten)]
    confirmation_flags: ConfirmationFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SwitchTo {
    Enable,
    Disable,
}

/// Continuous backup, which can only be switched on.
#[derive(Debug, Subcommand)]
pub(crate) enum PointInTime {
    /// Switches it on.
    Enable {
        /// How many days back a point in time can be restored at least.
        #[arg(long = "restoreWindowDays", alias = "restore-window", value_name = "DAYS",
              value_parser = clap::value_parser!(i64).range(1..))]
        days: i64,
        #[command(flatten)]
        confirmation_flags: ConfirmationFlags,
    },
}

/// What to do with the items of the policy.
#[derive(Debug, Subcommand)]
pub(crate) enum Policies {
    /// Shows the policy with all its items.
    #[command(alias = "get")]
    Describe,
    /// Items about snapshots on a schedule.
    #[command(subcommand)]
    Scheduled(Scheduled),
    /// The item about snapshots on demand.
    #[command(subcommand, aliases = ["onDemand", "on-demand"])]
    Ondemand(OnDemand),
}

/// What to do with items about snapshots on a schedule.
#[derive(Debug, Subcommand)]
pub(crate) enum Scheduled {
    /// Lists them.
    #[command(aliases = ["get", "list", "ls"])]
    Describe,
    /// Adds one.
    Create {
        #[command(flatten)]
        item: OfficialItemFlags,
        #[command(flatten)]
        confirmation_flags: ConfirmationFlags,
    },
}

/// What to do with the item about snapshots on demand.
#[derive(Debug, Subcommand)]
pub(crate) enum OnDemand {
    /// Shows it.
    #[command(alias = "get")]
    Describe,
    /// Sets it.
    #[command(alias = "update")]
    Create {
        #[command(flatten)]
        kept: RetentionFlag,
        #[command(flatten)]
        confirmation_flags: ConfirmationFlags,
    },
}

/// What one of these commands comes to.
#[derive(Debug)]
pub(super) enum Action {
    Policy,
    ScheduledItems,
    OnDemandItem,
    Change(Box<Set>),
}

impl OfficialCommand {
    pub(super) fn action(self) -> Action {
        let (changes, confirmation_flags) = match self {
            OfficialCommand::CopyProtection(switch) => (
                PolicyChanges { copy_protection: Some(switch.is_on()), ..PolicyChanges::default() },
                switch.confirmation_flags,
            ),
            OfficialCommand::EncryptionAtRest(switch) => (
                PolicyChanges { encryption_at_rest: Some(switch.is_on()), ..PolicyChanges::default() },
                switch.confirmation_flags,
            ),
            OfficialCommand::PointInTimeRestores(PointInTime::Enable { days, confirmation_flags }) => (
                PolicyChanges { point_in_time: Some(true), restore_window: Some(days), ..PolicyChanges::default() },
                confirmation_flags,
            ),
            OfficialCommand::Policies(Policies::Describe) => return Action::Policy,
            OfficialCommand::Policies(Policies::Scheduled(Scheduled::Describe)) => return Action::ScheduledItems,
            OfficialCommand::Policies(Policies::Ondemand(OnDemand::Describe)) => return Action::OnDemandItem,
            OfficialCommand::Policies(Policies::Scheduled(Scheduled::Create { item, confirmation_flags })) => {
                (PolicyChanges { additional_items: vec![item.read()], ..PolicyChanges::default() }, confirmation_flags)
            }
            OfficialCommand::Policies(Policies::Ondemand(OnDemand::Create { kept, confirmation_flags })) => {
                (PolicyChanges { on_demand: Some(kept), ..PolicyChanges::default() }, confirmation_flags)
            }
        };
        Action::Change(Box::new(Set::new(changes, confirmation_flags)))
    }
}

impl Switch {
    fn is_on(&self) -> bool {
        self.to == SwitchTo::Enable
    }
}
