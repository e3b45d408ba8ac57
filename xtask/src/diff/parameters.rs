//! Compares parameters, matched by location and name.
//!
//! Path parameters are matched by their order in the path, because their names are not sent, or by name if the
//! operation moved. A shared parameter is
//! reported once, with the pointer of the shared parameter.

use serde_json::Value;

use super::{
    kinds::Effect,
    report::{Document, Finding, OperationVersion},
    schemas::{Direction, Schemas},
    view::{SchemaRef, View},
};
use crate::openapi::{
    pointer::Pointer,
    references::resolve,
    walk::{OperationRef, template_names, without_parameter_names},
};

/// Parameters that the transport reverses, so that no binding has them.
const TRANSPORT: [&str; 2] = ["envelope", "pretty"];

/// One parameter with its pointer, references resolved.
#[derive(Debug, Clone)]
struct Parameter<'a> {
    value: &'a Value,
    pointer: Pointer,
}

impl<'a> Parameter<'a> {
    fn text(&self, key: &str) -> &'a str {
        self.value.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    fn flag(&self, key: &str) -> Option<bool> {
        self.value.get(key).and_then(Value::as_bool)
    }

    fn required(&self) -> bool {
        self.text("in") == "path" || self.flag("required").unwrap_or_default()
    }

    /// Whether bindings send it.
    fn is_sent(&self) -> bool {
        matches!(self.text("in"), "path" | "query") && !TRANSPORT.contains(&self.text("name"))
    }

    /// Whether it is a field of the struct of optional arguments.
    fn is_in_query_struct(&self) -> bool {
        self.is_sent() && !self.required()
    }

    /// The effective style, and whether lists are sent as one value per item.
    fn style(&self) -> (&'a str, bool) {
        let usual = if matches!(self.text("in"), "query" | "cookie") { "form" } else { "simple" };
        let style = Some(self.text("style")).filter(|style| !style.is_empty()).unwrap_or(usual);
        (style, self.flag("explode").unwrap_or(style == "form"))
    }

    /// Whether the encoding of lists matters.
    fn lists(&self, document: &Value) -> bool {
        let location = SchemaRef::of(document, &self.value["schema"], Pointer::default());
        matches!(View::of(document, &location).kind.as_str(), "array" | "object")
    }
}

/// The parameters of an operation in both documents.
pub(crate) struct Matched<'a> {
    documents: (&'a Value, &'a Value),
    both: Vec<(Parameter<'a>, Parameter<'a>)>,
    added: Vec<Parameter<'a>>,
    removed: Vec<Parameter<'a>>,
}

