//! The flags that every command takes.
//!
//! The environment is read where its values are used, because with `--emulator` none of it may count. Secrets are never
//! flags, so they never show in a process list or a shell's history.

use clap::Args;
use clap_complete::ArgValueCompleter;

use super::completion_cache;
use crate::ui::{
    exit::{Failure, Outcome},
    hints::Invocation,
    output::format::OutputFlags,
};

/// Flags that stand before or after any command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Runs against a throw-away emulator with demo data; needs no account and changes nothing real.
    #[arg(long, global = true)]
    pub(crate) emulator: bool,
    /// The project's id [env: MONGODB_ATLAS_PROJECT_ID].
    #[arg(long, global = true, value_name = "ID", aliases = ["projectId", "project-id"],
          add = ArgValueCompleter::new(completion_cache::projects))]
    pub(crate) project: Option<String>,
    /// The profile of the official command line to use, credentials and project [env: MONGODB_ATLAS_PROFILE].
    #[arg(short = 'P', long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Where to call instead of Atlas [env: MONGODB_ATLAS_OPS_MANAGER_URL, else MONGODB_ATLAS_BASE_URL].
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Calls without credentials, for an emulator that asks for none.
    #[arg(long, global = true)]
    pub(crate) no_auth: bool,
    /// Changes nothing: what reads is done, and the first request that would change something is printed instead.
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) output: OutputFlags,
    /// Prints without colour, as the variable NO_COLOR does.
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    /// Shows the causes of an error, and each call as it is made.
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

impl Global {
    /// The flags that a command in a hint has to repeat.
    pub(crate) fn invocation(&self) -> Invocation {
        let switches = [("--emulator", self.emulator), ("--no-auth", self.no_auth)];
        let flags = [("--profile", &self.profile), ("--base-url", &self.base_url)];
        Invocation::new(
            switches.into_iter().filter(|(_, given)| *given).map(|(name, _)| name),
            flags.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))),
            self.project.as_deref(),
        )
    }

    /// Refuses flags that contradict each other. Clap would compare only those that stand before the command, or only
    /// those behind it.
    ///
    /// # Errors
    /// Two places to call, two callers, or a query over a format that is not JSON.
    pub(crate) fn check(&self) -> Outcome {
        let (profile, base_url) = (self.profile.is_some(), self.base_url.is_some());
        for (flag, given, other, both) in [
            ("--emulator", self.emulator, "--base-url", base_url),
            ("--emulator", self.emulator, "--no-auth", self.no_auth),
            ("--emulator", self.emulator, "--profile", profile),
            ("--no-auth", self.no_auth, "--profile", profile),
        ] {
            if given && both {
                return Err(Failure::usage(format!("{flag} cannot be used with {other}"), "leave one of them out"));
            }
        }
        self.output.check()
    }
}

/// How much of a list to print.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Listing {
    /// Stops after so many; without it every page is read.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
}
