//! `--query`: a jq filter over the JSON output.
//!
//! The filter is compiled before the first request, so a syntax error costs no call. It runs on its own thread, because
//! a filter may loop forever and Ctrl-C must still end the run. It cannot access files or the network.

use std::{io::Write, sync::mpsc, thread};

use jaq_core::{
    Compiler, Ctx, Filter, Vars,
    data::JustLut,
    load::{Arena, File, Loader},
    unwrap_valr,
};
use jaq_json::{
    Val, read,
    write::{Pp, write},
};
use tokio::sync::mpsc as results;

use crate::ui::exit::{Failure, Outcome};

/// A jq filter that compiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query(String);

impl std::str::FromStr for Query {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        compile(text).map(|_| Query(text.to_owned()))
    }
}

/// How to write results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    /// Indented.
    pub(crate) pretty: bool,
    /// Strings without quotes.
    pub(crate) raw: bool,
}

/// A running filter.
#[derive(Debug)]
pub(crate) struct Running {
    inputs: mpsc::Sender<Input>,
}

/// A document, and the channel for its results. Each result ends with a line feed.
struct Input {
    document: Vec<u8>,
    results: results::Sender<Result<Vec<u8>, String>>,
}

impl Query {
    /// Starts the thread of the filter. It ends when the returned value is dropped.
    ///
    /// # Errors
    /// The system cannot start a thread.
    pub(crate) fn start(&self, style: Style) -> Outcome<Running> {
        let (inputs, todo) = mpsc::channel::<Input>();
        let text = self.0.clone();
        let work = move || {
            // It compiled when it was parsed; filter values cannot be sent between threads.
            let Ok(filter) = compile(&text) else { return };
            todo.into_iter().for_each(|input| apply(&filter, &input, style));
        };
        let thread = thread::Builder::new().name("query".to_owned()).stack_size(64 << 20).spawn(work);
        thread.map_err(|source| Failure::local("cannot start the query", source))?;
        Ok(Running { inputs })
    }
}

impl Running {
    /// Applies the filter to `document` and writes the results.
    ///
    /// # Errors
    /// The filter fails on the document, or the output is closed.
    pub(crate) async fn apply(&self, document: Vec<u8>, out: &mut dyn Write) -> Outcome {
        let (sender, mut results) = results::channel(64);
        // If the thread has ended, no results arrive, which is handled below.
        let _gone = self.inputs.send(Input { document, results: sender });
        while let Some(result) = results.recv().await {
            let text = result.map_err(|message| Failure::Query { message })?;
            out.write_all(&text)?;
        }
        Ok(())
    }
}

fn apply(filter: &Filter<JustLut<Val>>, input: &Input, style: Style) {
    let pp = Pp { indent: style.pretty.then(|| "  ".to_owned()), sep_space: style.pretty, ..Pp::default() };
    let document = match read::parse_single(&input.document) {
        Ok(document) => document,
        // The receiver may be gone; then the error is dropped.
        Err(problem) => return drop(input.results.blocking_send(Err(shorten(&problem.to_string())))),
    };
    let context = Ctx::<JustLut<Val>>::new(&filter.lut, Vars::new([]));
    for value in filter.id.run((context, document)).map(unwrap_valr) {
        let result = value.map_err(|problem| shorten(&problem.to_string())).and_then(|value| {
            let mut text = Vec::new();
            match value {
                Val::TStr(string) if style.raw => text.extend_from_slice(&string),
                value => write(&mut text, &pp, 0, &value).map_err(|problem| problem.to_string())?,
            }
            text.push(b'\n');
            Ok(text)
        });
        let failed = result.is_err();
        if input.results.blocking_send(result).is_err() || failed {
            return;
        }
    }
}

/// Shortens an error message that quotes a document.
fn shorten(problem: &str) -> String {
    const KEPT: usize = 80;
    let text: Vec<char> = problem.chars().collect();
    match text.len() > 2 * KEPT + 3 {
        false => problem.to_owned(),
        true => text[..KEPT].iter().chain(&[' ', '…', ' ']).chain(&text[text.len() - KEPT..]).collect(),
    }
}

