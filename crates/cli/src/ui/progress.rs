//! How waiting looks: a bar, the state and the time that has passed, on a terminal and nowhere else.
//!
//! Nobody knows how long a snapshot takes, so the bar counts the states behind it and does not pretend to know more.

use std::{io, time::Duration};

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle, TermLike};

/// A bar on standard error, gone when it or a clone, which draws the same bar, is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    bar: ProgressBar,
    states: &'static [&'static str],
}

impl Progress {
    /// A bar for `what`, which goes through `states`, the last of which is the end.
    pub(crate) fn start(what: String, states: &'static [&'static str]) -> Self {
        let steps = states.len().saturating_sub(1) as u64;
        let bar = ProgressBar::with_draw_target(Some(steps), target()).with_finish(ProgressFinish::AndClear);
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
        drop(self);
    }
}

/// An interruption drops whatever waits; what it says must not stand behind half a bar.
impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A bar for bytes that arrive, gone when it or a clone, which draws the same bar, is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Transfer(ProgressBar);

impl Transfer {
    /// A bar for `what`, of which nothing has arrived yet.
    pub(crate) fn start(what: String) -> Self {
        let bar = ProgressBar::with_draw_target(None, target()).with_finish(ProgressFinish::AndClear);
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
        drop(self);
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// How often a bar is drawn in a second at most.
const RATE: u8 = 20;
/// The terminal writes `^C` where the cursor stands, and that must not begin a new line, which would then be the one that
/// is cleared.
const ROOM: u16 = 3;

/// Standard error where it is a terminal; nowhere else.
fn target() -> ProgressDrawTarget {
    let terminal = Term::stderr();
    match terminal.is_term() {
        true => ProgressDrawTarget::term_like_with_hz(Box::new(Narrower(terminal)), RATE),
        false => ProgressDrawTarget::hidden(),
    }
}

/// A terminal whose last columns stay free.
#[derive(Debug)]
struct Narrower(Term);

impl TermLike for Narrower {
    fn width(&self) -> u16 {
        self.0.size().1.saturating_sub(ROOM).max(1)
    }

    fn height(&self) -> u16 {
        self.0.size().0
    }

    fn move_cursor_up(&self, lines: usize) -> io::Result<()> {
        self.0.move_cursor_up(lines)
    }

    fn move_cursor_down(&self, lines: usize) -> io::Result<()> {
        self.0.move_cursor_down(lines)
    }

    fn move_cursor_right(&self, columns: usize) -> io::Result<()> {
        self.0.move_cursor_right(columns)
    }

    fn move_cursor_left(&self, columns: usize) -> io::Result<()> {
        self.0.move_cursor_left(columns)
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.0.write_line(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.write_str(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.0.flush()
    }
}
