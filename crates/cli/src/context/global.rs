//! Flags that every command accepts.
//!
//! Environment variables are read where their values are used, because `--emulator` ignores all of them. Secrets are
//! never flags: a process list or shell history would show them.

use std::time::Duration;

use clap::Args;
use clap_complete::ArgValueCompleter;

use super::completion_cache;
use crate::ui::{
    exit::{Failure, Outcome},
    hints::Invocation,
    output::format::OutputFlags,
};

/// Flags accepted before or after any command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Run against a temporary emulator with demo data; needs no account.
    #[arg(long, global = true)]
    pub(crate) emulator: bool,
    /// Project, by ID or name [env: MONGODB_ATLAS_PROJECT_ID].
    #[arg(long, global = true, value_name = "PROJECT", aliases = ["projectId", "project-id"],
          add = ArgValueCompleter::new(completion_cache::projects))]
    pub(crate) project: Option<String>,
    /// Profile of the official Atlas CLI, with credentials and project [env: MONGODB_ATLAS_PROFILE].
    #[arg(short = 'P', long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Base URL of the service [env: MONGODB_ATLAS_OPS_MANAGER_URL, else MONGODB_ATLAS_BASE_URL].
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Send no credentials, for an emulator without authentication.
    #[arg(long, global = true)]
    pub(crate) no_auth: bool,
    /// Time limit of each call with its retries, such as 30s [default: 5m].
    #[arg(long, global = true, value_name = "DURATION", value_parser = super::wait::duration)]
    pub(crate) request_timeout: Option<Duration>,
    /// Send read requests only, and print the first request that would change something.
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) output: OutputFlags,
    /// Disable colors [env: NO_COLOR].
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    /// Show each call, and the causes of an error.
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

impl Global {
    /// The flags that a command in a hint must repeat.
    pub(crate) fn invocation(&self) -> Invocation {
        let switches = [("--emulator", self.emulator), ("--no-auth", self.no_auth)];
        let flags = [("--profile", &self.profile), ("--base-url", &self.base_url)];
        Invocation::new(
            switches.into_iter().filter(|(_, given)| *given).map(|(name, _)| name),
            flags.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))),
            self.project.as_deref(),
        )
    }

    /// Rejects flags that contradict each other. Clap would compare only flags on the same side of the command.
    ///
    /// # Errors
    /// Two base URLs, two credential sources, or a query over a format that is not JSON.
    pub(crate) fn check(&self) -> Outcome {
        let (profile, base_url) = (self.profile.is_some(), self.base_url.is_some());
        for (flag, given, other, both) in [
            ("--emulator", self.emulator, "--base-url", base_url),
            ("--emulator", self.emulator, "--no-auth", self.no_auth),
            ("--emulator", self.emulator, "--profile", profile),
            ("--no-auth", self.no_auth, "--profile", profile),
        ] {
            if given && both {
                return Err(Failure::usage(format!("{flag} cannot be used with {other}"), "omit one of them"));
            }
        }
        self.output.check()
    }
}

/// Limits a list.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Listing {
    /// Stop after N items [default: read all pages].
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
}
