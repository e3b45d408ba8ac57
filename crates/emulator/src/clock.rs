//! The emulator's own time.
//!
//! State machines read [`Clock::now`], which may run faster than the wall clock or stand still until a test steps it;
//! nothing in the crate may ask the system for the time anywhere else. What a client measures on its own watch (the
//! life of a nonce or a token, a rate limit's refill) reads [`Clock::unscaled`], which follows steps but not the scale.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};

/// The clock stops here, two centuries on, so that every date computed from it has room.
const FURTHEST: Duration = Duration::from_secs(200 * 365 * 86_400);

/// A clock that runs, runs faster, or stands still.
#[derive(Debug)]
pub struct Clock {
    origin: DateTime<Utc>,
    started: Option<Instant>,
    scale: f64,
    stepped: Mutex<Duration>,
}

impl Clock {
    /// A clock that starts at the wall clock's time and runs `scale` times as fast.
    pub(crate) fn scaled(scale: f64) -> Self {
        Self { origin: Utc::now(), started: Some(Instant::now()), scale, stepped: Mutex::default() }
    }

    /// A clock that stands at `origin` until it is stepped.
    pub(crate) fn stepped(origin: DateTime<Utc>) -> Self {
        Self { origin, started: None, scale: 1.0, stepped: Mutex::default() }
    }

    /// The time on this clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.after(self.scale)
    }

    /// The time on this clock as if it were not scaled.
    #[must_use]
    pub fn unscaled(&self) -> DateTime<Utc> {
        self.after(1.0)
    }

    /// Moves this clock forward.
    pub fn advance(&self, by: Duration) {
        let mut stepped = self.stepped.lock().unwrap_or_else(PoisonError::into_inner);
        *stepped = stepped.saturating_add(by);
    }

    fn after(&self, scale: f64) -> DateTime<Utc> {
        let run = self.started.map_or(0.0, |s| s.elapsed().as_secs_f64() * scale);
        let run = Duration::try_from_secs_f64(run).unwrap_or(FURTHEST);
        let stepped = *self.stepped.lock().unwrap_or_else(PoisonError::into_inner);
        let delta = TimeDelta::from_std(run.saturating_add(stepped).min(FURTHEST)).unwrap_or_default();
        self.origin + delta
    }
}
