//! The demo with a stopped clock, so two runs can start from the same state.

use std::time::Duration;

use atlas_backup_emulator::{DEMO_PROJECT, Emulator, Recorder, Seed};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Ended, run};

/// A policy as `setup` takes it from a file.
pub(crate) const POLICY_FILE: &str = r#"{"authorizedEmail": "b@example.com", "authorizedUserFirstName": "B",
    "authorizedUserLastName": "C", "scheduledPolicyItems": [{"frequencyType": "daily", "frequencyInterval": 1,
    "retentionUnit": "days", "retentionValue": 3}]}"#;

/// An emulator with the demo, saved states, and IDs of its objects.
pub(crate) struct Demo {
    emulator: Emulator,
    folder: TempDir,
    names: Vec<(&'static str, String)>,
    /// The seeded state.
    pub(crate) bare: Value,
    /// With an active compliance policy.
    pub(crate) with_policy: Value,
    /// With a compliance policy that requires everything.
    pub(crate) all_on: Value,
}

impl Demo {
    pub(crate) async fn start(recorder: &Recorder) -> Self {
        let builder = Emulator::builder().seed(Seed::Demo).recorder(recorder).no_rate_limits();
        let noon = "2026-11-22T12:10:00Z".parse().expect("a time");
        let emulator = builder.stepped_clock_at(noon).start().await.expect("an emulator");
        let folder = tempfile::tempdir().expect("a folder");
        let bare = emulator.export_state();
        let (with_policy, all_on) = (Value::Null, Value::Null);
        let mut demo = Demo { emulator, folder, names: Vec::new(), bare, with_policy, all_on };
        demo.find_names();
        demo.with_policy = demo.policy("");
        demo.policy("--copy-protection true");
        // Only support can remove the policy.
        assert!(demo.emulator.clear_compliance_policy(DEMO_PROJECT));
        demo.all_on = demo.emulator.export_state();
        // No request can require encryption at rest while a cluster lacks it.
        for policy in demo.all_on["collections"]["compliance_policies"].as_array_mut().into_iter().flatten() {
            policy["record"]["settings"]["encryptionAtRestEnabled"] = true.into();
        }
        demo.enter(&demo.bare).await;
        demo
    }

    /// Host and port of the emulator.
    pub(crate) fn address(&self) -> String {
        self.emulator.base_url().strip_prefix("http://").expect("plain HTTP").to_owned()
    }

    /// Restores a state.
    pub(crate) async fn enter(&self, state: &Value) {
        self.emulator.import_state(state.clone()).await.expect("a state");
    }

    /// Replaces placeholders in braces with IDs of the demo.
    pub(crate) fn fill(&self, command: &str) -> String {
        self.names.iter().fold(command.to_owned(), |text, (name, id)| text.replace(name, id))
    }

    /// Runs a command against the emulator to its end.
    pub(crate) fn call(&self, command: &str) -> Ended {
        let run = run(&format!("{} --no-auth", self.fill(command))).at(self.emulator.base_url());
        run.directory(self.folder.path()).input(POLICY_FILE).ends()
    }

    fn list(&self, command: &str) -> Value {
        serde_json::from_str(&self.call(&format!("{command} -o json")).stdout).expect("JSON")
    }

    /// A state with a policy, an hour after it was set, because the next change would be rejected at once.
    fn policy(&self, flags: &str) -> Value {
        let set = "compliance set --authorized-email z@example.com --first-name Y --last-name Z --daily 1:2d \
                   --on-demand 1w --yes";
        let ended = self.call(&format!("{set} {flags}"));
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        self.emulator.clock().advance(Duration::from_hours(1));
        self.emulator.export_state()
    }

    fn find_names(&mut self) {
        let id = |document: &Value| document["id"].as_str().or(document["_id"].as_str()).expect("an id").to_owned();
        let first = |list: Value, field: &str, value: &str| {
            let mut documents = list.as_array().into_iter().flatten();
            id(documents.find(|document| document[field] == value).expect("one of them"))
        };
        let policy = self.list("schedule get Cluster0")["policies"][0].clone();
        let item = |frequency: &str| first(policy["policyItems"].clone(), "frequencyType", frequency);
        self.names = vec![
            ("{project}", DEMO_PROJECT.to_owned()),
            ("{snapshot}", first(self.list("snapshots list Cluster0"), "status", "completed")),
            ("{flex}", first(self.list("snapshots list Flex0"), "status", "COMPLETED")),
            ("{restore}", first(self.list("restores list Cluster0"), "deliveryType", "automated")),
            ("{flex-restore}", first(self.list("restores list Flex0"), "status", "COMPLETED")),
            ("{bucket}", first(self.list("buckets list"), "cloudProvider", "AWS")),
            ("{export}", first(self.list("exports list Cluster0"), "state", "Successful")),
            ("{policy}", id(&policy)),
            ("{monthly}", item("monthly")),
            ("{weekly}", item("weekly")),
        ];
    }
}
