//! Names and severity of each change, and the consistency of a comparison with its inverse.
#![allow(clippy::unwrap_used, reason = "a test that can't set itself up should fail where it stands")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    kinds::{self, KINDS, Side},
    markdown,
    operations::compare,
    report::{Compared, OperationVersion, Report},
};

/// A document with one operation, `PATCH /things/{id}`, that takes `In` and returns `Out`.
fn document(input: Value, output: Value) -> Value {
    let media = |name: &str| json!({ "application/vnd.atlas.2023-01-01+json": { "schema": { "$ref": format!("#/components/schemas/{name}") } } });
    json!({
        "openapi": "3.0.1",
        "paths": { "/things/{id}": { "patch": {
            "operationId": "updateThing",
            "parameters": [{ "in": "path", "name": "id", "required": true, "schema": { "type": "string" } }],
            "requestBody": { "content": media("In") },
            "responses": { "200": { "content": media("Out") } },
        } } },
        "components": { "schemas": { "In": input, "Out": output } },
    })
}

fn plain() -> Value {
    let thing = json!({ "type": "object", "properties": { "name": { "type": "string" } } });
    document(thing.clone(), thing)
}

/// The plain document with another value at a pointer. Null removes the value.
fn with(pointer: &str, value: Value) -> Value {
    edited(plain(), pointer, value)
}

fn edited(mut document: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/").replace("~0", "~");
    let parent = document.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Object(members), Value::Null) => _ = members.remove(&key),
        (Value::Object(members), value) => _ = members.insert(key, value),
        (Value::Array(items), value) => items.push(value),
        (other, _) => panic!("{other} has no members"),
    }
    document
}

fn on(name: &str, date: Option<&str>) -> Compared {
    Compared { name: name.to_owned(), date: date.map(str::to_owned) }
}

fn diff(old: &Value, new: &Value) -> Report {
    compare((old, on("old", None)), (new, on("new", None)))
}

#[test]
fn empty_pattern_is_no_pattern() {
    let name = |pattern: &str| with("/components/schemas/In/properties/name/pattern", json!(pattern));
    assert!(diff(&plain(), &name("")).changes.is_empty());
    let kinds = |report: Report| report.changes.into_iter().map(|change| change.kind).collect::<Vec<_>>();
    assert_eq!(kinds(diff(&name(""), &name("^a$"))), ["request-property-pattern-added"]);
    assert_eq!(kinds(diff(&name("^a$"), &name(""))), ["request-property-pattern-removed"]);
}

/// Kind, flag, pointer and message of each change, one per line.
fn lines(report: &Report) -> String {
    let lines = report.changes.iter().map(|change| {
        let flag = match (change.breaks_build, change.breaks_wire) {
            (false, false) => "ok",
            (true, false) => "BUILD",
            (false, true) => "WIRE",
            (true, true) => "BUILD+WIRE",
        };
        let version = change.version.as_deref().unwrap_or("-").to_owned();
        let from = change.operations[0].moved_from.as_deref();
        let version = from.map_or_else(|| version.clone(), |from| format!("{from}..{version}"));
        format!("{} {flag} {} {version} {}\n  {}", change.kind, change.operation_id, change.pointer, change.message)
    });
    lines.collect::<Vec<_>>().join("\n")
}

const OPERATION: &str = "/paths/~1things~1{id}/patch";
const IN: &str = "/components/schemas/In";
const OUT: &str = "/components/schemas/Out";

