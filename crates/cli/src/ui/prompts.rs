//! Reads input from the user. Reading happens on its own thread, so that Ctrl-C can end the run while it waits.

use std::{
    fs::File,
    io::{self, BufRead, IsTerminal, Read},
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};

use super::messages;

/// Whether standard input and standard error are terminals.
pub(crate) fn is_interactive() -> bool {
    io::stdin().is_terminal() && messages::is_terminal()
}

/// Whether standard input is a terminal.
pub(crate) fn stdin_is_terminal() -> bool {
    io::stdin().is_terminal()
}

/// Reads a line from standard input, trimmed, after printing `prompt` if there is one.
///
/// # Errors
/// Standard input cannot be read.
pub(crate) async fn line(prompt: Option<String>) -> io::Result<String> {
    on_thread(move || {
        if let Some(prompt) = prompt {
            messages::prompt(prompt)?;
        }
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line.trim().to_owned())
    })
    .await
}

/// Reads a line without showing it on a terminal.
///
/// # Errors
/// The terminal cannot be read.
pub(crate) async fn secret(prompt: String) -> io::Result<SecretString> {
    on_thread(move || rpassword::prompt_password(prompt)).await.map(trimmed)
}

/// Reads a line of a file or pipe as a secret.
///
/// # Errors
/// Standard input cannot be read.
pub(crate) async fn secret_line() -> io::Result<SecretString> {
    on_thread(|| {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    })
    .await
    .map(trimmed)
}

/// The secret without spaces around it. Erases the original.
fn trimmed(text: String) -> SecretString {
    let text = SecretString::from(text);
    SecretString::from(text.expose_secret().trim())
}

/// The largest file that a user passes, in bytes.
const MAX_FILE: u64 = 16 << 20;

/// Reads the file at `path`, or standard input for `-`, to its end.
///
/// # Errors
/// It cannot be read, or is larger than 16 MiB.
pub(crate) async fn file(path: PathBuf) -> io::Result<Vec<u8>> {
    on_thread(move || {
        let source: Box<dyn Read> = match path == Path::new("-") {
            true => Box::new(io::stdin().lock()),
            false => Box::new(File::open(path)?),
        };
        let mut bytes = Vec::new();
        source.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
        match bytes.len() as u64 > MAX_FILE {
            true => Err(io::Error::new(io::ErrorKind::InvalidData, "it is larger than 16 MiB")),
            false => Ok(bytes),
        }
    })
    .await
}

/// The same as text.
///
/// # Errors
/// As for [`file`]; or it is not UTF-8.
pub(crate) async fn text_file(path: PathBuf) -> io::Result<String> {
    String::from_utf8(file(path).await?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Runs `read` on a separate thread. A signal ends the run although the thread still waits.
///
/// # Errors
/// `read` fails or panics.
pub(crate) async fn on_thread<T: Send + 'static>(
    read: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(read).await.unwrap_or_else(|panicked| Err(io::Error::other(panicked)))
}
