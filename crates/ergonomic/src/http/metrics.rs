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
    use std::{
        collections::BTreeMap,
        sync::{Arc, Mutex},
    };

    use metrics::{Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder};
    use metrics::{SharedString, Unit};
    use serde_json::json;

    use crate::{
        Client,
        testing::{CannedResponse, CannedService},
    };

    const PROJECT: &str = "32b6e34b3d91647abb20e7b8";

    /// The number of values and their sum (of a gauge the last one), by metric and labels.
    #[derive(Default)]
    struct Recorded(Mutex<BTreeMap<String, Arc<Values>>>);

    #[derive(Default)]
    struct Values(Mutex<(u32, f64)>);

    impl Values {
        fn add(&self, value: f64) {
            let mut values = self.0.lock().expect("not poisoned");
            *values = (values.0 + 1, values.1 + value);
        }
    }

    impl CounterFn for Values {
        fn increment(&self, value: u64) {
            self.add(value as f64);
        }

        fn absolute(&self, _: u64) {}
    }

    impl GaugeFn for Values {
        fn increment(&self, _: f64) {}

        fn decrement(&self, _: f64) {}

        fn set(&self, value: f64) {
            *self.0.lock().expect("not poisoned") = (1, value);
        }
    }

    impl HistogramFn for Values {
        fn record(&self, value: f64) {
            self.add(value);
        }
    }

    impl Recorded {
        fn values(&self, key: &Key) -> Arc<Values> {
            let labels: Vec<_> = key.labels().map(|label| format!(" {}={}", label.key(), label.value())).collect();
            let name = format!("{}{}", key.name(), labels.concat());
            self.0.lock().expect("not poisoned").entry(name).or_default().clone()
        }
    }

    impl Recorder for Recorded {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            Counter::from_arc(self.values(key))
        }

        fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::from_arc(self.values(key))
        }

        fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::from_arc(self.values(key))
        }
    }

    #[test]
    fn calls_attempts_errors_limiter_and_remaining_are_counted() {
        let recorder = Recorded::default();
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
        let recorded = recorder.0.lock().expect("not poisoned");
        let found = recorded.iter().map(|(name, values)| {
            let (count, sum) = *values.0.lock().expect("not poisoned");
            format!("{name}: {count} values, {sum:.1}")
        });
        let expected = [
            "atlas_backup_attempts_total operation=getGroup: 3 values, 3.0",
            "atlas_backup_errors_total operation=getGroup kind=not_found: 1 values, 1.0",
            // 600 in the bucket, 4 a second assumed.
            "atlas_backup_limiter_seconds operation=getGroup: 3 values, 0.3",
            "atlas_backup_rate_limit_remaining endpoint_set=Projects project=32b6e34b3d91647abb20e7b8: 1 values, 7.0",
            "atlas_backup_requests_total operation=getGroup: 2 values, 2.0",
        ];
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }
}
