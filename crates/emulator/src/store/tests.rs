//! Guarantees of the store about its folder.

use std::{fs, path::Path};

use chrono::{TimeZone, Utc};
use redb::{Database, TableDefinition};
use serde_json::{Value, json};

use crate::{
    domain::{ids::ObjectId, job_kind::JobKind},
    seed::{fixtures::DEMO_PROJECT, seeds::Seed},
    state::tables::State,
    store::{
        clock::{Clock, Pace},
        disk, document,
        error::ImportError,
        shared_state::Store,
    },
};

fn demo() -> Result<State, ImportError> {
    Seed::Demo.state(Utc.with_ymd_and_hms(2026, 9, 1, 12, 0, 0).unwrap())
}

/// Creates the demo state and releases the folder.
fn laid_down(folder: &Path) {
    drop(disk::Disk::open(folder, demo).unwrap());
}

/// All rows in order.
fn rows(state: &State) -> Vec<String> {
    let rows = state.collections().into_iter().flat_map(|rows| rows.export().unwrap());
    rows.map(|row| format!("{} {} {}", row.place.0, row.id, row.record)).collect()
}

fn refused(folder: &Path) -> String {
    disk::Disk::open(folder, || panic!("the state already exists")).unwrap_err().to_string()
}

#[test]
fn damaged_file_is_refused_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    laid_down(folder.path());
    let file = folder.path().join("state.redb");
    let sound = fs::read(&file).unwrap();
    let whole = rows(&demo().unwrap());
    let mut noticed = 0;
    for place in (0..sound.len()).step_by(sound.len() / 37) {
        let mut damaged = sound.clone();
        damaged[place] ^= 0x20;
        fs::write(&file, &damaged).unwrap();
        let opened = std::panic::catch_unwind(|| disk::Disk::open(folder.path(), || panic!("the state exists")));
        match opened {
            // A byte without content.
            Ok(Ok((disk, state))) => {
                assert!(rows(&state) == whole, "byte {place}");
                drop(disk);
            }
            Ok(Err(_)) | Err(_) => {
                noticed += 1;
                assert!(fs::read(&file).unwrap() == damaged, "byte {place}: the file was written to");
            }
        }
    }
    assert!(noticed > 0);
    for length in [1, 4096, sound.len() / 2, sound.len() - 1] {
        fs::write(&file, &sound[..length]).unwrap();
        let message = refused(folder.path());
        assert!(message.contains("left unchanged"), "{length}: {message}");
        assert_eq!(fs::read(&file).unwrap(), sound[..length]);
    }
}

#[test]
fn foreign_file_is_refused_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.redb");
    let other = folder.path().join("other.redb");
    let database = Database::create(&other).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(TableDefinition::<u64, u64>::new("theirs")).unwrap().insert(1, 2).unwrap();
    transaction.commit().unwrap();
    drop(database);
    for foreign in [b"some other text".to_vec(), Vec::new(), fs::read(&other).unwrap()] {
        fs::write(&file, &foreign).unwrap();
        assert!(refused(folder.path()).contains("not a state of atlas-backup-emulator"));
        assert!(fs::read(&file).unwrap() == foreign);
    }
}

#[test]
fn interrupted_initial_state_is_written_again() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("state.redb.new"), "the beginning of a state").unwrap();
    let (_disk, state) = disk::Disk::open(folder.path(), demo).unwrap();
    assert!(rows(&state) == rows(&demo().unwrap()));
}

#[test]
fn data_folder_is_locked_by_one_emulator() {
    let folder = tempfile::tempdir().unwrap();
    let first = disk::Disk::open(folder.path(), demo).unwrap();
    let message = refused(folder.path());
    assert!(message.contains("in use by another emulator"), "{message}");
    assert!(message.contains(&std::process::id().to_string()), "{message}");
    drop(first);
    disk::Disk::open(folder.path(), || panic!("the state already exists")).unwrap();
}

#[test]
#[cfg(unix)]
fn link_in_data_folder_is_refused_and_target_kept() {
    for name in ["lock", "state.redb", "state.redb.new"] {
        let parent = tempfile::tempdir().unwrap();
        let (folder, target) = (parent.path().join("data"), parent.path().join("target"));
        fs::create_dir(&folder).unwrap();
        fs::write(&target, "other data").unwrap();
        std::os::unix::fs::symlink(&target, folder.join(name)).unwrap();
        let message = disk::Disk::open(&folder, demo).unwrap_err().to_string();
        assert!(message.contains(name) && message.contains("not a regular file"), "{message}");
        assert_eq!(fs::read(&target).unwrap(), b"other data", "{name}");
    }
}

#[test]
#[cfg(unix)]
fn saved_files_are_readable_by_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("made").join("for it");
    laid_down(&folder);
    assert_eq!(mode(&folder), 0o700);
    let file = folder.join("state.redb");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    laid_down(&folder);
    for file in fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{path:?}");
    }
}

#[test]
fn folder_of_another_schema_is_refused_unchanged() {
    for (table, schema) in [("atlas-backup-state", "2"), ("atlas-backup-state", "0"), ("atlas-backup-emulator", "4")] {
        let folder = tempfile::tempdir().unwrap();
        laid_down(folder.path());
        let file = folder.path().join("state.redb");
        let database = Database::create(&file).unwrap();
        let transaction = database.begin_write().unwrap();
        let about = TableDefinition::<&str, &[u8]>::new(table);
        transaction.open_table(about).unwrap().insert("schema", schema.as_bytes()).unwrap();
        transaction.commit().unwrap();
        drop(database);
        let before = fs::read(&file).unwrap();
        let message = refused(folder.path());
        assert!(message.starts_with(&*folder.path().to_string_lossy()), "{message}");
        assert!(message.contains("reads only schema 1; nothing was changed"), "{message}");
        assert!(fs::read(&file).unwrap() == before);
    }
}

