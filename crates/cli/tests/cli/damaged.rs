//! Damaged and hostile archives: results of drills, and files kept by `restores fetch`.

use std::{
    fs,
    io::Write as _,
    path::Path,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use bson::doc;
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use crate::{
    drill::{Drilled, folder, read, step},
    stub::{Stub, V2023_01_01},
    support::{Ended, run},
};

const SNAPSHOT: &str = "665255e9257cc6a722feec8a";
const JOB: &str = "665255e9257cc6a722feec8b";

/// Response for an archive: status, content type, body.
type Sent = (u16, &'static str, Vec<u8>);

/// A service with one cluster, one snapshot of it and one restore job, whose archives are `sent`.
fn service(sent: Vec<Sent>) -> Stub {
    let base = std::sync::Arc::new(std::sync::OnceLock::<String>::new());
    let known = base.clone();
    let stub = Stub::start(move |line| {
        let path = line.split_whitespace().nth(1).expect("a path").split('?').next().expect("a path").to_owned();
        if let Some(number) = path.strip_prefix("/archive-").and_then(|rest| rest.strip_suffix(".tar.gz")) {
            return sent[number.parse::<usize>().expect("a number")].clone();
        }
        let url = |n: usize| format!("{}/archive-{n}.tar.gz?secret=hunter2", known.get().expect("known by now"));
        let snapshot =
            json!({"id": SNAPSHOT, "status": "completed", "type": "replicaSet", "createdAt": "2026-01-01T00:00:00Z"});
        let job = json!({"id": JOB, "snapshotId": SNAPSHOT, "deliveryType": "download",
            "deliveryUrl": (0..sent.len()).map(url).collect::<Vec<_>>()});
        let (content_type, document) = match () {
            () if path.contains("/restoreJobs") => (V2023_01_01, job),
            () if path.ends_with("/snapshots") => {
                (V2023_01_01, json!({"links": [], "results": [snapshot], "totalCount": 1}))
            }
            () if path.contains("/snapshots/") => (V2023_01_01, snapshot),
            () => (
                "application/vnd.atlas.2024-08-05+json",
                json!({"name": "Cluster0", "clusterType": "REPLICASET", "stateName": "IDLE"}),
            ),
        };
        (200, content_type, document.to_string().into_bytes())
    });
    base.set(stub.base_url.clone()).expect("set once");
    stub
}

fn archive(sent: impl Into<Vec<u8>>) -> Vec<Sent> {
    vec![(200, "application/gzip", sent.into())]
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).expect("written");
    gzip.finish().expect("a gzip file")
}

pub(crate) fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        header.set_cksum();
        tar.append(&header, *content).expect("an entry");
    }
    tar.into_inner().expect("an archive")
}

/// `count` different documents.
fn documents(count: i64) -> Vec<u8> {
    let one = |n: i64| {
        bson::serialize_to_vec(&doc! {"_id": n, "text": format!("{:x}", n.wrapping_mul(0x1e37_79b9_7f4a_7c15))})
    };
    (0..count).flat_map(|n| one(n).expect("BSON")).collect()
}

fn dump(bson: &[u8]) -> Vec<u8> {
    tar(&[
        ("restore/shop/orders.bson", bson),
        ("restore/shop/orders.metadata.json", b"{\"collectionName\":\"orders\"}"),
    ])
}

fn drilled(sent: Vec<Sent>) -> Drilled {
    let (stub, folder) = (service(sent), folder());
    let ended = run("drill Cluster0 --download --evidence records --no-auth")
        .at(&stub.base_url)
        .env("TMPDIR", &folder.path().display().to_string())
        .directory(folder.path())
        .ends();
    let drilled = read(ended, &folder.path().join("records"));
    assert_eq!(names(folder.path()), ["records"], "{}", drilled.ended.stderr);
    drilled
}

