//! No id without a check.

fn make() -> atlas_backup::ProjectId {
    atlas_backup::ProjectId("../..".into())
}

fn main() {}
