//! How much memory a page may take while it is decoded. A separate program, because the peak is that of the process.

#![cfg(target_os = "linux")]

use std::{
    fs,
    sync::{Mutex, MutexGuard, PoisonError},
};

use atlas_backup_generated::types::{ClusterDescriptionPage, DiskBackupReplicaSet, DiskBackupReplicaSetPage};
use atlas_backup_runtime::decode_at_most;
use serde::de::DeserializeOwned;

/// Held by each test, so that no other one takes memory meanwhile.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The kibibytes of `name` in the status of this process.
fn kibibytes(name: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line");
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().expect("a number")
}

/// The outcome of decoding and the most memory that it took, in kibibytes.
fn decoded<T: DeserializeOwned>(body: &str, items: usize) -> (Result<T, serde_json::Error>, usize) {
    // Sets the peak back to what is held now.
    fs::write("/proc/self/clear_refs", "5").expect("the peak can be reset");
    let before = kibibytes("VmRSS");
    let outcome = decode_at_most(body.as_bytes(), items);
    (outcome, kibibytes("VmHWM").saturating_sub(before))
}

/// What the documentation of `decode` promises, and as much again for a list that grows, in kibibytes.
fn bound(body: &str) -> usize {
    (32 * 1024 + 4 * body.len() / 1024) * 3
}

fn page(items: usize) -> String {
    format!(r#"{{"results":[{}]}}"#, vec!["{}"; items].join(","))
}

#[test]
fn refused_page_takes_no_more_memory_than_a_full_one() {
    let _alone = alone();
    const MOST: usize = 500;
    // 16 MB; decoded whole it would take several gigabytes.
    let hostile = page(5_600_000);
    assert!(hostile.len() > 16_000_000);
    let (full, taken) = decoded::<DiskBackupReplicaSetPage>(&page(MOST), MOST);
    assert_eq!(full.expect("a full page").results.len(), MOST);
    // While the list grows, the old place and the new one are held: three times the items at most.
    let bound = 3 * MOST * size_of::<DiskBackupReplicaSet>() / 1024 + 1024;
    assert!(taken <= bound, "{taken} KiB of {bound}");
    let (refused, taken) = decoded::<DiskBackupReplicaSetPage>(&hostile, MOST);
    assert!(refused.expect_err("too many").to_string().contains("more than 500 items"));
    assert!(taken <= bound, "{taken} KiB of {bound}");
    let (refused, taken) = decoded::<ClusterDescriptionPage>(&hostile, 100);
    assert!(refused.is_err() && taken <= bound, "{taken} KiB of {bound}");
}

#[test]
fn contents_of_one_item_are_bounded_too() {
    let _alone = alone();
    let many = |value: &str| vec![value; 1_500_000].join(",");
    let bodies = [
        format!(r#"{{"results":[{{"links":[{}]}}]}}"#, many("{}")),
        format!(r#"{{"results":[{{"undocumented":[{}]}}]}}"#, vec!["0"; 3_000_000].join(",")),
        format!(r#"{{"results":[{{"undocumented":[{}]}}]}}"#, vec![r#"{"":0}"#; 500_000].join(",")),
        format!(r#"{{"results":[{{"members":[{}]}}]}}"#, many(r#"{"a":0}"#)),
        // Does not fit its field, and is kept.
        format!(r#"{{"results":[{{"description":[{}]}}]}}"#, vec!["[]"; 3_000_000].join(",")),
    ];
    for body in bodies {
        let (refused, taken) = decoded::<DiskBackupReplicaSetPage>(&body, 500);
        let error = refused.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("takes more memory than"), "{}: {error}", &body[..40]);
        assert!(taken <= bound(&body), "{}: {taken} KiB of {}", &body[..40], bound(&body));
    }
}
