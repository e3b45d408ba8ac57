//! The one place where this crate asks the operations table. Names, versions, paths and roles come from the table and
//! are never written down a second time.

use atlas_backup_generated::{Operation, operations};

/// The operation called `name`: its long id, its short name, or a name it had before, in this order.
pub(crate) fn find(name: &str) -> Option<&'static Operation> {
    operations::find(name)
}
