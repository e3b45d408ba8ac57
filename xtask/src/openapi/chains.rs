//! Refusing documents whose schemas refer to each other in absurdly long rows.
//!
//! The parser bounds how deep a text nests, but references nest without any depth in the text: ten thousand schemas in a
//! row exhaust the stack of whatever follows them by recursion, here or in the generator. The real specification needs
//! a tenth of the limit. Circles are no rows: each schema counts where it is first met.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};
use serde_json::Value;

use super::{document::schemas, references::named_schemas};

/// The longest row of references that is followed.
const LONGEST: usize = 250;

/// Fails when some schema is only reached over more references than any real document needs.
pub(crate) fn refuse_long(document: &Value) -> Result<()> {
    let mut targets: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (name, schema) in schemas(document) {
        let mut found = BTreeSet::new();
        named_schemas(schema, &mut found);
        targets.insert(name, found);
    }
    let named: BTreeSet<&str> = targets.values().flatten().map(String::as_str).collect();
    // Begin where a row begins; what is left after that lies on circles.
    let begins = targets.keys().copied().filter(|name| !named.contains(name));
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for begin in begins.chain(targets.keys().copied()) {
        let (mut level, mut steps) = (vec![begin], 0);
        while !level.is_empty() {
            ensure!(
                steps < LONGEST,
                "/components/schemas/{begin} leads through more than {LONGEST} references in a row"
            );
            level.retain(|name| seen.insert(name));
            let next: BTreeSet<&str> = level.iter().flat_map(|name| &targets[name]).map(String::as_str).collect();
            level = next.into_iter().filter(|name| targets.contains_key(name) && !seen.contains(name)).collect();
            steps += 1;
        }
    }
    Ok(())
}
