//! Injected faults: which requests they match, their effect, and how often.
//!
//! A fault names an operation, an effect, a count and a probability. Each fault has its own random numbers, which start
//! with its seed, so that a run can be repeated. Only authenticated and routed requests count: the first, unsigned
//! digest request of a client does not. `effect` defines the effects.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{http::faults::effect::Effect, openapi::document::Document};

/// The token endpoint, which is not an operation of the document.
pub(crate) const TOKEN: &str = "oauthToken";
/// The endpoint that revokes tokens.
pub(crate) const REVOKE: &str = "oauthRevoke";
/// The archives of download jobs.
pub(crate) const DOWNLOAD: &str = "download";

/// An injected fault.
///
/// ```
/// use atlas_backup_emulator::Fault;
///
/// // The next two answers to this operation are 503, as a busy service gives them.
/// let busy = Fault::status(503).retry_after(1).on("listGroupClusterBackupSnapshots").times(2);
/// // One request in ten is executed and its answer lost; the same ones in every run.
/// let lost = Fault::reset_after().with_probability(0.1, 7);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[must_use]
pub struct Fault {
    /// The operation's id in the curated document, `oauthToken`, `oauthRevoke` or `download`. Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    /// Remaining count. Default: until it is cleared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<u32>,
    #[serde(default = "always")]
    probability: f64,
    #[serde(default)]
    seed: u64,
    effect: Effect,
}

fn always() -> f64 {
    1.0
}

impl Fault {
    /// A fault with `effect` on every request, until it is narrowed down.
    pub fn new(effect: Effect) -> Self {
        Self { operation: None, count: None, probability: 1.0, seed: 0, effect }
    }

    /// Responds with `status` instead of executing. [`code`](Self::code) and [`retry_after`](Self::retry_after) add
    /// details.
    pub fn status(status: u16) -> Self {
        Self::new(Effect::Status { status, code: None, retry_after: None, content_type: None, body: None })
    }

    /// Refuses with this code of the table of refusals, with the status that it has there.
    pub fn refusal(code: impl Into<String>) -> Self {
        Self::new(Effect::Refusal { code: code.into(), parameters: Vec::new() })
    }

    /// Delays the execution of the request, at most until the fault is cleared.
    pub fn latency(wait: Duration) -> Self {
        Self::new(Effect::Latency { milliseconds: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX) })
    }

    /// Resets the connection instead of executing.
    pub fn reset_before() -> Self {
        Self::new(Effect::ResetBefore)
    }

    /// Executes, then resets the connection instead of responding.
    pub fn reset_after() -> Self {
        Self::new(Effect::ResetAfter)
    }

    /// Truncates the response body at half its length and closes the connection.
    pub fn truncated_body() -> Self {
        Self::new(Effect::Truncate { bytes: None })
    }

    /// Sends the response body in chunks of `bytes`, with a pause before each.
    pub fn slow_body(bytes: usize, pause: Duration) -> Self {
        Self::new(Effect::Slow { bytes, milliseconds: u64::try_from(pause.as_millis()).unwrap_or(u64::MAX) })
    }

    /// Changes the `Content-Type` of the response.
    pub fn content_type(content_type: impl Into<String>) -> Self {
        Self::new(Effect::ContentType { content_type: content_type.into() })
    }

    /// The error code of a [`status`](Self::status) fault.
    pub fn code(mut self, wanted: impl Into<String>) -> Self {
        if let Effect::Status { code, .. } = &mut self.effect {
            *code = Some(wanted.into());
        }
        self
    }

    /// The `Retry-After` seconds of a [`status`](Self::status) fault.
    pub fn retry_after(mut self, seconds: u32) -> Self {
        if let Effect::Status { retry_after, .. } = &mut self.effect {
            *retry_after = Some(seconds);
        }
        self
    }

    /// The body of a [`status`](Self::status) fault instead of an error document, for example a proxy's page.
    pub fn page(mut self, media_type: impl Into<String>, text: impl Into<String>) -> Self {
        if let Effect::Status { content_type, body, .. } = &mut self.effect {
            (*content_type, *body) = (Some(media_type.into()), Some(text.into()));
        }
        self
    }

    /// Neither body nor media type, for a [`status`](Self::status) fault.
    pub fn empty(mut self) -> Self {
        if let Effect::Status { content_type, body, .. } = &mut self.effect {
            (*content_type, *body) = (None, Some(String::new()));
        }
        self
    }

    /// Limits the fault to the operation with this id.
    pub fn on(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into());
        self
    }

    /// Limits the fault to this number of requests.
    pub fn times(mut self, count: u32) -> Self {
        self.count = Some(count);
        self
    }

    /// Applies the fault with this probability, decided by random numbers that start with `seed`.
    pub fn with_probability(mut self, probability: f64, seed: u64) -> Self {
        (self.probability, self.seed) = (probability, seed);
        self
    }

    fn validate(&self, document: &Document) -> Result<(), String> {
        let known =
            |id: &str| [TOKEN, REVOKE, DOWNLOAD].contains(&id) || document.operations.iter().any(|o| o.id == id);
        if let Some(unknown) = self.operation.as_deref().filter(|id| !known(id)) {
            return Err(format!("unknown operation {unknown}"));
        }
        if !(0.0..=1.0).contains(&self.probability) {
            return Err("a probability must be between 0 and 1".to_owned());
        }
        self.effect.validate()
    }
}