/// Named pairs, one for each family of kinds.
fn pairs() -> Vec<(&'static str, Value, Value)> {
    let name = |schema: &str| format!("{schema}/properties/name");
    let text = |more: Value| {
        let mut schema = json!({ "type": "string" });
        schema.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        schema
    };
    let both = |schema: Value| edited(with(&name(IN), schema.clone()), &name(OUT), schema);
    let operation = |key: &str, value: Value| with(&format!("{OPERATION}/{key}"), value);
    let query = |more: Value| {
        let mut parameter = json!({ "in": "query", "name": "q", "schema": { "type": "string" } });
        parameter.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        with(&format!("{OPERATION}/parameters/-"), parameter)
    };
    let media = "responses/200/content/application~1vnd.atlas.2023-01-01+json";
    let union = |names: &[&str], more: Value| {
        let mut schema = json!({ "type": "object", "oneOf": names.iter().map(|name| json!({ "$ref": format!("#/components/schemas/{name}") })).collect::<Vec<_>>() });
        schema.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let document = with(IN, schema.clone());
        let document = edited(document, OUT, schema);
        let document = edited(document, "/components/schemas/A", json!({ "type": "object" }));
        edited(document, "/components/schemas/B", json!({ "type": "object" }))
    };
    let sizes = |used: &str| {
        let size = |values: &[&str]| json!({ "type": "string", "enum": values });
        let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let document = edited(plain(), "/components/schemas/SizeA", size(&["S"]));
        let document = edited(document, "/components/schemas/SizeB", size(&["S", "L"]));
        let document = edited(document, &format!("{OUT}/properties/other"), reference("SizeB"));
        edited(document, &name(OUT), reference(used))
    };
    let mapping = |mapping: Value| json!({ "discriminator": { "propertyName": "kind", "mapping": mapping } });
    let a = "#/components/schemas/A";
    vec![
        ("operation", edited(plain(), "/paths", json!({})), plain()),
        ("announced", edited(plain(), "/paths", json!({})), operation("deprecated", json!(true))),
        ("name", plain(), operation("operationId", json!("changeThing"))),
        (
            "former name",
            plain(),
            edited(
                operation("operationId", json!("changeThing")),
                &format!("{OPERATION}/x-atlas-former-ids"),
                json!(["updateThing"]),
            ),
        ),
        (
            "security",
            operation("security", json!([{ "Digest": [] }])),
            operation("security", json!([{ "OAuth": ["read"] }])),
        ),
        (
            "exclusive bound",
            both(json!({ "type": "integer", "minimum": 8 })),
            both(json!({ "type": "integer", "minimum": 8, "exclusiveMinimum": true })),
        ),
        ("another schema", sizes("SizeA"), sizes("SizeB")),
        ("moved", plain(), {
            let mut document = plain();
            let item = document["paths"]["/things/{id}"].take();
            document["paths"] = json!({ "/v2/things/{id}": item });
            document
        }),
        ("short name for the former id", plain(), {
            let document = operation("x-xgen-operation-id-override", json!("updateThing"));
            edited(document, &format!("{OPERATION}/operationId"), json!("updateGroupThing"))
        }),
        ("short name", plain(), operation("x-xgen-operation-id-override", json!("update"))),
        ("deprecation", plain(), operation("deprecated", json!(true))),
        (
            "tag and role",
            plain(),
            edited(operation("tags", json!(["Things"])), &format!("{OPERATION}/x-rolesRequirements"), json!(["Owner"])),
        ),
        ("sunset", plain(), operation(&format!("{media}/x-sunset"), json!("2026-01-01"))),
        (
            "sunset moved",
            operation(&format!("{media}/x-sunset"), json!("2026-01-01")),
            operation(&format!("{media}/x-sunset"), json!("2027-01-01")),
        ),
        (
            "version",
            plain(),
            operation("responses/200/content/application~1vnd.atlas.2024-08-05+json", json!({ "schema": {} })),
        ),
        ("newest version", plain(), {
            let media = |schema: &str| json!({ "schema": { "$ref": format!("#/components/schemas/{schema}") } });
            let document = edited(
                plain(),
                "/components/schemas/Out2",
                json!({ "type": "object", "properties": { "name": { "type": "integer" }, "size": { "type": "integer" } } }),
            );
            let newer = "application~1vnd.atlas.2024-08-05+json";
            let document = edited(document, &format!("{OPERATION}/responses/200/content/{newer}"), media("Out2"));
            edited(document, &format!("{OPERATION}/requestBody/content/{newer}"), media("In"))
        }),
        ("media type", plain(), operation("responses/200/content/application~1vnd.atlas.2023-01-01+csv", json!({}))),
        (
            "status",
            plain(),
            edited(operation("responses/202", json!({})), &format!("{OPERATION}/responses/429"), json!({})),
        ),
        (
            "header",
            operation("responses/200/headers", json!({})),
            operation("responses/200/headers", json!({ "Retry-After": {} })),
        ),
        ("body", operation("requestBody", Value::Null), plain()),
        ("body required", plain(), operation("requestBody/required", json!(true))),
        ("answer's schema", operation(&format!("{media}/schema"), Value::Null), plain()),
        ("optional parameter", plain(), query(json!({}))),
        ("required parameter", plain(), query(json!({ "required": true }))),
        ("parameter required", query(json!({})), query(json!({ "required": true }))),
        ("parameter deprecated", query(json!({})), query(json!({ "deprecated": true }))),
        ("parameter type", query(json!({})), query(json!({ "schema": { "type": "integer" } }))),
        (
            "parameter values",
            query(json!({ "schema": { "enum": ["a"] } })),
            query(json!({ "schema": { "enum": ["a", "b"] } })),
        ),
        (
            "parameter lists",
            query(json!({ "schema": { "type": "array" } })),
            query(json!({ "schema": { "type": "array" }, "explode": false })),
        ),
        ("parameter style", query(json!({})), query(json!({ "style": "pipeDelimited", "explode": true }))),
        (
            "field",
            plain(),
            edited(
                with(&format!("{IN}/properties/new"), json!({})),
                &format!("{OUT}/properties/new"),
                json!({ "type": "boolean" }),
            ),
        ),
        ("required field", plain(), {
            let document = with(&format!("{IN}/properties/new"), json!({ "type": "integer" }));
            let document = edited(document, &format!("{IN}/required"), json!(["new"]));
            let document = edited(document, &format!("{OUT}/properties/new"), json!({ "type": "integer" }));
            edited(document, &format!("{OUT}/required"), json!(["new"]))
        }),
        (
            "read-only field",
            plain(),
            edited(
                with(&format!("{IN}/properties/new"), json!({ "readOnly": true })),
                &format!("{IN}/required"),
                json!(["new"]),
            ),
        ),
        (
            "field required",
            plain(),
            edited(with(&format!("{IN}/required"), json!(["name"])), &format!("{OUT}/required"), json!(["name"])),
        ),
        ("field read-only", plain(), both(text(json!({ "readOnly": true })))),
        ("field write-only", plain(), both(text(json!({ "writeOnly": true })))),
        ("type", plain(), both(json!({ "type": "integer" }))),
        (
            "number format",
            both(json!({ "type": "integer", "format": "int32" })),
            both(json!({ "type": "integer", "format": "int64" })),
        ),
        ("null", plain(), both(text(json!({ "nullable": true })))),
        ("enum", both(text(json!({ "enum": ["a"] }))), both(text(json!({ "enum": ["a", "b"] })))),
        ("enum at all", plain(), both(text(json!({ "enum": ["a"] })))),
        ("default", plain(), both(text(json!({ "default": "a" })))),
        ("pattern", plain(), both(text(json!({ "pattern": "a" })))),
        ("bounds", plain(), both(text(json!({ "maxLength": 5, "minLength": 1 })))),
        ("bound moved", both(text(json!({ "maxLength": 5 }))), both(text(json!({ "maxLength": 6 })))),
        ("field deprecated", plain(), both(text(json!({ "deprecated": true })))),
        ("undocumented fields", plain(), with(&format!("{IN}/additionalProperties"), json!(false))),
        ("alternative", union(&["A"], json!({})), union(&["A", "B"], json!({}))),
        ("discriminator", union(&["A"], json!({})), union(&["A"], mapping(json!({ "a": a })))),
        ("mapping", union(&["A"], mapping(json!({}))), union(&["A"], mapping(json!({ "a": a })))),
        ("schema's name", plain(), {
            let document = edited(plain(), "/components/schemas/Out2", plain()["components"]["schemas"]["Out"].clone());
            let document = edited(document, OUT, Value::Null);
            edited(document, &format!("{OPERATION}/{media}/schema"), json!({ "$ref": "#/components/schemas/Out2" }))
        }),
    ]
}

