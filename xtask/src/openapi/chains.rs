//! Refuses documents with absurdly long chains of references between schemas.
//!
//! The parser limits the nesting of the text, but references nest without it: ten thousand schemas in a chain exhaust
//! the stack of recursive code, here or in the generator. The real specification needs a tenth of the limit. Cycles do
//! not count: each schema counts where it is first reached.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};
use serde_json::Value;

use super::{document::schemas, references::named_schemas};

/// Maximum length of a chain of references.
const LONGEST: usize = 250;

/// Fails if a schema is reached only over more references than any real document needs.
pub(crate) fn refuse_long(document: &Value) -> Result<()> {
    let mut targets: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (name, schema) in schemas(document) {
        let mut found = BTreeSet::new();
        named_schemas(schema, &mut found);
        targets.insert(name, found);
    }
    let named: BTreeSet<&str> = targets.values().flatten().map(String::as_str).collect();
    // Start at the beginning of chains. The rest is part of cycles.
    let begins = targets.keys().copied().filter(|name| !named.contains(name));
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for begin in begins.chain(targets.keys().copied()) {
        let (mut level, mut steps) = (vec![begin], 0);
        while !level.is_empty() {
            ensure!(
                steps < LONGEST,
                "/components/schemas/{begin} leads through a chain of more than {LONGEST} references"
            );
            level.retain(|name| seen.insert(name));
            let next: BTreeSet<&str> = level.iter().flat_map(|name| &targets[name]).map(String::as_str).collect();
            level = next.into_iter().filter(|name| targets.contains_key(name) && !seen.contains(name)).collect();
            steps += 1;
        }
    }
    Ok(())
}
