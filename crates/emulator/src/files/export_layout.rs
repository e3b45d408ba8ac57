//! Path of an export in a bucket.
//!
//! `exported_snapshots/<organization>/<project>/<cluster>/<begin of the snapshot>/<begin of the export>/`, and below
//! that `<database>/<collection>/<replica set>.<number>.json.gz`. Every part of a path passes through
//! [`file_name`](crate::dump::file_name), without exception.

use std::path::PathBuf;

use crate::data::file_names::file_name;

/// A path in a bucket, with sanitized parts.
pub(crate) fn path<'p>(parts: impl IntoIterator<Item = &'p str>) -> PathBuf {
    parts.into_iter().map(file_name).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Component;

    use super::*;

    #[test]
    fn export_path_never_leaves_folder() {
        let path = path(["..", "/etc", "a/../../b", "", ".hidden", "C:\\", "\0", "~"]);
        assert!(path.is_relative());
        assert!(path.components().all(|part| matches!(part, Component::Normal(_))), "{path:?}");
        assert_eq!(path.components().count(), 8);
    }
}