fn standing_clock() -> Clock {
    let start = Utc.with_ymd_and_hms(2026, 9, 1, 12, 0, 0).single();
    Clock::resume(None, Pace::Standing, start, |_| {})
}

/// The demo as an exported document.
fn exported() -> Value {
    let store = Store::in_memory(demo().unwrap());
    let clock = standing_clock();
    document::export(&store, &clock)
}

#[test]
fn import_error_names_path_of_invalid_value() {
    let sound = exported();
    let snapshot = "/collections/snapshots/3";
    let far = json!("9999-01-01T00:00:00Z");
    for (pointer, value, place) in [
        ("/format".to_owned(), json!("another"), "format"),
        ("/schema".to_owned(), json!(99), "schema"),
        ("/schema".to_owned(), json!(0), "schema"),
        ("/clock/now".to_owned(), json!("yesterday"), "clock.now"),
        ("/clock/now".to_owned(), far.clone(), "clock"),
        ("/meta/issued".to_owned(), json!(-1), "meta.issued"),
        ("/collections/snapshots".to_owned(), json!({}), "collections.snapshots"),
        (snapshot.to_owned(), json!(7), "collections.snapshots[3]"),
        (format!("{snapshot}/id"), json!("short"), "collections.snapshots[3].id"),
        (format!("{snapshot}/parent"), json!("000000000000000000000001"), "collections.snapshots[3].parent"),
        (format!("{snapshot}/record/id"), json!("000000000000000000000001"), "collections.snapshots[3].record.id"),
        (format!("{snapshot}/record/frequency"), json!("often"), "collections.snapshots[3].record.frequency"),
        (format!("{snapshot}/record/timeline/ends"), far, "collections.snapshots[3].record.timeline.ends"),
        (format!("{snapshot}/record/timeline/fails"), json!("no"), "collections.snapshots[3].record.timeline.fails"),
        (
            "/collections/schedules/0/record/referenceHour".to_owned(),
            json!(24),
            "collections.schedules[0].record.referenceHour",
        ),
    ] {
        let mut document = sound.clone();
        *document.pointer_mut(&pointer).unwrap() = value;
        let error = document::read(document).unwrap_err();
        assert_eq!(error.path(), place, "{error}");
    }
    let mut twice = sound.clone();
    let again = twice["collections"]["clusters"][0].clone();
    twice["collections"]["clusters"].as_array_mut().unwrap().push(again);
    assert_eq!(document::read(twice).unwrap_err().path(), "collections.clusters[3].id");
    for place in ["unheardOf", "collections.unheardOf", "collections.snapshots[0].record.unheardOf"] {
        let mut document = sound.clone();
        let pointer = format!("/{place}").replace('.', "/").replace("[0]", "/0");
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[name] = json!([]);
        let error = document::read(document).unwrap_err();
        assert!(error.to_string().contains("unheardOf"), "{error}");
    }
}

#[test]
fn import_of_arbitrary_json_never_panics() {
    let odd = [json!(null), json!("text"), json!([]), json!([7]), json!({"a": 1}), json!([{"record": []}])];
    for place in ["/collections", "/collections/restore_jobs", "/collections/snapshots", "/meta", "/clock"] {
        for value in &odd {
            let mut document = exported();
            *document.pointer_mut(place).unwrap() = value.clone();
            // No value may cause a panic.
            let _read = document::read(document);
        }
    }
    for value in odd {
        document::read(value).unwrap_err();
    }
}

#[test]
fn export_includes_state_outside_collections() {
    let mut state = demo().unwrap();
    state.meta.issued = 77;
    state.meta.ordered_failures = vec![JobKind::Snapshot];
    let before = state.meta.clone();
    let store = Store::in_memory(state);
    let clock = standing_clock();
    let after = document::read(document::export(&store, &clock)).unwrap().meta;
    assert_eq!((after.issued, &after.ordered_failures), (before.issued, &before.ordered_failures));
}

#[test]
fn refused_import_leaves_state_unchanged() {
    let store = Store::in_memory(demo().unwrap());
    let clock = standing_clock();
    let before = document::export(&store, &clock);
    let mut wrong = before.clone();
    wrong["collections"]["snapshots"] = json!([]);
    wrong["collections"]["schedules"][0]["record"] = json!({});
    wrong["clock"]["now"] = json!("2030-01-01T00:00:00Z");
    document::import(&store, &clock, wrong).unwrap_err();
    assert!(document::export(&store, &clock) == before);
}

#[tokio::test]
async fn waiting_writers_share_a_commit() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::on_disk(folder.path(), demo).unwrap();
    let now = Utc.with_ymd_and_hms(2026, 9, 1, 12, 0, 0).unwrap();
    let tickets: Vec<_> = (0..500).map(|_| store.write(|state| state.new_id(now))).collect();
    let last = tickets.iter().map(|(_, ticket)| *ticket).max().unwrap();
    store.saved(last).await.unwrap();
    let commits = store.commits();
    assert!(commits < 100, "{commits} commits for 500 writes");
    store.close().await;
    assert!(store.saved(store.write(|state| state.new_id(now)).1).await.is_err(), "nothing is saved after close");
    let (_disk, state) = disk::Disk::open(folder.path(), || panic!("the state already exists")).unwrap();
    assert_eq!(state.meta.issued, 500);
}

#[test]
fn removing_project_removes_all_its_records() {
    let mut state = demo().unwrap();
    let before = rows(&state).len();
    let project: ObjectId = DEMO_PROJECT.parse().unwrap();
    state.forget(project);
    assert!(before > 100);
    assert_eq!(rows(&state).len(), 1, "only the organization is left");
    state.check().unwrap();
}
