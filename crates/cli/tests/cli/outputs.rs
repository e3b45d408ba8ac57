//! Files that commands write: only a regular file is replaced. A FIFO, a device, a socket, a folder or a link is refused
//! before anything else is done, and nothing blocks on it.

use std::{
    fs,
    os::unix::{fs::symlink, net::UnixListener},
    path::Path,
};

use atlas_backup_emulator::Recorder;
use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::{demo::Demo, support::run};

/// Existing objects that are not regular files: name and kind.
const IN_THE_WAY: [(&str, &str); 6] = [
    ("fifo", "a FIFO"),
    ("socket", "a socket"),
    ("link", "a link"),
    ("dangling", "a link"),
    ("folder", "a folder"),
    ("/dev/null", "a device"),
];

fn prepare(folder: &Path) -> UnixListener {
    let at = |name: &str| folder.join(name);
    fs::write(at("real"), "mine").expect("a file");
    symlink(at("real"), at("link")).expect("a link");
    symlink(at("nowhere"), at("dangling")).expect("a link");
    fs::create_dir(at("folder")).expect("a folder");
    mknodat(CWD, at("fifo"), FileType::Fifo, Mode::from_raw_mode(0o600), 0).expect("a FIFO");
    UnixListener::bind(at("socket")).expect("a socket")
}

#[tokio::test(flavor = "multi_thread")]
async fn outputs_replace_regular_files_only() {
    let recorder = Recorder::default();
    let demo = Demo::start(&recorder).await;
    let folder = tempfile::tempdir().expect("a folder");
    let _socket = prepare(folder.path());
    let at = |name: &str| folder.path().join(name);
    for command in [
        "restores fetch Cluster0 665255e9257cc6a722feec8b --force --to",
        "snapshots download Cluster0 {snapshot} --force --to",
        "flex download Flex0 {flex} --force --out",
        "audit -o junit --out",
        "audit -o prometheus --out",
        "report --html",
    ] {
        for (name, what) in IN_THE_WAY {
            // An archive may go into a folder.
            if name == "folder" && !(command.starts_with("audit") || command.starts_with("report")) {
                continue;
            }
            drop(recorder.take());
            let path = at(name);
            let ended = demo.call(&format!("{command} {}", path.display()));
            assert_eq!(ended.code, Some(2), "{command} {name}: {}", ended.stderr);
            let why = format!("{}: it is {what}, not a regular file", path.display());
            assert!(ended.stderr.contains(&why), "{command} {name}: {}", ended.stderr);
            assert!(recorder.requests().is_empty(), "{command} {name}: nothing is sent");
            assert!(!path.symlink_metadata().expect("still there").is_file(), "{command} {name}");
        }
    }
    assert_eq!(fs::read(at("real")).expect("the file behind the link"), b"mine");
    assert!(!at("nowhere").exists(), "a dangling link is not followed");
}

#[test]
fn manual_page_is_not_written_through_a_link() {
    let folder = tempfile::tempdir().expect("a folder");
    let _socket = prepare(folder.path());
    symlink(folder.path().join("real"), folder.path().join("atlas-backup-audit.1")).expect("a link");
    let ended = run("man --directory .").directory(folder.path()).ends();
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("atlas-backup-audit.1: it is a link, not a regular file"), "{}", ended.stderr);
    assert_eq!(fs::read(folder.path().join("real")).expect("a file"), b"mine");
}

#[test]
fn record_of_drill_is_refused_in_place_of_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let _socket = prepare(folder.path());
    for name in ["fifo", "socket", "real", "dangling"] {
        let drill = run(&format!("--emulator drill Cluster0 --download --yes --evidence {name}"));
        let ended = drill.directory(folder.path()).ends();
        assert!(ended.code.is_some_and(|code| code != 0), "{name}");
        let why = format!("cannot write a record to {name}");
        assert!(ended.stderr.contains(&why), "{name}: {}", ended.stderr);
    }
    assert_eq!(fs::read(folder.path().join("real")).expect("a file"), b"mine");
}
