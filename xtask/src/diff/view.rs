//! The effective schema: `$ref` resolved, `allOf` merged, each field with its declaration.
//!
//! A base reached through `allOf` contributes its fields but not its alternatives, which lead back to the subtype. The
//! generator does the same. A dangling or circular reference counts as an empty schema.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::kinds::BOUNDS;
use crate::openapi::{pointer::Pointer, references::MAX_STEPS};

/// A schema and its pointer.
#[derive(Debug, Clone)]
pub(crate) struct SchemaRef<'a> {
    /// The schema object, references resolved.
    pub(crate) schema: &'a Value,
    /// Its JSON pointer.
    pub(crate) pointer: Pointer,
}

impl<'a> SchemaRef<'a> {
    /// The location of the schema at a pointer: itself, or the target of its reference.
    pub(crate) fn of(document: &'a Value, schema: &'a Value, pointer: Pointer) -> Self {
        let mut location = Self { schema, pointer };
        for _ in 0..MAX_STEPS {
            let Some(target) = location.reference() else { return location };
            let found = Pointer::of_reference(target).and_then(|target| Some((target.get(document)?, target)));
            let Some((schema, pointer)) = found else { break };
            location = Self { schema, pointer };
        }
        Self { schema: &Value::Null, pointer: location.pointer }
    }

    /// The reference of a schema that is only a reference, possibly with a description through an `allOf` of one.
    fn reference(&self) -> Option<&'a str> {
        let object = self.schema.as_object()?;
        if let Some(reference) = object.get("$ref") {
            return reference.as_str();
        }
        let [only] = object.get("allOf")?.as_array()?.as_slice() else { return None };
        let words = |key: &str| matches!(key, "allOf" | "description" | "title" | "example") || key.starts_with("x-");
        object.keys().all(|key| words(key)).then_some(only.get("$ref")?.as_str())?
    }

    /// The name of the component, if it is one.
    pub(crate) fn component(&self) -> Option<String> {
        self.pointer.schema().filter(|name| self.pointer == Pointer::of_component("schemas", name))
    }
}

/// A field of an object.
#[derive(Debug)]
pub(crate) struct Property<'a> {
    /// Declaration of the field: in the schema itself or in a base.
    pub(crate) declared: Pointer,
    /// Its schema, references resolved.
    pub(crate) location: SchemaRef<'a>,
}

/// The effective schema.
#[derive(Debug, Default)]
pub(crate) struct View<'a> {
    /// `object`, `string`, …; empty if any type is allowed.
    pub(crate) kind: String,
    pub(crate) format: Option<&'a str>,
    pub(crate) nullable: bool,
    pub(crate) deprecated: bool,
    pub(crate) read_only: bool,
    pub(crate) write_only: bool,
    /// The enum, each value as JSON. `None` if any value is allowed.
    pub(crate) values: Option<BTreeSet<String>>,
    pub(crate) properties: BTreeMap<&'a str, Property<'a>>,
    pub(crate) required: BTreeSet<&'a str>,
    pub(crate) items: Option<SchemaRef<'a>>,
    /// The schema of undocumented fields.
    pub(crate) additional: Option<SchemaRef<'a>>,
    /// Undocumented fields are refused.
    pub(crate) closed: bool,
    pub(crate) one_of: Vec<SchemaRef<'a>>,
    pub(crate) any_of: Vec<SchemaRef<'a>>,
    pub(crate) discriminator: Option<&'a str>,
    pub(crate) mapping: BTreeMap<&'a str, &'a str>,
    pub(crate) default: Option<&'a Value>,
    pub(crate) pattern: Option<&'a str>,
    pub(crate) bounds: BTreeMap<&'static str, f64>,
    /// The bounds that are not allowed themselves.
    pub(crate) exclusive: BTreeSet<&'static str>,
}

impl<'a> View<'a> {
    /// Reads a location of a document.
    pub(crate) fn of(document: &'a Value, location: &SchemaRef<'a>) -> Self {
        let mut view = Self::default();
        view.gather(document, location, &mut vec![location.pointer.clone()], false);
        view.merge_enums(document);
        if view.kind.is_empty() {
            view.kind = view.implied().to_owned();
        }
        view
    }

    fn gather(&mut self, document: &'a Value, location: &SchemaRef<'a>, trail: &mut Vec<Pointer>, inherited: bool) {
        let Some(schema) = location.schema.as_object() else { return };
        for (index, part) in schema.get("allOf").and_then(Value::as_array).into_iter().flatten().enumerate() {
            let part = SchemaRef::of(document, part, location.pointer.child("allOf").item(index));
            if trail.len() < MAX_STEPS && !trail.contains(&part.pointer) {
                trail.push(part.pointer.clone());
                let by_reference = part.component().is_some();
                self.gather(document, &part, trail, inherited || by_reference);
                trail.pop();
            }
        }
        self.own(document, schema, &location.pointer, inherited);
    }

