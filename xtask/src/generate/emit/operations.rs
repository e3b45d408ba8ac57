//! The operations table, from the curated document before the passes, which drop most of its data.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use heck::{ToShoutySnakeCase, ToSnakeCase};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::{Source, doc_text};
use crate::generate::passes::{suffix, versions_of};

use crate::openapi::{
    document::schemas,
    document::{Document, SCHEMAS},
    media_type,
    walk::{self, OperationRef},
};

/// Row of the table for one version.
pub(crate) struct VersionRow {
    /// The date, or `preview`.
    pub(crate) date: String,
    /// The name of the binding.
    pub(crate) binding: String,
    /// The first day on which the service returns 410.
    pub(crate) sunset: Option<String>,
    accept: String,
    content_type: Option<String>,
    deprecated: Option<String>,
    statuses: Vec<u16>,
    request: Option<String>,
    request_optional: bool,
    response: Option<String>,
}

/// The versions of an operation, oldest first.
pub(crate) fn versions(location: &OperationRef<'_>) -> Result<Vec<VersionRow>> {
    let operation = location.operation;
    let dates = versions_of(operation);
    let last = dates.len() - 1;
    let facts = dates.iter().enumerate().map(|(index, date)| {
        let id = location.id().to_snake_case();
        let mut facts = VersionRow {
            date: date.clone(),
            binding: if index == last { id } else { format!("{id}{}", suffix(date)) },
            sunset: None,
            accept: media_type::json(date),
            content_type: None,
            deprecated: dates.get(index + 1).filter(|next| next.starts_with(|c: char| c.is_ascii_digit())).cloned(),
            statuses: Vec::new(),
            request: None,
            request_optional: operation["requestBody"]["required"] != true,
            response: None,
        };
        for (media, body) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
            if media.ends_with("json") && media_type::is_of_version(media, date) {
                facts.content_type = Some(media.clone());
                facts.request = schema_name(&body["schema"]);
            }
        }
        for (status, response) in operation["responses"].as_object().into_iter().flatten() {
            let Some(status) = status.parse::<u16>().ok().filter(|status| (200..300).contains(status)) else {
                continue;
            };
            let content = response["content"].as_object();
            let mut mine = content.is_none();
            let mut content: Vec<_> = content.into_iter().flatten().collect();
            // JSON is last, so it decides, as in the passes.
            content.sort_by_key(|(media, _)| media.ends_with("json"));
            for (media, body) in content {
                if media_type::is_of_version(media, date) {
                    mine = true;
                    facts.accept = media.clone();
                    facts.sunset = body["x-sunset"].as_str().map(str::to_owned).or(facts.sunset.take());
                    facts.response = schema_name(&body["schema"]).or(facts.response.take());
                }
            }
            if mine {
                facts.statuses.push(status);
            }
        }
        facts
    });
    Ok(facts.collect())
}

fn schema_name(schema: &Value) -> Option<String> {
    schema["$ref"].as_str()?.strip_prefix(SCHEMAS).map(str::to_owned)
}

/// A parameter of the bindings.
#[derive(Clone, PartialEq)]
pub(crate) struct Parameter {
    /// The name on the wire.
    pub(crate) name: String,
    /// Its description.
    pub(crate) description: String,
    location: Ident,
    required: bool,
    kind: Ident,
    values: Vec<String>,
    pub(crate) pattern: Option<String>,
}

impl Parameter {
    /// Whether the method calls it `argument`.
    pub(crate) fn is_argument(&self, argument: &Ident) -> bool {
        self.name.to_snake_case() == argument.to_string().trim_end_matches('_')
    }
}

