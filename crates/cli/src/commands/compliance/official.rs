//! The compliance policy in the spelling of the official command line: one command per switch and item kind.
//!
//! Each command is translated into `compliance get` or `compliance set`.

use clap::{Args, Subcommand, ValueEnum};

use super::set::{ConfirmationFlags, PolicyChanges, Set};

use crate::context::policy_items::{OfficialItemFlags, RetentionFlag};

/// Commands of the official command line.
#[derive(Debug, Subcommand)]
pub(crate) enum OfficialCommand {
    /// Official spelling: `compliance set --copy-protection`.
    #[command(hide = true, name = "copyProtection", aliases = ["copyprotection", "copy-protection"])]
    CopyProtection(Switch),
    /// Official spelling: `compliance set --encryption-at-rest`.
    #[command(hide = true, name = "encryptionAtRest", aliases = ["encryptionatrest", "encryption-at-rest"])]
    EncryptionAtRest(Switch),
    /// Official spelling: `compliance set --point-in-time true --restore-window`.
    #[command(subcommand, hide = true, name = "pointInTimeRestores",
              aliases = ["pointintimerestores", "point-in-time-restores", "pointInTimeRestore", "pointintimerestore"])]
    PointInTimeRestores(PointInTime),
    /// Official spelling: the items of the policy.
    #[command(subcommand, hide = true, alias = "policy")]
    Policies(Policies),
}

/// Enable or disable.
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

/// Continuous backup. It can only be enabled.
#[derive(Debug, Subcommand)]
pub(crate) enum PointInTime {
    /// Require continuous backup.
    Enable {
        /// Minimum restore window in days.
        #[arg(long = "restoreWindowDays", alias = "restore-window", value_name = "DAYS",
              value_parser = clap::value_parser!(i64).range(1..))]
        days: i64,
        #[command(flatten)]
        confirmation_flags: ConfirmationFlags,
    },
}

/// Commands for policy items.
#[derive(Debug, Subcommand)]
pub(crate) enum Policies {
    /// Show the policy with all items.
    #[command(alias = "get")]
    Describe,
    /// Scheduled items.
    #[command(subcommand)]
    Scheduled(Scheduled),
    /// The on-demand item.
    #[command(subcommand, aliases = ["onDemand", "on-demand"])]
    Ondemand(OnDemand),
}

/// Commands for scheduled items.
#[derive(Debug, Subcommand)]
pub(crate) enum Scheduled {
    /// List the scheduled items.
    #[command(aliases = ["get", "list", "ls"])]
    Describe,
    /// Add a scheduled item.
    Create {
        #[command(flatten)]
        item: OfficialItemFlags,
        #[command(flatten)]
        confirmation_flags: ConfirmationFlags,
    },
}

/// Commands for the on-demand item.
#[derive(Debug, Subcommand)]
pub(crate) enum OnDemand {
    /// Show the on-demand item.
    #[command(alias = "get")]
    Describe,
    /// Set the on-demand item.
    #[command(alias = "update")]
    Create {
        #[command(flatten)]
        kept: RetentionFlag,
        #[command(flatten)]
        confirmation_flags: ConfirmationFlags,
    },
}

/// The action of a command.
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