/// An active fault.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActiveFault {
    /// Its id.
    pub id: u64,
    /// Number of matched requests.
    pub hits: u64,
    /// The fault. Its count is the remaining count.
    pub fault: Fault,
}

#[derive(Debug)]
struct ArmedFault {
    active: ActiveFault,
    dice: fastrand::Rng,
}

/// An effect on a request, and the fault that caused it.
#[derive(Debug)]
pub(crate) struct MatchedFault {
    pub(crate) fault: u64,
    pub(crate) effect: Effect,
}

/// All active faults.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    armed: Mutex<(u64, Vec<ArmedFault>)>,
    /// Avoids the lock while no fault is armed.
    any: AtomicBool,
    /// Cleared faults, for the requests that they delay.
    cleared: watch::Sender<ClearedFaults>,
}

#[derive(Debug, Default)]
struct ClearedFaults {
    /// All ids up to this one are cleared.
    up_to: u64,
    /// Single cleared ids after it.
    ones: BTreeSet<u64>,
}

impl Faults {
    /// Activates `fault` and returns its id.
    ///
    /// # Errors
    /// Returns an error that names the invalid value.
    pub(crate) fn add(&self, document: &Document, fault: Fault) -> Result<u64, String> {
        fault.validate(document)?;
        let (issued, armed) = &mut *self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        *issued += 1;
        let dice = fastrand::Rng::with_seed(fault.seed);
        armed.push(ArmedFault { active: ActiveFault { id: *issued, hits: 0, fault }, dice });
        self.any.store(true, Ordering::Relaxed);
        Ok(*issued)
    }

    /// The active faults, in the order they were added. A fault whose count is used up is not listed.
    pub(crate) fn list(&self) -> Vec<ActiveFault> {
        let (_, armed) = &*self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        armed.iter().map(|a| a.active.clone()).collect()
    }

    /// Clears one fault, or all if `id` is absent, and releases the requests that they delay. Returns the number of
    /// cleared faults.
    pub(crate) fn clear(&self, id: Option<u64>) -> usize {
        let (issued, armed) = &mut *self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        let before = armed.len();
        armed.retain(|a| id.is_some_and(|id| a.active.id != id));
        self.any.store(!armed.is_empty(), Ordering::Relaxed);
        // Includes faults whose count is used up, because they can still delay requests.
        self.cleared.send_modify(|cleared| match id {
            Some(id) => drop(cleared.ones.insert(id)),
            None => *cleared = ClearedFaults { up_to: *issued, ones: BTreeSet::new() },
        });
        before - armed.len()
    }