/// The parameters of an operation: path parameters in the order of the template, then query parameters by name.
pub(crate) fn parameters(document: &Document, operation: &Value) -> Vec<Parameter> {
    let resolve = |value: &Value| match value["$ref"].as_str() {
        Some(target) => document.pointer(target.trim_start_matches('#')).cloned().unwrap_or_default(),
        None => value.clone(),
    };
    let listed = operation["parameters"].as_array().into_iter().flatten().map(resolve);
    let mut found: Vec<Parameter> = listed
        .filter(|parameter| {
            matches!(parameter["in"].as_str(), Some("path" | "query"))
                && !matches!(parameter["name"].as_str(), Some("envelope" | "pretty"))
        })
        .map(|parameter| {
            let schema = match parameter["schema"]["type"].as_str() {
                Some("array") => &parameter["schema"]["items"],
                _ => &parameter["schema"],
            };
            let schema = resolve(schema);
            let kind = match (parameter["schema"]["type"].as_str(), parameter["schema"]["format"].as_str()) {
                (Some("array"), _) => "List",
                (Some("integer"), _) => "Integer",
                (Some("number"), _) => "Number",
                (Some("boolean"), _) => "Boolean",
                (Some("string"), Some("date-time")) => "DateTime",
                _ => "Text",
            };
            let values = schema["enum"].as_array().into_iter().flatten();
            Parameter {
                name: parameter["name"].as_str().unwrap_or_default().to_owned(),
                description: parameter["description"].as_str().unwrap_or_default().trim().to_owned(),
                location: format_ident!("{}", if parameter["in"] == "path" { "Path" } else { "Query" }),
                required: parameter["required"] == true,
                kind: format_ident!("{kind}"),
                values: values.filter_map(|value| value.as_str().map(str::to_owned)).collect(),
                pattern: schema["pattern"].as_str().map(str::to_owned),
            }
        })
        .collect();
    let path = operation["x-atlas-path"].as_str().unwrap_or_default();
    found.sort_by_cached_key(|parameter| {
        let position = template_position(path, &parameter.name);
        (parameter.location != "Path", position, parameter.name.clone())
    });
    found
}

/// Position of a name in a path template.
pub(crate) fn template_position(path: &str, name: &str) -> Option<usize> {
    walk::template_names(path).position(|found| found == name)
}

/// The name of an operation's row.
pub(crate) fn constant(id: &str) -> Ident {
    format_ident!("{}", id.to_shouty_snake_case())
}

