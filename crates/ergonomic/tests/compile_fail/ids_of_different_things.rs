//! A snapshot's id does not stand for an export's.

fn look(exports: atlas_backup::Exports, id: atlas_backup::SnapshotId) {
    let _ = exports.get(id);
}

fn main() {}
