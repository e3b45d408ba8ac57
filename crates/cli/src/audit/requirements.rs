//! What an audit demands: the recovery point objective, and the policy file.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;

use crate::{
    audit::{criteria::Criteria, policy::Policy, rules},
    context::global::Global,
    ui::{exit::Outcome, hints::Invocation},
};

/// The recovery point objective when neither a flag nor a policy file names one.
const RPO: std::time::Duration = std::time::Duration::from_secs(24 * 3_600);

/// What is demanded.
#[derive(Debug, Clone, Args)]
pub(crate) struct Requirements {
    /// How old the last completed snapshot may be, such as 24h [default: the policy file's, else 24h].
    #[arg(long, value_name = "DURATION", value_parser = rpo)]
    rpo: Option<std::time::Duration>,
    /// What is demanded beyond that, and exceptions, in TOML; docs/audit.md describes it.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

fn rpo(text: &str) -> Result<std::time::Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|_| "say the unit, such as 24h".to_owned())?;
    if duration.is_zero() { Err("it is above 0".to_owned()) } else { Ok(duration) }
}

impl Requirements {
    /// Whether anything is demanded.
    pub(crate) fn are_any(&self) -> bool {
        self.rpo.is_some() || self.policy.is_some()
    }

    /// The standard of these demands at the moment `now`.
    ///
    /// # Errors
    /// The policy file cannot be read.
    pub(crate) fn criteria(&self, global: &Global, now: DateTime<Utc>) -> Outcome<Criteria> {
        let policy = self
            .policy
            .as_deref()
            .map(|path| Policy::load(path, rules::table::is_rule))
            .transpose()?
            .unwrap_or_default();
        let rpo = TimeDelta::from_std(self.rpo.or(policy.rpo).unwrap_or(RPO)).unwrap_or(TimeDelta::MAX);
        let invocation = Invocation::new(global.emulator.then_some("--emulator"), [], None);
        Ok(Criteria { now, rpo, policy, invocation })
    }
}
