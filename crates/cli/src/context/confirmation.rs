//! Confirmation before data is destroyed or overwritten.
//!
//! The user types the full name of the object, not `y`. Scripts pass `--yes`. Any other answer cancels the command
//! before it changes anything.

use clap::Args;

use super::session::Session;
use crate::ui::{
    exit::{Failure, Outcome},
    messages, prompts,
};

/// Whether to ask.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Confirmation {
    /// Confirm without a prompt.
    #[arg(short, long, alias = "force")]
    yes: bool,
}

impl Confirmation {
    /// Whether the user has confirmed in advance.
    pub(crate) fn is_given(self) -> bool {
        self.yes
    }

    /// Asks the user to confirm `action`, such as "Delete snapshot …", by typing `name`. A dry run prints the action
    /// and does not ask.
    ///
    /// # Errors
    /// The user declined, or no terminal is available.
    pub(crate) async fn ask(self, action: &str, name: &str, session: &Session) -> Outcome {
        self.ask_unless(session.client().is_dry_run(), action, name).await
    }

    /// The same for a change on this machine only.
    ///
    /// # Errors
    /// See [`ask`](Self::ask).
    pub(crate) async fn ask_unless(self, dry_run: bool, action: &str, name: &str) -> Outcome {
        if dry_run {
            messages::note(format_args!("dry run: would ask to confirm: {action}"));
        }
        if self.yes || dry_run {
            return Ok(());
        }
        if !prompts::is_interactive() {
            return Err(Failure::usage(
                format!("confirmation required: {}", lower_first(action)),
                "pass `--yes` to confirm",
            ));
        }
        let answer = prompts::line(Some(format!("{action}.\nType {name} to continue: "))).await;
        let answer = answer.map_err(|source| Failure::local("cannot read the answer", source))?;
        if answer == name { Ok(()) } else { Err(Failure::Declined) }
    }
}

/// `text` with its first letter in lower case, for the middle of a message.
fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
