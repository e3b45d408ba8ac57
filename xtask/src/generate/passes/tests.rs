//! Each pass on a tiny fixture: the snapshot shows the relevant part of the document after it, and its report.
//!
//! A fixture is a minimal document with one problem of the official specification. The earlier passes run too, because
//! each relies on them.

use serde_json::{Value, json};

use super::PASSES;
use crate::openapi::document::Document;

/// A document with `schemas`, one GET that returns the schema `Out` and, if it exists, a POST that takes `In`.
pub(crate) fn document(schemas: Value) -> Document {
    let body = |name: &str| {
        json!({ "application/vnd.atlas.2023-01-01+json": {
            "schema": { "$ref": format!("#/components/schemas/{name}") }, "x-xgen-version": "2023-01-01" } })
    };
    let mut paths = json!({ "/things": { "get": {
        "operationId": "getThing", "tags": ["Things"], "summary": "Get a thing", "description": "Gets a thing.",
        "responses": { "200": { "description": "The thing.", "content": body("Out") } }
    } } });
    if schemas.get("In").is_some() {
        paths["/things"]["post"] = json!({
            "operationId": "createThing", "tags": ["Things"], "summary": "Create a thing", "description": "Creates it.",
            "requestBody": { "required": true, "content": body("In") },
            "responses": { "204": { "description": "Made.", "content": { "application/vnd.atlas.2023-01-01+json": {} } } }
        });
    }
    json!({
        "openapi": "3.0.3", "info": { "title": "Things", "version": "2.0" }, "paths": paths,
        "components": { "schemas": schemas }
    })
}

/// The document and the report after the passes up to `last`.
fn after(last: &str, mut document: Document) -> (Document, Value) {
    assert!(PASSES.iter().any(|pass| pass.name == last), "no pass {last}");
    for pass in PASSES {
        let report = (pass.run)(&mut document);
        if pass.name == last {
            return (document, json!(report));
        }
    }
    unreachable!("found above")
}

macro_rules! shows {
    ($claim:ident, $pass:literal, $part:literal, $document:expr) => {
        #[test]
        fn $claim() {
            let (document, report) = after($pass, $document);
            let part = document.pointer($part).cloned().unwrap_or_default();
            let text = format!(
                "{}\n{}",
                serde_json::to_string(&report).unwrap(),
                serde_json::to_string_pretty(&part).unwrap()
            );
            insta::assert_snapshot!(stringify!($claim), text);
        }
    };
}

shows! { responses_pass_drops_errors_and_records_their_schema, "responses", "", {
    let mut document = document(json!({ "Out": { "type": "object" }, "Failure": { "type": "object" } }));
    document["components"]["responses"]["gone"] = json!({ "description": "Gone.", "content": { "application/json": {
        "schema": { "$ref": "#/components/schemas/Failure" } } } });
    document["paths"]["/things"]["get"]["responses"]["410"] = json!({ "$ref": "#/components/responses/gone" });
    document["paths"]["/things"]["get"]["responses"]["202"] = json!({ "description": "Later." });
    document
} }

shows! { parameters_pass_drops_envelope_and_pretty, "parameters", "/paths/~1things/get/parameters", {
    let mut document = document(json!({ "Out": { "type": "object" } }));
    document["components"]["parameters"] = json!({
        "pretty": { "name": "pretty", "in": "query", "schema": { "type": "boolean" } },
        "page": { "name": "pageNum", "in": "query", "schema": { "type": "integer" } }
    });
    document["paths"]["/things"]["get"]["parameters"] = json!([
        { "$ref": "#/components/parameters/pretty" }, { "$ref": "#/components/parameters/page" },
        { "name": "envelope", "in": "query", "schema": { "type": "boolean" } },
        { "name": "Accept", "in": "header", "schema": { "type": "string" } },
        { "$ref": "#/components/parameters/nowhere" }
    ]);
    document
} }

