//! Compares schemas: each pair once, for all references to it.
//!
//! The two documents are walked in parallel as a graph whose nodes are pairs of locations. A shared schema is one node
//! with many parents, and a recursive one refers back to itself. The changes of a node are reported once, with every
//! operation that reaches it. The walk uses a queue, so its depth is not limited by the stack.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::{
    kinds::Effect,
    label::label,
    report::{Document, Finding, Findings, OperationVersion},
    values,
    view::{SchemaRef, View},
};
use crate::openapi::{
    document::{schemas, without_annotations},
    pointer::Pointer,
};

/// Direction and use of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Direction {
    /// In a parameter.
    Parameter,
    /// In a request body.
    Request,
    /// In a response.
    Response,
}

impl Direction {
    /// The first part of a kind's id, for a schema that is the whole body or parameter, or a part of it.
    fn location(self, inside: bool) -> &'static str {
        match (self, inside) {
            (Self::Parameter, false) => "request-parameter",
            (Self::Parameter, true) => "request-parameter-property",
            (Self::Request, false) => "request-body",
            (Self::Request, true) => "request-property",
            (Self::Response, false) => "response-body",
            (Self::Response, true) => "response-property",
        }
    }

    /// The kinds of an added field, required or optional, and of a removed field, required or optional.
    fn presence(self) -> [&'static str; 4] {
        match self {
            Self::Parameter => [
                "request-parameter-property-added",
                "request-parameter-property-added",
                "request-parameter-property-removed",
                "request-parameter-property-removed",
            ],
            Self::Request => [
                "new-required-request-property",
                "new-optional-request-property",
                "request-property-removed",
                "request-property-removed",
            ],
            Self::Response => [
                "response-required-property-added",
                "response-optional-property-added",
                "response-required-property-removed",
                "response-optional-property-removed",
            ],
        }
    }
}

/// One pair of locations.
#[derive(Debug)]
struct Node {
    direction: Direction,
    /// Suffix of a kind's id, and the finding without its kind.
    facts: Vec<values::UnplacedFinding>,
    findings: Vec<Finding>,
    parents: BTreeSet<usize>,
    roots: BTreeSet<OperationVersion>,
    /// A reference makes it a part of another schema.
    inside: bool,
    /// A finding of another node says that the one schema replaces the other.
    is_replacement: bool,
}

/// The graph of pairs.
pub(crate) struct Schemas<'a> {
    old: &'a Value,
    new: &'a Value,
    index: HashMap<(Pointer, Pointer, Direction), usize>,
    nodes: Vec<Node>,
    /// Pairs to compare, each with the pointer for its findings.
    queue: Vec<(usize, SchemaRef<'a>, SchemaRef<'a>, Pointer)>,
}

impl<'a> Schemas<'a> {
    /// An empty graph over two documents.
    pub(crate) fn new(old: &'a Value, new: &'a Value) -> Self {
        Self { old, new, index: HashMap::new(), nodes: Vec::new(), queue: Vec::new() }
    }