pub(crate) fn file(source: &Source<'_>) -> Result<TokenStream> {
    let mut rows = TokenStream::new();
    let mut all = BTreeMap::new();
    let shared = shared(source);
    let constants = shared.values().map(|parameter| {
        let (constant, value) = (constant_of(&parameter.name), parameter_value(parameter));
        quote! { const #constant: Parameter = #value; }
    });
    for location in walk::operations(source.curated) {
        let constant = constant(location.id());
        rows.extend(row(source, &shared, &location, &constant).with_context(|| location.pointer().to_string())?);
        anyhow::ensure!(
            all.insert(location.id().to_owned(), constant).is_none(),
            "two operations named {}",
            location.id()
        );
    }
    let every = all.into_values();
    let about = doc_text::inner_doc(
        "The operations table: the one truth for names, versions, paths, media types, sunsets and roles.",
    );
    let all_doc = doc_text::doc("Every operation, by id.");
    let find_doc = doc_text::doc("The operation that `name` names: by id, else by short name, else by a former id.");
    Ok(quote! {
        #about
        use atlas_backup_runtime::operation::{Kind, Location, Method, Operation, Parameter, Version};

        #all_doc
        pub static ALL: &[&Operation] = &[#(&#every),*];

        #find_doc
        #[must_use]
        pub fn find(name: &str) -> Option<&'static Operation> {
            Operation::find(ALL, name)
        }

        #(#constants)*

        #rows
    })
}

/// Parameters that several operations share, by name. If two differ, the more frequent one. One whose constant would have
/// the name of an operation, or of another one, is not shared.
fn shared(source: &Source<'_>) -> BTreeMap<String, Parameter> {
    let mut counts = BTreeMap::<String, Vec<(Parameter, usize)>>::new();
    for location in walk::operations(source.curated) {
        for parameter in parameters(source.curated, location.operation) {
            let seen = counts.entry(parameter.name.clone()).or_default();
            match seen.iter_mut().find(|(known, _)| *known == parameter) {
                Some((_, count)) => *count += 1,
                None => seen.push((parameter, 1)),
            }
        }
    }
    let most = |seen: Vec<(Parameter, usize)>| seen.into_iter().rev().max_by_key(|(_, count)| *count);
    let several =
        counts.into_iter().filter_map(|(name, seen)| Some((name, most(seen).filter(|(_, count)| *count > 1)?.0)));
    let mut taken: BTreeSet<Ident> = walk::operations(source.curated).map(|location| constant(location.id())).collect();
    several.filter(|(name, _)| !name.is_empty() && taken.insert(constant_of(name))).collect()
}

/// Name of the constant for a shared parameter.
fn constant_of(parameter: &str) -> Ident {
    format_ident!("{}", parameter.to_shouty_snake_case())
}

fn parameter_value(parameter: &Parameter) -> TokenStream {
    let Parameter { name, description, location, required, kind, values, pattern } = parameter;
    let required = (*required != (location == "Path")).then(|| quote! { .with_required(#required) });
    let values = list("with_values", values);
    let pattern = option("with_pattern", pattern.as_deref());
    quote! {
        Parameter::new(#name, Location::#location, Kind::#kind) #required #values #pattern.with_description(#description)
    }
}

/// Whether the response is a page. Some lists take the parameters of pages and return something else.
fn returns_page(source: &Source<'_>, facts: &VersionRow) -> bool {
    let schema = facts.response.as_ref().and_then(|name| schemas(source.curated).get(name));
    schema.is_some_and(|schema| schema["properties"]["results"]["type"] == "array")
}

fn row(
    source: &Source<'_>,
    shared: &BTreeMap<String, Parameter>,
    location: &OperationRef<'_>,
    constant: &Ident,
) -> Result<TokenStream> {
    let operation = location.operation;
    let word = |key: &str| operation[key].as_str().unwrap_or_default().trim().to_owned();
    let words = |key: &str| -> Vec<String> {
        let items = operation[key].as_array().into_iter().flatten();
        items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let id = location.id();
    let short_name = operation["x-xgen-operation-id-override"].as_str().filter(|name| *name != id);
    let short_name = short_name.map(|name| quote! { .with_short_name(#name) });
    let former_ids = list("with_former_ids", &words("x-atlas-former-ids"));
    let roles = list("with_roles", &words("x-rolesRequirements"));
    let tag = operation["tags"][0].as_str().unwrap_or_default();
    let summary = word("summary");
    let method = format_ident!("{}{}", location.method[..1].to_uppercase(), location.method[1..]);
    let path = location.path;
    let mut with_path = operation.clone();
    with_path["x-atlas-path"] = path.into();
    let parameters = parameters(source.curated, &with_path);
    let has = |name: &str| parameters.iter().any(|parameter| parameter.name == name);
    let parameters = parameters.iter().map(|parameter| match shared.get(&parameter.name) {
        Some(usual) if usual == parameter => {
            let constant = constant_of(&parameter.name);
            quote! { #constant }
        }
        _ => parameter_value(parameter),
    });
    let facts = versions(location)?;
    let paged = has("pageNum") && has("itemsPerPage") && facts.last().is_some_and(|facts| returns_page(source, facts));
    let versions = facts.iter().map(|facts| {
        let VersionRow { date, binding, accept, .. } = facts;
        let statuses = facts.statuses.iter().copied().map(Literal::u16_unsuffixed);
        let settings = [
            option("with_content_type", facts.content_type.as_deref()),
            option("with_sunset", facts.sunset.as_deref()),
            option("with_deprecated", facts.deprecated.as_deref()),
            option("with_request", facts.request.as_deref()),
            option("with_response", facts.response.as_deref()),
            switch_setter("with_request_optional", facts.request_optional, true),
        ];
        quote! {
            Version::new(#date, #accept, #binding).with_statuses(&[#(#statuses),*]) #(#settings)*
        }
    });
    let settings = [
        switch_setter("with_deprecated", operation["deprecated"] == true, false),
        option("with_replaced_by", operation["x-atlas-replaced-by"].as_str()),
        switch_setter("with_retired", operation["x-atlas-retired"] == true, false),
        switch_setter("with_paged", paged, false),
    ];
    let docs_url = operation["externalDocs"]["url"].as_str().unwrap_or_default();
    let about = doc_text::doc(&format!("{}.", summary.trim_end_matches('.')));
    let alias = aliases(location, &constant.to_string());
    Ok(quote! {
        #about
        #alias
        pub static #constant: Operation = Operation::new(#id, Method::#method, #path)
            #short_name
            #former_ids
            .with_tag(#tag)
            .with_summary(#summary)
            .with_parameters(&[#(#parameters),*])
            .with_versions(&[#(#versions),*])
            #roles
            #(#settings)*
            .with_docs_url(#docs_url);
    })
}

/// All current and former names of the operation, for searches.
pub(crate) fn aliases(location: &OperationRef<'_>, item: &str) -> TokenStream {
    let operation = location.operation;
    let former = operation["x-atlas-former-ids"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let short = operation["x-xgen-operation-id-override"].as_str();
    doc_text::aliases(item, [location.id()].into_iter().chain(short).chain(former))
}

/// A setter call for an optional value.
fn option(setter: &str, value: Option<&str>) -> Option<TokenStream> {
    let setter = format_ident!("{setter}");
    value.map(|value| quote! { .#setter(Some(#value)) })
}

/// A setter call for a list, unless it is empty.
fn list(setter: &str, values: &[String]) -> Option<TokenStream> {
    let setter = format_ident!("{setter}");
    (!values.is_empty()).then(|| quote! { .#setter(&[#(#values),*]) })
}

/// A setter call for a flag, unless it has its default.
fn switch_setter(setter: &str, value: bool, usual: bool) -> Option<TokenStream> {
    let setter = format_ident!("{setter}");
    (value != usual).then(|| quote! { .#setter(#value) })
}
