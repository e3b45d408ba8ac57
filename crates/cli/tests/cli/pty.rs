//! A pseudo-terminal for the binary. Tests wait for text on the screen, never for a time.

use std::{
    io::{Read, Write},
    num::NonZero,
    path::Path,
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

use atlas_backup_emulator::{DEMO_PROJECT, Emulator};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Timeout of a test; reached only on failure.
const PATIENCE: Duration = Duration::from_secs(60);
const ROWS: u16 = 24;

/// The binary on a terminal.
pub(crate) struct Terminal {
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
}

struct Seen {
    raw: Vec<u8>,
    parser: vt100::Parser,
    over: bool,
}

/// The state of the terminal at the end.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) code: u32,
    /// All output, with control sequences.
    pub(crate) raw: String,
    /// The screen at the end.
    pub(crate) screen: String,
    pub(crate) cursor_is_hidden: bool,
}

/// The start of a run.
pub(crate) struct Start {
    command: CommandBuilder,
    columns: u16,
}

/// The binary with `arguments`, separated by spaces, on a terminal of 100 columns.
pub(crate) fn on_terminal(arguments: &str) -> Start {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_atlas-backup"));
    command.args(arguments.split_whitespace());
    Start { command, columns: 100 }.in_an_empty_environment()
}

/// A shell command on a terminal; `$BIN` is the binary.
pub(crate) fn shell(line: &str) -> Start {
    let mut command = CommandBuilder::new("/bin/sh");
    command.args(["-c", line]);
    let start = Start { command, columns: 100 }.in_an_empty_environment();
    start.env("BIN", env!("CARGO_BIN_EXE_atlas-backup")).env("PATH", "/usr/bin:/bin")
}

impl Start {
    fn in_an_empty_environment(mut self) -> Self {
        self.command.env_clear();
        self.env("TERM", "xterm-256color")
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn columns(mut self, columns: u16) -> Self {
        self.columns = columns;
        self
    }

    pub(crate) fn directory(mut self, directory: &Path) -> Self {
        self.command.cwd(directory);
        self
    }

    /// Calls `emulator` with its API key, about its demo project.
    pub(crate) fn with_key(self, emulator: &Emulator) -> Self {
        self.env("MONGODB_ATLAS_PUBLIC_API_KEY", "public")
            .env("MONGODB_ATLAS_PRIVATE_API_KEY", "private")
            .env("MONGODB_ATLAS_BASE_URL", emulator.base_url())
            .env("MONGODB_ATLAS_PROJECT_ID", DEMO_PROJECT)
    }

    pub(crate) fn start(self) -> Terminal {
        let pair = native_pty_system().openpty(size(self.columns)).expect("a terminal");
        let child = pair.slave.spawn_command(self.command).expect("it starts");
        drop(pair.slave);
        let mut output = pair.master.try_clone_reader().expect("its output");
        let keyboard = pair.master.take_writer().expect("its input");
        let parser = vt100::Parser::new(cells(ROWS), cells(self.columns), 1000);
        let seen = Arc::new((Mutex::new(Seen { raw: Vec::new(), parser, over: false }), Condvar::new()));
        let shown = seen.clone();
        thread::spawn(move || {
            let mut piece = [0; 4096];
            loop {
                // Where the program has gone, reading is an error on Linux and the end elsewhere.
                let read = output.read(&mut piece).unwrap_or(0);
                let mut seen = shown.0.lock().expect("no panic");
                seen.raw.extend_from_slice(&piece[..read]);
                seen.parser.process(&piece[..read]);
                seen.over = read == 0;
                shown.1.notify_all();
                if read == 0 {
                    break;
                }
            }
        });
        Terminal { master: pair.master, keyboard, child, seen }
    }

    pub(crate) fn ends(self) -> Left {
        self.start().ends()
    }
}

fn size(columns: u16) -> PtySize {
    PtySize { rows: ROWS, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn cells(number: u16) -> NonZero<u16> {
    NonZero::new(number).expect("a screen has cells")
}

impl Terminal {
    /// Waits until the output contains `text`.
    pub(crate) fn shows(&self, text: &str) {
        let begun = Instant::now();
        let mut seen = self.seen.0.lock().expect("no panic");
        while !String::from_utf8_lossy(&seen.raw).contains(text) {
            let raw = String::from_utf8_lossy(&seen.raw).into_owned();
            assert!(!seen.over && begun.elapsed() < PATIENCE, "no {text:?} in {raw:?}");
            seen = self.seen.1.wait_timeout(seen, Duration::from_millis(200)).expect("no panic").0;
        }
    }

    /// Types text.
    pub(crate) fn types(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).and_then(|()| self.keyboard.flush()).expect("it is typed");
    }

    /// Sets the width of the window.
    pub(crate) fn resize(&self, columns: u16) {
        self.master.resize(size(columns)).expect("another size");
        self.seen.0.lock().expect("no panic").parser.screen_mut().set_size(cells(ROWS), cells(columns));
    }

    /// Waits for the end of the run and of its output.
    pub(crate) fn ends(mut self) -> Left {
        let code = self.child.wait().expect("it ends").exit_code();
        let begun = Instant::now();
        let mut seen = self.seen.0.lock().expect("no panic");
        while !seen.over {
            assert!(begun.elapsed() < PATIENCE, "the terminal stays open");
            seen = self.seen.1.wait_timeout(seen, Duration::from_millis(200)).expect("no panic").0;
        }
        let screen = seen.parser.screen();
        Left {
            code,
            raw: String::from_utf8_lossy(&seen.raw).into_owned(),
            screen: screen.contents(),
            cursor_is_hidden: screen.hide_cursor(),
        }
    }
}
