//! What a run found wrong, collected so that one run names everything instead of the first thing.
//!
//! Two kinds: entries of ours that match nothing in this revision (which `--allow-missing` turns into warnings), and
//! faults that no flag excuses.

use anyhow::{Result, bail};

/// How many warnings are shown: a document half a year older has two hundred, and nobody reads them.
const SHOWN: usize = 30;

/// Findings of one run, in the order they were met.
#[derive(Debug, Default)]
pub(crate) struct Report {
    unresolved: Vec<String>,
    faults: Vec<String>,
}

impl Report {
    /// An entry of ours that nothing in this document answers to.
    pub(crate) fn unresolved(&mut self, finding: String) {
        self.unresolved.push(finding);
    }

    /// Something that is wrong whatever the revision.
    pub(crate) fn error(&mut self, finding: String) {
        self.faults.push(finding);
    }

    /// Everything that was found.
    pub(crate) fn into_findings(self) -> Vec<String> {
        self.faults.into_iter().chain(self.unresolved).collect()
    }

    /// Ends the run if anything was found; with `allow_missing`, prints the first of what did not resolve as warnings instead.
    pub(crate) fn finish(&self, allow_missing: bool) -> Result<()> {
        let mut errors: Vec<&str> = self.faults.iter().map(String::as_str).collect();
        if allow_missing {
            self.unresolved.iter().take(SHOWN).for_each(|finding| eprintln!("warning: {finding}"));
            let more = self.unresolved.len().saturating_sub(SHOWN);
            if more > 0 {
                eprintln!("warning: and {more} more; `cargo xtask curate` without --allow-missing lists all of them");
            }
        } else {
            errors.extend(self.unresolved.iter().map(String::as_str));
        }
        match errors.as_slice() {
            [] => Ok(()),
            [one] => bail!("{one}"),
            many => bail!("{} entries can't be used:\n  {}", many.len(), many.join("\n  ")),
        }
    }
}
