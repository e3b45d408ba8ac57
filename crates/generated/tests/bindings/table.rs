//! The operations table, row by row.

use std::collections::BTreeSet;

use atlas_backup_generated::operations;

use crate::generated::CALLS;

#[test]
fn every_version_of_every_row_has_its_binding() {
    let called: BTreeSet<String> = CALLS.iter().map(|trial| trial.name()).collect();
    let rows = operations::ALL.iter().flat_map(|row| row.versions.iter().map(|v| format!("{} {}", row.id, v.date)));
    assert_eq!(called, rows.collect());
    assert_eq!(called.len(), CALLS.len());
}

#[test]
fn every_row_of_the_table_is_complete() {
    for operation in operations::ALL {
        let names: Vec<&str> = operation.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        let listed: Vec<&str> = operation.parameters.iter().take(names.len()).map(|p| p.name).collect();
        assert_eq!(names, listed, "{}: path parameters come first, in the template's order", operation.id);
        assert!(!operation.versions.is_empty());
        // Versions without a date come first, because the last one has the plain name.
        let dated = operation.versions.iter().map(|version| version.date).filter(|date| date.starts_with("20"));
        assert!(dated.is_sorted(), "{}", operation.id);
        for version in operation.versions {
            let media_type = format!("application/vnd.atlas.{}+", version.date);
            // Other products do not version their media types.
            let is_versioned = version.date != "unversioned";
            assert_eq!(version.accept.starts_with(&media_type), is_versioned, "{}: {}", operation.id, version.accept);
            assert!(!version.statuses.is_empty(), "{} {}", operation.id, version.date);
            // A list in the body has no type of its own.
            assert!(version.request.is_none() || version.content_type.is_some(), "{}", operation.id);
        }
        if let Some(name) = operation.replaced_by {
            assert!(operations::find(name).is_some(), "{} is replaced by {name}", operation.id);
        }
    }
}

#[test]
fn table_finds_operation_by_any_name_and_prefers_ids() {
    let ids: BTreeSet<&str> = operations::ALL.iter().map(|operation| operation.id).collect();
    let short: BTreeSet<&str> = operations::ALL.iter().map(|operation| operation.short_name).collect();
    assert_eq!(ids.len(), operations::ALL.len());
    for operation in operations::ALL {
        let found = |name| operations::find(name).map(|operation| operation.id);
        assert_eq!(found(operation.id), Some(operation.id));
        if !ids.contains(operation.short_name) {
            assert_eq!(found(operation.short_name), Some(operation.id));
        }
        for name in operation.former_ids.iter().filter(|name| !ids.contains(*name) && !short.contains(*name)) {
            assert_eq!(found(name), Some(operation.id), "{name}");
        }
    }
    assert!(operations::find("nothing").is_none());
}
