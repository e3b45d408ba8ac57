//! The former names of operations as deprecated functions of the ergonomic crate, and the table of the methods of each
//! operation.
//!
//! Both are mechanical: names, versions and sunsets come from the curated document, arguments and responses from the
//! bindings, methods from `methods.toml`. A function calls the newest binding without conversions.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use anyhow::{Context, Result};
use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;
use syn::{Type, parse_quote};

use super::{
    Source,
    client::{answer_type, argument_type},
    doc_text, format_tokens,
    ids::{self, Ids},
    operations, queries,
};
use crate::openapi::walk::{self, OperationRef};

/// `methods.toml`: an operation's id to its methods, the usual one first.
pub(crate) type Methods = BTreeMap<String, Vec<String>>;

/// Names that keep their spelling: in snake case they would repeat sentences of the official document.
const VERBATIM: [&str; 3] = [
    "returnAllRestoreJobsForOneM2OrM5Cluster",
    "returnAllSnapshotsForOneM2OrM5Cluster",
    "returnOneRestoreJobForOneM2OrM5Cluster",
];

/// Name of the function for a former name.
fn function_name(name: &str) -> String {
    if VERBATIM.contains(&name) { name.to_owned() } else { name.to_snake_case() }
}

/// The ergonomic crate's module of former names.
pub(crate) fn module(source: &Source<'_>, methods: &Methods, ids: &Ids) -> Result<String> {
    let mut functions = BTreeMap::new();
    for location in walk::operations(source.curated) {
        for name in location.operation["x-atlas-former-ids"].as_array().into_iter().flatten().filter_map(Value::as_str)
        {
            let function = function(source, methods, ids, &location, name)
                .with_context(|| format!("{name}: {}", location.id()))?;
            functions.insert(function_name(name), function);
        }
    }
    let functions = functions.into_values();
    let about = doc_text::inner_doc(
        "Every name that an operation had in an earlier revision of the specification, still callable.\n\nEach function \
         takes what the operation takes and answers what it answers today, in the newest version; a page is one page. \
         Its note names the operation's present name and the method to use instead. Names of operations that the service \
         has removed are answered by what took over, as the module above tells.",
    );
    format_tokens(quote! {
        #about

        #![allow(deprecated, reason = "some of these call bindings of retired operations")]
        #![allow(clippy::too_many_arguments, reason = "the operation's parameters decide its arguments")]
        #![allow(non_snake_case, reason = "a few names keep their spelling")]

        use atlas_backup_generated::{queries, types};
        use atlas_backup_runtime::{NoContent, Response};

        use crate::{call::{binding::finish, client::Client}, model::{error::Result, ids::*}};

        #(#functions)*
    })
}

