//! Code of the ergonomic crate that follows from the operations: the pages of its lists, and the keys of its documents.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::Value;
use syn::Type;

use super::{HEADER, Source, operations};
use crate::{
    generate::bindings::{Field, first_argument, last_segment},
    openapi::walk::{self, OperationRef},
};

/// The page types of the newest bindings with their item types, as a macro call.
pub(crate) fn pages(source: &Source<'_>) -> Result<String> {
    let rows = newest_responses(source)?.into_iter().filter_map(|(answer, _)| {
        let item = item_of(source, &answer)?;
        Some(format!("    {answer} of {item},\n"))
    });
    let rows: BTreeSet<String> = rows.collect();
    let rows: String = rows.into_iter().collect();
    Ok(format!(
        "{HEADER}//! The pages of lists, with the type of their items.\n\nuse crate::call::page::pages;\n\npages!(\n{rows});\n"
    ))
}

/// The documents of the newest bindings with a key, and its field.
///
/// The key of a document is the last path parameter of the operation that gets it. A document that is only listed has
/// an `id`, or else the ID of its project.
pub(crate) fn keys(source: &Source<'_>) -> Result<String> {
    let mut keys = BTreeMap::<(&str, &str), BTreeSet<String>>::new();
    let mut done = BTreeSet::new();
    let answers = newest_responses(source)?;
    for (answer, location) in &answers {
        let Some(parameter) = key_parameter(location) else { continue };
        let is_name = parameter.to_ascii_lowercase().ends_with("name") || parameter.ends_with("Namespace");
        let own = if is_name { "name" } else { "id" };
        let field = [parameter, own].into_iter().find_map(|key| text_field(source, answer, key));
        // A document without the parameter as a field has no key.
        if let (true, Some(field)) = (done.insert(answer.clone()), field) {
            let kind = if is_name { "HasName" } else { "HasId" };
            keys.entry((kind, &field.key)).or_default().insert(answer.clone());
        }
    }
    for (answer, _) in &answers {
        let Some(item) = item_of(source, answer) else { continue };
        let field = ["id", "groupId"].into_iter().find_map(|key| text_field(source, &item, key));
        if let (Some(field), true) = (field, done.insert(item.clone())) {
            keys.entry(("HasId", &field.key)).or_default().insert(item);
        }
    }
    let mut text = format!("{HEADER}//! The keys of documents.\n\nuse crate::model::entity::keyed;\n");
    for ((kind, key), documents) in keys {
        let rows: String = documents.into_iter().map(|document| format!("    {document},\n")).collect();
        text += &format!("\nkeyed!(\n    {kind},\n    {},\n{rows});\n", heck::ToSnakeCase::to_snake_case(key));
    }
    Ok(text)
}

/// The response of each operation in its newest version, by type name.
fn newest_responses<'a>(source: &Source<'a>) -> Result<Vec<(String, OperationRef<'a>)>> {
    let mut answers = Vec::new();
    for location in walk::operations(source.curated) {
        let versions = operations::versions(&location)?;
        let newest = versions.last().context("an operation has a version")?;
        let method = source.bindings.methods.get(&newest.binding);
        let method = method.with_context(|| format!("no method {}", newest.binding))?;
        answers.extend(last_segment(&method.answer).map(|answer| (answer, location)));
    }
    Ok(answers)
}

/// The parameter that names the document of a get operation.
fn key_parameter<'a>(location: &OperationRef<'a>) -> Option<&'a str> {
    let name = location.path.rsplit('/').next()?.strip_prefix('{')?.strip_suffix('}')?;
    (location.method == "get").then_some(name)
}

/// The item type of a page type.
fn item_of(source: &Source<'_>, page: &str) -> Option<String> {
    let fields = source.bindings.records.get(page)?;
    fields.iter().find(|field| field.key == "totalCount")?;
    let mut list: &Type = &fields.iter().find(|field| field.key == "results")?.ty;
    if last_segment(list).as_deref() == Some("Option") {
        list = first_argument(list)?;
    }
    last_segment(first_argument(list)?)
}

/// A string field.
fn text_field<'a>(source: &Source<'a>, document: &str, key: &str) -> Option<&'a Field> {
    let field = source.bindings.records.get(document)?.iter().find(|field| field.key == key)?;
    let schema = source.normal["components"]["schemas"].as_object().into_iter().flatten();
    let mut schema = schema.filter(|(name, _)| crate::generate::bindings::type_name(name) == document);
    let is_text =
        |schema: &Value| schema["properties"][key]["type"] == "string" && schema["properties"][key]["enum"].is_null();
    schema.next().is_some_and(|(_, schema)| is_text(schema)).then_some(field)
}
