//! HTML pages: the shared base, and how a page becomes a file.
//!
//! A page is one self-contained document. Its Content-Security-Policy forbids every load and allows only its own style
//! and script, by hash, so text from Atlas cannot run or call out. The templates also escape all text. A template
//! extends `base.html`, fills the blocks `summary`, `content` and `footer`, and its struct has a field `page`. Styles
//! and scripts are files of this crate, never data.

use std::path::Path;

use askama::Template;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest as _, Sha256};

use super::{
    atomic_file,
    exit::{Failure, Outcome},
};

const STYLE: &str = include_str!("../../templates/page.css");

/// The values of the base template.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) title: String,
    created_at: DateTime<Utc>,
    style: String,
    script: &'static str,
}

impl Page {
    pub(crate) fn new(title: impl Into<String>, created_at: DateTime<Utc>) -> Self {
        Page { title: title.into(), created_at, style: STYLE.to_owned(), script: "" }
    }

    /// Adds CSS rules.
    pub(crate) fn with_style(mut self, rules: &'static str) -> Self {
        self.style.push_str(rules);
        self
    }

    /// Sets the script that runs after the page has loaded.
    pub(crate) fn with_script(mut self, script: &'static str) -> Self {
        self.script = script;
        self
    }

    pub(crate) fn style(&self) -> &str {
        &self.style
    }

    pub(crate) fn script(&self) -> &str {
        self.script
    }

    pub(crate) fn has_script(&self) -> bool {
        !self.script.is_empty()
    }

    /// The Content-Security-Policy.
    pub(crate) fn policy(&self) -> String {
        let script = if self.has_script() { hash(self.script) } else { "'none'".to_owned() };
        let style = hash(&self.style);
        format!("default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'")
    }

    pub(crate) fn generator(&self) -> &'static str {
        concat!("atlas-backup ", env!("CARGO_PKG_VERSION"))
    }

    pub(crate) fn created_at_rfc3339(&self) -> String {
        self.created_at.to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    pub(crate) fn created_at_text(&self) -> String {
        self.created_at.format("%-d %B %Y, %H:%M UTC").to_string()
    }
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

/// Writes a page to a file atomically.
///
/// # Errors
/// The folder does not exist, or the file cannot be written.
pub(crate) fn save(page: &impl Template, path: &Path) -> Outcome {
    let text = page.render().map_err(|source| Failure::local("cannot render the page", source))?;
    atomic_file::write(path, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Template)]
    #[template(
        ext = "html",
        source = r#"{% extends "base.html" %}{% block content %}<section>{{ text }}</section>{% endblock %}"#
    )]
    struct Example {
        page: Page,
        text: &'static str,
    }

    fn example(script: &'static str) -> String {
        let created_at = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
        let page = Page::new("a <title>", created_at).with_style("i { color: red; }").with_script(script);
        Example { page, text: "</section><script>alert('&')</script>" }.render().expect("a page")
    }

    /// The text between two marks.
    fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
        text.split_once(start).and_then(|(_, rest)| rest.split_once(end)).expect("both marks").0
    }

    #[test]
    fn page_escapes_untrusted_text() {
        let page = example("");
        assert!(page.contains("a &#60;title&#62;") && !page.contains("<script"), "{page}");
        assert!(page.contains("&#60;/section&#62;&#60;script&#62;alert(&#39;&#38;&#39;)"), "{page}");
    }

    #[test]
    fn page_policy_allows_only_own_style_and_script() {
        let page = example("if (1 < 2 && true) { go('\u{2713}'); }");
        let policy = between(&page, "Content-Security-Policy\" content=\"", "\"").replace("&#39;", "'");
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        assert!(policy.contains(&format!("style-src {}", hash(between(&page, "<style>", "</style>")))), "{policy}");
        assert!(policy.contains(&format!("script-src {}", hash(between(&page, "<script>", "</script>")))), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
        assert!(between(&page, "<style>", "</style>").ends_with("i { color: red; }"));
    }

    #[test]
    fn page_has_no_external_references() {
        let page = example("");
        assert!(
            !page.contains("http:") && !page.contains("https:") && !page.contains("url(") && !page.contains("src=")
        );
    }
}
