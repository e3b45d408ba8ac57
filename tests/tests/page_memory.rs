//! How much memory a page may take while it is decoded. A separate program, because the peak is that of the process.

#![cfg(target_os = "linux")]

use std::fs;

use atlas_backup_generated::types::{ClusterDescriptionPage, DiskBackupReplicaSet, DiskBackupReplicaSetPage};
use atlas_backup_runtime::decode_at_most;
use serde::de::DeserializeOwned;

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

fn page(items: usize) -> String {
    format!(r#"{{"results":[{}]}}"#, vec!["{}"; items].join(","))
}

#[test]
fn refused_page_takes_no_more_memory_than_a_full_one() {
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