shows! { versions_pass_makes_one_operation_per_version, "versions", "/paths", {
    let mut document = document(json!({ "Out": { "type": "object" }, "Old": { "type": "object" } }));
    document["paths"]["/things"]["get"]["responses"]["200"]["content"] = json!({
        "application/vnd.atlas.2023-01-01+json": { "schema": { "$ref": "#/components/schemas/Old" }, "x-sunset": "2027-07-01" },
        "application/vnd.atlas.2024-08-05+json": { "schema": { "$ref": "#/components/schemas/Out" } },
        "application/vnd.atlas.2024-08-05+csv": { "schema": { "type": "string" } }
    });
    document
} }

shows! { responses_pass_drops_content_of_204, "versions", "/paths/~1things/post", {
    document(json!({ "Out": { "type": "object" }, "In": { "type": "object" } }))
} }

shows! { operation_without_version_has_one_version, "versions", "/paths", {
    let mut document = document(json!({ "Out": { "type": "object" } }));
    document["paths"]["/things"]["get"]["responses"]["200"]["content"] = json!({ "application/json": {} });
    document
} }

shows! { all_of_inherits_fields_but_not_union_of_base, "all_of", "/components/schemas", document(json!({
    "Out": {
        "type": "object", "description": "A base that refers back to its subtype.",
        "properties": { "kind": { "type": "string", "enum": ["a", "b"] }, "size": { "type": "integer" } },
        "required": ["kind"], "oneOf": [{ "$ref": "#/components/schemas/Sub" }],
        "discriminator": { "propertyName": "kind", "mapping": { "a": "#/components/schemas/Sub" } }
    },
    "Sub": { "required": ["own"], "allOf": [{ "$ref": "#/components/schemas/Out" }, {
        "type": "object", "properties": { "own": { "type": "string" }, "kind": { "type": "string", "enum": ["a"] } } }] }
})) }

shows! { conflicting_subtype_property_is_reported, "all_of", "/components/schemas/Out", document(json!({
    "Base": { "type": "object", "properties": { "size": { "type": "integer" } } },
    "Out": { "allOf": [{ "$ref": "#/components/schemas/Base" }, { "properties": { "size": { "type": "string" } } }] }
})) }

shows! { subtype_inherits_described_reference_as_reference, "all_of", "/components/schemas/Out", document(json!({
    "Base": { "type": "object", "properties": {
        "size": { "allOf": [{ "$ref": "#/components/schemas/Size" }], "description": "How large it is." } } },
    "Out": { "allOf": [{ "$ref": "#/components/schemas/Base" }, { "properties": { "own": { "type": "string" } } }] },
    "Size": { "type": "object", "description": "A size.", "properties": { "gb": { "type": "integer" } } }
})) }

shows! { circular_all_of_is_reported, "all_of", "/components/schemas", document(json!({
    "Out": { "allOf": [{ "$ref": "#/components/schemas/Other" }] },
    "Other": { "allOf": [{ "$ref": "#/components/schemas/Out" }, { "properties": { "a": { "type": "string" } } }] }
})) }

shows! { one_of_string_enums_becomes_one_enum, "enums", "/components/schemas/Out/properties", document(json!({
    "Out": { "type": "object", "properties": {
        "region": { "description": "Where.", "type": "object", "oneOf": [
            { "type": "string", "enum": ["EAST", "WEST"] }, { "type": "string", "enum": ["WEST", "NORTH"] }] },
        "interval": { "type": "integer", "enum": [6, 8, 12] }
    } }
})) }

shows! { one_of_untagged_objects_becomes_one_object, "objects", "/components/schemas/Out", document(json!({
    "Out": { "oneOf": [{ "$ref": "#/components/schemas/Aws" }, { "$ref": "#/components/schemas/Gcp" }] },
    "Aws": { "type": "object", "properties": {
        "size": { "type": "string", "enum": ["M10", "M20"] }, "iops": { "type": "integer" }, "gb": { "type": "integer" } } },
    "Gcp": { "type": "object", "properties": {
        "size": { "type": "string", "enum": ["M20", "M30"] }, "gb": { "type": "number" } } }
})) }

shows! { conflicting_union_members_are_reported, "objects", "/components/schemas/Out", document(json!({
    "Out": { "anyOf": [
        { "type": "object", "properties": { "size": { "type": "string" } } },
        { "type": "object", "properties": { "size": { "type": "array", "items": { "type": "string" } } } }] }
})) }

