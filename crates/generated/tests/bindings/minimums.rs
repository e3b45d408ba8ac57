//! What this crate must have at least, so that no rule is tested on nothing. Bindings of other tags go without.

use atlas_backup_generated::operations;

use crate::{calls, types};

#[test]
fn every_rule_is_tested_on_something() {
    assert!(types::objects().count() > 50);
    assert!(types::enums().count() > 20);
    assert!(types::unions().count() > 0);
    assert!(types::objects().any(|(_, schema, _)| schema["required"].is_array()));
    assert!(calls::pages().count() > 0);
    let versions = operations::ALL.iter().flat_map(|operation| operation.versions);
    assert!(
        versions.into_iter().all(|version| version.accept == format!("application/vnd.atlas.{}+json", version.date))
    );
}