    /// Completes when the fault with this id is cleared.
    pub(crate) async fn wait_until_cleared(&self, id: u64) {
        // The sender lives as long as its faults.
        let _ = self.cleared.subscribe().wait_for(|cleared| id <= cleared.up_to || cleared.ones.contains(&id)).await;
    }

    /// The faults for a request to `operation`, in the order they were added.
    pub(crate) fn take_matching(&self, operation: &str) -> Vec<MatchedFault> {
        if !self.any.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let (_, armed) = &mut *self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut met = Vec::new();
        armed.retain_mut(|ArmedFault { active, dice }| {
            let fault = &mut active.fault;
            let meant = fault.operation.as_deref().is_none_or(|id| id == operation);
            if meant && dice.f64() < fault.probability {
                met.push(MatchedFault { fault: active.id, effect: fault.effect.clone() });
                active.hits += 1;
                fault.count = fault.count.map(|count| count.saturating_sub(1));
            }
            fault.count != Some(0)
        });
        self.any.store(!armed.is_empty(), Ordering::Relaxed);
        met
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fires(fault: Fault, requests: usize) -> Vec<bool> {
        let faults = Faults::default();
        faults.add(Document::embedded(), fault).unwrap();
        (0..requests).map(|_| !faults.take_matching("getGroup").is_empty()).collect()
    }

    #[test]
    fn fault_seed_selects_the_same_requests() {
        let half = || Fault::status(500).with_probability(0.5, 42);
        let matched = fires(half(), 1000);
        assert_eq!(matched, fires(half(), 1000));
        assert_ne!(matched, fires(Fault::status(500).with_probability(0.5, 43), 1000));
        let count = matched.iter().filter(|s| **s).count();
        assert!((400..600).contains(&count), "{count}");
    }

    #[test]
    fn fault_count_decreases_only_for_its_operation() {
        let faults = Faults::default();
        faults.add(Document::embedded(), Fault::status(500).on("getGroup").times(2)).unwrap();
        assert!(faults.take_matching("listGroups").is_empty());
        assert_eq!(faults.take_matching("getGroup").len(), 1);
        assert_eq!((faults.list()[0].hits, faults.list()[0].fault.count), (1, Some(1)));
        assert_eq!(faults.take_matching("getGroup").len(), 1);
        assert!(faults.take_matching("getGroup").is_empty() && faults.list().is_empty());
    }

    #[test]
    fn invalid_fault_is_refused() {
        let faults = Faults::default();
        let odd = [
            Fault::status(500).on("nothing"),
            Fault::status(99),
            Fault::status(500).with_probability(1.5, 0),
            Fault::status(500).with_probability(f64::NAN, 0),
            Fault::slow_body(0, Duration::ZERO),
            Fault::refusal("NO_SUCH_CODE"),
            Fault::content_type("new\nline"),
        ];
        for fault in odd {
            assert!(faults.add(Document::embedded(), fault.clone()).is_err(), "{fault:?}");
        }
        assert_eq!(faults.clear(None), 0);
    }

    #[test]
    fn fault_round_trips_through_json() {
        let fault = Fault::status(429).code("RATE_LIMITED").retry_after(3).on("getGroup").times(1);
        let text = serde_json::to_string(&fault).unwrap();
        assert_eq!(serde_json::from_str::<Fault>(&text).unwrap(), fault);
        let short: Fault = serde_json::from_str(r#"{"effect": {"kind": "resetBefore"}}"#).unwrap();
        assert_eq!(short, Fault::reset_before());
        assert!(serde_json::from_str::<Fault>(r#"{"effect": {"kind": "resetBefore"}, "cuont": 1}"#).is_err());
    }
}
