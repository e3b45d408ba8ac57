//! Findings of a run, collected so that one run reports all of them.
//!
//! Three kinds: entries of the curation without a match in this revision and items without a description (both warnings
//! with `--allow-missing`), and errors that no flag allows.

use anyhow::{Result, bail};

/// Maximum number of warnings shown. A document half a year older causes two hundred.
const SHOWN: usize = 30;

/// Findings of one run, in order.
#[derive(Debug, Default)]
pub(crate) struct Report {
    unresolved: Vec<String>,
    undescribed: Vec<String>,
    faults: Vec<String>,
}

impl Report {
    /// An entry of the curation without a match in this document.
    pub(crate) fn unresolved(&mut self, finding: String) {
        self.unresolved.push(finding);
    }

    /// An item without a description.
    pub(crate) fn undescribed(&mut self, finding: String) {
        self.undescribed.push(finding);
    }

    /// An error in any revision.
    pub(crate) fn error(&mut self, finding: String) {
        self.faults.push(finding);
    }

    /// All findings.
    pub(crate) fn into_findings(self) -> Vec<String> {
        self.faults.into_iter().chain(self.unresolved).chain(self.undescribed).collect()
    }

    /// The entries of the curation without a match, and the items without a description.
    ///
    /// # Errors
    /// There are other findings.
    pub(crate) fn into_missing(mut self) -> Result<(Vec<String>, Vec<String>)> {
        let missing = (std::mem::take(&mut self.unresolved), std::mem::take(&mut self.undescribed));
        self.finish(false)?;
        Ok(missing)
    }

    /// Returns an error if there are findings. With `allow_missing`, prints the first unresolved entries as warnings
    /// instead.
    pub(crate) fn finish(&self, allow_missing: bool) -> Result<()> {
        let mut errors: Vec<&str> = self.faults.iter().map(String::as_str).collect();
        let missing: Vec<&str> = self.unresolved.iter().chain(&self.undescribed).map(String::as_str).collect();
        if allow_missing {
            missing.iter().take(SHOWN).for_each(|finding| eprintln!("warning: {finding}"));
            let more = missing.len().saturating_sub(SHOWN);
            if more > 0 {
                eprintln!("warning: and {more} more; `cargo xtask curate` without --allow-missing lists all of them");
            }
        } else {
            errors.extend(missing);
        }
        match errors.as_slice() {
            [] => Ok(()),
            [one] => bail!("{one}"),
            many => bail!("{} entries are not usable:\n  {}", many.len(), many.join("\n  ")),
        }
    }
}
