//! Finds the line in which a file first mentions a path or defines an item, for messages.
//!
//! Syntax trees have no lines here: with proc-macro2's `span-locations`, every build of the workspace would compile it
//! and all derives twice.

use std::fs;
use std::path::Path;

use super::mentions::Kind;

/// Identifiers and punctuation of a file with their lines, without comments.
pub(super) struct Lines(Vec<(String, usize)>);

impl Lines {
    /// The lines of a file. Empty if it cannot be read.
    pub(super) fn read(file: &Path) -> Self {
        Lines(tokens(&fs::read_to_string(file).unwrap_or_default()))
    }

    /// The first line that mentions `path` in this way.
    pub(super) fn of(&self, path: &[String], kind: Kind) -> usize {
        let Lines(words) = self;
        let last = path.last().map_or("", String::as_str);
        let in_text = format!("\"{}\"", path.join("::"));
        let in_code = || {
            let whole: Vec<&str> = path.iter().flat_map(|name| [name.as_str(), ":", ":"]).collect();
            let whole = &whole[..whole.len().saturating_sub(2)];
            let is_here =
                |window: &[(String, usize)]| window.iter().map(|(word, _)| word.as_str()).eq(whole.iter().copied());
            words.windows(whole.len().max(1)).find(|window| is_here(window)).map(|window| window[0].1)
        };
        let in_import = || {
            let mut is_import = false;
            words.iter().enumerate().find_map(|(at, (word, line))| {
                is_import = word == "use" || is_import && word != ";";
                let before = at.checked_sub(1).map_or("", |before| words[before].0.as_str());
                let is_named = word == last || last == "*" && word == "*";
                (is_import && is_named && [":", "{", ",", "use"].contains(&before)).then_some(*line)
            })
        };
        let anywhere = || words.iter().find(|(word, _)| word == last || *word == in_text).map(|(_, line)| *line);
        let found = if kind == Kind::Import { in_import() } else { in_code() };
        found.or_else(anywhere).unwrap_or(1)
    }

    /// The line that defines `item`.
    pub(super) fn definition(&self, item: &str) -> usize {
        const KEYWORDS: [&str; 9] = ["struct", "enum", "fn", "trait", "type", "const", "static", "union", "!"];
        let Lines(words) = self;
        let is_here = |pair: &&[(String, usize)]| KEYWORDS.contains(&pair[0].0.as_str()) && pair[1].0 == item;
        words.windows(2).find(is_here).map_or(1, |pair| pair[1].1)
    }
}

fn tokens(text: &str) -> Vec<(String, usize)> {
    let (mut words, mut rest, mut line) = (Vec::new(), text, 1);
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if first == '"' {
            let length = text_length(rest, 1, "\"", true);
            words.push((rest[..length].to_owned(), line));
            length
        } else if let Some(hashes) = rest.strip_prefix('r').filter(|raw| raw.starts_with(['"', '#'])) {
            let count = hashes.len() - hashes.trim_start_matches('#').len();
            match hashes[count..].starts_with('"') {
                true => text_length(rest, count + 2, &format!("\"{}", "#".repeat(count)), false),
                false => count + 1,
            }
        } else if first == '\'' {
            character_length(rest)
        } else if is_word(first) {
            let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            words.push((rest[..length].to_owned(), line));
            length
        } else {
            if !first.is_whitespace() {
                words.push((first.to_string(), line));
            }
            first.len_utf8()
        };
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    words
}

/// The length of a literal that starts with `begun` bytes and ends with `end`.
fn text_length(text: &str, begun: usize, end: &str, has_escapes: bool) -> usize {
    let mut at = begun;
    while at < text.len() {
        if text[at..].starts_with(end) {
            return at + end.len();
        }
        let mut chars = text[at..].chars();
        let first = chars.next().map_or(1, char::len_utf8);
        let escaped =
            if has_escapes && text[at..].starts_with('\\') { chars.next().map_or(0, char::len_utf8) } else { 0 };
        at += first + escaped;
    }
    text.len()
}

/// The length of a character literal or a lifetime's tick.
fn character_length(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some(_)) => text_length(text, 1, "'", true),
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}
