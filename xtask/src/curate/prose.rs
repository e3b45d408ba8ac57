//! Removes official prose.
//!
//! An allowlist: each kind of object keeps the keywords listed here and loses those known to contain text, examples or
//! links. A keyword on neither list is an error, so that neither new prose passes nor new structure is lost.

use serde_json::{Map, Value};

use super::report::Report;
use crate::openapi::pointer::Pointer;

/// Keywords with text, examples or links at any location.
const PROSE: [&str; 6] = ["description", "summary", "title", "example", "examples", "externalDocs"];

/// The kind of an object, which decides its keywords and the kinds of its members.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Operation,
    Parameter,
    Body,
    Response,
    Header,
    Media,
    Schema,
    SecurityScheme,
    /// A map with names as keys. Its members are of the inner kind.
    Named(&'static Kind),
    /// An array whose items are of the inner kind.
    Listed(&'static Kind),
    /// Plain data: unchanged.
    Data,
}

use Kind::{Body, Data, Header, Listed, Media, Named, Operation, Parameter, Response, Schema, SecurityScheme};

impl Kind {
    /// The structural keywords of this kind and the kind of their values.
    fn keywords(self) -> &'static [(&'static str, Kind)] {
        const SCHEMA: &[(&str, Kind)] = &[
            ("additionalProperties", Schema),
            ("allOf", Listed(&Schema)),
            ("anyOf", Listed(&Schema)),
            ("default", Data),
            ("deprecated", Data),
            ("discriminator", Data),
            ("enum", Data),
            ("exclusiveMaximum", Data),
            ("exclusiveMinimum", Data),
            ("format", Data),
            ("items", Schema),
            ("maxItems", Data),
            ("maxLength", Data),
            ("maxProperties", Data),
            ("maximum", Data),
            ("minItems", Data),
            ("minLength", Data),
            ("minProperties", Data),
            ("minimum", Data),
            ("multipleOf", Data),
            ("not", Schema),
            ("nullable", Data),
            ("oneOf", Listed(&Schema)),
            ("pattern", Data),
            ("properties", Named(&Schema)),
            ("readOnly", Data),
            ("required", Data),
            ("type", Data),
            ("uniqueItems", Data),
            ("writeOnly", Data),
        ];
        const PARAMETER: &[(&str, Kind)] = &[
            ("allowEmptyValue", Data),
            ("allowReserved", Data),
            ("content", Named(&Media)),
            ("deprecated", Data),
            ("explode", Data),
            ("in", Data),
            ("name", Data),
            ("required", Data),
            ("schema", Schema),
            ("style", Data),
        ];
        match self {
            Operation => &[
                ("deprecated", Data),
                ("operationId", Data),
                ("parameters", Listed(&Parameter)),
                ("requestBody", Body),
                ("responses", Named(&Response)),
                ("security", Data),
                ("tags", Data),
                ("x-atlas-retired", Data),
                ("x-atlas-scope", Data),
                ("x-rolesRequirements", Data),
                ("x-xgen-operation-id-override", Data),
                ("x-xgen-version", Data),
            ],
            Parameter | Header => PARAMETER,
            Body => &[("content", Named(&Media)), ("required", Data)],
            Response => &[("content", Named(&Media)), ("headers", Named(&Header)), ("x-xgen-version", Data)],
            Media => &[("schema", Schema), ("x-sunset", Data), ("x-xgen-version", Data)],
            Schema => SCHEMA,
            SecurityScheme => &[
                ("bearerFormat", Data),
                ("flows", Data),
                ("in", Data),
                ("name", Data),
                ("scheme", Data),
                ("type", Data),
            ],
            Named(_) | Listed(_) | Data => &[],
        }
    }
}

/// Removes the prose of the operations and components of a document, and all other top-level members except the
/// required ones.
pub(crate) fn strip(document: &mut Value, report: &mut Report) {
    if let Some(paths) = document["paths"].as_object_mut() {
        for (path, item) in paths {
            for (key, member) in item.as_object_mut().into_iter().flatten() {
                let kind = if key == "parameters" { Listed(&Parameter) } else { Operation };
                visit(member, kind, &Pointer::of_operation(path, key), report);
            }
        }
    }
    for (kind, members) in document["components"].as_object_mut().into_iter().flatten() {
        let inside = match kind.as_str() {
            "headers" => &Header,
            "parameters" => &Parameter,
            "requestBodies" => &Body,
            "responses" => &Response,
            "schemas" => &Schema,
            "securitySchemes" => &SecurityScheme,
            _ => {
                report.error(format!("/components/{kind}: no rule for removing prose of this kind"));
                continue;
            }
        };
        visit(members, Named(inside), &Pointer::new("/components").child(kind), report);
    }
}

