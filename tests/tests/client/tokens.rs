//! Tokens kept across processes, shown with processes: this test program starts itself again.

use std::process::Stdio;

use super::*;

const BASE: &str = "ATLAS_BACKUP_TEST_BASE";
const FOLDER: &str = "ATLAS_BACKUP_TEST_FOLDER";

fn keeping(base: &str, folder: &std::path::Path) -> Client {
    let builder = Client::builder().base_url(base).credentials(service_account()).token_store(folder);
    builder.build().expect("a client")
}

/// The other end of the next test; on its own there is nothing to do.
#[tokio::test]
async fn token_process_for_concurrency_test() {
    let (Ok(base), Ok(folder)) = (std::env::var(BASE), std::env::var(FOLDER)) else { return };
    let atlas = keeping(&base, folder.as_ref());
    assert_eq!(cluster(&atlas, "Cluster0").get().await.expect("the cluster").name.as_str(), "Cluster0");
}

#[tokio::test]
async fn concurrent_processes_send_one_token_request() {
    let (emulator, recorder) = demo().await;
    let folder = tempfile::tempdir().expect("a folder");
    let tokens = folder.path().join("tokens");
    let processes: Vec<_> = (0..4)
        .map(|_| {
            tokio::process::Command::new(std::env::current_exe().expect("this program"))
                .args(["--exact", "tokens::token_process_for_concurrency_test"])
                .env(BASE, emulator.base_url())
                .env(FOLDER, &tokens)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("it starts")
        })
        .collect();
    for process in processes {
        let output = process.wait_with_output().await.expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    let requests = recorder.take();
    let calls = requests.iter().filter(|request| request.path.contains("/clusters/")).count();
    let token_requests = requests.iter().filter(|request| request.path.ends_with("/oauth/token")).count();
    assert_eq!((calls, token_requests), (4, 1));
}

#[tokio::test]
async fn revoked_token_is_rejected_by_service() {
    let (emulator, recorder) = demo().await;
    let folder = tempfile::tempdir().expect("a folder");
    let atlas = keeping(emulator.base_url(), folder.path());
    assert!(!atlas.revoke_token().await.expect("there is none yet"));
    cluster(&atlas, "Cluster0").get().await.expect("the cluster");
    let token = recorder.take().pop().expect("a request").headers["authorization"].clone();
    assert!(atlas.revoke_token().await.expect("it is taken back"));
    let token = token.to_str().expect("text").trim_start_matches("Bearer ").to_owned();
    let late = client(&emulator, Credentials::bearer(token));
    let error = cluster(&late, "Cluster0").get().await.expect_err("it is no longer good");
    assert_eq!(error.kind(), atlas_backup::ErrorKind::Unauthorized);
    cluster(&atlas, "Cluster0").get().await.expect("with a new one");
}
