//! What each binding hands to the transport, and what it makes of the answer.

use atlas_backup_runtime::{Error, Kind, Location, Method, codec::MAX_UNPAGED_ITEMS};
use serde_json::Value;

use crate::{
    generated::CALLS,
    trial::{TEXT, Trial, Values},
};

/// A page without items; any other document keeps the list as a field that it does not know.
const EMPTY_PAGE: &str = r#"{"results":[]}"#;

/// Whether the binding returns a page.
fn returns_page(trial: &Trial) -> bool {
    let (outcome, _) = trial.answered(200, "{}", &Values::of(trial.operation, false));
    match outcome {
        Err(Error::Decode { source, .. }) => source.to_string().starts_with("missing field `results`"),
        _ => false,
    }
}

/// The bindings that return a page.
pub(crate) fn pages() -> impl Iterator<Item = &'static Trial> {
    CALLS.iter().filter(|trial| returns_page(trial))
}

/// Whether the binding returns an object or nothing, rather than a page, a bare list or a bare value.
fn returns_object(trial: &Trial) -> bool {
    trial.answered(200, "{}", &Values::of(trial.operation, false)).0.is_ok()
}

/// The call of a binding that has nothing to object to.
fn sent(trial: &Trial, values: &Values) -> atlas_backup_runtime::Call {
    let bodies = [EMPTY_PAGE, "[]", "7", "true", "\"text\""];
    let answers = bodies.map(|body| trial.answered(200, body, values));
    let refused = format!("{}: {:?}", trial.name(), answers[0].0);
    let accepted = answers.into_iter().find(|(outcome, _)| outcome.is_ok());
    let (_, call) = accepted.unwrap_or_else(|| panic!("{refused}"));
    call.unwrap_or_else(|| panic!("{} sent nothing", trial.name()))
}

/// The text of a value as a path or query has it.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[test]
fn every_binding_sends_its_own_operation_version_path_query_and_body() {
    for trial in CALLS {
        let (name, values) = (trial.name(), Values::of(trial.operation, true));
        let call = sent(trial, &values);
        assert_eq!((call.operation, call.version), (trial.operation, trial.version()), "{name}");

        let mut path = trial.operation.path.to_owned();
        let mut query = Vec::new();
        for parameter in trial.operation.parameters {
            let value = values.value(parameter.name).unwrap();
            match (parameter.location, parameter.kind) {
                (Location::Path, _) => {
                    let value = plain(&value).replace(TEXT, "a%20b%2F%7Bc%7D%25");
                    path = path.replace(&format!("{{{}}}", parameter.name), &value);
                }
                (Location::Query, Kind::List) => {
                    query.extend(value.as_array().unwrap().iter().map(|value| (parameter.name, plain(value))));
                }
                (Location::Query, _) => query.push((parameter.name, plain(&value))),
            }
        }
        assert_eq!(call.path, path, "{name}");
        // Required arguments come before optional ones.
        let (mut sent, mut expected) = (call.query, query);
        sent.sort();
        expected.sort();
        assert_eq!(sent, expected, "{name}");
        let body = call.body.map(|body| serde_json::from_slice::<Value>(&body).unwrap());
        assert_eq!(body, values.sent.take(), "{name}");
        assert_eq!(body.is_some(), trial.version().content_type.is_some(), "{name}");
    }
}

#[test]
fn unset_parameters_are_not_sent() {
    for trial in CALLS {
        let call = sent(trial, &Values::of(trial.operation, false));
        let required = trial.operation.parameters.iter();
        let required = required.filter(|parameter| parameter.required && parameter.location == Location::Query);
        let required: Vec<&str> = required.map(|parameter| parameter.name).collect();
        let mut sent: Vec<&str> = call.query.iter().map(|(name, _)| *name).collect();
        // A list is sent as one pair for each of its values.
        sent.dedup();
        assert_eq!(sent, required, "{}", trial.name());
    }
}

#[test]
fn unsafe_path_value_is_refused_before_sending() {
    for trial in CALLS {
        let path = trial.operation.parameters.iter().filter(|parameter| parameter.location == Location::Path);
        for parameter in path.filter(|parameter| parameter.values.is_empty()) {
            for value in ["", ".", ".."] {
                let values = Values::with(trial.operation, parameter.name, value);
                let (outcome, call) = trial.answered(200, "{}", &values);
                let reported = matches!(&outcome, Err(Error::Parameter { name, .. }) if name == parameter.name);
                assert!(reported && call.is_none(), "{}: {} {value:?}: {outcome:?}", trial.name(), parameter.name);
            }
        }
    }
}

#[test]
fn empty_2xx_body_is_accepted_for_changes_that_return_an_object() {
    for trial in CALLS {
        let is_read = trial.operation.method == Method::Get && trial.version().response.is_some();
        for status in [200, 202, 204] {
            let (outcome, _) = trial.answered(status, " ", &Values::of(trial.operation, true));
            let expected = returns_object(trial) && !is_read;
            assert_eq!(outcome.is_ok(), expected, "{}: {status}: {outcome:?}", trial.name());
        }
    }
}

#[test]
fn page_without_list_of_items_is_refused_by_every_binding() {
    assert!(CALLS.iter().all(|trial| !trial.operation.paged || returns_page(trial)), "what is paged returns pages");
    for trial in pages() {
        let values = Values::of(trial.operation, false);
        for body in [
            "",
            "null",
            "[]",
            "7",
            "[[],[]]",
            r#"{"results":null}"#,
            r#"{"results":{}}"#,
            r#"{"results":"x"}"#,
            r#"{"totalCount":0,"links":[]}"#,
            r#"{"results":[],"results":null}"#,
            "<html>",
        ] {
            let (outcome, _) = trial.answered(200, body, &values);
            assert!(matches!(outcome, Err(Error::Decode { .. })), "{}: {body}: {outcome:?}", trial.name());
        }
        assert!(trial.answered(200, EMPTY_PAGE, &values).0.is_ok(), "{}", trial.name());
    }
}

#[test]
fn page_with_too_many_items_is_refused_by_every_binding() {
    let body = |items: usize| -> &'static str {
        Box::leak(format!(r#"{{"results":[{}]}}"#, vec!["{}"; items].join(",")).into_boxed_str())
    };
    for (paged, most) in [(true, 100), (false, MAX_UNPAGED_ITEMS)] {
        let (most, more) = (body(most), body(most + 1));
        for trial in CALLS.iter().filter(|trial| trial.operation.paged == paged && returns_page(trial)) {
            let values = Values::of(trial.operation, false);
            assert!(trial.answered(200, most, &values).0.is_ok(), "{}", trial.name());
            let (outcome, _) = trial.answered(200, more, &values);
            let Err(Error::Decode { source, .. }) = outcome else { panic!("{}: {outcome:?}", trial.name()) };
            assert!(source.to_string().contains("more than"), "{}: {source}", trial.name());
        }
    }
}

#[test]
fn error_of_every_binding_keeps_status_and_body() {
    for trial in CALLS {
        let (outcome, _) = trial.answered(502, "<html>bad gateway</html>", &Values::of(trial.operation, true));
        let Err(Error::Status(reply)) = outcome else { panic!("{}: {outcome:?}", trial.name()) };
        assert_eq!((reply.status.as_u16(), &reply.body[..]), (502, b"<html>bad gateway</html>".as_slice()));
        let (outcome, _) = trial.answered(200, "<html>proxy</html>", &Values::of(trial.operation, true));
        assert!(matches!(outcome, Err(Error::Decode { .. })), "{}: {outcome:?}", trial.name());
    }
}