impl<'a> Matched<'a> {
    /// Matches the parameters of one operation.
    pub(crate) fn of(old: (&'a Value, &OperationRef<'a>), new: (&'a Value, &OperationRef<'a>)) -> Self {
        let was = parameters(old.0, old.1);
        let mut matched = Self { documents: (old.0, new.0), both: Vec::new(), added: Vec::new(), removed: Vec::new() };
        let mut left: Vec<Option<Parameter<'a>>> = was.into_iter().map(Some).collect();
        let is_same_path = without_parameter_names(old.1.path) == without_parameter_names(new.1.path);
        let names = [old.1.path, new.1.path].map(|path| template_names(path).collect::<Vec<_>>());
        for parameter in parameters(new.0, new.1) {
            let location = parameter.text("in");
            let name = match names[1].iter().position(|name| *name == parameter.text("name")) {
                Some(at) if location == "path" && is_same_path => names[0].get(at).copied().unwrap_or_default(),
                _ => parameter.text("name"),
            };
            let same = |other: &Option<Parameter<'_>>| {
                other.as_ref().is_some_and(|other| other.text("in") == location && other.text("name") == name)
            };
            match left.iter_mut().find(|other| same(other)).and_then(Option::take) {
                Some(before) => matched.both.push((before, parameter)),
                None => matched.added.push(parameter),
            }
        }
        matched.removed = left.into_iter().flatten().collect();
        matched
    }

    /// Changes of the parameters except for their schemas.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let had_query = self.both.iter().map(|(old, _)| old).chain(&self.removed).any(Parameter::is_in_query_struct);
        for parameter in &self.added {
            let (kind, what) = if parameter.required() {
                ("new-required-request-parameter", "required ")
            } else {
                ("new-optional-request-parameter", "")
            };
            let (location, name) = (parameter.text("in"), parameter.text("name"));
            let message = format!("new {what}{location} parameter {name}");
            let mut finding = Finding::new(kind, Document::New, &parameter.pointer, message);
            if !parameter.is_sent() {
                finding.effect.build = false;
            } else if !parameter.required() && !had_query {
                finding.message.push_str("; the method gets its first optional argument");
                finding.effect = Effect::BUILD;
            }
            found.push(finding);
        }
        for parameter in &self.removed {
            let message = format!("{} parameter {} removed", parameter.text("in"), parameter.text("name"));
            let mut finding = Finding::new("request-parameter-removed", Document::Old, &parameter.pointer, message);
            finding.effect.build &= parameter.is_sent();
            found.push(finding);
        }
        self.both.iter().for_each(|(old, new)| self.both_sides(old, new, &mut found));
        found
    }

    fn both_sides(&self, old: &Parameter<'a>, new: &Parameter<'a>, found: &mut Vec<Finding>) {
        let name = new.text("name");
        let mut say = |kind: &str, message: String| {
            let mut finding = Finding::new(kind, Document::New, &new.pointer, format!("parameter {name}: {message}"));
            finding.effect.build &= new.is_sent();
            found.push(finding);
        };
        if old.text("name") != name {
            say("request-path-parameter-renamed", format!("was called {}", old.text("name")));
        }
        if old.required() != new.required() {
            let state = if new.required() { "required" } else { "optional" };
            say(&format!("request-parameter-became-{state}"), format!("became {state}"));
        }
        let deprecated = |parameter: &Parameter<'_>| parameter.flag("deprecated").unwrap_or_default();
        match (deprecated(old), deprecated(new)) {
            (false, true) => say("request-parameter-deprecated", "is deprecated".to_owned()),
            (true, false) => say("request-parameter-reactivated", "is no longer deprecated".to_owned()),
            _ => {}
        }
        let (was, is) = (old.style(), new.style());
        if was.0 != is.0 {
            say("request-parameter-style-changed", format!("is now sent in style {}, was {}", is.0, was.0));
        } else if was.1 != is.1 && (old.lists(self.documents.0) || new.lists(self.documents.1)) {
            let message = if is.1 { "each value is now sent separately" } else { "all values are now sent as one" };
            say("request-parameter-explode-changed", message.to_owned());
        }
    }

    /// Queues the comparison of the schemas.
    pub(crate) fn schemas(&self, schemas: &mut Schemas<'a>, at: &OperationVersion) {
        for (old, new) in &self.both {
            if let (Some(was), Some(is)) = (old.value.get("schema"), new.value.get("schema")) {
                let pointer = |parameter: &Parameter<'_>| parameter.pointer.child("schema");
                schemas.root((was, pointer(old)), (is, pointer(new)), Direction::Parameter, at);
            }
        }
    }
}

/// The parameters of an operation: its own, and those of its path that it does not override.
fn parameters<'a>(document: &'a Value, operation: &OperationRef<'a>) -> Vec<Parameter<'a>> {
    let path = Pointer::new("/paths").child(operation.path);
    let mut found: Vec<Parameter<'a>> = Vec::new();
    for (holder, at) in [(operation.operation, operation.pointer()), (operation.item, path)] {
        for (index, value) in holder.get("parameters").and_then(Value::as_array).into_iter().flatten().enumerate() {
            let (value, pointer) = resolve(document, value, at.child("parameters").item(index));
            let parameter = Parameter { value, pointer };
            let key = |parameter: &Parameter<'a>| (parameter.text("in"), parameter.text("name"));
            if !found.iter().any(|other| key(other) == key(&parameter)) {
                found.push(parameter);
            }
        }
    }
    found
}