fn names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<_> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn drill_of_damaged_archive_exits_5_with_reason() {
    let plain = dump(&documents(5000));
    let whole = gzip(&plain);
    let passed = drilled(archive(whole.clone()));
    assert_eq!(passed.ended.code, Some(0), "{}", passed.ended.stderr);
    assert_eq!(passed.evidence["collections"][0]["documents"], json!(5000));

    let with = |change: fn(&mut Vec<u8>)| {
        let mut changed = whole.clone();
        change(&mut changed);
        archive(changed)
    };
    let page = b"<html><body>Service unavailable</body></html>";
    let cases = [
        ("cut", with(|bytes| bytes.truncate(bytes.len() / 2)), "archive-0.tar.gz is damaged"),
        (
            "a bit turned",
            with(|bytes| {
                let at = bytes.len() / 2;
                bytes[at] ^= 0x10
            }),
            "archive-0.tar.gz is damaged",
        ),
        (
            "its checksum",
            with(|bytes| {
                let at = bytes.len() - 6;
                bytes[at] ^= 1
            }),
            "archive-0.tar.gz is damaged",
        ),
        ("cut before it was compressed", archive(gzip(&plain[..plain.len() / 2])), "archive-0.tar.gz is damaged"),
        ("a page", vec![(200, "text/html", page.to_vec())], "is a text page, not an archive"),
        ("a page in disguise", archive(page.to_vec()), "does not begin like a gzip file"),
        (
            "the second of two",
            [archive(whole.clone()), with(|bytes| bytes.truncate(200))].concat(),
            "archive-1.tar.gz is damaged",
        ),
        ("a way out", archive(gzip(&tar(&[("../outside.bson", b"")]))), "../outside.bson leads out of the folder"),
    ];
    for (what, sent, why) in cases {
        let Drilled { ended, evidence, page } = drilled(sent);
        assert_eq!((ended.code, &evidence["outcome"]), (Some(5), &json!("restoreFailed")), "{what}: {}", ended.stderr);
        let reason = evidence["reason"].as_str().expect("a reason");
        assert!(reason.contains(why), "{what}: {reason}");
        assert!(ended.stderr.contains(&format!("error: {reason}")) && page.contains("<h2>Reason</h2>"), "{what}");
        let failed = evidence["steps"].as_array().expect("steps").iter().find(|step| step["outcome"] == "failed");
        assert!(failed.is_some_and(|step| step["detail"] == reason), "{what}: {evidence}");
        assert_eq!(step(&evidence, "teardown")["outcome"], json!("done"), "{what}");
        for reported in [&ended.stderr, reason, &page] {
            assert!(!reported.contains("hunter2"), "{what}: {reported}");
        }
    }
}

#[test]
fn drill_without_archive_exits_1_with_reason() {
    let Drilled { ended, evidence, .. } = drilled(vec![(503, "text/html", b"<html>Not now</html>".to_vec())]);
    assert_eq!((ended.code, &evidence["outcome"]), (Some(1), &json!("error")), "{}", ended.stderr);
    assert!(evidence["reason"].as_str().is_some_and(|reason| reason.contains("503")), "{evidence}");
    assert_eq!(step(&evidence, "fetch")["outcome"], json!("failed"));
}

