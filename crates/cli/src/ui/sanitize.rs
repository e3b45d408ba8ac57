//! Makes text from the service safe to print.

/// `text` on one line: each control character becomes a space. Text from the service may contain line breaks, escape
/// sequences or bidirectional control characters.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if is_control(c) { ' ' } else { c }).collect()
}

/// Whether a character is invisible but moves or changes the text around it, such as a bidirectional control.
pub(crate) fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
