//! The emulator's own time.
//!
//! State machines read [`Clock::now`], which may run faster than the wall clock or stand still until a test steps it;
//! nothing in the crate may ask the system for the time anywhere else. What a client measures on its own watch (the
//! life of a nonce or a token, a rate limit's refill) reads [`Clock::unscaled`], which follows steps but not the scale.
//!
//! Where the clock stands is part of the state: after a restart it goes on, as if it had run all the while, and never
//! falls behind what it has shown. Who makes a clock says how it is saved.

use std::{
    fmt,
    sync::{Mutex, PoisonError, RwLock},
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::clock_record::{ClockRecord, LATEST_START, MAX_RUN};

/// A clock that runs, runs faster, or stands still.
#[derive(Debug)]
pub struct Clock {
    line: RwLock<ClockState>,
    /// Held while the line is changed and saved, so that changes are saved in their order.
    changing: Mutex<()>,
    save: SaveCallback,
}

/// Has the record of a changed line saved.
struct SaveCallback(Box<dyn Fn(ClockRecord) + Send + Sync>);

impl fmt::Debug for SaveCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SaveCallback")
    }
}

/// How a clock runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Pace {
    /// This many times as fast as the wall clock.
    Scaled(f64),
    /// Not at all, until it is stepped.
    Standing,
}

impl Pace {
    /// Never backwards; what is no number is the wall clock's pace.
    pub(crate) fn scaled(scale: f64) -> Self {
        Self::Scaled(if scale.is_finite() { scale.max(0.0) } else { 1.0 })
    }
}

#[derive(Debug)]
struct ClockState {
    /// When it was at `now` and `unscaled`.
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

    /// The same line, seen from where it is now.
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

/// Where the line has come to by now.
fn state_from_record(record: &ClockRecord, pace: Pace) -> ClockState {
    let run = (Utc::now() - record.wall).to_std().unwrap_or_default();
    let run = if record.standing { Duration::ZERO } else { run };
    let (now, unscaled) = (add_scaled(record.now, run, record.scale), add_scaled(record.unscaled, run, 1.0));
    ClockState { since: Instant::now(), now, unscaled, pace }
}

/// `from`, and `run` times `scale` on, but not beyond where dates have room.
fn add_scaled(from: DateTime<Utc>, run: Duration, scale: f64) -> DateTime<Utc> {
    let run =
        if scale == 1.0 { run } else { Duration::try_from_secs_f64(run.as_secs_f64() * scale).unwrap_or(MAX_RUN) };
    let furthest =
        DateTime::from_timestamp(LATEST_START, 0).unwrap_or(from) + TimeDelta::from_std(MAX_RUN).unwrap_or_default();
    let delta = TimeDelta::from_std(run.min(MAX_RUN)).unwrap_or_default();
    from.checked_add_signed(delta).map_or(from, |moment| moment.min(furthest.max(from)))
}

impl Clock {
    /// A clock that runs at `pace`: on from `known`, or where that is absent, from `start`, or from the wall clock's time.
    /// `save` is called with each change of the line, one at a time and in their order.
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

    /// The time on this clock as if it were not scaled.
    #[must_use]
    pub fn unscaled(&self) -> DateTime<Utc> {
        let line = self.line.read().unwrap_or_else(PoisonError::into_inner);
        line.at(line.unscaled, false)
    }

    /// How many times as fast as the wall clock it runs; 0 while it stands still.
    #[must_use]
    pub fn scale(&self) -> f64 {
        match self.line.read().unwrap_or_else(PoisonError::into_inner).pace {
            Pace::Scaled(scale) => scale,
            Pace::Standing => 0.0,
        }
    }

    /// Lets it run at another scale, or stand still at 0.
    ///
    /// # Errors
    /// The scale is no number of times.
    pub(crate) fn set_scale(&self, scale: f64) -> Result<(), String> {
        if !scale.is_finite() || scale < 0.0 {
            return Err(format!("a clock can't run {scale} times as fast"));
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

    /// Lets this clock run `scale` times as fast as the wall clock from now on.
    pub fn run(&self, scale: f64) {
        let pace = Pace::scaled(scale);
        self.change(|line| line.advanced_by(Duration::ZERO, pace));
    }

    /// Stops this clock where it is, until it is stepped or told to run.
    pub fn stand(&self) {
        self.change(|line| line.advanced_by(Duration::ZERO, Pace::Standing));
    }

    /// Puts it where the state says, which may be back in time: for a state that was taken in whole.
    pub(crate) fn set_from_record(&self, record: &ClockRecord) {
        self.change(|line| ClockState {
            since: Instant::now(),
            now: record.now,
            unscaled: record.unscaled,
            pace: line.pace,
        });
    }

    /// Changes the line and has it saved; later writes are saved after it.
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
