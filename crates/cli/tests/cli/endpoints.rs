//! Private endpoints for backups: created, awaited, deleted.

use crate::support::{golden, guarded, narrow, run};

#[tokio::test(flavor = "multi_thread")]
async fn endpoint_is_created_awaited_and_deleted() {
    let emulator = guarded().time_scale(600.0).start().await.expect("an emulator");
    let with = |arguments: &str| run(arguments).with_key(&emulator);
    let created = with("endpoints create US_EAST_1 -o json").ends();
    let endpoint = created.json();
    let id = endpoint["id"].as_str().expect("an id");
    assert_eq!(created.stderr, format!("note: `atlas-backup endpoints wait {id}` waits for it\n"));
    let active = with(&format!("endpoints wait {id}")).ends();
    golden!("endpoints_wait", format!("{}{}", active.stdout, active.stderr));
    golden!("endpoints_get", with(&format!("endpoints get {id}")).prints());
    golden!("endpoints_list", narrow(&with("endpoints list").prints()));
    let asked = with(&format!("endpoints delete {id}")).ends();
    assert_eq!(asked.code, Some(2), "{}", asked.stderr);
    let deleted = with(&format!("endpoints delete {id} --yes --wait")).ends();
    assert_eq!(deleted.code, Some(0), "{}", deleted.stderr);
    golden!("endpoints_delete", format!("{}{}", deleted.stdout, deleted.stderr));
    assert_eq!(with(&format!("endpoints get {id}")).ends().code, Some(3));
}
