//! Where in a bucket an export lies.
//!
//! `exported_snapshots/<organization>/<project>/<cluster>/<begin of the snapshot>/<begin of the export>/`, and below that
//! `<database>/<collection>/<replica set>.<number>.json.gz`. Every part of a path goes through
//! [`file_name`](crate::dump::file_name), whoever chose it and however sure it looks.

use std::path::PathBuf;

use crate::data::file_names::file_name;

/// A path below a bucket, its parts made safe.
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