fn visit(node: &mut Value, kind: Kind, location: &Pointer, report: &mut Report) {
    match (kind, node) {
        (Data, _) => {}
        (Named(inside), Value::Object(members)) => {
            for (name, member) in members {
                visit(member, *inside, &location.child(name), report);
            }
        }
        (Listed(inside), Value::Array(items)) => {
            for (index, item) in items.iter_mut().enumerate() {
                visit(item, *inside, &location.item(index), report);
            }
        }
        // `additionalProperties: true`
        (Schema, Value::Bool(_)) => {}
        (_, Value::Object(members)) => object(members, kind, location, report),
        (_, other) => report.error(format!("{location}: expected an object or a list, found {other}")),
    }
}

fn object(members: &mut Map<String, Value>, kind: Kind, location: &Pointer, report: &mut Report) {
    // In OpenAPI 3.0 the siblings of a reference have no meaning.
    if members.get("$ref").is_some_and(Value::is_string) {
        members.retain(|key, _| key == "$ref");
        return;
    }
    members.retain(|key, member| {
        let location = location.child(key);
        if let Some((_, inside)) = kind.keywords().iter().find(|(keyword, _)| keyword == key) {
            visit(member, *inside, &location, report);
            return true;
        }
        if !PROSE.contains(&key.as_str()) && !key.starts_with("x-") {
            report.error(format!("{location}: unknown keyword"));
        }
        false
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn stripped(mut document: Value) -> (Value, String) {
        let mut report = Report::default();
        strip(&mut document, &mut report);
        (document, report.finish(true).err().map(|error| error.to_string()).unwrap_or_default())
    }

    #[test]
    fn prose_is_removed_everywhere_and_structure_kept() {
        let schema = json!({ "type": "object", "title": "T", "description": "D", "example": {}, "x-note": "N", "properties": {
            "description": { "type": "string", "description": "D", "externalDocs": { "url": "U" } },
            "list": { "type": "array", "items": { "description": "D", "enum": ["description"], "default": "title" } },
            "other": { "$ref": "#/components/schemas/O", "description": "beside a reference" },
            "union": { "oneOf": [{ "title": "T", "type": "string" }], "additionalProperties": true },
        } });
        let (document, errors) = stripped(json!({ "paths": { "/a": { "get": {
            "operationId": "getA", "summary": "S", "description": "D", "externalDocs": { "url": "U" }, "x-xgen-docs-url": "U",
            "parameters": [{ "name": "n", "in": "query", "description": "D", "schema": { "type": "string", "example": "E" } }],
            "responses": { "200": { "description": "D", "content": { "application/json": {
                "schema": schema, "examples": { "E": { "value": "prose" } }, "x-sunset": "2027-07-01",
            } } } },
        } } }, "components": {} }));
        assert_eq!(errors, "");
        let kept = json!({ "type": "object", "properties": {
            "description": { "type": "string" },
            "list": { "type": "array", "items": { "enum": ["description"], "default": "title" } },
            "other": { "$ref": "#/components/schemas/O" },
            "union": { "oneOf": [{ "type": "string" }], "additionalProperties": true },
        } });
        assert_eq!(
            document["paths"]["/a"]["get"],
            json!({
                "operationId": "getA",
                "parameters": [{ "name": "n", "in": "query", "schema": { "type": "string" } }],
                "responses": { "200": { "content": { "application/json": { "schema": kept, "x-sunset": "2027-07-01" } } } },
            })
        );
    }

    #[test]
    fn unknown_keyword_is_reported_by_pointer() {
        let schemas = json!({ "A": { "const": "1", "properties": { "x/y": { "if": {} } } }, "B": [] });
        let errors = stripped(json!({ "paths": {}, "components": { "schemas": schemas, "links": {} } })).1;
        insta::assert_snapshot!(errors, @r"
        4 entries are not usable:
          /components/links: no rule for removing prose of this kind
          /components/schemas/A/const: unknown keyword
          /components/schemas/A/properties/x~1y/if: unknown keyword
          /components/schemas/B: expected an object or a list, found []
        ");
    }
}
