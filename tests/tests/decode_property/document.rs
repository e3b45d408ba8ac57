//! Draws bodies from the schemas of the curated document, and from what the service adds to them.
//!
//! References, `allOf`, `oneOf` and discriminators are followed in the document itself. Nothing that the generator made
//! of it is used here.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde_json::{Map, Value, json};

use crate::{choices::Choices, node::Node};

/// What the names of fields begin with that no schema defines.
pub(crate) const NEW: &str = "newField";
/// Objects below this depth have only what they must.
const DEEPEST: usize = 9;

/// Which way a body goes.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Side {
    /// From the service, which leaves out and nulls what it likes.
    CannedResponse,
    /// To the service: what is required is there.
    Request,
}

/// The curated document.
pub(crate) struct Document {
    schemas: Map<String, Value>,
    tags: BTreeSet<String>,
    /// The schemas of requests without a name, such as lists, by operation.
    requests: BTreeMap<String, Value>,
}

/// The properties of an object with those that must be there.
#[derive(Default)]
struct Shape<'a> {
    properties: Vec<(&'a str, &'a Value)>,
    required: BTreeSet<&'a str>,
}

impl Document {
    /// The one in the repository.
    pub(crate) fn curated() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/atlas-backup.openapi.json");
        let text = std::fs::read_to_string(path).expect("the curated document is in the repository");
        let mut document: Value = serde_json::from_str(&text).expect("it is JSON");
        let Value::Object(mut schemas) = document["components"]["schemas"].take() else { panic!("it has no schemas") };
        let bound = bound(&document["paths"], &schemas);
        schemas.retain(|name, _| bound.contains(name));
        let tags = schemas.values().filter_map(|schema| schema["discriminator"]["propertyName"].as_str());
        let requests = unnamed_requests(&document["paths"]);
        Self { tags: tags.map(str::to_owned).collect(), schemas, requests }
    }

    /// Whether `key` is the tag of a union.
    pub(crate) fn is_tag(&self, key: &str) -> bool {
        self.tags.contains(key)
    }

    /// A body of the schema with this name, or of the unnamed one of a request; one with unknown fields only where no
    /// schema is.
    pub(crate) fn body(&self, operation: &str, schema: Option<&str>, side: Side, choices: &mut Choices<'_>) -> Node {
        let named = schema.map(|name| self.schemas.get(name).unwrap_or_else(|| panic!("no schema {name}")));
        let unnamed = || self.requests.get(operation).filter(|_| matches!(side, Side::Request));
        match named.or_else(unnamed) {
            Some(schema) => self.draw(schema, side, choices, 0),
            None => self.object(Shape::default(), None, side, choices, 0),
        }
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match reference(schema) {
            Some(target) => {
                let name = target.rsplit('/').next().unwrap_or_default();
                self.resolve(self.schemas.get(name).unwrap_or_else(|| panic!("no schema {name}")))
            }
            None => schema,
        }
    }

    fn draw(&self, schema: &Value, side: Side, choices: &mut Choices<'_>, depth: usize) -> Node {
        let schema = self.resolve(schema);
        if let Some(tag) = schema["discriminator"]["propertyName"].as_str() {
            return self.kind(schema, tag, side, choices, depth);
        }
        if let Some(members) = ["oneOf", "anyOf"].iter().find_map(|key| schema[key].as_array()) {
            let member = choices.one_of(members).expect("a union has members");
            return self.draw(member, side, choices, depth);
        }
        if schema.get("allOf").is_some() || schema.get("properties").is_some() {
            return self.object(self.shape(schema), None, side, choices, depth);
        }
        match schema["type"].as_str() {
            Some("array") => {
                let most = if depth < DEEPEST { 4 } else { 1 };
                let items = (0..choices.below(most)).map(|_| self.draw(&schema["items"], side, choices, depth + 1));
                Node::List(items.collect())
            }
            Some("object") if schema["additionalProperties"].is_object() => {
                let value = &schema["additionalProperties"];
                let names = ["a", "", "us-east-1/é", "results"];
                let entries = names.iter().take(choices.below(4));
                Node::Object(
                    entries.map(|key| ((*key).to_owned(), self.draw(value, side, choices, depth + 1))).collect(),
                )
            }
            Some("object") => self.object(Shape::default(), None, side, choices, depth),
            Some("string") => Node::Leaf(string(schema, choices)),
            Some("integer") => {
                let values = [0, 1, -1, 100, 4_294_967_297, 9_007_199_254_740_993, i64::MAX, i64::MIN];
                Node::Leaf(json!(choices.one_of(&values)))
            }
            Some("number") => {
                let values =
                    [json!(0), json!(10), json!(10.0), json!(0.1), json!(-2.5e-7), json!(1e300), json!(i64::MAX)];
                Node::Leaf(json!(choices.one_of(&values)))
            }
            Some("boolean") => Node::Leaf(json!(choices.below(2) == 1)),
            _ => Node::any(choices, 0),
        }
    }

    /// One kind of a union, an unknown kind, or one without its tag.
    fn kind(&self, schema: &Value, tag: &str, side: Side, choices: &mut Choices<'_>, depth: usize) -> Node {
        let mapping: Vec<(&String, &Value)> =
            schema["discriminator"]["mapping"].as_object().into_iter().flatten().collect();
        let unknown = [json!("NEVER_SEEN_BEFORE"), json!(7), json!(null)];
        match choices.below(mapping.len() + 2) {
            number if number < mapping.len() => {
                let (value, target) = mapping[number];
                let member = json!({ "$ref": target });
                self.object(self.shape(self.resolve(&member)), Some((tag, json!(value))), side, choices, depth)
            }
            number if number == mapping.len() => {
                let value = choices.one_of(&unknown).cloned().unwrap_or_default();
                self.object(Shape::default(), Some((tag, value)), side, choices, depth)
            }
            _ => self.object(Shape::default(), None, side, choices, depth),
        }
    }

    /// The properties of a schema and of all that it composes.
    fn shape<'a>(&'a self, schema: &'a Value) -> Shape<'a> {
        let mut shape = Shape::default();
        self.compose(schema, &mut shape);
        shape
    }

    fn compose<'a>(&'a self, schema: &'a Value, shape: &mut Shape<'a>) {
        let schema = self.resolve(schema);
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.compose(part, shape);
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            shape.properties.retain(|(seen, _)| seen != name);
            shape.properties.push((name, property));
        }
        shape.required.extend(schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str));
    }

    fn object(
        &self,
        shape: Shape<'_>,
        tag: Option<(&str, Value)>,
        side: Side,
        choices: &mut Choices<'_>,
        depth: usize,
    ) -> Node {
        let mut fields = Vec::new();
        let is_tag = |name: &str| tag.as_ref().is_some_and(|(tag, _)| *tag == name);
        for (name, property) in shape.properties.iter().filter(|(name, _)| !is_tag(name)) {
            // Without its list of items a page is not a page.
            let is_page = depth == 0 && *name == "results" && self.resolve(property)["type"] == "array";
            let must = is_page || (side == Side::Request && shape.required.contains(name));
            match if must { 7 } else { choices.below(8) } {
                0..=2 if !must => {}
                _ if depth >= DEEPEST && !must => {}
                3 => fields.push(((*name).to_owned(), Node::Leaf(Value::Null))),
                _ => fields.push(((*name).to_owned(), self.draw(property, side, choices, depth + 1))),
            }
        }
        fields.extend(tag.map(|(tag, value)| (tag.to_owned(), Node::Leaf(value))));
        for number in 0..choices.below(6).saturating_sub(3) {
            fields.push((format!("{NEW}{number}"), Node::any(choices, 0)));
        }
        let first = choices.below(fields.len());
        fields.rotate_left(first);
        Node::Object(fields)
    }
}

