//! Properties of the decoder, for every operation version: the table of bindings says which there are.
//!
//! Bodies are drawn from the schemas of the curated document, with what the service does beyond them: fields and enum
//! values of tomorrow, unknown kinds, nulls, keys in any order. The document is read here on its own, so that a mistake
//! of the generator cannot hide in the test.
//!
//! The cases are the same on every run; `PROPTEST_CASES=1000` draws that many new ones for each codec instead.

mod choices;
mod document;
mod node;

use std::panic::{AssertUnwindSafe, catch_unwind};

use atlas_backup_generated::dispatch::BINDINGS;
use atlas_backup_runtime::dispatch::Codec;
use atlas_backup_tests::conformance::compare;
use proptest::{
    collection::vec,
    prelude::any,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};
use serde_json::Value;

use choices::Choices;
use document::{Document, NEW, Side};
use node::Node;

/// Cases for each codec.
const CASES: u32 = 24;
/// Choices for one body; what is drawn after the last one is the least there can be.
const CHOICES: usize = 500;

/// A codec with the schema of what it decodes.
struct Row {
    name: String,
    operation: &'static str,
    schema: Option<&'static str>,
    side: Side,
    codec: Codec,
}

fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for binding in BINDINGS {
        let version = binding.version();
        let name = |what: &str| format!("{} {} {what}", binding.operation.id, version.date);
        let (operation, answer, request) = (binding.operation.id, name("answer"), name("request"));
        let (schema, codec) = (version.response, binding.response);
        rows.push(Row { name: answer, operation, schema, side: Side::CannedResponse, codec });
        rows.extend(binding.request.map(|codec| Row {
            name: request,
            operation,
            schema: version.request,
            side: Side::Request,
            codec,
        }));
    }
    rows
}

/// Runs a property of one row on drawn choices; a failure names the row and the smallest case that was found.
fn holds(row: &Row, property: impl Fn(&mut Choices<'_>) -> Result<(), String>) {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = if std::env::var_os("PROPTEST_CASES").is_some() {
        TestRunner::new(config)
    } else {
        config.cases = CASES;
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
    };
    let outcome = runner.run(&vec(any::<u16>(), 0..CHOICES), |choices| {
        property(&mut Choices::new(&choices)).map_err(TestCaseError::fail)
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(reason, _) | TestError::Abort(reason)) => panic!("{}: {reason}", row.name),
    }
}

#[test]
fn body_allowed_by_schema_round_trips_with_unknown_fields() {
    let document = Document::curated();
    for row in &rows() {
        holds(row, |choices| {
            let body = document.body(row.operation, row.schema, row.side, choices).text();
            survives(row, &document, &body).map_err(|reason| format!("{reason}\n{body}"))
        });
    }
}

fn survives(row: &Row, document: &Document, body: &str) -> Result<(), String> {
    let recoded = (row.codec)(body.as_bytes()).map_err(|error| format!("does not decode: {error}"))?;
    if !recoded.stable {
        return Err("what was written decodes to another value".to_owned());
    }
    let parsed: Value = serde_json::from_str(body).map_err(|error| format!("the test drew no JSON: {error}"))?;
    if let Some(pointer) = compare::lost(&parsed, &recoded.json).first() {
        return Err(format!("lost {pointer}"));
    }
    if let Some(pointer) = compare::invented(&parsed, &recoded.json).first() {
        return Err(format!("invented {pointer}"));
    }
    // A field that the document defines must not be taken for an unknown one: a wrong type could hide there.
    let hidden = compare::left_out(&recoded.json, &recoded.documented).into_iter().find(|pointer| {
        let key = pointer.rsplit('/').next().unwrap_or_default();
        !key.starts_with(NEW) && !document.is_tag(key)
    });
    hidden.map_or(Ok(()), |pointer| Err(format!("{pointer} is defined and was taken for unknown")))
}

#[test]
fn arbitrary_json_never_panics_the_decoder() {
    let document = Document::curated();
    for row in &rows() {
        holds(row, |choices| {
            let mut body = document.body(row.operation, row.schema, row.side, choices);
            for _ in 0..=choices.below(3) {
                *body.somewhere(choices) = Node::any(choices, 0);
            }
            never_panics(row, body.text().as_bytes())
        });
    }
}

#[test]
fn arbitrary_bytes_never_panic_the_decoder() {
    let document = Document::curated();
    for row in &rows() {
        holds(row, |choices| {
            let mut bytes = document.body(row.operation, row.schema, row.side, choices).text().into_bytes();
            bytes.truncate(choices.below(bytes.len() + 1));
            for _ in 0..choices.below(8) {
                let (at, byte) = (choices.below(bytes.len() + 1), choices.below(256));
                bytes.insert(at, u8::try_from(byte).expect("it is below 256"));
            }
            never_panics(row, &bytes)
        });
    }
}

#[test]
fn deeply_nested_json_never_overflows_the_stack() {
    for row in &rows() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("{\"results\":[", "]}")] {
            let deep = format!("{}1{}", open.repeat(20_000), close.repeat(20_000));
            assert!((row.codec)(deep.as_bytes()).is_err(), "{}", row.name);
        }
    }
}

fn never_panics(row: &Row, body: &[u8]) -> Result<(), String> {
    let shown = || String::from_utf8_lossy(body).into_owned();
    let outcome = catch_unwind(AssertUnwindSafe(|| (row.codec)(body)));
    match outcome {
        Ok(Ok(recoded)) if !recoded.stable => Err(format!("what was written decodes to another value\n{}", shown())),
        Ok(_) => Ok(()),
        Err(_) => Err(format!("panicked\n{}", shown())),
    }
}
