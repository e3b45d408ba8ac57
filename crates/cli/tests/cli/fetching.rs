//! `restores fetch`: its requests, the files it reads, and the archives it selects.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex, OnceLock},
};

use serde_json::{Value, json};

use crate::{
    damaged::{gzip, tar},
    stub::{Stub, V2023_01_01},
    support::{Ended, run},
};

const JOB: &str = "665255e9257cc6a722feec8b";

/// A service with one restore job, and the request lines it has seen.
struct Service {
    stub: Stub,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Service {
    /// Replaces `HOST` in the job with the address of this service. Serves the archive below `/archive/`, and rejects other
    /// paths like an expired link.
    fn start(job: Value, archive: Vec<u8>) -> Self {
        let (base, seen) = (Arc::new(OnceLock::<String>::new()), Arc::new(Mutex::new(Vec::new())));
        let (known, sink) = (base.clone(), seen.clone());
        let stub = Stub::start(move |line| {
            sink.lock().expect("not poisoned").push(line.to_owned());
            let path = line.split_whitespace().nth(1).expect("a path");
            if path.starts_with("/archive/") {
                return (200, "application/gzip", archive.clone());
            }
            if path.contains("/restoreJobs/") {
                let mut job = job.clone();
                for (field, value) in [("id", JOB), ("deliveryType", "download"), ("snapshotId", JOB)] {
                    job[field] = value.into();
                }
                let job = job.to_string().replace("HOST", known.get().expect("known by now"));
                return (200, V2023_01_01, job.into_bytes());
            }
            let xml = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
            (403, "application/xml", xml.as_bytes().to_vec())
        });
        base.set(stub.base_url.clone()).expect("set once");
        Service { stub, seen }
    }

    fn fetch(&self, folder: &Path, how: &str) -> Ended {
        let fetch = run(&format!("restores fetch Cluster0 {JOB} --no-auth {how}"));
        fetch.at(&self.stub.base_url).directory(folder).ends()
    }

    fn seen(&self, part: &str) -> usize {
        self.seen.lock().expect("not poisoned").iter().filter(|line| line.contains(part)).count()
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<_> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn backup() -> Vec<u8> {
    gzip(&tar(&[("restore/a", b"1"), ("restore/b", b"2")]))
}

#[test]
fn fetch_asks_for_ready_job_once() {
    let service = Service::start(json!({"deliveryUrl": ["HOST/archive/a.tar.gz"]}), backup());
    let folder = tempfile::tempdir().expect("a folder");
    let ended = service.fetch(folder.path(), "--to dump.tar.gz --extract=out");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let seen = service.seen.lock().expect("not poisoned").clone();
    assert_eq!(seen.len(), 2, "the job and the archive, each once: {seen:?}");
    assert_eq!(names(&folder.path().join("out/restore")), ["a", "b"]);
}

#[test]
fn fetch_names_archives_by_shard_and_skips_complete_ones() {
    let part = |shard: &str| json!({"replicaSetName": shard, "downloadUrl": format!("HOST/archive/{shard}/restore.tar.gz?s=1")});
    let job = json!({
        "deliveryUrl": ["HOST/archive/sh0/restore.tar.gz?s=2", "HOST/archive/sh1/restore.tar.gz?s=2"],
        "components": [part("sh0"), part("sh1")],
    });
    let service = Service::start(job, backup());
    let folder = tempfile::tempdir().expect("a folder");
    let both = ["sh0-restore.tar.gz", "sh1-restore.tar.gz"];
    let size = backup().len();
    for resumed in [0, size] {
        let ended = service.fetch(folder.path(), "--to dumps -o json");
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let fetched: Value = serde_json::from_str(&ended.stdout).expect("JSON");
        for (n, shard) in ["sh0", "sh1"].into_iter().enumerate() {
            assert_eq!((&fetched[n]["shard"], &fetched[n]["resumedFrom"]), (&json!(shard), &json!(resumed)));
        }
        assert_eq!(names(&folder.path().join("dumps")), both);
    }
    // A different file of that name is kept.
    fs::write(folder.path().join("dumps/sh1-restore.tar.gz"), "mine").expect("a file");
    let refused = service.fetch(folder.path(), "--to dumps");
    assert!(refused.code == Some(2) && refused.stderr.contains("or overwrite it with `--force`"), "{}", refused.stderr);
    assert_eq!(fs::read(folder.path().join("dumps/sh1-restore.tar.gz")).expect("a file"), b"mine");

    let one = service.fetch(folder.path(), "--to one.tar.gz --shard sh1");
    assert_eq!(one.code, Some(0), "{}", one.stderr);
    assert!(fs::read(folder.path().join("one.tar.gz")).expect("a file") == backup());
    let none = service.fetch(folder.path(), "--shard sh7");
    assert!(none.code == Some(2) && none.stderr.contains("it has 2, of sh0, sh1"), "{}", none.stderr);
}

#[test]
fn fetch_takes_urls_of_private_endpoint_when_it_is_named() {
    let job = json!({
        "deliveryUrl": ["HOST/public/a.tar.gz?signature=hunter2hunter2"],
        "privateDownloadDeliveryUrls":
            [{"endpointId": "vpce-0123456789abcdef0", "deliveryUrl": "HOST/archive/a.tar.gz?signature=hunter2hunter2"}],
    });
    let service = Service::start(job, backup());
    let folder = tempfile::tempdir().expect("a folder");
    let refused = service.fetch(folder.path(), "--to dump.tar.gz");
    assert!(refused.stderr.contains("403 Forbidden AccessDenied: Request has expired"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("hunter2"), "{}", refused.stderr);
    let fetched = service.fetch(folder.path(), "--to dump.tar.gz --private-endpoint vpce-0123456789abcdef0");
    assert_eq!((fetched.code, names(folder.path())), (Some(0), vec!["dump.tar.gz".to_owned()]), "{}", fetched.stderr);
    let none = service.fetch(folder.path(), "--to other --private-endpoint vpce-1");
    assert!(none.code == Some(2) && none.stderr.contains("it has them for vpce-0123456789abcdef0"), "{}", none.stderr);
    assert_eq!(service.seen("/archive/"), 1);
}

/// The names of files that are closed after reading while `during` runs.
#[cfg(target_os = "linux")]
fn closed_after_reading(folder: &Path, during: impl FnOnce()) -> Vec<String> {
    use rustix::fs::inotify;

    let watch = inotify::init(inotify::CreateFlags::NONBLOCK).expect("inotify");
    inotify::add_watch(&watch, folder, inotify::WatchFlags::CLOSE_NOWRITE).expect("a watch");
    during();
    let mut buffer = [std::mem::MaybeUninit::uninit(); 4096];
    let (mut reader, mut closed) = (inotify::Reader::new(&watch, &mut buffer), Vec::new());
    while let Ok(event) = reader.next() {
        closed.extend(event.file_name().map(|name| name.to_string_lossy().into_owned()));
    }
    closed
}

#[cfg(target_os = "linux")]
#[test]
fn fetch_reads_archive_once_to_check_and_unpack_it() {
    let service = Service::start(json!({"deliveryUrl": ["HOST/archive/a.tar.gz"]}), backup());
    let folder = tempfile::tempdir().expect("a folder");
    let read = closed_after_reading(folder.path(), || {
        let ended = service.fetch(folder.path(), "--to dump.tar.gz --extract=out");
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    });
    let archives: Vec<_> = read.iter().filter(|name| name.starts_with("dump")).collect();
    assert_eq!(archives, ["dump.tar.gz.part"], "opened for reading once");
    assert_eq!(names(folder.path()), ["dump.tar.gz", "out"]);
}
