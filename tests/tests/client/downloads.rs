//! Downloads over a network that breaks: what is on the disk in the end, and what is asked for on the way.

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use atlas_backup::{ErrorKind, RetryPolicy, Saved};
use futures_util::TryStreamExt as _;
use tempfile::TempDir;

use super::{DEMO_PROJECT, archives::*, server::*};

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    names.sort();
    names
}

/// The one archive of this server.
fn one(service: &Server) -> Vec<Vec<String>> {
    vec![vec![format!("http://{}/restore-1.tar.gz?signature=s", service.address)]]
}

/// Saves the one archive of this server as `dump`.
async fn save(service: &Server, folder: &TempDir) -> atlas_backup::Result<Saved> {
    download(one(service)).await.save_to(folder.path().join("dump")).await
}

#[tokio::test]
async fn download_is_saved_and_host_sees_no_credentials() {
    let body = archive(100_000, 1);
    let service = Server::start(move |_, head| serve(head, "a", body)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = seen.clone();
    let download = download(one(&service)).await.on_progress(move |p| sink.lock().expect("not poisoned").push(*p));
    let saved = download.save_to(folder.path().join("dump.tar.gz")).await.expect("saved");
    assert_eq!((saved.bytes, saved.resumed_from), (100_000, 0));
    assert_eq!(std::fs::read(&saved.path).expect("the file"), body);
    assert_eq!(files(folder.path()), ["dump.tar.gz"]);

    let seen = seen.lock().expect("not poisoned");
    assert!(seen.is_sorted_by_key(|progress| progress.received) && seen.iter().all(|p| p.total == Some(100_000)));
    assert_eq!(seen.last().map(|progress| progress.received), Some(100_000));
    let heads = service.requests();
    assert_eq!(heads.len(), 1);
    for secret in ["authorization", "hunter2", "x-mine"] {
        assert!(!heads[0].contains(secret), "{}", heads[0]);
    }
    assert_eq!(header(&heads[0], "accept-encoding"), Some("identity"));
}

#[tokio::test]
async fn interrupted_transfer_resumes() {
    let body = archive(300_000, 1);
    let service = Server::start(move |n, head| match n {
        0 => cut("200 OK", &marked("a"), body, 120_000),
        1 => http("503 Service Unavailable", "", b"<Error/>"),
        _ => serve(head, "a", body),
    })
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    let saved = save(&service, &folder).await.expect("saved");
    assert_eq!(std::fs::read(&saved.path).expect("the file"), body);
    let heads = service.requests();
    assert_eq!((heads.len(), range(&heads[0])), (3, None));
    for again in &heads[1..] {
        assert_eq!((range(again), header(again, "if-range")), (Some(120_000), Some("\"a\"")));
    }
}

#[tokio::test]
async fn changed_archive_is_fetched_again_from_start() {
    let (old, new) = (archive(300_000, 1), archive(300_000, 2));
    let resumed = |head: &str, tag: &str, total: &str, first: usize, body: &[u8]| {
        assert!(range(head).is_some());
        let range = format!("content-range: bytes {first}-299999/{total}\r\n");
        http("206 Partial Content", &(marked(tag) + &range), &body[first..])
    };
    type Second = Box<dyn Fn(&str, &[u8]) -> Vec<u8> + Send + Sync>;
    let seconds: [(&str, Second); 5] = [
        ("honours If-Range", Box::new(|head, new| serve(head, "b", new))),
        ("ignores If-Range", Box::new(move |head, new| resumed(head, "b", "300000", 120_000, new))),
        ("sends from elsewhere", Box::new(move |head, new| resumed(head, "a", "300000", 100_000, new))),
        ("has another length", Box::new(move |head, new| resumed(head, "a", "400000", 120_000, new))),
        ("has less", Box::new(|_, _| http("416 Range Not Satisfiable", "content-range: bytes */7\r\n", b""))),
    ];
    for (what, second) in seconds {
        let service = Server::start(move |n, head| match n {
            0 => cut("200 OK", &marked("a"), old, 120_000),
            1 => second(head, new),
            _ => {
                assert_eq!(range(head), None, "nothing is kept of the old one");
                serve(head, "b", new)
            }
        })
        .await;
        let folder = tempfile::tempdir().expect("a folder");
        let saved = save(&service, &folder).await.expect("saved");
        assert!(std::fs::read(&saved.path).expect("the file") == new, "a service that {what}");
        assert_eq!(saved.resumed_from, 0);
    }
}

#[tokio::test]
async fn archive_without_validator_is_fetched_again_from_start() {
    let body = archive(300_000, 1);
    let service = Server::start(move |n, _| match n {
        0 => cut("200 OK", "etag: W/\"weak\"\r\n", body, 120_000),
        _ => http("200 OK", "", body),
    })
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    let saved = save(&service, &folder).await.expect("saved");
    assert!(std::fs::read(&saved.path).expect("the file") == body);
    assert_eq!(range(&service.requests()[1]), None);
}

#[tokio::test]
async fn download_resumes_part_of_earlier_process() {
    let body = archive(300_000, 1);
    let service = Server::start(move |n, head| match n {
        0 => cut("200 OK", &marked("a"), body, 120_000),
        _ => serve(head, "a", body),
    })
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("dump.tar.gz");
    let broken = download_with(one(&service), RetryPolicy::none()).await.save_to(&path).await.expect_err("it breaks");
    assert_eq!(broken.kind(), ErrorKind::Connection);
    assert_eq!(files(folder.path()), ["dump.tar.gz.part", "dump.tar.gz.part.json"]);
    let note = std::fs::read_to_string(folder.path().join("dump.tar.gz.part.json")).expect("a note");
    assert!(!note.contains("signature") && !note.contains("http"), "{note}");

    let saved = download(one(&service)).await.save_to(&path).await.expect("saved");
    assert_eq!((saved.resumed_from, saved.bytes), (120_000, 300_000));
    assert!(std::fs::read(&path).expect("the file") == body);
    assert_eq!(files(folder.path()), ["dump.tar.gz"]);
    assert_eq!(range(&service.requests()[1]), Some(120_000));
}

#[tokio::test]
async fn complete_part_is_renamed_without_fetching() {
    let body = archive(50_000, 1);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("dump");
    std::fs::write(folder.path().join("dump.part"), body).expect("a part");
    let note = serde_json::json!({ "of": format!("{JOB} 0"), "validator": "\"a\"", "total": 50_000 }).to_string();
    std::fs::write(folder.path().join("dump.part.json"), note).expect("a note");
    let service = Server::start(move |_, head| serve(head, "a", body)).await;
    let saved = download(one(&service)).await.save_to(&path).await.expect("saved");
    assert_eq!((saved.resumed_from, service.count()), (50_000, 1));
    assert!(std::fs::read(&path).expect("the file") == body);
}

#[tokio::test]
async fn part_of_another_snapshot_is_not_resumed() {
    let body = archive(50_000, 1);
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("dump.part"), archive(20_000, 2)).expect("a part");
    let note = serde_json::json!({ "of": "another 0", "validator": "\"a\"", "total": 50_000 }).to_string();
    std::fs::write(folder.path().join("dump.part.json"), note).expect("a note");
    let service = Server::start(move |_, head| serve(head, "a", body)).await;
    let saved = save(&service, &folder).await.expect("saved");
    assert!(std::fs::read(&saved.path).expect("the file") == body);
    assert_eq!(range(&service.requests()[0]), None);
}