shows! { inline_types_are_named_and_site_keeps_description, "hoist", "/components/schemas", document(json!({
    "Out": { "type": "object", "properties": {
        "state": { "type": "string", "enum": ["on", "off"], "description": "Whether it runs.", "readOnly": true },
        "parts": { "type": "array", "items": { "type": "object", "properties": { "id": { "type": "string" } } } },
        "byName": { "type": "object", "additionalProperties": { "type": "object", "properties": { "n": { "type": "integer" } } } }
    } }
})) }

shows! { enums_with_one_overlay_name_become_one_type, "hoist", "/components/schemas", {
    let mut document = document(json!({
        "Out": { "type": "object", "properties": {
            "cloud": { "type": "string", "enum": ["AWS", "GCP"], "x-atlas-type": "Cloud" },
            "other": { "type": "string", "enum": ["GCP", "AZURE"], "x-atlas-type": "Cloud", "description": "Another." }
        } }
    }));
    document["x-atlas-types"] = json!({ "Cloud": "Which cloud." });
    document
} }

shows! { inline_type_with_taken_name_is_called_inline, "hoist", "/components/schemas/Out", document(json!({
    "Out": { "type": "object", "properties": { "state": { "type": "string", "enum": ["on"] } } },
    "OutState": { "type": "object", "properties": { "id": { "type": "string" } } }
})) }

shows! { discriminator_becomes_table_and_members_get_tag, "unions", "/components/schemas", document(json!({
    "Out": { "type": "object", "description": "A policy item.", "discriminator": { "propertyName": "kind", "mapping": {
        "daily": "#/components/schemas/Timed", "hourly": "#/components/schemas/Timed", "manual": "#/components/schemas/Manual" } },
        "properties": { "kind": { "type": "string" } } },
    "Timed": { "type": "object", "properties": { "kind": { "type": "string" }, "every": { "type": "integer" } } },
    "Manual": { "type": "object", "properties": { "by": { "type": "string" } } }
})) }

shows! { discriminator_without_mapping_uses_member_names, "unions", "/components/schemas/Out", document(json!({
    "Out": { "oneOf": [{ "$ref": "#/components/schemas/Timed" }], "discriminator": { "propertyName": "kind" } },
    "Timed": { "type": "object", "properties": { "kind": { "type": "string" } } }
})) }

shows! { discriminator_without_members_is_reported, "unions", "/components/schemas/Out", document(json!({
    "Out": { "type": "object", "discriminator": { "propertyName": "kind", "mapping": { "a": "#/components/schemas/Gone" } } }
})) }

shows! { alias_is_replaced_by_its_target, "aliases", "/components/schemas", document(json!({
    "Out": { "type": "object", "properties": { "tags": { "$ref": "#/components/schemas/Tags" } } },
    "Tags": { "type": "object", "additionalProperties": { "$ref": "#/components/schemas/Tag" } },
    "Tag": { "type": "string", "description": "A word." }
})) }

shows! { validation_keywords_and_defaults_are_stripped, "validation", "/components/schemas/Out", document(json!({
    "Out": { "type": "object", "additionalProperties": false, "properties": {
        "name": { "type": "string", "pattern": "^a$", "minLength": 3, "default": "a" },
        "mail": { "type": "string", "format": "email" }, "at": { "type": "string", "format": "date-time" },
        "size": { "type": "integer", "format": "int32", "minimum": 1, "maximum": 9 }, "share": { "type": "number", "format": "double" }
    } }
})) }

shows! { response_fields_are_optional_and_request_fields_stay_required, "optional", "/components/schemas", document(json!({
    "Out": { "type": "object", "required": ["id", "both"], "properties": {
        "id": { "type": "string" }, "list": { "type": "array", "items": { "type": "string" } }, "both": { "$ref": "#/components/schemas/Both" } } },
    "Both": { "type": "object", "required": ["name", "made"], "properties": {
        "name": { "type": "string" }, "made": { "type": "string", "readOnly": true } } },
    "In": { "type": "object", "required": ["target", "both"], "properties": {
        "target": { "type": "string" }, "both": { "$ref": "#/components/schemas/Both" },
        "suffix": { "type": "string", "nullable": true },
        "stamp": { "type": "integer", "nullable": true, "x-atlas-null": "absent" } } },
    "Page": { "type": "object", "required": ["results"], "properties": { "results": { "type": "array", "items": {} } } }
})) }

