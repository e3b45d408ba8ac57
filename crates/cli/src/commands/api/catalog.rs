//! The operations by name: tags and operations in the spelling of the official command line.
//!
//! Everything comes from the operations table. If two operations of a tag share a name, the current owner wins:
//! operation ID before short name, short name before former names.

use std::collections::BTreeMap;

use atlas_backup::{
    Operation,
    generated::operations::{ALL, find},
};

/// The operations of one tag.
#[derive(Debug)]
pub(crate) struct Tag {
    /// Name on the command line: `cloudBackups`.
    pub(crate) name: String,
    /// Title: `Cloud Backups`.
    pub(crate) title: &'static str,
    /// Sorted by displayed name.
    pub(crate) operations: Vec<NamedOperation>,
}

/// An operation with its names within a tag.
#[derive(Debug)]
pub(crate) struct NamedOperation {
    pub(crate) operation: &'static Operation,
    /// Displayed name: the short name.
    pub(crate) name: &'static str,
    /// Other accepted names.
    pub(crate) aliases: Vec<&'static str>,
}

/// All tags, sorted by name.
pub(crate) fn tags() -> Vec<Tag> {
    let mut tags: BTreeMap<&str, Vec<&'static Operation>> = BTreeMap::new();
    for operation in ALL.iter().copied() {
        tags.entry(operation.tag).or_default().push(operation);
    }
    let tags = tags.into_iter().map(|(title, operations)| {
        let name = operations.first().map_or_else(String::new, |operation| operation.tag_name());
        Tag { name, title, operations: named(operations) }
    });
    tags.collect()
}

/// Finds an operation by name, within `tag` if given.
pub(crate) fn lookup(tag: Option<&str>, name: &str) -> Option<&'static Operation> {
    match tag {
        None => find(name),
        Some(tag) => {
            let tag = tags().into_iter().find(|t| t.name == tag)?;
            let named = tag.operations.into_iter().find(|o| o.name == name || o.aliases.contains(&name))?;
            Some(named.operation)
        }
    }
}

fn named(operations: Vec<&'static Operation>) -> Vec<NamedOperation> {
    let mut owners: BTreeMap<&'static str, &'static str> = BTreeMap::new();
    let names: [fn(&Operation) -> &[&'static str]; 3] = [
        |operation| std::slice::from_ref(&operation.id),
        |operation| std::slice::from_ref(&operation.short_name),
        |operation| operation.former_ids,
    ];
    for kind in names {
        for operation in &operations {
            for name in kind(operation) {
                owners.entry(name).or_insert(operation.id);
            }
        }
    }
    let mut named: Vec<NamedOperation> = operations
        .into_iter()
        .map(|operation| {
            let owns = |name: &str| owners.get(name) == Some(&operation.id);
            let name = if owns(operation.short_name) { operation.short_name } else { operation.id };
            let own = owners.iter().filter(|(alias, id)| **id == operation.id && **alias != name);
            NamedOperation { operation, name, aliases: own.map(|(alias, _)| *alias).collect() }
        })
        .collect();
    named.sort_by_key(|named| named.name);
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_use_spelling_of_official_command_line() {
        let names: Vec<_> = tags().into_iter().map(|tag| tag.name).collect();
        for name in ["cloudBackups", "sharedTierSnapshots", "flexSnapshots", "legacyBackup", "clusters", "projects"] {
            assert!(names.iter().any(|n| n == name), "{name} in {names:?}");
        }
    }

    #[test]
    fn lookup_finds_operations_by_former_names() {
        for operation in ALL.iter().copied() {
            let tag = operation.tag_name();
            for name in [operation.id, operation.short_name].into_iter().chain(operation.former_ids.iter().copied()) {
                let found = lookup(Some(&tag), name).unwrap_or_else(|| panic!("{tag} {name}"));
                // A former name may have been given to another operation since.
                assert!(
                    found.id == operation.id || found.id == name || found.short_name == name,
                    "{tag} {name} is {}",
                    found.id
                );
            }
        }
    }

    #[test]
    fn shared_tier_short_name_is_found_only_in_its_tag() {
        let shared = lookup(Some("sharedTierSnapshots"), "listClusterBackupSnapshots").expect("the shared-tier list");
        assert!(shared.retired);
        assert_eq!(lookup(Some("cloudBackups"), "listClusterBackupSnapshots").map(|o| o.id), None);
    }
}