fn compile(text: &str) -> Result<Filter<JustLut<Val>>, String> {
    let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    let arena = Arena::default();
    let modules = Loader::new(definitions).load(&arena, File { path: (), code: text }).map_err(|errors| {
        use jaq_core::load::Error;
        let what = errors.into_iter().map(|(_, error)| match error {
            Error::Io(files) => {
                files.into_iter().next().map(|(path, _)| ("loading a file is not supported".to_owned(), path))
            }
            Error::Lex(tokens) => {
                tokens.into_iter().next().map(|(expected, at)| (format!("expected {}", expected.as_str()), at))
            }
            Error::Parse(terms) => {
                terms.into_iter().next().map(|(expected, at)| (format!("expected {}", expected.as_str()), at))
            }
        });
        error_at(text, what.flatten().next())
    })?;
    Compiler::default().with_funs(functions).compile(modules).map_err(|errors| {
        let what = errors.into_iter().flat_map(|(_, errors)| errors).next();
        error_at(text, what.map(|(name, kind)| (format!("unknown {}", kind.as_str()), name)))
    })
}

/// An error message with the position: the rest of the filter from there.
fn error_at(text: &str, what: Option<(String, &str)>) -> String {
    match what {
        Some((problem, "")) => format!("{problem} at the end of {text:?}"),
        Some((problem, place)) => format!("{problem} at {place:?}"),
        None => "invalid filter".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn results(query: &str, document: &str, style: Style) -> Outcome<String> {
        let query: Query = query.parse().expect("a query");
        let mut out = Vec::new();
        query.start(style)?.apply(document.as_bytes().to_vec(), &mut out).await?;
        Ok(String::from_utf8(out).expect("text"))
    }

    const COMPACT: Style = Style { pretty: false, raw: false };

    #[tokio::test]
    async fn query_keeps_number_precision() {
        let document = r#"{"b":[{"id":"x","n":9007199254740993},{"id":"y","n":1.10}]}"#;
        assert_eq!(results(".b[].id", document, COMPACT).await.unwrap(), "\"x\"\n\"y\"\n");
        assert_eq!(results(".b[].id", document, Style { raw: true, ..COMPACT }).await.unwrap(), "x\ny\n");
        assert_eq!(results(".b|map(.n)", document, COMPACT).await.unwrap(), "[9007199254740993,1.10]\n");
        let pretty = Style { pretty: true, ..COMPACT };
        assert_eq!(results(".b[0]|{id}", document, pretty).await.unwrap(), "{\n  \"id\": \"x\"\n}\n");
    }

    #[tokio::test]
    async fn failing_query_reports_reason() {
        let failure = results(".[]|.id", r#"[{"id":1},2]"#, COMPACT).await.expect_err("no object");
        assert!(failure.to_string().starts_with("query failed: "), "{failure}");
    }

    #[tokio::test]
    async fn failing_query_shortens_document_in_error() {
        let document = format!("[\"{}\"]", "é".repeat(10_000));
        let failure = results(".a", &document, COMPACT).await.expect_err("no object").to_string();
        assert!(!failure.contains(&"é".repeat(100)), "{failure}");
        assert!(failure.contains("cannot index") && failure.ends_with("with \"a\""), "{failure}");
    }

    #[test]
    fn invalid_query_reports_position() {
        for (text, expected) in [
            (".[", "expected closing bracket at the end"),
            (".a | nonsense(.)", "\"nonsense"),
            ("", ""),
            ("$x", "\"$x\""),
        ] {
            match text.parse::<Query>() {
                Ok(query) => assert_eq!(query.0, "", "{text}"),
                Err(problem) => assert!(problem.contains(expected), "{text}: {problem}"),
            }
        }
    }
}