#[tokio::test]
async fn expired_url_is_replaced_by_new_one_of_same_job() {
    let body = archive(300_000, 1);
    let service = Server::start(move |n, head| match (n, head.contains("signature=old")) {
        (0, true) => cut("200 OK", &marked("a"), body, 120_000),
        (_, true) => http("403 Forbidden", "", b"<Error><Message>Request has expired</Message></Error>"),
        (_, false) => serve(head, "a", body),
    })
    .await;
    let urls = ["old", "new"].map(|s| vec![format!("http://{}/a.tar.gz?signature={s}", service.address)]);
    let folder = tempfile::tempdir().expect("a folder");
    // The job is read for the handle, and when the URL has expired.
    let saved = download(urls.to_vec()).await.save_to(folder.path().join("dump")).await.expect("saved");
    assert!(std::fs::read(&saved.path).expect("the file") == body);
    let heads = service.requests();
    assert_eq!((heads.len(), range(&heads[2]), heads[2].contains("signature=new")), (3, Some(120_000), true));
}

#[tokio::test]
async fn error_page_is_never_saved() {
    let page = b"<html>Sign in to the network</html>";
    for (what, response, kind) in [
        ("a page with a good status", http("200 OK", "content-type: text/html\r\n", page), ErrorKind::Decode),
        (
            "a page that calls itself data",
            http("200 OK", "content-type: application/gzip\r\n", page),
            ErrorKind::Decode,
        ),
        ("JSON", http("200 OK", "content-type: application/json\r\n", b"{}"), ErrorKind::Decode),
        ("a refusal", http("403 Forbidden", "content-type: application/xml\r\n", b"<Error/>"), ErrorKind::Forbidden),
        ("a failure", http("500 Internal Server Error", "", page), ErrorKind::Server),
        (
            "part of nothing",
            http("206 Partial Content", "content-range: bytes 5-9/10\r\n", b"12345"),
            ErrorKind::Connection,
        ),
        ("a way elsewhere", http("302 Found", "location: http://example.com/a\r\n", b""), ErrorKind::Decode),
    ] {
        let service = Server::start(move |_, _| response.clone()).await;
        let folder = tempfile::tempdir().expect("a folder");
        let error = save(&service, &folder).await.expect_err(what);
        assert_eq!(error.kind(), kind, "{what}: {error}");
        assert!(!error.to_string().contains("signature"), "{error}");
        assert_eq!(files(folder.path()), [""; 0], "{what}");
    }
}

