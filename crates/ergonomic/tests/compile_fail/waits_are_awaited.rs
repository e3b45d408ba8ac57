//! A wait that is not awaited does not poll.
#![deny(unused_must_use)]

fn forget(snapshots: atlas_backup::Snapshots) {
    snapshots.wait("5f3e8e7d9b1c2a0012345678");
}

fn main() {}
