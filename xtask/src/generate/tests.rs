//! From a tiny document to Rust, and the file handling of the command.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{
    command::{Arguments, run},
    emit::former::Methods,
    passes::fixture,
    pipeline::{Accepted, Curation, FORMER, METHODS, TRIALS, generate},
};
use crate::openapi::document::Document;

fn types(document: &Document) -> String {
    let files = generate(document, &Curation::default()).unwrap().files;
    format!("{}\n{}", files["types/things.rs"], files["codec/things.rs"])
}

#[test]
fn records_keep_unknown_fields_and_map_awkward_names() {
    insta::assert_snapshot!(types(&fixture(json!({
        "Out": { "type": "object", "description": "A thing.", "properties": {
            "_id": { "type": "string", "description": "Its id." },
            "type": { "type": "string", "description": "Its type." },
            "extra": { "type": "integer", "description": "More of it." },
            "fields": { "type": "array", "items": { "type": "string" }, "description": "Its fields." }
        } }
    }))));
}

#[test]
fn request_types_have_a_constructor_setters_and_tell_null_from_absent() {
    insta::assert_snapshot!(types(&fixture(json!({
        "Out": { "type": "object", "description": "A thing.", "properties": {} },
        "In": { "type": "object", "description": "What to make.", "required": ["name", "window"], "properties": {
            "window": { "type": "integer", "nullable": true, "description": "How long, or null for no end." },
            "name": { "type": "string", "description": "Its name." },
            "suffix": { "type": "string", "nullable": true, "description": "Its suffix." },
            "tags": { "type": "array", "items": { "type": "string" }, "description": "Its tags." },
            "made": { "type": "string", "format": "date-time", "readOnly": true, "description": "When it was made." }
        } }
    }))));
}

#[test]
fn unions_choose_by_the_tag_and_keep_unknown_kinds() {
    insta::assert_snapshot!(types(&fixture(json!({
        "Out": { "type": "object", "description": "A policy item.", "discriminator": { "propertyName": "kind", "mapping": {
            "daily": "#/components/schemas/TimedOut", "hourly": "#/components/schemas/TimedOut",
            "manual": "#/components/schemas/ManualOut" } } },
        "TimedOut": { "type": "object", "description": "By the clock.", "properties": {
            "kind": { "type": "string", "description": "Its kind." } } },
        "ManualOut": { "type": "object", "description": "By hand.", "properties": {
            "kind": { "type": "string", "description": "Its kind." } } }
    }))));
}

#[test]
fn string_enums_are_open() {
    insta::assert_snapshot!(types(&fixture(json!({
        "Out": { "type": "object", "description": "A thing.", "properties": { "state": {
            "type": "string", "enum": ["inProgress", "FAILED"], "description": "Where it stands.",
            "x-enum-descriptions": { "FAILED": "It did not work." } } } }
    }))));
}

#[test]
fn names_colliding_in_rust_are_made_distinct_and_keep_their_text() {
    let fields = ["id", "Id", "ID", "@type", "type", "", "a-b", "aB", "extra", "extra_"];
    let fields: serde_json::Map<_, _> =
        fields.into_iter().map(|name| (name.to_owned(), json!({ "type": "string" }))).collect();
    let text = types(&fixture(json!({
        "Out": { "type": "object", "properties": {
            "own": { "$ref": "#/components/schemas/Self" },
            "op": { "type": "string", "enum": ["=", "<", "<="] },
            "zone": { "type": "string", "enum": ["Etc/GMT+1", "Etc/GMT-1", "unknown"] },
            "word": { "type": "string", "enum": ["foo", "_foo", "FOO"] }
        } },
        "Self": { "type": "object", "properties": fields }
    })));
    for line in [
        "Equals = \"=\"",
        "Less = \"<\"",
        "LessEquals = \"<=\"",
        "EtcGmtPlus1 = \"Etc/GMT+1\"",
        "EtcGmt1 = \"Etc/GMT-1\"",
        "UnknownValue = \"unknown\"",
        "Foo = \"foo\"",
        "UnderscoreFoo = \"_foo\"",
        "FooUpper = \"FOO\"",
        "record!(SelfType {",
        "id: optional \"id\"",
        "id_mixed: optional \"Id\"",
        "id_upper: optional \"ID\"",
        "at_type: optional \"@type\"",
        "type_: optional \"type\"",
        "empty: optional \"\"",
        "a_dash_b: optional \"a-b\"",
        "a_b: optional \"aB\"",
        "extra_: optional \"extra\"",
        "extra_underscore: optional \"extra_\"",
        "#[doc(alias = \"Self\")]",
    ] {
        assert!(text.contains(line), "{line} in:\n{text}");
    }
}