#[test]
fn each_change_has_its_kind_and_its_inverse() {
    let sections: Vec<String> = pairs()
        .iter()
        .map(|(name, old, new)| {
            format!("# {name}\n{}\n# {name}, back\n{}", lines(&diff(old, new)), lines(&diff(new, old)))
        })
        .collect();
    insta::assert_snapshot!(sections.join("\n\n"));
    for (name, old, new) in pairs() {
        assert_ne!(diff(&old, &new).changes.len(), 0, "{name} is not detected");
    }
}

#[test]
fn sunset_is_reported_when_reached_between_document_dates() {
    let pointer = format!("{OPERATION}/responses/200/content/application~1vnd.atlas.2023-01-01+json/x-sunset");
    let sunset = with(&pointer, json!("2026-05-01"));
    let changes = |old: &str, new: &str| lines(&compare((&sunset, on("a", Some(old))), (&sunset, on("b", Some(new)))));
    assert!(changes("2026-04-30", "2026-05-01").starts_with("sunset-reached WIRE"));
    assert!(changes("2026-05-01", "2026-04-30").starts_with("sunset-ahead-again ok"));
    assert_eq!(changes("2026-05-01", "2026-06-01"), "");
    assert_eq!(changes("2026-04-01", "2026-04-30"), "");
}

