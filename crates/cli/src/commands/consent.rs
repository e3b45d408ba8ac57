//! Asking before something is destroyed or overwritten.
//!
//! The answer is the name of what is at stake, typed in full: a habit of pressing `y` can't give it. Whoever can't be
//! asked, a script, has to say `--yes` beforehand. Anything but the name is a no, and after a no nothing has been done.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::Args;

use crate::{
    exit::{Failure, Outcome},
    session::Session,
};

/// Whether to ask.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Consent {
    /// Does it without asking.
    #[arg(short, long, alias = "force")]
    yes: bool,
}

impl Consent {
    /// Asks whether `deed`, a sentence such as "Deletes snapshot … for good", may be done to what is called `name`. A dry run
    /// does nothing and asks nothing.
    ///
    /// # Errors
    /// It may not, or nobody is there to ask.
    pub(crate) async fn ask(self, deed: &str, name: &str, session: &Session) -> Outcome {
        self.ask_unless(session.client().is_dry_run(), deed, name).await
    }

    /// The same for what is done on this machine alone.
    ///
    /// # Errors
    /// As of [`ask`](Self::ask).
    pub(crate) async fn ask_unless(self, dry_run: bool, deed: &str, name: &str) -> Outcome {
        if self.yes || dry_run {
            return Ok(());
        }
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Err(Failure::usage(
                format!("{deed}: nobody is there to be asked"),
                "add `--yes` if that is what you want",
            ));
        }
        let mut stderr = io::stderr();
        write!(stderr, "{deed}.\nType {name} to go on: ")?;
        stderr.flush()?;
        // On a thread of its own: the answer may take its time, and Ctrl-C must end that.
        let answer = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            io::stdin().lock().read_line(&mut line).map(|_| line)
        });
        let answer = answer.await.unwrap_or_else(|panicked| Err(io::Error::other(panicked)));
        let answer = answer.map_err(|source| Failure::local("the answer could not be read", source))?;
        if answer.trim() == name { Ok(()) } else { Err(Failure::Declined) }
    }
}
