//! The list "To review": what a person has to do after a regeneration.

use std::collections::BTreeMap;

use super::follow::{ChangedOperations, Moved, Retagged};

/// Maximum number of entries of one point listed before the rest is counted.
const SHOWN: usize = 30;

/// What a regeneration leaves to a person.
pub(super) struct Review<'a> {
    pub(super) changed: &'a ChangedOperations,
    /// Whether removed operations are moved to `retired.yaml`.
    pub(super) retire: bool,
    /// The entries of the curation that match nothing.
    pub(super) unmatched: &'a [String],
    /// The items without a description.
    pub(super) undescribed: &'a [String],
    /// The changed operations that only the emulator serves.
    pub(super) served: &'a [String],
}

impl Review<'_> {
    /// The points of the list, as Markdown.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (old, new) in &self.changed.renamed {
            text += &format!("- {old} is now {new}; the old name is in former-names.toml\n");
        }
        for Moved { id, old_method, old_path, method, path, parameters, .. } in &self.changed.moved {
            if parameters.is_empty() {
                let (was, is) = (old_method.to_ascii_uppercase(), method.to_ascii_uppercase());
                text += &format!("- {id} moved from {was} {old_path} to {is} {path}\n");
            }
            for (old, new) in parameters {
                text += &format!("- {id}: the path parameter {old} is now called {new}\n");
            }
        }
        let mut retagged = BTreeMap::<_, Vec<&str>>::new();
        for Retagged { id, was, is } in &self.changed.retagged {
            retagged.entry((was.join(", "), is.join(", "))).or_default().push(id);
        }
        for ((was, is), ids) in retagged {
            text += &format!("- the tag {was:?} is now {is:?} for {}\n", ids.join(", "));
        }
        for (path, method, id) in &self.changed.removed {
            let kept = if self.retire {
                "is now in retired.yaml; name its replacement in former-names.toml (replaced_by) and write its shim"
            } else {
                "was removed from the bindings; to keep it for the shims, undo this and run with --retire"
            };
            text += &format!("- {id} ({} {path}), which Atlas removed, {kept}\n", method.to_ascii_uppercase());
        }
        if !self.unmatched.is_empty() {
            text += "- correct or delete the entries of the curation that match nothing; `cargo xtask check` reports them \
                     until then:\n";
            text += &listed(self.unmatched);
        }
        if !self.undescribed.is_empty() {
            text += &format!(
                "- write or correct descriptions ({}); `cargo xtask curate --stubs spec/descriptions/NAME.yaml` writes a skeleton:\n",
                self.undescribed.len()
            );
            text += &listed(self.undescribed);
        }
        if !self.served.is_empty() {
            text += &format!(
                "- operations that only the emulator serves have changed; adapt their handlers: {}\n",
                self.served.join(", ")
            );
        }
        text
    }
}

/// An inner list.
fn listed(entries: &[String]) -> String {
    let mut text: String = entries.iter().take(SHOWN).map(|entry| format!("  - {entry}\n")).collect();
    let more = entries.len().saturating_sub(SHOWN);
    if more > 0 {
        text += &format!("  - and {more} more\n");
    }
    text
}
