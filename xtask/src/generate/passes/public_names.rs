//! Gives each type its public name.
//!
//! The curation takes precedence: [`NAMES`] maps official names to public ones. Three rules apply without an entry. A
//! page is named after its items. A type whose name the document derived from another type follows that type's public
//! name. Of types that differ in a date suffix, the newest has the plain name and the others the date of the newest
//! version that uses them, as methods do. Two types never get one name: a rule yields to official names, and an entry
//! is reported. The official name stays as an alias ([`ALIAS`]).

use std::collections::{BTreeMap, BTreeSet};

use heck::ToPascalCase;
use serde_json::{Map, Value, json};

use super::{Report, hoist::PARENT};
use crate::openapi::{
    document::{Document, SCHEMAS, schema_ref, schemas, schemas_mut},
    pointer::Pointer,
    references::{named_schemas, reachable},
    walk::operations,
};

/// The document's table of public names by official name.
pub(crate) const NAMES: &str = "x-atlas-names";
/// The extension that holds the official name of a renamed type.
pub(crate) const ALIAS: &str = "x-atlas-official";

pub(super) fn run(document: &mut Document) -> Report {
    let mut report = Report::default();
    let table: BTreeMap<String, String> = document
        .get(NAMES)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(official, public)| Some((official.clone(), public.as_str()?.to_owned())))
        .collect();
    for (official, public) in &table {
        let pointer = Pointer::of_component("schemas", official);
        if public.to_pascal_case() != *public {
            report.residue(&pointer, format!("names.toml renames it to {public:?}, which is not a valid type name"));
        }
    }
    let mut newest = BTreeMap::<&str, &str>::new();
    for (base, date) in schemas(document).keys().map(|name| split(name)) {
        let Some(date) = date else { continue };
        newest.entry(base).and_modify(|newest| *newest = date.max(newest)).or_insert(date);
    }
    let names = Names { document, table: &table, dates: dates(document), newest, kept: BTreeSet::new() };
    let renamed = names.resolve(&mut report);
    report.changed = renamed.len();
    rename(document, &renamed);
    report
}

/// The newest version that uses each schema.
fn dates(document: &Document) -> BTreeMap<String, String> {
    let mut by_date = BTreeMap::<&str, BTreeSet<String>>::new();
    for location in operations(document) {
        let date = location.operation["x-atlas-version"].as_str().unwrap_or_default();
        named_schemas(location.operation, by_date.entry(date).or_default());
    }
    let mut dates = BTreeMap::<String, String>::new();
    for (date, named) in by_date {
        dates.extend(reachable(document, named).into_iter().map(|schema| (schema, date.to_owned())));
    }
    dates
}

struct Names<'a> {
    document: &'a Document,
    table: &'a BTreeMap<String, String>,
    dates: BTreeMap<String, String>,
    /// The newest date suffix of each dated family.
    newest: BTreeMap<&'a str, &'a str>,
    /// The types that keep their official names, because a rule would give two of them one name.
    kept: BTreeSet<String>,
}