shows! { type_names_colliding_in_rust_are_made_distinct, "names", "/components/schemas", document(json!({
    "Out": { "type": "object", "properties": {
        "mode": { "$ref": "#/components/schemas/Mode" }, "other": { "$ref": "#/components/schemas/mode" },
        "own": { "$ref": "#/components/schemas/Self" } } },
    "mode": { "type": "string", "enum": ["on"] }, "Mode": { "type": "string", "enum": ["off"] },
    "Self": { "type": "string", "enum": ["me"] }
})) }

shows! { unmapped_construct_is_a_residue, "residue", "/components/schemas", document(json!({
    "Out": { "type": "object", "properties": {
        "odd": { "not": { "type": "string" } }, "gone": { "$ref": "#/components/schemas/Nowhere" },
        "either": { "oneOf": [{ "type": "string" }, { "type": "integer" }] }, "mixed": { "type": "boolean", "enum": [true] } } }
})) }

/// The names of the types after the passes, and the report on them.
fn names(schemas: Value, table: Value) -> (Vec<String>, Vec<String>) {
    let mut document = document(schemas);
    document[super::NAMES] = table;
    let (document, report) = after("public_names", document);
    let names = document["components"]["schemas"].as_object().unwrap().keys().cloned();
    let messages = report["residues"].as_array().into_iter().flatten();
    (names.collect(), messages.map(|residue| residue["message"].as_str().unwrap().to_owned()).collect())
}

/// An object with references to others.
fn referring(targets: &[&str]) -> Value {
    let property = |name: &&str| ((*name).to_owned(), json!({ "$ref": format!("#/components/schemas/{name}") }));
    json!({ "type": "object", "properties": targets.iter().map(property).collect::<serde_json::Map<_, _>>() })
}

#[test]
fn newest_type_has_plain_name_and_others_have_dates() {
    let plain = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
    let schemas = json!({ "Out": referring(&["Spec", "Spec20240805", "Hardware20241113"]), "Spec": plain,
        "Spec20240805": plain, "Hardware20241113": plain });
    let (names, messages) = names(schemas, json!({}));
    assert_eq!(names, ["Hardware", "Out", "Spec", "Spec20230101"]);
    assert!(messages.is_empty(), "{messages:?}");
}

#[test]
fn page_and_part_types_follow_their_owners_name() {
    let part = json!({ "type": "object", "properties": { "b": { "type": "string" } } });
    let schemas = json!({
        "Out": referring(&["PaginatedApiThingView"]),
        "PaginatedApiThingView": { "type": "object", "properties": {
            "results": { "type": "array", "items": { "$ref": "#/components/schemas/ApiThingView" } } } },
        "ApiThingView": { "type": "object", "properties": { "part": part } } });
    assert_eq!(names(schemas, json!({ "ApiThingView": "Thing" })).0, ["Out", "Thing", "ThingPage", "ThingPart"]);
}

#[test]
fn taken_type_name_is_reported_for_entry_and_dropped_for_rule() {
    let plain = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
    let entry = json!({ "Out": referring(&["Thing", "ThingView"]), "Thing": plain, "ThingView": plain });
    let (_, messages) = names(entry, json!({ "ThingView": "Thing" }));
    assert!(
        messages.contains(&"names.toml renames it to Thing, which is also the name of Thing".to_owned()),
        "{messages:?}"
    );
    let page = |item: &str| {
        let items = json!({ "$ref": format!("#/components/schemas/{item}") });
        json!({ "type": "object", "properties": { "results": { "type": "array", "items": items } } })
    };
    let rule = json!({ "Out": referring(&["PaginatedA", "PaginatedB"]), "Thing": plain, "PaginatedA": page("Thing"),
        "PaginatedB": page("Thing") });
    let (kept, messages) = names(rule, json!({}));
    assert_eq!((kept, messages.len()), (["Out", "PaginatedA", "PaginatedB", "Thing"].map(str::to_owned).into(), 0));
}