#[test]
fn path_parameter_name_does_not_identify_operation() {
    let text = plain().to_string().replace("{id}", "{thingId}").replace("\"name\":\"id\"", "\"name\":\"thingId\"");
    let changes = lines(&diff(&plain(), &serde_json::from_str(&text).unwrap()));
    assert!(changes.starts_with("request-path-parameter-renamed ok") && changes.lines().count() == 2, "{changes}");
}

/// Two operations that share a recursive schema with a base, and one more field per level.
fn shared(field: Option<&str>) -> Value {
    let answer =
        json!({ "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Tree" } } } } });
    let mut base = json!({ "type": "object", "properties": { "id": { "type": "string" } } });
    let mut tree = json!({ "allOf": [{ "$ref": "#/components/schemas/Base" }, { "type": "object", "properties": {
        "children": { "type": "array", "items": { "$ref": "#/components/schemas/Tree" } },
        "parent": { "$ref": "#/components/schemas/Tree" },
    } }] });
    if let Some(field) = field {
        base["properties"][field] = json!({ "type": "string" });
        tree["allOf"][1]["properties"][format!("{field}2")] = json!({ "type": "string" });
    }
    json!({
        "paths": {
            "/a": { "get": { "operationId": "getA", "responses": answer } },
            "/b": { "get": { "operationId": "getB", "responses": answer } },
        },
        "components": { "schemas": { "Base": base, "Tree": tree } },
    })
}

#[test]
fn shared_recursive_schema_is_reported_once() {
    let report = diff(&shared(None), &shared(Some("size")));
    insta::assert_json_snapshot!(report);
}

#[test]
fn changelog_lists_breaking_changes_first() {
    let old = edited(plain(), &format!("{OUT}/properties/state"), json!({ "enum": ["a", "b"] }));
    let new = edited(plain(), &format!("{OUT}/properties/state"), json!({ "enum": ["b", "c", "d"] }));
    let new = edited(new, "/paths/~1others", json!({ "get": { "operationId": "listOthers", "responses": {} } }));
    let new = edited(new, &format!("{OPERATION}/deprecated"), json!(true));
    insta::assert_snapshot!(markdown::page(&diff(&old, &new)));
    insta::assert_snapshot!(markdown::page(&diff(&old, &old)), @r"
    # Changes from old to new

    No changes for a user of the bindings.
    ");
}

#[test]
fn changelog_lists_changes_of_newer_version_separately() {
    let (_, old, new) = pairs().into_iter().find(|(name, ..)| *name == "newest version").unwrap();
    insta::assert_snapshot!(markdown::page(&diff(&old, &new)));
}

#[test]
fn changelog_merges_equal_changes() {
    let many = |required: bool, header: bool| {
        let numbers = 0..6;
        let paths: serde_json::Map<String, Value> = numbers
            .clone()
            .map(|at| {
                let media = json!({ "schema": { "$ref": format!("#/components/schemas/Page{at}") } });
                let headers =
                    if header { json!({ "RateLimit-Limit": {}, "RateLimit-Remaining": {} }) } else { json!({}) };
                let answer = json!({ "headers": headers, "content": { "application/json": media } });
                let status = if at == 0 { "201" } else { "200" };
                (
                    format!("/{at}"),
                    json!({ "get": { "operationId": format!("list{at}"), "responses": { status: answer } } }),
                )
            })
            .collect();
        let page = |at: usize| {
            let values: Vec<String> = (0..if required { 9 } else { 1 }).map(|value| format!("V{value}")).collect();
            let kind = json!({ "type": "string", "enum": values });
            let mut page = json!({ "type": "object", "properties": { "results": { "type": "array" } } });
            if required {
                page["required"] = json!(["results"]);
            }
            if at == 5 {
                page["properties"]["kind"] = kind;
            }
            (format!("Page{at}"), page)
        };
        let schemas: serde_json::Map<String, Value> = numbers.map(page).collect();
        json!({ "paths": paths, "components": { "schemas": schemas } })
    };
    insta::assert_snapshot!(markdown::page(&diff(&many(false, false), &many(true, true))));
}

/// Dangling and circular references, which no schema can have.
#[test]
fn circular_or_dangling_references_report_nothing() {
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let cycle = edited(
        document(reference("Out"), reference("In")),
        "/components/schemas/Self",
        json!({ "allOf": [reference("Self")] }),
    );
    let nowhere = document(
        reference("Nowhere"),
        json!({ "allOf": [reference("Self"), reference("Out")], "properties": { "a": reference("Out") } }),
    );
    for (old, new) in
        [(&cycle, &cycle), (&nowhere, &nowhere), (&cycle, &nowhere), (&plain(), &nowhere), (&nowhere, &plain())]
    {
        let report = diff(old, new);
        assert!(old != new || report.changes.is_empty(), "{}", lines(&report));
    }
}

#[test]
fn diff_kinds_and_schema_files_are_current() {
    for (name, text) in super::command::descriptions().unwrap() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec").join(name);
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == text, "spec/{name} is stale: run `cargo xtask diff --describe spec`");
    }
}

