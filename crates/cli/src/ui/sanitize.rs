//! Text from the service, made safe to print.

/// `text` on one line: each control character becomes a space. Text of the service may hold line breaks, escape sequences
/// or marks that change the direction of writing.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if is_control(c) { ' ' } else { c }).collect()
}

/// Whether a character is invisible but moves or changes the text around it.
pub(crate) fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
