//! The requirements of an audit: the recovery point objective and the policy file.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;

use crate::{
    audit::{criteria::Criteria, policy::Policy, rules},
    context::global::Global,
    ui::{exit::Outcome, hints::Invocation},
};

/// Default recovery point objective.
const RPO: std::time::Duration = std::time::Duration::from_secs(24 * 3_600);

/// Flags with requirements.
#[derive(Debug, Clone, Args)]
pub(crate) struct Requirements {
    /// Maximum age of the last completed snapshot, such as 24h [default: from the policy file, else 24h].
    #[arg(long, value_name = "DURATION", value_parser = rpo)]
    rpo: Option<std::time::Duration>,
    /// TOML file with more requirements and exceptions; see docs/audit.md.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

fn rpo(text: &str) -> Result<std::time::Duration, String> {
    let duration =
        humantime::parse_duration(text).map_err(|_| "expected a duration with a unit, such as 24h".to_owned())?;
    if duration.is_zero() { Err("expected a duration above 0".to_owned()) } else { Ok(duration) }
}

impl Requirements {
    /// Whether a flag is given.
    pub(crate) fn is_given(&self) -> bool {
        self.rpo.is_some() || self.policy.is_some()
    }

    /// The file name of the policy.
    pub(crate) fn policy_name(&self) -> Option<String> {
        self.policy.as_deref().map(|path| path.display().to_string())
    }

    /// Where the recovery point objective comes from.
    pub(crate) fn rpo_source(&self, criteria: &Criteria) -> &'static str {
        match (self.rpo, criteria.policy.rpo) {
            (Some(_), _) => "`--rpo`",
            (None, Some(_)) => "the policy",
            (None, None) => "the default",
        }
    }

    /// The criteria of these requirements at the time `now`.
    ///
    /// # Errors
    /// The policy file cannot be read.
    pub(crate) async fn criteria(&self, global: &Global, now: DateTime<Utc>) -> Outcome<Criteria> {
        let policy = match &self.policy {
            Some(path) => Policy::load(path, rules::table::is_rule).await?,
            None => Policy::default(),
        };
        let rpo = TimeDelta::from_std(self.rpo.or(policy.rpo).unwrap_or(RPO)).unwrap_or(TimeDelta::MAX);
        let invocation = Invocation::new(global.emulator.then_some("--emulator"), [], None);
        Ok(Criteria { now, rpo, policy, invocation })
    }
}
