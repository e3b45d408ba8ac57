//! Progress bars, on terminals only. The duration of a job is unknown, so its bar counts states.

use std::{io, time::Duration};

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle, TermLike};

/// A bar on standard error. Clones draw the same bar. It disappears when any of them is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    bar: ProgressBar,
    states: &'static [&'static str],
}

impl Progress {
    /// A bar for `what`, which passes through `states`. The last state is the end.
    pub(crate) fn start(what: String, states: &'static [&'static str]) -> Self {
        let steps = states.len().saturating_sub(1) as u64;
        Self::new(what, states, Some(steps), "{msg} {elapsed:>4}")
    }

    /// A bar for the transfer of `what`, in bytes.
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

    /// Shows the current state. An unknown state does not move the bar.
    pub(crate) fn state(&self, state: &str) {
        if let Some(step) = self.states.iter().position(|known| *known == state) {
            self.bar.set_position(step as u64);
        }
        self.bar.set_message(state.to_owned());
    }

    /// Shows the number of received bytes.
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

/// An interruption drops the wait. Its message must not follow a partial bar.
impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Maximum number of redraws per second.
const RATE: u8 = 20;
/// Columns kept free, so that the `^C` of the terminal does not wrap: clearing would then hit the wrong line.
const ROOM: u16 = 3;

/// Standard error if it is a terminal that can move its cursor, else hidden.
fn target() -> ProgressDrawTarget {
    let terminal = Term::stderr();
    let is_dumb = std::env::var_os("TERM").is_some_and(|name| name == "dumb");
    match terminal.is_term() && !is_dumb {
        true => ProgressDrawTarget::term_like_with_hz(Box::new(NarrowedTerminal(terminal)), RATE),
        false => ProgressDrawTarget::hidden(),
    }
}

/// A terminal that reports fewer columns than it has.
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