/// Every affected operation version of each class that was added, removed or changed; reversed for the inverse.
fn affected(report: &Report, turned: bool) -> BTreeMap<(&'static str, Side), Vec<&OperationVersion>> {
    let mut affected: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for change in &report.changes {
        let kind = kinds::find(&change.kind);
        let side = match kind.side {
            Side::Plus if turned => Side::Minus,
            Side::Minus if turned => Side::Plus,
            side => side,
        };
        affected.entry((kind.class.as_str(), side)).or_default().extend(&change.operations);
    }
    affected
}

/// How often each class was added, removed and changed.
fn tally(report: &Report, turned: bool) -> BTreeMap<(&'static str, Side), usize> {
    affected(report, turned).into_iter().map(|(class, operations)| (class, operations.len())).collect()
}

/// The number of operation versions with at least one change of each class.
fn operations(report: &Report, turned: bool) -> BTreeMap<(&'static str, Side), usize> {
    let distinct = |operations: Vec<&OperationVersion>| operations.into_iter().collect::<BTreeSet<_>>().len();
    affected(report, turned).into_iter().map(|(class, operations)| (class, distinct(operations))).collect()
}

fn assert_inverse(old: &Value, new: &Value) {
    let (there, back) = (diff(old, new), diff(new, old));
    assert_eq!(tally(&there, false), tally(&back, true), "{}\nback:\n{}", lines(&there), lines(&back));
}

#[test]
fn named_pairs_have_their_inverse() {
    pairs().iter().for_each(|(_, old, new)| assert_inverse(old, new));
    assert!(KINDS.values().all(|kind| KINDS.values().any(|other| {
        let turned = matches!(
            (kind.side, other.side),
            (Side::Plus, Side::Minus) | (Side::Minus, Side::Plus) | (Side::Same, Side::Same)
        );
        other.class == kind.class && turned
    })));
}

#[test]
fn field_required_in_one_place_only_is_two_changes() {
    let base = |fields: Value| json!({ "type": "object", "properties": fields });
    let document = |fields: Value| {
        let input = json!({ "type": "object", "properties": {
            "plain": { "$ref": "#/components/schemas/Base" },
            "strict": { "allOf": [{ "$ref": "#/components/schemas/Base" }, { "required": ["d"] }] },
        } });
        let mut document = document(input, json!({ "type": "string" }));
        document["components"]["schemas"]["Base"] = base(fields);
        document
    };
    let (old, new) = (document(json!({})), document(json!({ "d": { "type": "string" } })));
    let kinds: Vec<String> = diff(&old, &new).changes.into_iter().map(|change| change.kind).collect();
    assert_eq!(kinds, ["new-optional-request-property", "new-required-request-property"]);
    let removed: Vec<String> = diff(&new, &old).changes.into_iter().map(|change| change.kind).collect();
    assert_eq!(removed, ["request-property-removed"]);
}