#[test]
fn parameter_with_name_of_operation_has_no_constant() {
    let mut document = fixture(json!({ "Out": { "type": "object", "properties": {} } }));
    let parameters = json!([{ "name": "logs", "in": "query", "schema": { "type": "boolean" }, "description": "Logs." },
        { "name": "size", "in": "query", "schema": { "type": "integer" }, "description": "Size." }]);
    let mut get = document["paths"]["/things"]["get"].take();
    get["parameters"] = parameters;
    let mut logs = get.clone();
    logs["operationId"] = json!("logs");
    document["paths"]["/things"] = json!({ "get": get, "put": logs });
    let text = &generate(&document, &Curation::default()).unwrap().files["operations.rs"];
    assert_eq!(text.matches("const LOGS").count() + text.matches("static LOGS").count(), 1, "{text}");
    assert!(text.contains("const SIZE: Parameter"), "{text}");
}

#[test]
fn older_versions_are_deprecated_bindings_and_rows_of_the_table() {
    let mut document = fixture(json!({
        "Out": { "type": "object", "description": "A thing.", "properties": { "a": { "type": "string", "description": "A." } } },
        "Old": { "type": "object", "description": "An old thing.", "properties": { "b": { "type": "string", "description": "B." } } }
    }));
    document["paths"]["/things/{thingId}"] = document["paths"]["/things"].take();
    document["paths"].as_object_mut().unwrap().remove("/things");
    let operation = &mut document["paths"]["/things/{thingId}"]["get"];
    operation["parameters"] = json!([
        { "name": "thingId", "in": "path", "required": true, "schema": { "type": "string" }, "description": "Which thing." },
        { "name": "kinds", "in": "query", "schema": { "type": "array", "items": { "type": "string" } }, "description": "Which kinds." }
    ]);
    operation["x-rolesRequirements"] = json!(["Project Owner"]);
    operation["x-xgen-operation-id-override"] = json!("thing");
    operation["x-atlas-former-ids"] = json!(["returnThing"]);
    operation["responses"]["200"]["content"] = json!({
        "application/vnd.atlas.2023-01-01+json": { "schema": { "$ref": "#/components/schemas/Old" }, "x-sunset": "2027-07-01" },
        "application/vnd.atlas.2024-08-05+json": { "schema": { "$ref": "#/components/schemas/Out" } }
    });
    let files = generate(&document, &Curation::default()).unwrap().files;
    insta::assert_snapshot!(format!("{}\n{}", files["client/things.rs"], files["operations.rs"]));
}