#[test]
fn drill_of_damaged_documents_fails_verification() {
    let bson = documents(3);
    let mut overwritten = bson.clone();
    overwritten[4] = 0xee;
    for (what, bson, why) in [
        ("cut", &bson[..bson.len() - 7], "restore/shop/orders.bson: the file ends within document 2"),
        ("overwritten", &overwritten[..], "restore/shop/orders.bson: document 0 is not valid BSON"),
        ("a page", &b"<html></html>"[..], "restore/shop/orders.bson: document 0 has an invalid length"),
    ] {
        let Drilled { ended, evidence, page } = drilled(archive(gzip(&dump(bson))));
        assert_eq!(
            (ended.code, &evidence["outcome"]),
            (Some(5), &json!("verificationFailed")),
            "{what}: {}",
            ended.stderr
        );
        let checks = evidence["checks"].as_array().expect("checks");
        let failed: Vec<&Value> = checks.iter().filter(|check| check["passed"] == json!(false)).collect();
        assert_eq!((failed.len(), &failed[0]["expected"]), (1, &json!("every document can be read")), "{what}");
        assert!(failed[0]["found"].as_str().is_some_and(|found| found.contains(why)), "{what}: {}", failed[0]);
        assert!(
            ended.stderr.contains(why)
                && page.contains(why.split(": ").last().expect("why").split('\'').next().expect("why"))
        );
        assert_eq!(step(&evidence, "verify")["outcome"], json!("failed"));
    }
    let empty = drilled(archive(gzip(&tar(&[]))));
    assert_eq!(empty.ended.code, Some(5), "{}", empty.ended.stderr);
    assert!(empty.ended.stderr.contains("0 documents of 0 collections"), "{}", empty.ended.stderr);
}

/// Fetches the archive into `folder`.
fn fetched(sent: Vec<Sent>, folder: &Path, how: &str) -> Ended {
    let stub = service(sent);
    run(&format!("restores fetch Cluster0 {JOB} --to dump.tar.gz --no-auth {how}"))
        .at(&stub.base_url)
        .directory(folder)
        .ends()
}

#[test]
fn hostile_archive_is_fetched_but_not_extracted() {
    for (name, why) in [
        ("../outside", "../outside leads out of the folder"),
        ("/tmp/atlas-backup-outside", "leads out of the folder"),
        ("dump.tar.gz", "dump.tar.gz already exists"),
    ] {
        let folder = folder();
        let whole = gzip(&tar(&[("first", b"1"), (name, b"2")]));
        let ended = fetched(archive(whole.clone()), folder.path(), "--extract");
        assert!(
            ended.code.is_some_and(|code| [2, 5].contains(&code)) && ended.stderr.contains(why),
            "{}",
            ended.stderr
        );
        assert_eq!(names(folder.path()), ["dump.tar.gz"], "{name}");
        assert!(fs::read(folder.path().join("dump.tar.gz")).expect("a file") == whole, "{name}");
    }
}

#[test]
fn extract_keeps_existing_files_and_rejects_damage() {
    let folder = folder();
    fs::create_dir_all(folder.path().join("out/restore")).expect("a folder");
    fs::write(folder.path().join("out/restore/mine"), "mine").expect("a file");
    let ended = fetched(archive(gzip(&dump(&documents(1)))), folder.path(), "--extract=out");
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("out/restore already exists") && ended.stderr.contains("`--extract=FOLDER`"),
        "{}",
        ended.stderr
    );
    assert_eq!(
        (names(&folder.path().join("out")), names(&folder.path().join("out/restore"))),
        (vec!["restore".into()], vec!["mine".into()])
    );

    fs::remove_file(folder.path().join("dump.tar.gz")).expect("it was fetched");
    let mut damaged = gzip(&dump(&documents(100)));
    damaged.truncate(damaged.len() - 20);
    let ended = fetched(archive(damaged), folder.path(), "");
    assert!(ended.code != Some(0) && ended.stderr.contains("dump.tar.gz is damaged"), "{}", ended.stderr);
    assert_eq!(names(folder.path()), ["out"]);
}

#[test]
fn fetch_replaces_existing_file_only_with_force() {
    let (folder, whole) = (folder(), gzip(&dump(&documents(1))));
    let file = folder.path().join("dump.tar.gz");
    fs::write(&file, "mine").expect("a file");
    let refused = fetched(archive(whole.clone()), folder.path(), "");
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("dump.tar.gz exists and is not this archive")
            && refused.stderr.contains("; pass another path with `--to`"),
        "{}",
        refused.stderr
    );
    assert_eq!(
        (fs::read(&file).expect("a file"), names(folder.path())),
        (b"mine".to_vec(), vec!["dump.tar.gz".into()])
    );
    let forced = fetched(archive(whole.clone()), folder.path(), "--force");
    assert_eq!(forced.code, Some(0), "{}", forced.stderr);
    assert!(fs::read(&file).expect("a file") == whole);
}

