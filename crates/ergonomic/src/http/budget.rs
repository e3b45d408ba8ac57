//! The retry budget that all calls of a client share.
//!
//! Retries help against a failure here and there; against a service that is down they are more of what it can't take.
//! The budget lets a burst of failures be repeated and then no more than one repeat for ten good answers, however many
//! tasks there are. It never delays anything: a repeat that it refuses is not made, and the failure is returned.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// What a repeat costs, in the worth of a good answer.
const RETRY_COST: u32 = 10;

/// A bucket of repeats.
#[derive(Debug)]
pub(crate) struct Budget {
    held: AtomicU32,
    most: u32,
}

impl Budget {
    /// A full budget of so many repeats.
    pub(crate) fn new(repeats: u32) -> Self {
        let most = repeats.saturating_mul(RETRY_COST);
        Budget { held: AtomicU32::new(most), most }
    }

    /// Takes a repeat, if there is one left.
    pub(crate) fn take(&self) -> bool {
        self.held.fetch_update(Relaxed, Relaxed, |held| held.checked_sub(RETRY_COST)).is_ok()
    }

    /// Notes a good answer.
    pub(crate) fn earn(&self) {
        // Nearly always full: nothing to write then.
        if self.held.load(Relaxed) < self.most {
            let _full = self.held.fetch_update(Relaxed, Relaxed, |held| (held < self.most).then_some(held + 1));
        }
    }

    /// How many repeats are left.
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
