//! States what the checks of a drill show and do not show.

use crate::drill::record::{Check, Evidence, Level, Method, Verification};

impl Verification {
    /// States what the checks of `evidence` show.
    pub(super) fn of(evidence: &Evidence) -> Self {
        let into_cluster = evidence.target.is_some();
        let mut verification = Verification::default();
        for (method, level, shown, not_shown) in [
            (
                Method::Restore,
                Level::MetadataOnly,
                "the service restored the snapshot into a cluster that is IDLE again",
                "a restore into a cluster",
            ),
            (
                Method::Archive,
                Level::MetadataOnly,
                "the archives of the snapshot can be downloaded and extracted",
                "the archives of the snapshot",
            ),
            (Method::Documents, Level::DocumentsRead, "every document can be read", "the documents (none was read)"),
            (
                Method::Names,
                Level::MetadataOnly,
                if into_cluster {
                    "the expected databases and collections are in the snapshot, as listed by the service"
                } else {
                    "the expected databases and collections are in the snapshot"
                },
                "names of databases and collections",
            ),
            (
                Method::OwnCheck,
                Level::OwnCheck,
                "your verify command accepted the data",
                "the values of the documents (no verify command accepted them)",
            ),
        ] {
            let checks: Vec<&Check> = evidence.checks.iter().filter(|check| check.method == method).collect();
            if checks.is_empty() || checks.iter().any(|check| !check.passed) {
                // The archives of a restored snapshot are the same data.
                if !(method == Method::Archive && into_cluster) {
                    verification.not_verified.push(not_shown.to_owned());
                }
                continue;
            }
            verification.verified.push(shown.to_owned());
            if let (Method::OwnCheck, Some(compared)) = (method, evidence.compared) {
                let of = compared.collections.map(|number| format!(" of {number} collections")).unwrap_or_default();
                verification
                    .verified
                    .push(format!("your verify command compared {} documents{of}", compared.documents));
            }
            verification.level = verification.level.max(level);
        }
        verification
    }
}

impl Level {
    /// The name of the level.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Level::Nothing => "nothing",
            Level::MetadataOnly => "metadata only",
            Level::DocumentsRead => "documents read",
            Level::OwnCheck => "own check",
        }
    }
}