#[test]
fn former_name_becomes_deprecated_function() {
    let name = json!({ "type": "string", "description": "Its name." });
    let mut document = fixture(json!({ "Out": { "type": "object", "properties": { "name": name } } }));
    let methods: Methods = [("getThing".to_owned(), vec!["Things::get".to_owned(), "Things::wait".to_owned()])].into();
    let curation = Curation { methods, ..Curation::default() };
    let mut former = |change: Value| {
        let operation = &mut document["paths"]["/things"]["get"];
        operation["x-atlas-former-ids"] = json!(["returnThing"]);
        operation.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let files = generate(&document, &curation).unwrap().elsewhere;
        (files[Path::new(FORMER)].clone(), files[Path::new(METHODS)].clone())
    };
    let (module, table) = former(json!({}));
    for part in [
        r#"#[deprecated(note = "renamed; use `Things::get` (`getThing`)")]"#,
        "pub async fn return_thing(client: &Client) -> Result<Response<types::Out>> {",
        "finish(client.bindings().get_thing()).await",
        "[`Things::wait`](crate::Things::wait)",
    ] {
        assert!(module.contains(part), "{part} is not in {module}");
    }
    let row =
        "| `getThing` | `getThing` | [`Things::get`](crate::Things::get), [`Things::wait`](crate::Things::wait) |";
    assert!(table.contains(row), "{table}");
    let (module, _) = former(json!({ "x-atlas-retired": true, "x-atlas-replaced-by": "getOther" }));
    assert!(module.contains("removed by the service; replaced by `getOther`; use `Things::get`"), "{module}");
}

/// The lines of `after` that are not in `before`. All lines of `before` must still exist in the same order.
fn inserted<'a>(path: &str, before: &str, after: &'a str) -> Vec<&'a str> {
    let (mut old, mut inserted) = (before.lines().peekable(), Vec::new());
    for line in after.lines() {
        if old.peek() == Some(&line) {
            old.next();
        } else {
            inserted.extend(Some(line.trim()).filter(|line| !line.is_empty()));
        }
    }
    assert_eq!(old.next(), None, "{path}: a line was changed or removed");
    inserted
}

