//! The compliance policy as the official command line has it: a command for each switch and each kind of item.
//!
//! Each is another way to type `compliance get` or `compliance set`, and holds nothing of its own: what is asked, sent and
//! waited for is theirs.

use clap::Subcommand;

use super::set::{Handling, Set, Wishes};

use crate::context::policy_items::{ItemFlags, KeptFlags};

/// Commands of the official command line.
#[derive(Debug, Subcommand)]
pub(crate) enum OfficialCommand {
    /// As the official command line has it: `compliance set --copy-protection`.
    #[command(subcommand, hide = true, name = "copyProtection", aliases = ["copyprotection", "copy-protection"])]
    CopyProtection(Switch),
    /// As the official command line has it: `compliance set --encryption-at-rest`.
    #[command(subcommand, hide = true, name = "encryptionAtRest", aliases = ["encryptionatrest", "encryption-at-rest"])]
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
#[derive(Debug, Subcommand)]
pub(crate) enum Switch {
    /// Switches it on.
    Enable(Handling),
    /// Switches it off.
    Disable(Handling),
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
        handling: Handling,
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
        item: ItemFlags,
        #[command(flatten)]
        handling: Handling,
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
        kept: KeptFlags,
        #[command(flatten)]
        handling: Handling,
    },
}

/// What one of these commands comes to.
#[derive(Debug)]
pub(super) enum Meaning {
    Policy,
    ScheduledItems,
    OnDemandItem,
    Change(Box<Set>),
}

impl OfficialCommand {
    pub(super) fn meaning(self) -> Meaning {
        let (wishes, handling) = match self {
            OfficialCommand::CopyProtection(switch) => {
                let (on, handling) = switch.is();
                (Wishes { copy_protection: Some(on), ..Wishes::default() }, handling)
            }
            OfficialCommand::EncryptionAtRest(switch) => {
                let (on, handling) = switch.is();
                (Wishes { encryption_at_rest: Some(on), ..Wishes::default() }, handling)
            }
            OfficialCommand::PointInTimeRestores(PointInTime::Enable { days, handling }) => {
                (Wishes { point_in_time: Some(true), restore_window: Some(days), ..Wishes::default() }, handling)
            }
            OfficialCommand::Policies(Policies::Describe) => return Meaning::Policy,
            OfficialCommand::Policies(Policies::Scheduled(Scheduled::Describe)) => return Meaning::ScheduledItems,
            OfficialCommand::Policies(Policies::Ondemand(OnDemand::Describe)) => return Meaning::OnDemandItem,
            OfficialCommand::Policies(Policies::Scheduled(Scheduled::Create { item, handling })) => {
                (Wishes { more: vec![item.read()], ..Wishes::default() }, handling)
            }
            OfficialCommand::Policies(Policies::Ondemand(OnDemand::Create { kept, handling })) => {
                (Wishes { on_demand: Some(kept.read()), ..Wishes::default() }, handling)
            }
        };
        Meaning::Change(Box::new(Set::to(wishes, handling)))
    }
}

impl Switch {
    fn is(self) -> (bool, Handling) {
        match self {
            Switch::Enable(handling) => (true, handling),
            Switch::Disable(handling) => (false, handling),
        }
    }
}
