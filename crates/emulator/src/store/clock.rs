//! The clock of the emulator.
//!
//! State machines read [`Clock::now`], which can run faster than the wall clock or stop until a test steps it. No other
//! code of the crate may read the system time. Durations that a client measures itself (the lifetime of a nonce or
//! token, the refill of a rate limit) use [`Clock::unscaled`], which follows steps but not the scale.
//!
//! The position of the clock is part of the state. After a restart it continues as if it had run all the time, and it
//! never goes back behind a time that it has returned. The creator of a clock decides how it is saved.

use std::{
    fmt,
    sync::{Mutex, PoisonError, RwLock},
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::clock_record::{ClockRecord, LATEST_START, MAX_RUN};

/// A clock that runs at any speed or is stopped.
#[derive(Debug)]
pub struct Clock {
    line: RwLock<ClockState>,
    /// Held while the state is changed and saved, so that changes are saved in order.
    changing: Mutex<()>,
    save: SaveCallback,
}

/// Saves the record of a changed state.
struct SaveCallback(Box<dyn Fn(ClockRecord) + Send + Sync>);

impl fmt::Debug for SaveCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SaveCallback")
    }
}

/// Speed of a clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Pace {
    /// This multiple of the wall clock.
    Scaled(f64),
    /// Stopped, until it is stepped.
    Standing,
}

impl Pace {
    /// Never backwards. NaN counts as 1.
    pub(crate) fn scaled(scale: f64) -> Self {
        Self::Scaled(if scale.is_finite() { scale.max(0.0) } else { 1.0 })
    }
}

#[derive(Debug)]
struct ClockState {
    /// Instant of `now` and `unscaled`.
    since: Instant,
    now: DateTime<Utc>,
    unscaled: DateTime<Utc>,
    pace: Pace,
}

impl ClockState {
    fn at(&self, from: DateTime<Utc>, scaled: bool) -> DateTime<Utc> {
        match self.pace {
            Pace::Standing => from,
            Pace::Scaled(scale) => add_scaled(from, self.since.elapsed(), if scaled { scale } else { 1.0 }),
        }
    }

    /// The same state, based on the current instant.
    fn advanced_by(&self, by: Duration, pace: Pace) -> Self {
        let (now, unscaled) = (self.at(self.now, true), self.at(self.unscaled, false));
        Self { since: Instant::now(), now: add_scaled(now, by, 1.0), unscaled: add_scaled(unscaled, by, 1.0), pace }
    }

    fn record(&self) -> ClockRecord {
        let (scale, standing) = match self.pace {
            Pace::Scaled(scale) => (scale, false),
            Pace::Standing => (0.0, true),
        };
        let wall = Utc::now() - TimeDelta::from_std(self.since.elapsed()).unwrap_or_default();
        ClockRecord { wall, now: self.now, unscaled: self.unscaled, scale, standing }
    }
}

/// The current state for a saved record.
fn state_from_record(record: &ClockRecord, pace: Pace) -> ClockState {
    let run = (Utc::now() - record.wall).to_std().unwrap_or_default();
    let run = if record.standing { Duration::ZERO } else { run };
    let (now, unscaled) = (add_scaled(record.now, run, record.scale), add_scaled(record.unscaled, run, 1.0));
    ClockState { since: Instant::now(), now, unscaled, pace }
}

/// `from` plus `run` times `scale`, limited to the supported range of dates.
fn add_scaled(from: DateTime<Utc>, run: Duration, scale: f64) -> DateTime<Utc> {
    let run =
        if scale == 1.0 { run } else { Duration::try_from_secs_f64(run.as_secs_f64() * scale).unwrap_or(MAX_RUN) };
    let furthest =
        DateTime::from_timestamp(LATEST_START, 0).unwrap_or(from) + TimeDelta::from_std(MAX_RUN).unwrap_or_default();
    let delta = TimeDelta::from_std(run.min(MAX_RUN)).unwrap_or_default();
    from.checked_add_signed(delta).map_or(from, |moment| moment.min(furthest.max(from)))
}

impl Clock {
    /// A clock with speed `pace` that continues from `known` or, if that is absent, starts at `start` or at the wall
    /// clock's time. `save` is called with each change, one at a time and in order.
    pub(crate) fn resume(
        known: Option<&ClockRecord>,
        pace: Pace,
        start: Option<DateTime<Utc>>,
        save: impl Fn(ClockRecord) + Send + Sync + 'static,
    ) -> Self {
        let start = start.unwrap_or_else(Utc::now);
        let line = known.map(|record| state_from_record(record, pace));
        let line = line.unwrap_or(ClockState { since: Instant::now(), now: start, unscaled: start, pace });
        let clock = Self { line: RwLock::new(line), changing: Mutex::default(), save: SaveCallback(Box::new(save)) };
        clock.change(|line| line.advanced_by(Duration::ZERO, pace));
        clock
    }

    /// The time on this clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let line = self.line.read().unwrap_or_else(PoisonError::into_inner);
        line.at(line.now, true)
    }

    /// The time on this clock without scaling.
    #[must_use]
    pub fn unscaled(&self) -> DateTime<Utc> {
        let line = self.line.read().unwrap_or_else(PoisonError::into_inner);
        line.at(line.unscaled, false)
    }

    /// Its speed as a multiple of the wall clock. 0 if stopped.
    #[must_use]
    pub fn scale(&self) -> f64 {
        match self.line.read().unwrap_or_else(PoisonError::into_inner).pace {
            Pace::Scaled(scale) => scale,
            Pace::Standing => 0.0,
        }
    }

    /// Sets the scale. 0 stops the clock.
    ///
    /// # Errors
    /// Returns an error if the scale is not a valid factor.
    pub(crate) fn set_scale(&self, scale: f64) -> Result<(), String> {
        if !scale.is_finite() || scale < 0.0 {
            return Err(format!("invalid clock scale {scale}"));
        }
        if scale > 0.0 {
            self.run(scale)
        } else {
            self.stand()
        }
        Ok(())
    }

    /// Moves this clock forward.
    pub fn advance(&self, by: Duration) {
        self.change(|line| line.advanced_by(by, line.pace));
    }

    /// Runs this clock `scale` times as fast as the wall clock from now on.
    pub fn run(&self, scale: f64) {
        let pace = Pace::scaled(scale);
        self.change(|line| line.advanced_by(Duration::ZERO, pace));
    }

    /// Stops this clock until it is stepped or run.
    pub fn stand(&self) {
        self.change(|line| line.advanced_by(Duration::ZERO, Pace::Standing));
    }

    /// Sets the clock to a saved record, which may be in the past. Used for an imported state.
    pub(crate) fn set_from_record(&self, record: &ClockRecord) {
        self.change(|line| ClockState {
            since: Instant::now(),
            now: record.now,
            unscaled: record.unscaled,
            pace: line.pace,
        });
    }

    /// Changes the state and saves it. Later writes are saved after it.
    fn change(&self, change: impl FnOnce(&ClockState) -> ClockState) {
        let _in_order = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let record = {
            let mut line = self.line.write().unwrap_or_else(PoisonError::into_inner);
            *line = change(&line);
            line.record()
        };
        (self.save.0)(record);
    }
}
