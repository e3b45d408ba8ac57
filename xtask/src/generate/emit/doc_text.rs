//! Descriptions of the curated document as Rust documentation: wrapped, and with rustdoc markup escaped.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

/// Width of wrapped documentation, without its indent.
const WIDTH: usize = 110;

/// `text` as doc attributes, one per line. Empty for an empty text.
pub(crate) fn doc(text: &str) -> TokenStream {
    lines(text).into_iter().map(|line| attribute("doc", &line)).collect()
}

/// `text` as the inner documentation of a file.
pub(crate) fn inner_doc(text: &str) -> TokenStream {
    lines(text)
        .into_iter()
        .map(|line| {
            let line = spaced(&line);
            quote! { #![doc = #line] }
        })
        .collect()
}

/// Other names of an item as search aliases, except those that a search finds anyway.
pub(crate) fn aliases<'a>(item: &str, names: impl IntoIterator<Item = &'a str>) -> TokenStream {
    let plain = |name: &str| name.replace('_', "").to_lowercase();
    let mut seen = BTreeSet::from([plain(item)]);
    names.into_iter().filter(|name| seen.insert(plain(name))).map(|name| quote! { #[doc(alias = #name)] }).collect()
}

/// A documentation line that links to a type.
pub(crate) fn link(head: &str, name: &str) -> TokenStream {
    let line = format!(" {head} [`{name}`].");
    quote! { #[doc = #line] }
}

/// A macro call with a table, one row per line, so that a new row is a new line.
pub(crate) fn table(head: &str, rows: impl Iterator<Item = String>) -> String {
    let rows: String = rows.map(|row| format!("    {row},\n")).collect();
    if rows.is_empty() { format!("{head}{{}});\n") } else { format!("{head}{{\n{rows}}});\n") }
}

fn attribute(name: &str, line: &str) -> TokenStream {
    let (name, line) = (quote::format_ident!("{name}"), spaced(line));
    quote! { #[#name = #line] }
}

fn spaced(line: &str) -> String {
    if line.is_empty() { String::new() } else { format!(" {line}") }
}

fn lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.trim().lines() {
        let indent = if paragraph.trim_start().starts_with("- ") { "  " } else { "" };
        let mut line = String::new();
        for word in escape(paragraph.trim_end()).split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
                lines.push(std::mem::replace(&mut line, format!("{indent}{word}")));
            } else {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
        }
        lines.push(line);
    }
    lines
}

/// Escapes brackets (rustdoc's links) and angle brackets (HTML) outside code, and makes bare URLs links.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (index, part) in text.split('`').enumerate() {
        if index > 0 {
            escaped.push('`');
        }
        if index % 2 == 1 {
            escaped.push_str(part);
            continue;
        }
        for (number, word) in part.split(' ').enumerate() {
            if number > 0 {
                escaped.push(' ');
            }
            if word.starts_with("https://") {
                let end = word.trim_end_matches(['.', ',', ')']);
                escaped.push_str(&format!("<{end}>{}", &word[end.len()..]));
            } else if word.contains("](https://") {
                escaped.push_str(word);
            } else {
                escaped.push_str(&word.replace('[', "\\[").replace(']', "\\]").replace('<', "\\<").replace('>', "\\>"));
            }
        }
    }
    escaped
}