fn function(
    source: &Source<'_>,
    methods: &Methods,
    ids: &Ids,
    location: &OperationRef<'_>,
    name: &str,
) -> Result<TokenStream> {
    let versions = operations::versions(location)?;
    let newest = versions.last().context("an operation has a version")?;
    let method =
        source.bindings.methods.get(&newest.binding).with_context(|| format!("no method {}", newest.binding))?;
    let parameters = operations::parameters(source.curated, location.operation);
    let (mut inputs, mut checks, mut values) = (TokenStream::new(), TokenStream::new(), TokenStream::new());
    for (argument, ty) in method.arguments.iter().filter(|argument| !queries::is_optional(argument)) {
        let text = argument.to_string();
        let text = text.trim_end_matches('_');
        let wire = parameters.iter().map(|parameter| parameter.name.as_str()).find(|wire| wire.to_snake_case() == text);
        let in_path = wire.filter(|wire| operations::template_position(location.path, wire).is_some());
        match in_path.and_then(|wire| ids::of_parameter(ids, location.path, wire)) {
            Some((argument, id)) => {
                let (argument, id) = (format_ident!("{argument}"), format_ident!("{id}"));
                inputs.extend(quote! { #argument: impl IntoId<#id>, });
                checks.extend(quote! { let #argument = #argument.into_id()?; });
                values.extend(quote! { #argument.as_str(), });
            }
            None => {
                let ty = argument_type(ty);
                inputs.extend(quote! { #argument: #ty, });
                values.extend(quote! { #argument, });
            }
        }
    }
    if !queries::optional(method).is_empty() {
        let query = queries::name(location);
        inputs.extend(quote! { query: &queries::#query, });
        values.extend(quote! { query, });
    }
    let (function, binding) = (format_ident!("{}", function_name(name)), format_ident!("{}", newest.binding));
    let answer = answer_type(&method.answer);
    let no_content: Type = parse_quote!(atlas_backup_runtime::NoContent);
    let answer = if answer == no_content { parse_quote!(NoContent) } else { answer };
    let found = methods_of(methods, location);
    let note = note(location, newest.sunset.as_deref(), found);
    let doc = documentation(location, name, found);
    Ok(quote! {
        #doc
        #[deprecated(note = #note)]
        pub async fn #function(client: &Client, #inputs) -> Result<Response<#answer>> {
            #checks
            finish(client.bindings().#binding(#values)).await
        }
    })
}

/// The methods of an operation, which may be listed under a former name.
fn methods_of<'a>(methods: &'a Methods, location: &OperationRef<'_>) -> &'a [String] {
    let former = location.operation["x-atlas-former-ids"].as_array().into_iter().flatten().filter_map(Value::as_str);
    [location.id()].into_iter().chain(former).find_map(|name| methods.get(name)).map_or(&[], Vec::as_slice)
}

/// The ids in `methods.toml` that no operation has or had.
pub(crate) fn unmatched<'a>(curated: &Value, methods: &'a Methods) -> impl Iterator<Item = &'a String> {
    let mut names = BTreeSet::new();
    for location in walk::operations(curated) {
        names.extend(location.texts("x-atlas-former-ids").into_iter().chain([location.id()]).map(str::to_owned));
    }
    methods.keys().filter(move |id| !names.contains(*id))
}

fn note(location: &OperationRef<'_>, sunset: Option<&str>, methods: &[String]) -> String {
    let operation = location.operation;
    let replaced = operation["x-atlas-replaced-by"].as_str();
    let instead = |id: &str, method: Option<&String>| match method {
        Some(method) => format!("use `{method}` (`{id}`)"),
        None => format!("use `{id}`"),
    };
    let ended = sunset.map(|date| format!(", the service answers 410 from {date}")).unwrap_or_default();
    if operation["x-atlas-retired"] == Value::Bool(true) {
        let end = sunset.map(|date| format!(", past its sunset of {date}")).unwrap_or_default();
        let took_over = replaced.map(|id| format!("; replaced by `{id}`")).unwrap_or_default();
        format!("removed by the service{end}{took_over}; {}", instead(location.id(), methods.first()))
    } else if operation["deprecated"] == Value::Bool(true) {
        let replaced = replaced.map(|id| format!("; replaced by `{id}`")).unwrap_or_default();
        format!("deprecated by the service{ended}{replaced}; {}", instead(location.id(), methods.first()))
    } else {
        format!("renamed{ended}; {}", instead(location.id(), methods.first()))
    }
}

/// The documentation of a function. The links are generated, so nothing in them needs escaping.
fn documentation(location: &OperationRef<'_>, name: &str, methods: &[String]) -> TokenStream {
    let summary = location.operation["summary"].as_str().unwrap_or_default().trim().trim_end_matches('.');
    let about = doc_text::doc(&format!("`{name}`, as `{}` was called: {summary}.\n\n", location.id()));
    let links: Vec<String> = methods.iter().map(|method| link(method)).collect();
    let now = (!links.is_empty()).then(|| {
        let now = format!(" Now: {}.", links.join(", "));
        quote! { #[doc = ""] #[doc = #now] }
    });
    let checked = walk::template_names(location.path).count() > 0;
    let errors =
        if checked { "As every call, and an error before sending if an ID is malformed." } else { "As every call." };
    let errors = doc_text::doc(&format!("# Errors\n{errors}"));
    quote! { #about #now #[doc = ""] #errors }
}

fn link(method: &str) -> String {
    format!("[`{method}`](crate::{method})")
}

/// The table of operations and methods, as Markdown that rustdoc includes and whose links it checks.
pub(crate) fn table(source: &Source<'_>, methods: &Methods) -> String {
    let mut tags = BTreeMap::<&str, String>::new();
    for location in walk::operations(source.curated) {
        let operation = location.operation;
        let text = tags.entry(operation["tags"][0].as_str().unwrap_or("other")).or_default();
        let short = operation["x-xgen-operation-id-override"].as_str().unwrap_or(location.id());
        let links: Vec<String> = methods_of(methods, &location).iter().map(|method| link(method)).collect();
        let links = if links.is_empty() {
            "by name: [`Client::operation`](crate::Client::operation)".to_owned()
        } else {
            links.join(", ")
        };
        let _ = writeln!(text, "| `{}` | `{short}` | {links} |", location.id());
    }
    let mut page = String::from(
        "<!-- Generated by `cargo xtask generate`; do not edit. -->\nWhich method each official operation is called by: \
         its id, its short name, and the methods, the usual one first.\n\nA waiter is filed under the operation that it \
         asks. Names that an operation had before are in [`compat::former`](crate::compat::former); every name works with \
         [`Client::operation`](crate::Client::operation).\n",
    );
    for (tag, rows) in tags {
        let _ = write!(page, "\n# {tag}\n\n| operation | short name | methods |\n|---|---|---|\n{rows}");
    }
    page
}
