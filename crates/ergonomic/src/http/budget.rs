//! The retry budget that all calls of a client share.
//!
//! Retries help against single failures. Against a service that is down they add load. The budget allows a burst of
//! retries and then one retry per ten successes, for any number of tasks. It never delays: without budget there is no
//! retry, and the failure is returned.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Cost of a retry in successes.
const RETRY_COST: u32 = 10;

/// A budget of retries.
#[derive(Debug)]
pub(crate) struct Budget {
    held: AtomicU32,
    most: u32,
}

impl Budget {
    /// A full budget of this many retries.
    pub(crate) fn new(repeats: u32) -> Self {
        let most = repeats.saturating_mul(RETRY_COST);
        Budget { held: AtomicU32::new(most), most }
    }

    /// Takes a retry, if one is left.
    pub(crate) fn take(&self) -> bool {
        self.held.fetch_update(Relaxed, Relaxed, |held| held.checked_sub(RETRY_COST)).is_ok()
    }

    /// Records a success.
    pub(crate) fn earn(&self) {
        // Usually full: then nothing is written.
        if self.held.load(Relaxed) < self.most {
            let _full = self.held.fetch_update(Relaxed, Relaxed, |held| (held < self.most).then_some(held + 1));
        }
    }

    /// Number of remaining retries.
    pub(crate) fn left(&self) -> u32 {
        self.held.load(Relaxed) / RETRY_COST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budget_earns_one_retry_per_ten_successes() {
        let budget = Budget::new(2);
        assert!(budget.take() && budget.take() && !budget.take());
        for _ in 0..9 {
            budget.earn();
        }
        assert!(!budget.take());
        budget.earn();
        assert!(budget.take());
        for _ in 0..100 {
            budget.earn();
        }
        assert_eq!(budget.left(), 2);
    }
}