#[tokio::test]
async fn redirect_to_trusted_host_is_followed() {
    let body = archive(5000, 1);
    let there = Server::start(move |_, head| serve(head, "a", body)).await;
    let location = format!("location: http://{}/b.tar.gz\r\n", there.address);
    let service = Server::start(move |_, _| http("307 Temporary Redirect", &location, b"")).await;
    let folder = tempfile::tempdir().expect("a folder");
    let saved = save(&service, &folder).await.expect("saved");
    assert!(std::fs::read(&saved.path).expect("the file") == body);
    assert!(!there.requests()[0].contains("authorization"));
}

#[tokio::test]
async fn dropped_download_resumes() {
    let body = archive(3_000_000, 1);
    let service = Server::start(move |n, head| match n {
        0 => CannedResponse::Hang(cut("200 OK", &marked("a"), body, 2_000_000)),
        _ => CannedResponse::Send(serve(head, "a", body)),
    })
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("dump");
    let (arrived, wait) = tokio::sync::oneshot::channel();
    let mut arrived = Some(arrived);
    let first = download(one(&service)).await.on_progress(move |progress| {
        if progress.received == 2_000_000 {
            arrived.take().map(|arrived| arrived.send(()));
        }
    });
    tokio::select! {
        _ = first.save_to(&path) => panic!("it hangs"),
        _ = wait => {}
    }
    assert!(!path.exists());
    let saved = download(one(&service)).await.save_to(&path).await.expect("saved");
    assert!(std::fs::read(&path).expect("the file") == body);
    assert_eq!(saved.resumed_from, 2_000_000, "bytes at rest are written");
    assert_eq!(range(&service.requests()[1]).map(|at| at as u64), Some(saved.resumed_from));
}

#[tokio::test]
async fn concurrent_downloads_never_share_a_file() {
    let body = archive(50_000, 1);
    let service = Server::start(move |_, _| CannedResponse::Hang(cut("200 OK", &marked("a"), body, 100))).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("dump");
    let (begun, wait) = tokio::sync::oneshot::channel();
    let mut begun = Some(begun);
    let first = download(one(&service)).await.on_progress(move |_| {
        begun.take().map(|begun| begun.send(()));
    });
    let second = async {
        wait.await.expect("the first has begun");
        download(one(&service)).await.save_to(&path).await
    };
    tokio::select! {
        _ = first.save_to(&path) => panic!("it hangs"),
        refused = second => assert_eq!(refused.expect_err("it is taken").kind(), ErrorKind::InvalidInput),
    }
}

