//! Faults on purpose: which requests go wrong, how, and how often.
//!
//! A fault names an operation, an effect, how many times and with which probability; the dice of each are its own and
//! begin with its seed, so that a run can be repeated. Only requests that were admitted and routed count: a client's
//! first, unsigned digest request uses nothing up. What an effect does to a request is in `effect`.

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

/// The token endpoint, which is no operation of the document.
pub(crate) const TOKEN: &str = "oauthToken";
/// Its neighbour that revokes tokens.
pub(crate) const REVOKE: &str = "oauthRevoke";
/// The archives that restores hand out.
pub(crate) const DOWNLOAD: &str = "download";

/// Something that is to go wrong.
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
    /// The operation's id in the curated document, `oauthToken`, `oauthRevoke` or `download`; every one where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    /// How many more times; until it is cleared where it is absent.
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
    /// Every request meets `effect`, until the fault is narrowed down.
    pub fn new(effect: Effect) -> Self {
        Self { operation: None, count: None, probability: 1.0, seed: 0, effect }
    }

    /// Answers `status` instead of executing; [`code`](Self::code) and [`retry_after`](Self::retry_after) say more.
    pub fn status(status: u16) -> Self {
        Self::new(Effect::Status { status, code: None, retry_after: None, content_type: None, body: None })
    }

    /// Waits before the request is executed, or until the fault is cleared.
    pub fn latency(wait: Duration) -> Self {
        Self::new(Effect::Latency { milliseconds: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX) })
    }

    /// Resets the connection instead of executing.
    pub fn reset_before() -> Self {
        Self::new(Effect::ResetBefore)
    }

    /// Executes, and resets the connection instead of answering.
    pub fn reset_after() -> Self {
        Self::new(Effect::ResetAfter)
    }

    /// Cuts the answer's body in half and hangs up.
    pub fn truncated_body() -> Self {
        Self::new(Effect::Truncate { bytes: None })
    }

    /// Sends the answer's body `bytes` at a time, with a pause before each piece.
    pub fn slow_body(bytes: usize, pause: Duration) -> Self {
        Self::new(Effect::Slow { bytes, milliseconds: u64::try_from(pause.as_millis()).unwrap_or(u64::MAX) })
    }

    /// Gives the answer another `Content-Type`.
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

    /// The seconds that a [`status`](Self::status) fault asks the client to wait.
    pub fn retry_after(mut self, seconds: u32) -> Self {
        if let Effect::Status { retry_after, .. } = &mut self.effect {
            *retry_after = Some(seconds);
        }
        self
    }

    /// The body of a [`status`](Self::status) fault in the place of an error document, such as a proxy's page.
    pub fn page(mut self, media_type: impl Into<String>, text: impl Into<String>) -> Self {
        if let Effect::Status { content_type, body, .. } = &mut self.effect {
            (*content_type, *body) = (Some(media_type.into()), Some(text.into()));
        }
        self
    }

    /// No body at all, and no media type, for a [`status`](Self::status) fault.
    pub fn empty(mut self) -> Self {
        if let Effect::Status { content_type, body, .. } = &mut self.effect {
            (*content_type, *body) = (None, Some(String::new()));
        }
        self
    }

    /// Only for the operation with this id.
    pub fn on(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into());
        self
    }

    /// Only so many times.
    pub fn times(mut self, count: u32) -> Self {
        self.count = Some(count);
        self
    }

    /// Only with this probability, decided by dice that start with `seed`.
    pub fn with_probability(mut self, probability: f64, seed: u64) -> Self {
        (self.probability, self.seed) = (probability, seed);
        self
    }

    fn validate(&self, document: &Document) -> Result<(), String> {
        let known =
            |id: &str| [TOKEN, REVOKE, DOWNLOAD].contains(&id) || document.operations.iter().any(|o| o.id == id);
        if let Some(unknown) = self.operation.as_deref().filter(|id| !known(id)) {
            return Err(format!("there is no operation {unknown}"));
        }
        if !(0.0..=1.0).contains(&self.probability) {
            return Err("a probability is between 0 and 1".to_owned());
        }
        self.effect.validate()
    }
}

/// A fault that is in force.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActiveFault {
    /// Names it.
    pub id: u64,
    /// How often it has matched.
    pub hits: u64,
    /// What it does; its count is what is left.
    pub fault: Fault,
}

#[derive(Debug)]
struct ArmedFault {
    active: ActiveFault,
    dice: fastrand::Rng,
}

/// An effect that a request meets, and the fault it comes from.
#[derive(Debug)]
pub(crate) struct MatchedFault {
    pub(crate) fault: u64,
    pub(crate) effect: Effect,
}

/// All faults in force.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    armed: Mutex<(u64, Vec<ArmedFault>)>,
    /// Spares the requests of a peaceful emulator the lock.
    any: AtomicBool,
    /// Those that were cleared, for the requests that they hold up.
    cleared: watch::Sender<ClearedFaults>,
}

#[derive(Debug, Default)]
struct ClearedFaults {
    /// All that were issued up to this one.
    up_to: u64,
    /// Single ones after it.
    ones: BTreeSet<u64>,
}

impl Faults {
    /// Puts `fault` in force and gives its id.
    ///
    /// # Errors
    /// What does not make sense in it.
    pub(crate) fn add(&self, document: &Document, fault: Fault) -> Result<u64, String> {
        fault.validate(document)?;
        let (issued, armed) = &mut *self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        *issued += 1;
        let dice = fastrand::Rng::with_seed(fault.seed);
        armed.push(ArmedFault { active: ActiveFault { id: *issued, hits: 0, fault }, dice });
        self.any.store(true, Ordering::Relaxed);
        Ok(*issued)
    }

    /// Those in force, in the order they were added. One that has matched as often as it may is gone.
    pub(crate) fn list(&self) -> Vec<ActiveFault> {
        let (_, armed) = &*self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        armed.iter().map(|a| a.active.clone()).collect()
    }

    /// Ends one of them, or all where no id is given, and lets go of the requests that they hold up; says how many that
    /// were.
    pub(crate) fn clear(&self, id: Option<u64>) -> usize {
        let (issued, armed) = &mut *self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        let before = armed.len();
        armed.retain(|a| id.is_some_and(|id| a.active.id != id));
        self.any.store(!armed.is_empty(), Ordering::Relaxed);
        // Also those that have matched as often as they may: they hold up requests all the same.
        self.cleared.send_modify(|cleared| match id {
            Some(id) => drop(cleared.ones.insert(id)),
            None => *cleared = ClearedFaults { up_to: *issued, ones: BTreeSet::new() },
        });
        before - armed.len()
    }

    /// Until the fault with this id is cleared.
    pub(crate) async fn wait_until_cleared(&self, id: u64) {
        // The sender lives as long as its faults.
        let _ = self.cleared.subscribe().wait_for(|cleared| id <= cleared.up_to || cleared.ones.contains(&id)).await;
    }

    /// What a request to `operation` meets, in the order the faults were added.
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
    fn what_makes_no_sense_is_refused() {
        let faults = Faults::default();
        let odd = [
            Fault::status(500).on("nothing"),
            Fault::status(99),
            Fault::status(500).with_probability(1.5, 0),
            Fault::status(500).with_probability(f64::NAN, 0),
            Fault::slow_body(0, Duration::ZERO),
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
