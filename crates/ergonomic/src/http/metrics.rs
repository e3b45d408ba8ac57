//! What the pipeline counts, through the facade of the `metrics` crate. Feature `metrics`.

use std::time::Duration;

use atlas_backup_runtime::Reply;
use metrics::{counter, gauge, histogram};

use crate::{
    http::{limiter, pipeline::error_kind},
    model::{error::Result, meta},
};

/// Counts a call with its outcome.
pub(super) fn call(operation: &'static str, outcome: &Result<Reply>) {
    counter!("atlas_backup_requests_total", "operation" => operation).increment(1);
    if let Some(kind) = error_kind(outcome) {
        counter!("atlas_backup_errors_total", "operation" => operation, "kind" => kind.as_str()).increment(1);
    }
}

/// Counts a request that is sent, and what its response says about the rate limit of `set`.
pub(super) fn attempt(operation: &'static str, set: &'static str, path: &str, outcome: &Result<Reply>) {
    counter!("atlas_backup_attempts_total", "operation" => operation).increment(1);
    let remaining = outcome.as_ref().ok().and_then(|reply| meta::text(&reply.headers, &meta::REMAINING));
    if let Some(remaining) = remaining.and_then(|text| text.trim().parse::<u32>().ok()) {
        let project = limiter::project(path).to_owned();
        gauge!("atlas_backup_rate_limit_remaining", "endpoint_set" => set, "project" => project).set(remaining);
    }
}

/// Records how long a request waited for the rate limiter.
pub(super) fn limiter(operation: &'static str, waited: Duration) {
    histogram!("atlas_backup_limiter_seconds", "operation" => operation).record(waited);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::{
        Client,
        testing::{CannedResponse, CannedService},
    };
    use metrics_util::debugging::{DebugValue, DebuggingRecorder};
    use serde_json::json;

    const PROJECT: &str = "32b6e34b3d91647abb20e7b8";

    #[test]
    fn calls_attempts_errors_limiter_and_remaining_are_counted() {
        let recorder = DebuggingRecorder::new();
        let snapshotter = recorder.snapshotter();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        let limited = |response: CannedResponse, remaining: &str| {
            response.header("ratelimit-limit", "600").header("ratelimit-remaining", remaining)
        };
        let service = CannedService::respond_with(move |_, before| match before {
            0 => CannedResponse::status(503),
            1 => limited(json!({ "id": PROJECT }).into(), "0"),
            _ => limited(CannedResponse::error(404, "GROUP_NOT_FOUND"), "7"),
        });
        metrics::with_local_recorder(&recorder, || {
            runtime.expect("a runtime").block_on(async {
                let project = Client::builder().build_over(service).project(PROJECT).expect("an ID");
                project.get().await.expect("the second attempt");
                project.get().await.expect_err("404");
            });
        });
        let mut found = BTreeMap::new();
        for (key, _, _, value) in snapshotter.snapshot().into_vec() {
            let labels: Vec<_> = key.key().labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
            let value = match value {
                DebugValue::Counter(count) => count.to_string(),
                DebugValue::Gauge(value) => value.to_string(),
                DebugValue::Histogram(values) => {
                    format!("{} values, {:.1} s", values.len(), values.iter().map(|v| v.0).sum::<f64>())
                }
            };
            found.insert(format!("{} {}", key.key().name(), labels.join(" ")), value);
        }
        let expected = [
            ("atlas_backup_attempts_total operation=getGroup", "3"),
            ("atlas_backup_errors_total operation=getGroup kind=not_found", "1"),
            // 600 in the bucket, 4 a second assumed.
            ("atlas_backup_limiter_seconds operation=getGroup", "3 values, 0.3 s"),
            (&*format!("atlas_backup_rate_limit_remaining endpoint_set=Projects project={PROJECT}"), "7"),
            ("atlas_backup_requests_total operation=getGroup", "2"),
        ];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    }
}