#[tokio::test]
async fn sharded_cluster_has_an_archive_for_each_shard() {
    let bodies = [archive(50_000, 1), archive(60_000, 2)];
    let service = Server::start(move |_, head| serve(head, "a", bodies[usize::from(head.contains("/shard-1/"))])).await;
    let urls =
        || vec![(0..2).map(|n| format!("http://{}/shard-{n}/data.tar.gz?s=s", service.address)).collect::<Vec<_>>()];
    let folder = tempfile::tempdir().expect("a folder");
    let refused = download(urls()).await.save_to(folder.path().join("dump")).await.expect_err("two archives");
    assert_eq!((refused.kind(), files(folder.path()).len()), (ErrorKind::InvalidInput, 0));

    let saved = download(urls()).await.save_into(folder.path()).await.expect("both");
    assert_eq!(files(folder.path()), ["1-data.tar.gz", "data.tar.gz"]);
    for (saved, body) in saved.iter().zip(bodies) {
        assert!(std::fs::read(&saved.path).expect("the file") == body);
    }
    let second: Vec<_> =
        download(urls()).await.archive(1).open().await.expect("it begins").try_collect().await.expect("bytes");
    assert!(second.concat() == bodies[1]);
    let none = download(urls()).await.archive(2).open().await.expect_err("a third does not exist");
    assert_eq!(none.kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn byte_stream_resumes_and_fails_when_archive_changed() {
    let (old, new) = (archive(300_000, 1), archive(300_000, 2));
    for changed in [false, true] {
        let service = Server::start(move |n, head| match (n, changed) {
            (0, _) => cut("200 OK", &marked("a"), old, 120_000),
            (_, false) => serve(head, "a", old),
            (_, true) => serve(head, "b", new),
        })
        .await;
        let stream = download(one(&service)).await.open().await.expect("it begins");
        assert_eq!(stream.total(), Some(300_000));
        let mut read = Vec::new();
        let ended = stream
            .try_for_each(|bytes| {
                read.extend_from_slice(&bytes);
                std::future::ready(Ok(()))
            })
            .await;
        match changed {
            false => assert!(ended.is_ok() && read == old),
            true => {
                assert_eq!(ended.expect_err("it changed").kind(), ErrorKind::Connection);
                assert!(read == old[..120_000]);
            }
        }
    }
}

/// The archive with a change to the tar file in it.
fn gzip_of(change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    use std::io::{Read as _, Write as _};

    let (mut tar, whole) = (Vec::new(), tar_gz(|_| ()));
    flate2::read::GzDecoder::new(&whole[..]).read_to_end(&mut tar).expect("a gzip file");
    change(&mut tar);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&tar).and_then(|()| gzip.finish()).expect("a gzip file")
}

fn tar_gz(damage: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    for (name, content) in [("a.wt", archive(70_000, 1)), ("b.wt", archive(90_000, 2))] {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        tar.append_data(&mut header, name, content).expect("an entry");
    }
    let mut bytes = tar.into_inner().and_then(|gzip| gzip.finish()).expect("an archive");
    damage(&mut bytes);
    bytes
}

#[tokio::test]
async fn verify_checks_every_checksum_and_entry() {
    type Damage = fn(&mut Vec<u8>);
    let damages: [(&str, Damage, bool); 9] = [
        ("whole", |_| (), true),
        (
            "a byte turned",
            |bytes| {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 0x10
            },
            false,
        ),
        (
            "the checksum wrong",
            |bytes| {
                let at = bytes.len() - 6;
                bytes[at] ^= 1
            },
            false,
        ),
        ("cut", |bytes| bytes.truncate(bytes.len() - 20), false),
        (
            "a name of many MiB, which would be read into memory",
            |bytes| {
                let mut header = tar::Header::new_gnu();
                header.set_path("././@LongLink").expect("a name");
                header.set_entry_type(tar::EntryType::GNULongName);
                header.set_size(64 << 20);
                header.set_cksum();
                let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
                tar.append(&header, &vec![b'n'; 64 << 20][..]).expect("an entry");
                let mut file = tar::Header::new_gnu();
                file.set_size(0);
                tar.append_data(&mut file, "file", &b""[..]).expect("an entry");
                *bytes = tar.into_inner().and_then(|gzip| gzip.finish()).expect("an archive");
            },
            false,
        ),
        ("the end marker cut off", |bytes| *bytes = gzip_of(|tar| tar.truncate(tar.len() - 1024)), false),
        ("cut between two entries", |bytes| *bytes = gzip_of(|tar| tar.truncate(512 + 70_144)), false),
        ("a gzip file of nothing", |bytes| *bytes = gzip_of(Vec::clear), false),
        (
            "no tar file inside",
            |bytes| {
                *bytes = {
                    use std::io::Write as _;
                    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                    gzip.write_all(&[7; 3000]).expect("written");
                    gzip.finish().expect("a gzip file")
                }
            },
            false,
        ),
    ];
    for (what, damage, is_whole) in damages {
        let body = tar_gz(damage);
        let service = Server::start(move |_, head| serve(head, "a", &body)).await;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("dump.tar.gz");
        let saved = download(one(&service)).await.timeout(Duration::from_secs(60)).verify().save_to(&path).await;
        match saved {
            Ok(_) => assert!(is_whole, "{what}"),
            Err(error) => {
                assert!(!is_whole && error.kind() == ErrorKind::Decode, "{what}: {error}");
                assert_eq!(files(folder.path()), [""; 0], "nothing is kept of what is damaged");
            }
        }
    }
}

#[tokio::test]
async fn response_without_archive_is_an_error() {
    for (body, length) in [(&b""[..], true), (b"\x1f", true), (b"", false), (b"\x1f", false)] {
        let service = Server::start(move |_, _| match length {
            true => http("200 OK", &marked("a"), body),
            false => [b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", body].concat(),
        })
        .await;
        let folder = tempfile::tempdir().expect("a folder");
        let refused = save(&service, &folder).await.expect_err("nothing");
        assert_eq!(refused.kind(), ErrorKind::Decode, "{body:?}");
        assert_eq!(files(folder.path()), [""; 0], "{body:?}");
        let any = download(one(&service)).await.any_content().save_to(folder.path().join("dump")).await;
        assert_eq!(any.expect("whatever comes").bytes, body.len() as u64);
    }
}

#[tokio::test]
async fn repeated_bytes_do_not_count_as_progress() {
    let body = archive(300_000, 1);
    let service = Server::start(move |_, _| cut("200 OK", "", body, 120_000)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let broken = save(&service, &folder).await.expect_err("it always breaks");
    assert_eq!((broken.kind(), broken.attempts()), (ErrorKind::Connection, 4));
    assert_eq!(service.count(), 4);
}

#[tokio::test]
async fn folder_as_target_file_is_refused_before_fetching() {
    let body = archive(1000, 1);
    let service = Server::start(move |_, head| serve(head, "a", body)).await;
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("there")).expect("a folder");
    for path in [folder.path().join("there"), folder.path().join("there/"), folder.path().join("there/.."), "".into()] {
        let refused = download(one(&service)).await.save_to(&path).await.expect_err("a folder");
        assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{path:?} {refused}");
    }
    assert!(service.count() == 0);
    assert_eq!(files(folder.path()), ["there"]);
}

#[cfg(unix)]
#[tokio::test]
async fn download_never_writes_through_a_link() {
    let body = archive(1000, 1);
    let service = Server::start(move |_, head| serve(head, "a", body)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let (precious, dump) = (folder.path().join("precious"), folder.path().join("dump"));
    std::fs::write(&precious, "precious").expect("a file");
    std::os::unix::fs::symlink(&precious, folder.path().join("dump.part")).expect("a link");
    let refused = download(one(&service)).await.save_to(&dump).await.expect_err("a link");
    let why = "dump.part is a link, not a regular file";
    assert!(refused.kind() == ErrorKind::File && refused.to_string().contains(why), "{refused}");
    std::fs::remove_file(folder.path().join("dump.part")).expect("it is there still");
    for name in ["dump.part.json", "dump"] {
        std::os::unix::fs::symlink(&precious, folder.path().join(name)).expect("a link");
        let refused = download(one(&service)).await.save_to(&dump).await.expect_err("a link");
        assert!(refused.to_string().contains(&format!("{name} is a link, not a regular file")), "{refused}");
        std::fs::remove_file(folder.path().join(name)).expect("it is there still");
    }
    assert_eq!(std::fs::read(&precious).expect("the other"), b"precious");
    assert_eq!(service.count(), 0, "nothing is requested before");
}

#[cfg(unix)]
#[tokio::test]
async fn save_refuses_what_is_not_a_regular_file_and_does_not_block() {
    let body = archive(1000, 1);
    let service = Server::start(move |_, head| serve(head, "a", body)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let dump = folder.path().join("dump");
    for name in ["dump", "dump.part", "dump.part.json"] {
        let path = folder.path().join(name);
        for what in ["a FIFO", "a socket"] {
            let socket = match what {
                "a socket" => Some(std::os::unix::net::UnixListener::bind(&path).expect("a socket")),
                _ => {
                    let created = std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo");
                    assert!(created.success());
                    None
                }
            };
            let refused = download(one(&service)).await.save_to(&dump).await.expect_err(what);
            assert!(refused.to_string().contains(&format!("{name} is {what}, not a regular file")), "{refused}");
            assert!(!path.symlink_metadata().expect("still there").is_file());
            drop(socket);
            std::fs::remove_file(&path).expect("still there");
        }
    }
    let device = download(one(&service)).await.save_to("/dev/null").await.expect_err("a device");
    assert_eq!(device.kind(), ErrorKind::InvalidInput, "{device}");
    assert_eq!(service.count(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn archives_and_partial_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;

    let body = archive(300_000, 1);
    let service = Server::start(move |n, head| match n {
        0 => cut("200 OK", &marked("a"), body, 120_000),
        _ => serve(head, "a", body),
    })
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    let mode = |name: &str| std::fs::metadata(folder.path().join(name)).expect("a file").permissions().mode() & 0o777;
    let path = folder.path().join("dump");
    download_with(one(&service), RetryPolicy::none()).await.save_to(&path).await.expect_err("it breaks");
    assert_eq!((mode("dump.part"), mode("dump.part.json")), (0o600, 0o600));
    // As an earlier version has left it.
    std::fs::set_permissions(folder.path().join("dump.part"), std::fs::Permissions::from_mode(0o644)).expect("set");
    download(one(&service)).await.save_to(&path).await.expect("saved");
    assert_eq!(mode("dump"), 0o600);
}

#[tokio::test]
async fn progress_never_runs_ahead_of_the_file() {
    let body = archive(3_000_000, 1);
    let service = Server::start(move |n, head| match n {
        0 => cut("200 OK", &marked("a"), body, 1_200_000),
        _ => serve(head, "a", body),
    })
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    let (path, part) = (folder.path().join("dump"), folder.path().join("dump.part"));
    let reported = Arc::new(Mutex::new(Vec::new()));
    let sink = reported.clone();
    let download = download(one(&service)).await.on_progress(move |progress| {
        let there = std::fs::metadata(&part).expect("the part").len();
        sink.lock().expect("not poisoned").push((progress.received, there));
    });
    download.save_to(&path).await.expect("saved");
    let reported = reported.lock().expect("not poisoned");
    assert!(reported.len() > 3 && reported.iter().all(|(received, there)| received <= there), "{reported:?}");
    assert_eq!(reported.last().map(|(received, _)| *received), Some(3_000_000));
}

/// Two archives of a sharded cluster and their job.
fn sharded(service: &Server) -> Vec<serde_json::Value> {
    let url = |n| format!("http://{}/shard-{n}/data.tar.gz?s=s", service.address);
    let part = |n| serde_json::json!({ "downloadUrl": url(n), "replicaSetName": format!("sh{n}") });
    vec![serde_json::json!({ "deliveryUrl": [url(0), url(1)], "components": [part(0), part(1)] })]
}

#[tokio::test]
async fn save_into_skips_complete_archives_and_resumes_partial_ones() {
    let bodies = [archive(50_000, 1), archive(60_000, 2)];
    let service = Server::start(move |n, head| match n {
        // The second archive breaks on the first try.
        1 => cut("200 OK", &marked("a"), bodies[1], 20_000),
        _ => serve(head, "a", bodies[usize::from(head.contains("/shard-1/"))]),
    })
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    let again = || RetryPolicy::none();
    download_of(sharded(&service), again()).await.save_into(folder.path()).await.expect_err("it breaks");
    assert_eq!(files(folder.path()), ["sh0-data.tar.gz", "sh1-data.tar.gz.part", "sh1-data.tar.gz.part.json"]);

    let reported = Arc::new(Mutex::new(Vec::new()));
    let sink = reported.clone();
    let second = download_of(sharded(&service), again()).await.on_progress(move |progress| {
        sink.lock().expect("not poisoned").push(progress.archive);
    });
    let saved = second.save_into(folder.path()).await.expect("both");
    let resumed: Vec<_> = saved.iter().map(|saved| (saved.shard.as_deref(), saved.resumed_from)).collect();
    assert_eq!(resumed, [(Some("sh0"), 50_000), (Some("sh1"), 20_000)]);
    assert!(
        reported.lock().expect("not poisoned").iter().all(|archive| *archive == 1),
        "nothing of the first came again"
    );
    assert_eq!(files(folder.path()), ["sh0-data.tar.gz", "sh1-data.tar.gz"]);
    for (saved, body) in saved.iter().zip(bodies) {
        assert!(std::fs::read(&saved.path).expect("the file") == body);
    }

    // What has another length, or is older than the archive, is another archive.
    std::fs::write(folder.path().join("sh0-data.tar.gz"), "short").expect("a file");
    let kept = download_of(sharded(&service), again()).await.keep_existing().save_into(folder.path()).await;
    let kept = kept.expect_err("it is another");
    assert!(kept.to_string().contains("sh0-data.tar.gz exists and is not this archive"), "{kept}");
    let saved = download_of(sharded(&service), again()).await.save_into(folder.path()).await.expect("both");
    assert_eq!(saved.iter().map(|saved| saved.resumed_from).collect::<Vec<_>>(), [0, 60_000]);
}

#[tokio::test]
async fn complete_archive_is_recognised_by_length_checksum_and_age() {
    /// Of the archive below, computed elsewhere.
    const SHA256: &str = "qDaVje2x2s+cPA1bGLw7roAjvOw3Asg0SkV0vyJ1hBA=";
    let (body, other) = (archive(5000, 1), archive(5000, 2));
    let date = "last-modified: Tue, 01 Sep 2026 12:00:00 GMT\r\n".to_owned();
    let sum = format!("x-amz-checksum-sha256: {SHA256}\r\n");
    let created = std::time::UNIX_EPOCH + Duration::from_secs(1_788_264_000);
    let minute = Duration::from_secs(60);
    for (what, headers, content, modified, is_complete) in [
        ("the checksum", &sum, body, created - minute, true),
        ("another checksum", &sum, other, created + minute, false),
        ("a newer file", &date, body, created + minute, true),
        ("an older file", &date, body, created - minute, false),
        ("another length", &date, &body[..4999], created + minute, false),
    ] {
        let headers = headers.clone();
        let service = Server::start(move |_, _| http("200 OK", &headers, body)).await;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("restore-1.tar.gz");
        std::fs::write(&path, content).expect("a file");
        std::fs::File::options().write(true).open(&path).and_then(|file| file.set_modified(modified)).expect("set");
        let saved = download(one(&service)).await.save_into(folder.path()).await.expect("saved");
        assert_eq!(saved[0].resumed_from, if is_complete { 5000 } else { 0 }, "{what}");
        assert!(std::fs::read(&path).expect("the file") == body, "{what}");
        assert_eq!((files(folder.path()), service.count()), (vec!["restore-1.tar.gz".to_owned()], 1), "{what}");
    }
    // What arrives with another checksum than stated is not kept.
    let service = Server::start(move |_, _| http("200 OK", &sum, other)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let damaged = save(&service, &folder).await.expect_err("another archive");
    assert_eq!((damaged.kind(), files(folder.path()).len()), (ErrorKind::Decode, 0), "{damaged}");
}

#[tokio::test]
async fn one_archive_of_several_is_saved_by_shard_or_number() {
    let bodies = [archive(50_000, 1), archive(60_000, 2)];
    let service = Server::start(move |_, head| serve(head, "a", bodies[usize::from(head.contains("/shard-1/"))])).await;
    let folder = tempfile::tempdir().expect("a folder");
    let download = || download_of(sharded(&service), RetryPolicy::none());
    let saved = download().await.shard("sh1").save_to(folder.path().join("dump")).await.expect("saved");
    assert_eq!((saved.bytes, saved.shard.as_deref()), (60_000, Some("sh1")));
    let saved = download().await.archive(0).save_into(folder.path()).await.expect("saved");
    assert_eq!((saved.len(), saved[0].shard.as_deref()), (1, Some("sh0")));
    assert_eq!(files(folder.path()), ["dump", "sh0-data.tar.gz"]);
    let none = download().await.shard("sh7").open().await.expect_err("there is none");
    assert!(none.to_string().contains("has no archive of shard sh7: it has 2, of sh0, sh1"), "{none}");
}

#[tokio::test]
async fn private_endpoint_is_used_when_the_caller_chooses_it() {
    let body = archive(5000, 1);
    let service = Server::start(move |_, head| match head.contains("/private/") {
        true => serve(head, "a", body),
        false => http("403 Forbidden", "", b"<Error><Code>AccessDenied</Code></Error>"),
    })
    .await;
    let url = |path: &str| format!("http://{}/{path}/a.tar.gz?s=s", service.address);
    let job = serde_json::json!({
        "deliveryUrl": [url("public")],
        "privateDownloadDeliveryUrls": [{ "endpointId": "vpce-0123456789abcdef0", "deliveryUrl": url("private") }],
    });
    let folder = tempfile::tempdir().expect("a folder");
    let public = download_of(vec![job.clone()], RetryPolicy::none()).await.open().await.expect_err("refused");
    let printed = format!(
        "the host of a.tar.gz answered 403 Forbidden AccessDenied (project {DEMO_PROJECT}, cluster Cluster0, restore job {JOB})"
    );
    assert_eq!(public.to_string(), printed);
    let download = download_of(vec![job], RetryPolicy::none()).await.private_endpoint("vpce-0123456789abcdef0");
    let saved = download.save_into(folder.path()).await.expect("saved");
    assert!(std::fs::read(&saved[0].path).expect("the file") == body);
}

#[tokio::test]
async fn refusal_of_the_store_is_reported_in_its_own_words() {
    let xml = "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message>\
               <Expires>2026-09-01T12:00:00Z</Expires><HostId>s</HostId></Error>";
    let service = Server::start(move |_, _| http("403 Forbidden", "content-type: application/xml\r\n", xml)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let refused = save(&service, &folder).await.expect_err("expired");
    let printed = "the host of restore-1.tar.gz answered 403 Forbidden AccessDenied: Request has expired (project ";
    assert!(refused.to_string().starts_with(printed), "{refused}");
    // The error names the job and the file.
    assert_eq!(
        (refused.project(), refused.cluster(), refused.object()),
        (Some(DEMO_PROJECT), Some("Cluster0"), Some(JOB))
    );
    assert_eq!(refused.path(), Some(&*folder.path().join("dump")));
    assert_eq!(refused.api_error().and_then(|printed| printed.detail.as_deref()), Some("Request has expired"));
}

#[tokio::test]
async fn archives_with_equal_names_never_overwrite_each_other() {
    let service = Server::start(|_, head| {
        let seed = if head.contains("/2-a") { 0 } else { 1 + u8::from(head.contains("second")) };
        serve(head, "a", archive(1000, seed))
    })
    .await;
    // Some file systems know no difference between `a` and `A`.
    let urls = ["2-a", "a", "A?second"].map(|name| format!("http://{}/{name}", service.address)).to_vec();
    let folder = tempfile::tempdir().expect("a folder");
    let saved = download(vec![urls]).await.save_into(folder.path()).await.expect("saved");
    let bytes: Vec<_> = saved.iter().map(|saved| std::fs::read(&saved.path).expect("a file")).collect();
    assert!(bytes == [archive(1000, 0), archive(1000, 1), archive(1000, 2)]);
    assert_eq!(files(folder.path()), ["2-2-A", "2-a", "a"]);
}

#[tokio::test]
async fn archive_is_unpacked_in_the_pass_that_checks_it() {
    let body = tar_gz(|_| ());
    let service = Server::start(move |_, head| serve(head, "a", &body)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let (path, into) = (folder.path().join("dump.tar.gz"), folder.path().join("out"));
    let saved = download(one(&service)).await.unpack_into(&into).save_to(&path).await.expect("saved");
    assert_eq!(saved.unpacked_into.as_ref(), Some(&into));
    assert_eq!(
        (files(folder.path()), files(&into)),
        (vec!["dump.tar.gz".into(), "out".into()], vec!["a.wt".into(), "b.wt".into()])
    );

    // The archive is complete, so it has its name, though something is in the way of its content.
    std::fs::remove_file(&path).expect("a file");
    let refused = download(one(&service)).await.unpack_into(&into).save_to(&path).await.expect_err("in the way");
    assert_eq!(refused.kind(), ErrorKind::File, "{refused}");
    let source = std::error::Error::source(&refused).and_then(|source| source.downcast_ref::<std::io::Error>());
    assert_eq!(source.map(std::io::Error::kind), Some(std::io::ErrorKind::AlreadyExists));
    assert_eq!(files(folder.path()), ["dump.tar.gz", "out"]);
    assert_eq!(files(&into), ["a.wt", "b.wt"]);
    let missing = refused.to_string();
    assert!(
        missing.contains("dump.tar.gz is complete, but was not unpacked") && missing.contains("a.wt already exists"),
        "{missing}"
    );
}

#[tokio::test]
async fn archives_of_shards_are_unpacked_into_folders_of_their_own() {
    let body = tar_gz(|_| ());
    let service = Server::start(move |_, head| serve(head, "a", &body)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let into = folder.path().join("out");
    // An archive that is complete already is unpacked as well.
    for _ in 0..2 {
        let download = download_of(sharded(&service), RetryPolicy::none()).await;
        let saved = download.unpack_into(&into).save_into(folder.path()).await.expect("saved");
        assert_eq!(saved.len(), 2);
        assert_eq!(files(&into), ["sh0-data", "sh1-data"]);
        assert_eq!(files(&into.join("sh1-data")), ["a.wt", "b.wt"]);
        std::fs::remove_dir_all(&into).expect("a folder");
    }
}

#[tokio::test]
async fn dropped_unpacking_leaves_a_part_and_nothing_unpacked() {
    // Zeros take a while to unpack, and little to send.
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_size(64 << 20);
    header.set_mode(0o600);
    tar.append_data(&mut header, "zeros", std::io::Read::take(std::io::repeat(0), 64 << 20)).expect("an entry");
    let body = tar.into_inner().and_then(|gzip| gzip.finish()).expect("an archive");
    let length = body.len() as u64;
    let service = Server::start(move |_, head| serve(head, "a", &body)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let (path, into) = (folder.path().join("dump"), folder.path().join("out"));
    let download = download(one(&service)).await.unpack_into(&into);
    let finished = download.finished();
    let begun = async {
        while !into.exists() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = download.save_to(&path) => panic!("it takes longer"),
        () = begun => {}
    }
    finished.await;
    assert_eq!(files(folder.path()), ["dump.part", "dump.part.json", "out"]);
    assert_eq!(files(&into), [""; 0]);
    assert_eq!(std::fs::metadata(folder.path().join("dump.part")).expect("the part").len(), length);
}
