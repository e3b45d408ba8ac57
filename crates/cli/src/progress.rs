//! How waiting looks: a bar, the state and the time that has passed, on a terminal and nowhere else.
//!
//! Nobody knows how long a snapshot takes, so the bar counts the states behind it and does not pretend to know more.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

/// A bar on standard error, gone when it is dropped. Clones draw the same bar.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    bar: ProgressBar,
    states: &'static [&'static str],
}

impl Progress {
    /// A bar for `what`, which goes through `states`, the last of which is the end.
    pub(crate) fn start(what: String, states: &'static [&'static str]) -> Self {
        let steps = states.len().saturating_sub(1) as u64;
        // Hidden by itself when standard error is no terminal.
        let bar = ProgressBar::new(steps).with_finish(ProgressFinish::AndClear);
        let style = ProgressStyle::with_template("{spinner:.cyan} {prefix} [{bar:24.cyan/dim}] {msg} {elapsed:>4}");
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("━━╌"));
        }
        bar.set_prefix(what);
        bar.enable_steady_tick(Duration::from_millis(100));
        Progress { bar, states }
    }

    /// Shows the state it is in now; one that nobody has heard of moves nothing.
    pub(crate) fn state(&self, state: &str) {
        if let Some(step) = self.states.iter().position(|known| *known == state) {
            self.bar.set_position(step as u64);
        }
        self.bar.set_message(state.to_owned());
    }

    /// How long it has been.
    pub(crate) fn elapsed(&self) -> Duration {
        self.bar.elapsed()
    }

    /// Takes the bar away.
    pub(crate) fn end(self) {
        self.bar.finish_and_clear();
    }
}

/// A bar for bytes that arrive, gone when it is dropped. Clones draw the same bar.
#[derive(Debug, Clone)]
pub(crate) struct Transfer(ProgressBar);

impl Transfer {
    /// A bar for `what`, of which nothing has arrived yet.
    pub(crate) fn start(what: String) -> Self {
        let bar = ProgressBar::no_length().with_finish(ProgressFinish::AndClear);
        let template = "{spinner:.cyan} {prefix} [{bar:24.cyan/dim}] {binary_bytes} of {binary_total_bytes} {binary_bytes_per_sec} {eta}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━━╌"));
        }
        bar.set_prefix(what);
        bar.enable_steady_tick(Duration::from_millis(100));
        Transfer(bar)
    }

    /// Shows how much is there.
    pub(crate) fn at(&self, received: u64, total: Option<u64>) {
        if let Some(total) = total {
            self.0.set_length(total);
        }
        self.0.set_position(received);
    }

    /// Takes the bar away.
    pub(crate) fn end(self) {
        self.0.finish_and_clear();
    }
}