/// Writes the partial file of an earlier attempt.
fn left_behind(folder: &Path, of: &str, bytes: &[u8], mark: &str, total: usize) {
    fs::write(folder.join("dump.tar.gz.part"), bytes).expect("a part");
    let note = json!({"of": format!("{of} 0"), "validator": mark, "total": total}).to_string();
    fs::write(folder.join("dump.tar.gz.part.json"), note).expect("a note");
}

#[test]
fn fetch_does_not_resume_part_of_other_archive() {
    let (folder, whole) = (folder(), gzip(&dump(&documents(500))));
    left_behind(folder.path(), SNAPSHOT, &[7; 1000], "\"another\"", whole.len());
    let ended = fetched(archive(whole.clone()), folder.path(), "-o json");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("\"resumedFrom\": 0"), "{}", ended.stdout);
    assert!(fs::read(folder.path().join("dump.tar.gz")).expect("a file") == whole);
}

#[test]
fn expired_download_keeps_part_and_names_next_command() {
    let base = std::sync::Arc::new(std::sync::OnceLock::<String>::new());
    let expired = std::sync::Arc::new(AtomicBool::new(false));
    let (known, gone) = (base.clone(), expired.clone());
    let stub = Stub::start(move |line| {
        if line.contains("/archive-0") {
            gone.store(true, Relaxed);
            return (403, "application/xml", "<Error><Code>AccessDenied</Code></Error>".to_owned());
        }
        let gone = gone.load(Relaxed);
        let urls = vec![format!("{}/archive-0.tar.gz?secret=hunter2", known.get().expect("known by now"))];
        let job = json!({"id": JOB, "snapshotId": SNAPSHOT, "deliveryType": "download", "expired": gone, "deliveryUrl": urls});
        (200, V2023_01_01, job.to_string())
    });
    base.set(stub.base_url.clone()).expect("set once");
    // A partial file of this snapshot, and one of another.
    for of in [SNAPSHOT, JOB] {
        expired.store(false, Relaxed);
        let folder = folder();
        left_behind(folder.path(), of, &gzip(b"the first half")[..10], "\"a\"", 5000);
        let fetch = format!("restores fetch Cluster0 {JOB} --to dump.tar.gz --no-auth");
        let ended = run(&fetch).at(&stub.base_url).directory(folder.path()).ends();
        assert_eq!(ended.code, Some(5), "{}", ended.stderr);
        let start = format!("restores start download Cluster0 --snapshot {SNAPSHOT}");
        let anew = format!("expired; `atlas-backup --no-auth {start}` prepares another download");
        assert!(ended.stderr.contains(&anew) && !ended.stderr.contains("hunter2"), "{}", ended.stderr);
        assert_eq!(names(folder.path()), ["dump.tar.gz.part", "dump.tar.gz.part.json"], "{of}");
        assert_eq!(fs::metadata(folder.path().join("dump.tar.gz.part")).map(|part| part.len()).ok(), Some(10));
    }
}

/// A file system of 1 MiB, if it can be mounted.
#[cfg(target_os = "linux")]
struct SmallDisk(tempfile::TempDir);

#[cfg(target_os = "linux")]
impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = folder();
        let mount = ["-t", "tmpfs", "-o", "size=1m", "tmpfs"];
        let mounted = std::process::Command::new("mount").args(mount).arg(folder.path()).output();
        match mounted {
            Ok(output) if output.status.success() => Some(SmallDisk(folder)),
            _ => {
                eprintln!("SKIPPED: no small disk can be mounted here");
                None
            }
        }
    }
}

