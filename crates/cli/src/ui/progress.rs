//! Progress bars, on a terminal and nowhere else. The duration of a job is not known, so its bar counts states.

use std::{io, time::Duration};

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle, TermLike};

/// A bar on standard error. It disappears when it or a clone, which draws the same bar, is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    bar: ProgressBar,
    states: &'static [&'static str],
}

impl Progress {
    /// A bar for `what`, which goes through `states`, the last of which is the end.
    pub(crate) fn start(what: String, states: &'static [&'static str]) -> Self {
        let steps = states.len().saturating_sub(1) as u64;
        Self::new(what, states, Some(steps), "{msg} {elapsed:>4}")
    }

    /// A bar for the bytes of `what`, of which nothing has arrived yet.
    pub(crate) fn start_transfer(what: String) -> Self {
        Self::new(what, &[], None, "{binary_bytes} of {binary_total_bytes} {binary_bytes_per_sec} {eta}")
    }

    fn new(what: String, states: &'static [&'static str], length: Option<u64>, text: &str) -> Self {
        let bar = ProgressBar::with_draw_target(length, target()).with_finish(ProgressFinish::AndClear);
        let template = format!("{{spinner:.cyan}} {{prefix}} [{{bar:24.cyan/dim}}] {text}");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style.progress_chars("━━╌"));
        }
        bar.set_prefix(what);
        bar.enable_steady_tick(Duration::from_millis(100));
        Progress { bar, states }
    }

    /// Shows the current state. An unknown one does not move the bar.
    pub(crate) fn state(&self, state: &str) {
        if let Some(step) = self.states.iter().position(|known| *known == state) {
            self.bar.set_position(step as u64);
        }
        self.bar.set_message(state.to_owned());
    }

    /// Shows how many bytes have arrived.
    pub(crate) fn bytes(&self, received: u64, total: Option<u64>) {
        if let Some(total) = total {
            self.bar.set_length(total);
        }
        self.bar.set_position(received);
    }

    /// Calls `print` while the bar is off the screen.
    pub(crate) fn suspend(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }

    /// The time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.bar.elapsed()
    }
}

/// An interruption drops the wait; its message must not stand behind half a bar.
impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
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
        true => ProgressDrawTarget::term_like_with_hz(Box::new(NarrowedTerminal(terminal)), RATE),
        false => ProgressDrawTarget::hidden(),
    }
}

/// A terminal whose last columns stay free.
#[derive(Debug)]
struct NarrowedTerminal(Term);

impl TermLike for NarrowedTerminal {
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