    /// Compares a body's or parameter's schema on behalf of an operation.
    pub(crate) fn root(
        &mut self,
        old: (&'a Value, Pointer),
        new: (&'a Value, Pointer),
        direction: Direction,
        operation: &OperationVersion,
    ) {
        let at = new.1.clone();
        let (old, new) = (SchemaRef::of(self.old, old.0, old.1), SchemaRef::of(self.new, new.0, new.1));
        let node = self.node(old, new, direction, at);
        self.nodes[node].roots.insert(operation.clone());
    }

    /// Compares all queued pairs and returns the findings.
    pub(crate) fn finish(mut self, findings: &mut Findings) {
        while let Some((node, old, new, at)) = self.queue.pop() {
            self.compare(node, &old, &new, &at);
        }
        for (at, node) in self.nodes.iter().enumerate() {
            if node.facts.is_empty() && node.findings.is_empty() {
                continue;
            }
            let touched = self.touched(at);
            let location = node.direction.location(node.inside);
            let facts = node.facts.iter().map(|fact| {
                let id = format!("{location}-{}", fact.suffix);
                let finding = Finding::new(&id, fact.document, &fact.pointer, &fact.message);
                finding.breaking_if(fact.may_break)
            });
            for finding in facts.chain(node.findings.iter().cloned()) {
                findings.add(finding, touched.iter().cloned());
            }
        }
    }

    /// Every operation that reaches a node.
    fn touched(&self, at: usize) -> BTreeSet<OperationVersion> {
        let (mut touched, mut seen, mut queue) = (BTreeSet::new(), BTreeSet::from([at]), vec![at]);
        while let Some(at) = queue.pop() {
            touched.extend(self.nodes[at].roots.iter().cloned());
            queue.extend(self.nodes[at].parents.iter().copied().filter(|parent| seen.insert(*parent)));
        }
        touched
    }

    /// The node of a pair. `declared` is where the new document refers to this schema.
    fn node(&mut self, old: SchemaRef<'a>, new: SchemaRef<'a>, direction: Direction, declared: Pointer) -> usize {
        let key = (old.pointer.clone(), new.pointer.clone(), direction);
        if let Some(node) = self.index.get(&key) {
            return *node;
        }
        let node = self.nodes.len();
        self.nodes.push(Node {
            direction,
            facts: Vec::new(),
            findings: Vec::new(),
            parents: BTreeSet::new(),
            roots: BTreeSet::new(),
            inside: false,
            is_replacement: false,
        });
        self.index.insert(key, node);
        let shared = old.component().is_some() && new.component().is_some();
        let at = if shared { new.pointer.clone() } else { declared };
        self.queue.push((node, old, new, at));
        node
    }

    /// Compares one part of a node with its counterpart.
    fn child(&mut self, parent: usize, old: &SchemaRef<'a>, new: &SchemaRef<'a>, declared: &Pointer) {
        let direction = self.nodes[parent].direction;
        if let (Some(was), Some(is)) = (old.component(), new.component())
            && was != is
            && (schemas(self.old).contains_key(&is) || schemas(self.new).contains_key(&was))
            && without_annotations(old.schema) != without_annotations(new.schema)
        {
            let message = format!("{}: is now {is}, was {was}", label(self.new, declared));
            let kind = format!("{}-type-changed", direction.location(true));
            self.nodes[parent].findings.push(Finding::new(&kind, Document::New, declared, message));
            let child = self.node(old.clone(), new.clone(), direction, declared.clone());
            self.nodes[child].is_replacement = true;
        }
        let child = self.node(old.clone(), new.clone(), direction, declared.clone());
        self.nodes[child].parents.insert(parent);
        self.nodes[child].inside = true;
    }

    fn compare(&mut self, node: usize, old: &SchemaRef<'a>, new: &SchemaRef<'a>, at: &Pointer) {
        if let (Some(was), Some(is)) = (old.component(), new.component())
            && was != is
            && !self.nodes[node].is_replacement
        {
            let message = if schemas(self.new).contains_key(&was) || schemas(self.old).contains_key(&is) {
                format!("schema {is} replaces {was}")
            } else {
                format!("schema {was} is now called {is}")
            };
            self.nodes[node].findings.push(Finding::new("api-schema-renamed", Document::New, &new.pointer, message));
        }
        let views = (View::of(self.old, old), View::of(self.new, new));
        let name = label(self.new, at);
        let facts = values::compare(&views.0, &views.1, at, &name, self.nodes[node].direction);
        self.nodes[node].facts.extend(facts);
        if views.0.kind != views.1.kind {
            return;
        }
        self.properties(node, &views.0, &views.1);
        let parts = [
            ("items", &views.0.items, &views.1.items),
            ("additionalProperties", &views.0.additional, &views.1.additional),
        ];
        for (keyword, old, new) in parts {
            if let (Some(old), Some(new)) = (old, new) {
                self.child(node, old, new, &at.child(keyword));
            }
        }
        self.variants(node, &views.0, &views.1, at);
    }

    /// Added and removed fields, and fields that became required or optional. The others are separate nodes.
    fn properties(&mut self, node: usize, old: &View<'a>, new: &View<'a>) {
        let direction = self.nodes[node].direction;
        let [added_required, added, removed_required, removed] = direction.presence();
        let mut findings = Vec::new();
        for (field, property) in &new.properties {
            let view = View::of(self.new, &property.location);
            let required = new.required.contains(field);
            let pointer = &property.declared;
            let name = label(self.new, pointer);
            let Some(before) = old.properties.get(field) else {
                let kind = if required { added_required } else { added };
                let message =
                    format!("{name}: new {}field, {}", if required { "required " } else { "" }, view.type_name());
                let sent = direction != Direction::Response;
                findings
                    .push(Finding::new(kind, Document::New, pointer, message).breaking_if(!(sent && view.read_only)));
                continue;
            };
            if required != old.required.contains(field) {
                let state = if required { "required" } else { "optional" };
                let kind = match direction {
                    Direction::Parameter => format!("request-parameter-property-became-{state}"),
                    Direction::Request => format!("request-property-became-{state}"),
                    Direction::Response => format!("response-property-became-{state}"),
                };
                let finding = Finding::new(&kind, Document::New, pointer, format!("{name}: became {state}"));
                // Lists that only responses have are empty or optional, which are two types.
                let is_list = direction == Direction::Response && view.kind == "array" && *field != "results";
                let finding = if is_list { finding.with_effect(Effect::BUILD) } else { finding };
                let sent = direction != Direction::Response;
                findings.push(finding.breaking_if(!(sent && view.read_only)));
            }
            let before_view = View::of(self.old, &before.location);
            let modes =
                [("read", before_view.read_only, view.read_only), ("write", before_view.write_only, view.write_only)];
            for (only, was, is) in modes {
                let way = match direction {
                    Direction::Parameter => continue,
                    Direction::Request => "request",
                    Direction::Response => "response",
                };
                if was != is {
                    let (presence, not) =
                        (if required { "required" } else { "optional" }, if is { "" } else { "not-" });
                    let kind = format!("{way}-{presence}-property-became-{not}{only}-only");
                    let message = format!("{name}: {} {only}-only", if is { "became" } else { "is no longer" });
                    findings.push(Finding::new(&kind, Document::New, pointer, message));
                }
            }
            self.child(node, &before.location, &property.location, pointer);
        }
        self.nodes[node].findings.extend(findings);
        for (field, property) in &old.properties {
            if !new.properties.contains_key(field) {
                let kind = if old.required.contains(field) { removed_required } else { removed };
                let name = label(self.old, &property.declared);
                let finding = Finding::new(kind, Document::Old, &property.declared, format!("{name}: field removed"));
                self.nodes[node].findings.push(finding);
            }
        }
    }

    /// Alternatives: the same reference or the same text in both documents is the same alternative, under either
    /// keyword.
    fn variants(&mut self, node: usize, old: &View<'a>, new: &View<'a>, at: &Pointer) {
        let was = alternatives(old);
        let is = alternatives(new);
        let only = |these: &Alternatives<'a>, those: &Alternatives<'a>| -> Vec<(&'static str, SchemaRef<'a>)> {
            these.iter().filter(|(key, _)| !those.contains_key(*key)).map(|(_, variant)| variant.clone()).collect()
        };
        let named = |(_, location): &(&str, SchemaRef<'a>)| location.component().is_some();
        let (mut gone, gone_inline): (Vec<_>, Vec<_>) = only(&was, &is).into_iter().partition(named);
        let (mut came, came_inline): (Vec<_>, Vec<_>) = only(&is, &was).into_iter().partition(named);
        for (key, (_, old)) in &was {
            if let Some((_, new)) = is.get(key) {
                self.child(node, old, new, &new.pointer);
            }
        }
        // Changed schemas without a name are matched in order.
        let changed = gone_inline.len().min(came_inline.len());
        for ((_, old), (_, new)) in gone_inline.iter().zip(&came_inline) {
            self.child(node, old, new, &new.pointer);
        }
        gone.extend(gone_inline.into_iter().skip(changed));
        came.extend(came_inline.into_iter().skip(changed));
        let name = label(self.new, at);
        let fact = |(keyword, location): (&str, SchemaRef<'a>), what: &str, words: &str| values::UnplacedFinding {
            suffix: format!("{keyword}-{what}"),
            document: Document::New,
            pointer: at.to_string(),
            message: format!("{name}: {} {words}", location.component().as_deref().unwrap_or("an unnamed schema")),
            may_break: true,
        };
        let came = came.into_iter().map(|variant| fact(variant, "added", "is a new alternative"));
        let gone = gone.into_iter().map(|variant| fact(variant, "removed", "is no longer an alternative"));
        let facts: Vec<_> = came.chain(gone).collect();
        self.nodes[node].facts.extend(facts);
    }
}

/// Alternatives by name or content, each with its keyword in the names of kinds.
type Alternatives<'a> = BTreeMap<String, (&'static str, SchemaRef<'a>)>;

fn alternatives<'a>(view: &View<'a>) -> Alternatives<'a> {
    let one_of = view.one_of.iter().map(|location| ("one-of", location));
    let all = one_of.chain(view.any_of.iter().map(|location| ("any-of", location)));
    let key = |location: &SchemaRef<'_>| match location.component() {
        Some(name) => name,
        None => without_annotations(location.schema).to_string(),
    };
    all.map(|(keyword, location)| (key(location), (keyword, location.clone()))).collect()
}