impl Names<'_> {
    /// The types whose public name differs from the official one.
    fn resolve(mut self, report: &mut Report) -> BTreeMap<String, String> {
        loop {
            let mut owners = BTreeMap::<String, Vec<&String>>::new();
            for official in schemas(self.document).keys() {
                owners.entry(self.public(official).to_pascal_case()).or_default().push(official);
            }
            let clashes: Vec<(&String, &Vec<&String>)> = owners.iter().filter(|(_, of)| of.len() > 1).collect();
            let by_rule = clashes.iter().flat_map(|(_, of)| of.iter()).filter(|official| self.is_by_rule(official));
            let by_rule: Vec<String> = by_rule.map(|official| (*official).clone()).collect();
            if by_rule.is_empty() {
                for (public, of) in clashes {
                    let entry = of.iter().find(|official| self.table.contains_key(**official));
                    if let Some(entry) = entry {
                        let others: Vec<&str> =
                            of.iter().filter(|name| *name != entry).map(|name| name.as_str()).collect();
                        let pointer = Pointer::of_component("schemas", entry);
                        report.residue(
                            pointer,
                            format!(
                                "names.toml renames it to {public}, which is also the name of {}",
                                others.join(", ")
                            ),
                        );
                    }
                }
                let all = schemas(self.document).keys().map(|official| (official.clone(), self.public(official)));
                return all.filter(|(official, public)| official != public).collect();
            }
            self.kept.extend(by_rule);
        }
    }

    /// Whether a rule renames the type.
    fn is_by_rule(&self, official: &str) -> bool {
        !self.table.contains_key(official) && !self.kept.contains(official) && self.public(official) != official
    }

    fn public(&self, official: &str) -> String {
        if let Some(public) = self.table.get(official) {
            return public.clone();
        }
        if self.kept.contains(official) {
            return official.to_owned();
        }
        let schema = &schemas(self.document)[official];
        let derived = self.page(official, schema).or_else(|| self.part(official, schema));
        derived.or_else(|| self.dated(official)).unwrap_or_else(|| official.to_owned())
    }

    /// A page is named after its items.
    fn page(&self, official: &str, schema: &Value) -> Option<String> {
        let item =
            schema_ref(&schema["properties"]["results"]["items"]).filter(|_| official.starts_with("Paginated"))?;
        Some(format!("{}Page", self.public(item)))
    }

    /// A type from inside another type is named after that type.
    fn part(&self, official: &str, schema: &Value) -> Option<String> {
        let parent = schema[PARENT].as_str().filter(|parent| schemas(self.document).contains_key(*parent))?;
        Some(format!("{}{}", self.public(parent), official.strip_prefix(parent)?))
    }

    /// The newest type of a dated family has the plain name. One without a date gets the date of its version.
    fn dated(&self, official: &str) -> Option<String> {
        let (base, date) = split(official);
        let known = schemas(self.document);
        let newest = *self.newest.get(base)?;
        let plain = known.contains_key(base).then(|| self.dates.get(base).map(|date| digits(date)).unwrap_or_default());
        // A plain name that is as new as the dated one is kept.
        if plain.as_deref().is_some_and(|plain| plain.is_empty() || plain >= newest) {
            return None;
        }
        match date {
            None => Some(format!("{base}{}", plain?)),
            Some(date) if date == newest => Some(base.to_owned()),
            Some(_) => None,
        }
    }
}

/// A name and its date suffix.
fn split(name: &str) -> (&str, Option<&str>) {
    match name.len().checked_sub(8).filter(|at| *at > 0 && name.is_char_boundary(*at)).map(|at| name.split_at(at)) {
        Some((base, date)) if date.starts_with("20") && date.bytes().all(|byte| byte.is_ascii_digit()) => {
            (base, Some(date))
        }
        _ => (name, None),
    }
}

fn digits(date: &str) -> String {
    date.chars().filter(char::is_ascii_digit).collect()
}

/// Renames components and all references to them.
pub(super) fn rename(document: &mut Document, renamed: &BTreeMap<String, String>) {
    if renamed.is_empty() {
        return;
    }
    let components = std::mem::take(schemas_mut(document));
    let components: Map<String, Value> = components
        .into_iter()
        .map(|(official, mut schema)| match renamed.get(&official) {
            Some(public) => {
                if schema.get(ALIAS).is_none() {
                    schema[ALIAS] = json!(official);
                }
                (public.clone(), schema)
            }
            None => (official, schema),
        })
        .collect();
    *schemas_mut(document) = components;
    follow(document, renamed);
}

fn follow(value: &mut Value, renamed: &BTreeMap<String, String>) {
    match value {
        Value::Object(object) => {
            for (key, child) in object {
                match (key.as_str(), &mut *child) {
                    ("$ref", Value::String(target)) => {
                        if let Some(public) = target.strip_prefix(SCHEMAS).and_then(|name| renamed.get(name)) {
                            *target = format!("{SCHEMAS}{public}");
                        }
                    }
                    ("mapping", Value::Object(mapping)) => {
                        for (_, member) in mapping {
                            let public = member.as_str().and_then(|member| renamed.get(member)).cloned();
                            if let Some(public) = public {
                                *member = public.into();
                            }
                        }
                    }
                    ("x-atlas-roots", Value::Array(roots)) => {
                        for root in roots {
                            let public = root.as_str().and_then(|root| renamed.get(root)).cloned();
                            if let Some(public) = public {
                                *root = public.into();
                            }
                        }
                    }
                    _ => follow(child, renamed),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| follow(item, renamed)),
        _ => {}
    }
}
