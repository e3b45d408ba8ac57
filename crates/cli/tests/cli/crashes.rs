//! Downloads whose process is killed, again and again.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use atlas_backup_emulator::{DEMO_PROJECT, Fault};

use crate::support::{guarded, run, until};

/// The number of kills: a few, unless `ATLAS_BACKUP_CRASH_ROUNDS` states another, as `cargo xtask check --all` does.
fn rounds() -> u64 {
    std::env::var("ATLAS_BACKUP_CRASH_ROUNDS").map_or(5, |rounds| rounds.parse().expect("a number of rounds"))
}

/// Every file below `folder`, by its path from there.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in next.read_dir().into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below the folder").to_owned();
                files.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    files
}

/// Makes the folders of killed unpackings an hour old: younger ones might be in use.
fn age_leftovers(folder: &Path) {
    let hour_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    for entry in folder.read_dir().into_iter().flatten() {
        let entry = entry.expect("an entry");
        if entry.file_name().to_string_lossy().starts_with('.') {
            fs::File::open(entry.path()).expect("a folder").set_modified(hour_ago).expect("a time");
        }
    }
}

fn length(file: &Path) -> u64 {
    file.metadata().map_or(0, |file| file.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_fetch_never_leaves_damaged_bytes_and_ends_identical() {
    let emulator = guarded().time_scale(1000.0).start().await.expect("an emulator");
    emulator.data(DEMO_PROJECT, "Cluster0").expect("data").fill("shop", "filler", 20_000, 1).expect("filled");
    let id = |command: &str| run(command).with_key(&emulator).json()["id"].as_str().expect("an id").to_owned();
    let snapshot = id("snapshots take Cluster0 --wait -o json");
    let job = id(&format!("restores start download Cluster0 --snapshot {snapshot} --wait -o json"));
    // The download must not expire.
    emulator.clock().stand();

    let fetch = format!("restores fetch Cluster0 {job} --to dump.tar.gz --extract=out");
    let reference = tempfile::tempdir().expect("a folder");
    let whole = run(&fetch).with_key(&emulator).directory(reference.path()).ends();
    assert_eq!(whole.code, Some(0), "{}", whole.stderr);
    let archive = fs::read(reference.path().join("dump.tar.gz")).expect("the archive");
    let files = tree(&reference.path().join("out"));
    let size = archive.len() as u64;

    let slow = Fault::slow_body(16 << 10, std::time::Duration::from_millis(1)).on("download");
    emulator.inject(slow).expect("a fault");
    let mut folder = tempfile::tempdir().expect("a folder");
    let (mut finished, mut partial) = (0, 0);
    for round in 0..rounds() {
        let (part, out) = (folder.path().join("dump.tar.gz.part"), folder.path().join("out"));
        let complete = folder.path().join("dump.tar.gz");
        let child = RefCell::new(run(&fetch).with_key(&emulator).directory(folder.path()).start());
        // Soon after it has begun, in the middle, at the last byte, while it unpacks, or after its end.
        let target = match round % 5 {
            0 => length(&part) + 1,
            1 => length(&part).midpoint(size),
            _ => size,
        };
        until("the moment to kill", || {
            let ended = child.borrow_mut().try_wait().expect("a process").is_some();
            let reached = match round % 5 {
                0..=2 => length(&part) >= target,
                3 => complete.exists(),
                _ => out.exists(),
            };
            ended || reached
        });
        let mut child = child.into_inner();
        // Fails only if it has ended already.
        let _ended = child.kill();
        child.wait().expect("a process");

        let held = fs::read(&part).unwrap_or_default();
        assert!(archive.starts_with(&held), "round {round}: the part is not the beginning of the archive");
        partial += u64::from(!held.is_empty() && held.len() < archive.len());
        if complete.exists() {
            assert!(fs::read(&complete).expect("the archive") == archive, "round {round}: the archive is damaged");
        }
        let mut unpacked = tree(&out);
        // Of an unpacking that was killed. The next one removes it.
        unpacked.retain(|path, _| !path.to_string_lossy().starts_with('.'));
        assert!(unpacked.is_empty() || unpacked == files, "round {round}: {:?}", unpacked.keys());
        if complete.exists() || round % 5 == 4 {
            if unpacked.is_empty() {
                age_leftovers(&out);
                let ended = run(&fetch).with_key(&emulator).directory(folder.path()).ends();
                assert_eq!(ended.code, Some(0), "round {round}: {}", ended.stderr);
                assert!(tree(&out) == files, "round {round}: {:?}", tree(&out).keys());
            }
            assert!(fs::read(&complete).expect("the archive") == archive, "round {round}");
            let left = folder.path().read_dir().expect("a folder").count();
            assert_eq!(left, 2, "round {round}: more than the archive and what was in it");
            finished += 1;
            folder = tempfile::tempdir().expect("a folder");
        }
    }
    assert!(finished > 0 && partial > 0, "{finished} downloads ended, {partial} kills were in the middle");
}
