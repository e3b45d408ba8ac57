//! Selects the part of the fleet that a command reads.

use std::{num::NonZeroU32, str::FromStr};

use atlas_backup::{Fleet, ProjectId};
use clap::Args;

use super::session::Session;
use crate::ui::exit::Outcome;

/// Which part of the fleet to read, and how fast.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Scope {
    /// Read only part K of N, counted from 0; each project is always in the same part.
    #[arg(long, value_name = "K/N")]
    shard: Option<Shard>,
    /// Maximum number of concurrent requests.
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,
}

/// A part of the projects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    part: u32,
    parts: NonZeroU32,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(part, parts)| Some((part.parse().ok()?, parts.parse().ok()?)));
        let (part, parts): (u32, NonZeroU32) = numbers.ok_or("expected K/N, such as 0/4")?;
        match part < parts.get() {
            true => Ok(Shard { part, parts }),
            false => Err(format!("expected 0/{parts} to {}/{parts}", parts.get() - 1)),
        }
    }
}

impl Scope {
    /// Maximum number of concurrent requests.
    pub(crate) fn concurrency(&self) -> usize {
        usize::from(self.concurrency)
    }

    /// The fleet, or one project if `--project` is given.
    pub(crate) fn fleet(&self, session: &Session) -> Outcome<Fleet> {
        let mut fleet = session.client().fleet().concurrency(self.concurrency());
        if let Some(project) = session.project_id().filter(|_| session.global().project.is_some()) {
            fleet = fleet.projects([ProjectId::new(project)?]);
        }
        Ok(match self.shard {
            Some(shard) => fleet.shard(shard.part, shard.parts.get())?,
            None => fleet,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shard_counts_from_zero() {
        assert!("0/1".parse::<Shard>().is_ok() && "3/4".parse::<Shard>().is_ok());
        for nonsense in ["", "1", "4/4", "0/0", "-1/2", "a/b"] {
            assert!(nonsense.parse::<Shard>().is_err(), "{nonsense}");
        }
    }
}
