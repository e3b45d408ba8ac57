//! Standard error as the program writes to it: without raw control characters.
//!
//! Paths, arguments and requests can hold characters that move a terminal's cursor or start an escape sequence. They are
//! written as `\u{1b}` and the like.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

/// Writes lines to standard error, each with one call of `write`.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct LogWriter;

impl Write for LogWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let ended = text.strip_suffix('\n');
        let mut escaped = escape(ended.unwrap_or(&text));
        escaped.extend(ended.map(|_| '\n'));
        io::stderr().lock().write_all(escaped.as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// `text` with its control characters spelled out.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            let _ = write!(escaped, "{}", character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_spelled_out() {
        assert_eq!(escape("a\x1b[31mb\r\n\x07é"), "a\\u{1b}[31mb\\r\\n\\u{7}é");
    }
}
