//! Confirmation before something is destroyed or overwritten.
//!
//! The answer is the full name of what is at stake, not `y`. A script passes `--yes`. Any other answer means no, and then
//! nothing has been changed.

use clap::Args;

use super::session::Session;
use crate::ui::{
    exit::{Failure, Outcome},
    prompts,
};

/// Whether to ask.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Confirmation {
    /// Does it without asking.
    #[arg(short, long, alias = "force")]
    yes: bool,
}

impl Confirmation {
    /// Asks whether `deed`, a sentence such as "Deletes snapshot … for good", may be done to what is called `name`. A dry run
    /// does nothing and asks nothing.
    ///
    /// # Errors
    /// It may not, or nobody is there to ask.
    pub(crate) async fn ask(self, action: &str, name: &str, session: &Session) -> Outcome {
        self.ask_unless(session.client().is_dry_run(), action, name).await
    }

    /// The same for what is done on this machine alone.
    ///
    /// # Errors
    /// As of [`ask`](Self::ask).
    pub(crate) async fn ask_unless(self, dry_run: bool, action: &str, name: &str) -> Outcome {
        if self.yes || dry_run {
            return Ok(());
        }
        if !prompts::is_interactive() {
            return Err(Failure::usage(
                format!("{action}: nobody is there to be asked"),
                "add `--yes` if that is what you want",
            ));
        }
        let answer = prompts::line(Some(format!("{action}.\nType {name} to go on: "))).await;
        let answer = answer.map_err(|source| Failure::local("the answer could not be read", source))?;
        if answer == name { Ok(()) } else { Err(Failure::Declined) }
    }
}