#[test]
fn new_field_adds_only_its_own_lines() {
    let text = |words: &str| json!({ "type": "string", "description": words });
    let mut schema = json!({ "Out": { "type": "object", "description": "A thing.", "required": ["name"], "properties": {
        "host": text("Its host."), "name": text("Its name."), "zone": text("Its zone.") } } });
    let every = |schema: &Value| {
        let mut document = fixture(schema.clone());
        let body =
            json!({ "application/vnd.atlas.2023-01-01+json": { "schema": { "$ref": "#/components/schemas/Out" } } });
        document["paths"]["/things"]["get"]["requestBody"] = json!({ "content": body });
        let generated = generate(&document, &Curation::default()).unwrap();
        let elsewhere = generated.elsewhere.into_iter().map(|(path, text)| (path.display().to_string(), text));
        generated.files.into_iter().chain(elsewhere).collect::<Vec<_>>()
    };
    let before = every(&schema);
    schema["Out"]["properties"]["size"] = text("Its size.");
    let mut changes = String::new();
    for ((path, old), (_, new)) in before.iter().zip(&every(&schema)) {
        for line in inserted(path, old, new) {
            changes.push_str(&format!("{path}: {line}\n"));
        }
    }
    insta::assert_snapshot!(changes, @r#"
    codec/things.rs: size: optional "size",
    schemas.json: "size": {"description":"Its size.","type":"string"},
    types/things.rs: /// Its size.
    types/things.rs: pub size: Option<String>,
    types/things.rs: size: None,
    types/things.rs: /// Sets `size`.
    types/things.rs: #[must_use]
    types/things.rs: pub fn with_size(mut self, value: impl Into<String>) -> Self {
    types/things.rs: self.size = Some(value.into());
    types/things.rs: self
    types/things.rs: }
    tests/surface.txt: size: Option<String>
    "#);
}

#[test]
fn trial_reads_request_body_that_is_list_as_list() {
    let name = json!({ "type": "string", "description": "Its name." });
    let thing = json!({ "type": "object", "description": "A thing.", "properties": { "name": name } });
    let mut document = fixture(json!({ "In": thing, "Out": thing }));
    let body =
        &mut document["paths"]["/things"]["post"]["requestBody"]["content"]["application/vnd.atlas.2023-01-01+json"];
    body["schema"] = json!({ "type": "array", "items": { "$ref": "#/components/schemas/In" } });
    let generated = generate(&document, &Curation::default()).unwrap();
    let (_, trials) = generated.elsewhere.iter().find(|(path, _)| path.as_path() == Path::new(TRIALS)).unwrap();
    let binding = &generated.files["client/things.rs"];
    assert!(binding.contains("body: &[types::In]"), "{binding}");
    assert!(trials.contains("client.create_thing(&values.body::<Vec<_>>())"), "{trials}");
}

#[test]
fn generation_is_deterministic() {
    let document =
        fixture(json!({ "Out": { "type": "object", "properties": { "a": { "type": "string", "enum": ["x"] } } } }));
    let (first, second) =
        (generate(&document, &Curation::default()).unwrap(), generate(&document, &Curation::default()).unwrap());
    assert_eq!(first.files, second.files);
    assert_eq!(first.elsewhere, second.elsewhere);
}

fn unmapped() -> Document {
    fixture(json!({ "Out": { "type": "object", "properties": { "odd": { "not": { "type": "string" } } } } }))
}

#[test]
fn residue_fails_generation_unless_accepted() {
    let error = generate(&unmapped(), &Curation::default()).err().unwrap().to_string();
    assert!(error.contains("/components/schemas/Out/properties/odd/not: not that no rule maps"), "{error}");
    let accepted =
        Accepted { pointer: "/components/schemas/Out/properties/odd/not".to_owned(), reason: "a test".to_owned() };
    let files = generate(&unmapped(), &Curation { accepted: vec![accepted], ..Curation::default() }).unwrap().files;
    assert!(files["types/things.rs"].contains("pub odd: Option<serde_json::Value>"), "{}", files["types/things.rs"]);
}

fn arguments(folder: &Path, text: &str, check: bool) -> Arguments {
    let spec = folder.join("document.json");
    fs::write(&spec, text).unwrap();
    Arguments { spec, out: Some(folder.join("out")), check, separate: super::separate::SeparateArguments::default() }
}

#[test]
fn check_lists_every_stale_file_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let document =
        fixture(json!({ "Out": { "type": "object", "properties": { "a": { "type": "string" } } } })).to_string();
    let run = |check| run(&arguments(folder.path(), &document, check)).unwrap();
    let code = |code: std::process::ExitCode| format!("{code:?}");
    let (fine, stale) = (code(std::process::ExitCode::SUCCESS), code(std::process::ExitCode::from(1)));
    assert_eq!(code(run(true)), stale);
    assert!(!folder.path().join("out").exists(), "--check wrote something");
    assert_eq!(code(run(false)), fine);
    assert_eq!(code(run(true)), fine);
    fs::write(folder.path().join("out/operations.rs"), "edited by hand").unwrap();
    fs::write(folder.path().join("out/left_over.rs"), "").unwrap();
    assert_eq!(code(run(true)), stale);
    assert_eq!(code(run(false)), fine);
    assert!(!folder.path().join("out/left_over.rs").exists(), "a file that is no longer generated stays");
}

#[test]
fn invalid_input_error_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    for (text, expected) in [
        ("<html></html>", "is not JSON"),
        ("{}", "is not an OpenAPI 3.0 document"),
        (r#"{"openapi":"3.1.0"}"#, "is not an OpenAPI 3.0 document"),
    ] {
        let error = format!("{:#}", run(&arguments(folder.path(), text, false)).unwrap_err());
        assert!(error.contains(expected) && error.contains("document.json"), "{error}");
        assert!(!folder.path().join("out").exists(), "something was written");
    }
}

#[test]
fn renamed_type_keeps_alias_and_unused_entry_is_reported() {
    let document = fixture(json!({ "Out": { "type": "object", "properties": { "a": { "type": "string" } } } }));
    let names = [("Out", "Thing"), ("Gone", "Lost")].map(|(official, public)| (official.to_owned(), public.to_owned()));
    let curation = Curation { names: names.into(), ..Curation::default() };
    let generated = generate(&document, &curation).unwrap();
    let types = &generated.files["types/things.rs"];
    assert!(types.contains("#[doc(alias = \"Out\")]") && types.contains("pub struct Thing {"), "{types}");
    let keys: Vec<&str> = generated.unmatched.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(keys, ["Gone"]);
}