fn string(schema: &Value, choices: &mut Choices<'_>) -> Value {
    if schema["format"] == "date-time" {
        let moments = [
            "2026-03-04T05:06:07Z",
            "1970-01-01T00:00:00Z",
            "2026-03-04T05:06:07.000Z",
            "2026-03-04T05:06:07.120Z",
            "2026-03-04T05:06:07+02:00",
        ];
        return json!(choices.one_of(&moments));
    }
    let strange = ["", "NEVER_SEEN_BEFORE", "not what the pattern says", "\u{0}\"\\\u{e9}\u{1f980}"];
    match schema["enum"].as_array() {
        Some(values) if choices.happens(3, 4) => choices.one_of(values).cloned().unwrap_or_default(),
        _ => json!(choices.one_of(&strange)),
    }
}

/// What a schema refers to, plainly or by an `allOf` that only adds a description.
fn reference(schema: &Value) -> Option<&str> {
    let described =
        schema.as_object().is_some_and(|members| members.keys().all(|k| k == "allOf" || k == "description"));
    let only = schema["allOf"].as_array().filter(|parts| described && parts.len() == 1).map(|parts| &parts[0]);
    only.unwrap_or(schema)["$ref"].as_str()
}

/// The schemas of requests that are not references, by operation.
fn unnamed_requests(paths: &Value) -> BTreeMap<String, Value> {
    let operations = paths.as_object().into_iter().flatten().flat_map(|(_, path)| path.as_object()).flatten();
    let unnamed = operations.filter_map(|(_, operation)| {
        let media = operation["requestBody"]["content"].as_object()?.values().next()?;
        let schema = media.get("schema").filter(|schema| reference(schema).is_none())?;
        Some((operation["operationId"].as_str()?.to_owned(), schema.clone()))
    });
    unnamed.collect()
}

/// The names of the schemas that the operations of the bindings reach, which leaves out what only the emulator serves.
fn bound(paths: &Value, schemas: &Map<String, Value>) -> BTreeSet<String> {
    fn names<'a>(node: &'a Value, found: &mut Vec<&'a str>) {
        match node {
            Value::Object(members) if members.get("x-atlas-scope").is_none() => {
                members.values().for_each(|member| names(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| names(item, found)),
            Value::String(text) => found.extend(text.strip_prefix("#/components/schemas/")),
            _ => {}
        }
    }
    let (mut bound, mut next) = (BTreeSet::new(), Vec::new());
    names(paths, &mut next);
    while let Some(name) = next.pop() {
        if bound.insert(name.to_owned()) {
            names(&schemas[name], &mut next);
        }
    }
    bound
}