/// Schemas that may refer to each other, to themselves and to a base.
fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({ "type": "string" })),
        Just(json!({ "type": "string", "format": "date-time" })),
        Just(json!({ "type": "integer", "maximum": 5 })),
        Just(json!({ "type": "integer", "nullable": true, "maximum": 9 })),
        proptest::sample::subsequence(vec!["a", "b", "c"], 1..=3)
            .prop_map(|values| json!({ "type": "string", "enum": values })),
        (0..3usize).prop_map(|at| json!({ "$ref": format!("#/components/schemas/S{at}") })),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let fields = proptest::collection::btree_map("[a-d]", inner.clone(), 0..3);
        let object = (fields, proptest::sample::subsequence(vec!["a", "b", "c", "d"], 0..=2))
            .prop_map(|(fields, required)| json!({ "type": "object", "properties": fields, "required": required }));
        prop_oneof![
            object.clone(),
            inner.clone().prop_map(|items| json!({ "type": "array", "items": items })),
            object.prop_map(|own| json!({ "allOf": [{ "$ref": "#/components/schemas/S0" }, own] })),
            proptest::collection::vec(inner, 1..3).prop_map(|variants| json!({ "oneOf": variants })),
        ]
    })
}

/// Documents of up to four operations over three shared schemas.
fn documents() -> impl Strategy<Value = Value> {
    let shared = proptest::collection::vec(schema(), 3);
    let operation = (schema(), schema(), any::<(bool, bool, bool)>(), proptest::option::of("202[67]-0[1-9]-01"));
    let operations = proptest::collection::btree_map("[a-d]", operation, 0..4);
    (shared, operations).prop_map(|(shared, operations)| {
        let paths: serde_json::Map<String, Value> = operations
            .into_iter()
            .map(|(name, (input, output, (deprecated, required, second), sunset))| {
                let media = |schema: &Value| json!({ "schema": schema, "x-sunset": sunset });
                let mut answers = json!({ "application/vnd.atlas.2023-01-01+json": media(&output) });
                if second {
                    answers["application/vnd.atlas.2024-08-05+json"] = media(&input);
                }
                let operation = json!({
                    "operationId": name, "deprecated": deprecated,
                    "parameters": [{ "in": "query", "name": "q", "required": required, "schema": output }],
                    "requestBody": { "required": required, "content": { "application/vnd.atlas.2023-01-01+json": media(&input) } },
                    "responses": { "200": { "content": answers } },
                });
                (format!("/{name}"), json!({ "post": operation }))
            })
            .collect();
        let schemas: serde_json::Map<String, Value> =
            shared.into_iter().enumerate().map(|(at, schema)| (format!("S{at}"), schema)).collect();
        json!({ "paths": paths, "components": { "schemas": schemas } })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn document_has_no_difference_from_itself(document in documents()) {
        prop_assert_eq!(lines(&diff(&document, &document)), "");
    }

    /// Changes are merged by their place in the new document. If only one of the documents shares a schema, the numbers
    /// of changes differ, but not the operations that they affect.
    #[test]
    fn reverse_comparison_names_inverse_kinds(old in documents(), new in documents()) {
        let (there, back) = (diff(&old, &new), diff(&new, &old));
        prop_assert_eq!(operations(&there, false), operations(&back, true), "{}\nback:\n{}", lines(&there), lines(&back));
    }
}

#[test]
fn official_documents_differ_as_recorded_both_ways() {
    let Some(folder) = std::env::var_os("ATLAS_BACKUP_UPSTREAM") else {
        eprintln!("skipped: ATLAS_BACKUP_UPSTREAM names no folder with official documents");
        return;
    };
    let read = |name: &str| super::command::read(std::path::Path::new(&folder).join(name).to_str().unwrap()).unwrap();
    let (old, new) = (read("openapi-v2-2026-01-08.yaml"), read("openapi-v2-2026-08-21.yaml"));
    let there = compare((&old.0, old.1.clone()), (&new.0, new.1.clone()));
    let back = compare((&new.0, new.1.clone()), (&old.0, old.1));
    assert_eq!(tally(&there, false), tally(&back, true));
    let many = |report: &Report, kind: &str| report.changes.iter().filter(|change| change.kind == kind).count();
    assert_eq!(many(&there, "endpoint-added"), 87);
    assert_eq!(many(&back, "endpoint-added"), 22);
    assert_eq!(compare((&new.0, new.1.clone()), (&new.0, new.1)).changes.len(), 0);
}