    /// Keywords at this location override inherited ones.
    fn own(&mut self, document: &'a Value, schema: &'a Map<String, Value>, pointer: &Pointer, inherited: bool) {
        let text = |key: &str| schema.get(key).and_then(Value::as_str);
        let flag = |key: &str| schema.get(key).and_then(Value::as_bool);
        let child = |schema: &'a Value, at: Pointer| SchemaRef::of(document, schema, at);
        if let Some(kind) = text("type") {
            kind.clone_into(&mut self.kind);
        }
        self.format = text("format").or(self.format);
        // An empty pattern allows everything.
        self.pattern = text("pattern").filter(|pattern| !pattern.is_empty()).or(self.pattern);
        self.default = schema.get("default").or(self.default);
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            self.nullable |= values.iter().any(Value::is_null);
            self.values = Some(values.iter().filter(|value| !value.is_null()).map(Value::to_string).collect());
        }
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let declared = pointer.child("properties").child(name);
            self.properties.insert(name, Property { location: child(property, declared.clone()), declared });
        }
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        self.required.extend(required.filter_map(Value::as_str));
        if let Some(items) = schema.get("items") {
            self.items = Some(child(items, pointer.child("items")));
        }
        match schema.get("additionalProperties") {
            Some(Value::Bool(allowed)) => self.closed = !allowed,
            Some(Value::Object(object)) if object.is_empty() => {}
            Some(additional) => self.additional = Some(child(additional, pointer.child("additionalProperties"))),
            None => {}
        }
        for (keyword, ..) in BOUNDS {
            if let Some(bound) = schema.get(keyword).and_then(Value::as_f64) {
                self.bounds.insert(keyword, bound);
            }
        }
        for (keyword, exclusive) in [("maximum", "exclusiveMaximum"), ("minimum", "exclusiveMinimum")] {
            match flag(exclusive) {
                Some(true) => _ = self.exclusive.insert(keyword),
                Some(false) => _ = self.exclusive.remove(keyword),
                None => {}
            }
        }
        if inherited {
            return;
        }
        self.nullable |= flag("nullable").unwrap_or_default();
        self.deprecated |= flag("deprecated").unwrap_or_default();
        self.read_only |= flag("readOnly").unwrap_or_default();
        self.write_only |= flag("writeOnly").unwrap_or_default();
        for (keyword, variants) in [("oneOf", &mut self.one_of), ("anyOf", &mut self.any_of)] {
            let found = schema.get(keyword).and_then(Value::as_array).into_iter().flatten().enumerate();
            variants.extend(found.map(|(index, variant)| child(variant, pointer.child(keyword).item(index))));
        }
        if let Some(discriminator) = schema.get("discriminator") {
            self.discriminator = discriminator.get("propertyName").and_then(Value::as_str);
            let mapping = discriminator.get("mapping").and_then(Value::as_object).into_iter().flatten();
            self.mapping = mapping.filter_map(|(key, target)| Some((key.as_str(), target.as_str()?))).collect();
        }
    }

    /// Alternatives that are only lists of values are one longer list, as in the bindings.
    fn merge_enums(&mut self, document: &'a Value) {
        let alternatives = self.one_of.iter().chain(&self.any_of);
        let values: Option<Vec<BTreeSet<String>>> = alternatives
            .map(|location| {
                let object = SchemaRef::of(document, location.schema, location.pointer.clone()).schema.as_object()?;
                let values = object.get("enum")?.as_array()?.iter().filter(|value| value.is_string());
                Some(values.map(Value::to_string).collect())
            })
            .collect();
        if let Some(values) = values.filter(|values| !values.is_empty() && self.properties.is_empty()) {
            let own = self.values.take().unwrap_or_default();
            self.values = Some(values.into_iter().flatten().chain(own).collect());
            (self.one_of, self.any_of) = (Vec::new(), Vec::new());
            "string".clone_into(&mut self.kind);
        }
    }

    /// The type of a schema that names none.
    fn implied(&self) -> &'static str {
        let texts = |values: &BTreeSet<String>| values.iter().all(|value| value.starts_with('"'));
        if !self.properties.is_empty() || self.additional.is_some() {
            "object"
        } else if self.items.is_some() {
            "array"
        } else if self.values.as_ref().is_some_and(|values| !values.is_empty() && texts(values)) {
            "string"
        } else {
            ""
        }
    }

    /// The type in words.
    pub(crate) fn type_name(&self) -> String {
        match (self.kind.as_str(), self.format) {
            ("", _) if !self.one_of.is_empty() || !self.any_of.is_empty() => "one of several".to_owned(),
            ("", _) => "anything".to_owned(),
            (kind, Some(format)) => format!("{kind} ({format})"),
            (kind, None) => kind.to_owned(),
        }
    }

    /// The type of a value in the bindings. Formats with the same Rust type count as one.
    pub(crate) fn rust_type(&self) -> (&str, &str) {
        let apart = ["date-time", "date", "uuid", "ipv4", "ipv6", "ip", "byte", "binary"];
        let format = self.format.filter(|format| self.kind == "string" && apart.contains(format));
        (self.kind.as_str(), format.unwrap_or_default())
    }
}