#[cfg(target_os = "linux")]
impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _gone = std::process::Command::new("umount").arg(self.0.path()).output();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk_keeps_part_and_is_reported() {
    let Some(disk) = SmallDisk::mount() else { return };
    let disk = disk.0.path();
    // Incompressible data that exceeds the disk.
    let noise: Vec<u8> =
        (0_u64..300_000).flat_map(|n| n.wrapping_mul(n).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes()).collect();
    let large = gzip(&tar(&[("noise", &noise)]));
    assert!(large.len() > 1 << 20, "{}", large.len());
    let ended = fetched(archive(large), disk, "");
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let again = format!(
        "free disk space; `atlas-backup --no-auth restores fetch Cluster0 {JOB} --to dump.tar.gz` resumes the download"
    );
    assert!(ended.stderr.contains(&again), "{}", ended.stderr);
    let names = names(disk);
    assert!(names.contains(&"dump.tar.gz.part".to_owned()) && !names.contains(&"dump.tar.gz".to_owned()), "{names:?}");
    names.iter().for_each(|name| fs::remove_file(disk.join(name)).expect("a file"));

    // The archive fits, its contents do not.
    let zeros = gzip(&tar(&[("first", b"1"), ("zeros", &vec![0; 4 << 20])]));
    let ended = fetched(archive(zeros), disk, "--extract");
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let why = "dump.tar.gz is complete, but was not unpacked: zeros has 4194304 bytes, but only ";
    assert!(ended.stderr.contains(why) && ended.stderr.contains("; free disk space; "), "{}", ended.stderr);
    assert_eq!(self::names(disk), ["dump.tar.gz"]);
}

/// Waits until a path below `folder` ends with `name`.
#[cfg(unix)]
fn appears(folder: &Path, name: &str) {
    fn holds(folder: &Path, name: &str) -> bool {
        let entries = folder.read_dir().into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
        entries.into_iter().any(|path| path.ends_with(name) || holds(&path, name))
    }
    crate::support::until(name, || holds(folder, name));
}

#[cfg(unix)]
#[test]
fn interrupted_extract_leaves_no_files() {
    use crate::drill::interrupt;

    // A small archive that takes long to extract.
    let zeros = vec![0; 256 << 20];
    let large = gzip(&tar(&[("restore/first", b"1"), ("restore/zeros", &zeros)]));
    drop(zeros);
    let (stub, folder) = (service(archive(large)), folder());
    let fetch = format!("restores fetch Cluster0 {JOB} --to dump.tar.gz --extract=out --no-auth");
    let child = run(&fetch).at(&stub.base_url).directory(folder.path()).start();
    appears(folder.path(), "restore/zeros");
    interrupt(&child, "-INT");
    let ended = Ended::from(child.wait_with_output().expect("it ends"));
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    let again = format!("restores fetch Cluster0 {JOB} --to dump.tar.gz --extract=out` resumes the download");
    assert!(ended.stderr.contains(&again), "{}", ended.stderr);
    let left = ["dump.tar.gz.part", "dump.tar.gz.part.json", "out"];
    assert_eq!(names(folder.path()), left);
    assert_eq!(names(&folder.path().join("out")), [""; 0]);

    let drill = run("drill Cluster0 --download --evidence records --no-auth").at(&stub.base_url);
    let drill = drill.env("TMPDIR", &folder.path().display().to_string()).directory(folder.path()).start();
    appears(folder.path(), "restore/zeros");
    interrupt(&drill, "-TERM");
    let ended = Ended::from(drill.wait_with_output().expect("it ends"));
    assert_eq!(ended.code, Some(143), "{}", ended.stderr);
    let evidence = read(ended, &folder.path().join("records")).evidence;
    assert_eq!((&step(&evidence, "unpack")["outcome"], &evidence["left"]), (&json!("unfinished"), &json!([])));
    assert_eq!(names(folder.path()), [&left[..], &["records"]].concat());
}
