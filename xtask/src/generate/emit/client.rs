//! The bindings: a method of `Client` for each operation and version, in files by tag.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use heck::ToSnakeCase;
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;
use syn::{Type, parse_quote};

use super::{Source, doc_text, operations, queries};
use crate::generate::{
    bindings::{Method, first_argument, last_segment},
    naming,
};
use crate::openapi::walk::{self, OperationRef};

/// The operations whose methods cannot be written, with the reason.
pub(crate) fn failing(source: &Source<'_>) -> BTreeMap<String, String> {
    let write = |location: &OperationRef<'_>| {
        let versions = operations::versions(location)?;
        (0..versions.len()).try_for_each(|index| method(source, location, &versions, index).map(|_| ()))?;
        queries::check(source, location)
    };
    let failed = walk::operations(source.curated).filter_map(|location| Some((write(&location).err()?, location)));
    failed.map(|(error, location)| (location.id().to_owned(), format!("{}: {error:#}", location.pointer()))).collect()
}

pub(crate) fn files(source: &Source<'_>) -> Result<BTreeMap<String, TokenStream>> {
    let mut tags = BTreeMap::<String, (&str, TokenStream)>::new();
    for location in walk::operations(source.curated) {
        let tag = location.operation["tags"][0].as_str().unwrap_or("other");
        let versions = operations::versions(&location)?;
        for index in (0..versions.len()).rev() {
            let method = method(source, &location, &versions, index).with_context(|| location.pointer())?;
            tags.entry(naming::module(tag)).or_insert_with(|| (tag, TokenStream::new())).1.extend(method);
        }
    }
    let mut files = BTreeMap::new();
    let mut modules = TokenStream::new();
    for (module, (tag, methods)) in tags {
        let about = doc_text::inner_doc(&format!("Bindings of the tag {tag}."));
        let ident = format_ident!("{module}");
        modules.extend(quote! { mod #ident; });
        let text = methods.to_string();
        let queries = text.contains("queries ::").then(|| quote! { queries, });
        let date = text.contains("DateTime").then(|| quote! { use chrono::{DateTime, Utc}; });
        files.insert(
            format!("client/{module}.rs"),
            quote! {
                #about
                #date
                use atlas_backup_runtime::{Pending, Request};
                use crate::{Client, operations, #queries types};

                #[allow(clippy::too_many_arguments, reason = "the operation's parameters decide its arguments")]
                impl Client { #methods }
            },
        );
    }
    let about = doc_text::inner_doc("The bindings by tag.");
    let client_doc = doc_text::doc("The bindings. Cheap to clone; clones share the transport.");
    let (new_doc, transport_doc) =
        (doc_text::doc("Bindings over `transport`."), doc_text::doc("The transport that carries the requests."));
    files.insert(
        "client/mod.rs".to_owned(),
        quote! {
            #about

            #modules

            use std::{fmt, sync::Arc};

            use atlas_backup_runtime::Transport;

            #client_doc
            #[derive(Clone)]
            pub struct Client {
                transport: Arc<dyn Transport>,
            }

            impl Client {
                #new_doc
                #[must_use]
                pub fn new(transport: Arc<dyn Transport>) -> Self {
                    Self { transport }
                }

                #transport_doc
                #[must_use]
                pub fn transport(&self) -> &dyn Transport {
                    self.transport.as_ref()
                }
            }

            impl fmt::Debug for Client {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.debug_struct("Client").finish_non_exhaustive()
                }
            }
        },
    );
    Ok(files)
}

fn method(
    source: &Source<'_>,
    location: &OperationRef<'_>,
    versions: &[operations::VersionRow],
    index: usize,
) -> Result<TokenStream> {
    let version = &versions[index];
    let method =
        source.bindings.methods.get(&version.binding).with_context(|| format!("no method {}", version.binding))?;
    let Method { arguments, answer } = method;
    let name = format_ident!("{}", version.binding);
    let constant = operations::constant(location.id());
    let parameters = operations::parameters(source.curated, location.operation);
    let mut inputs = TokenStream::new();
    let mut listed = Vec::new();
    let mut path = BTreeMap::<usize, TokenStream>::new();
    let (mut query, mut body) = (TokenStream::new(), None);
    for (argument, ty) in arguments.iter().filter(|argument| !queries::is_optional(argument)) {
        let ty = argument_type(ty);
        inputs.extend(quote! { #argument: #ty, });
        let parameter = parameters.iter().find(|parameter| parameter.is_argument(argument));
        match parameter {
            Some(parameter) => {
                let wire = &parameter.name;
                match operations::template_position(location.path, wire) {
                    Some(position) => {
                        path.insert(position, quote! { &#argument });
                    }
                    None => query.extend(quote! { .query(#wire, &#argument) }),
                }
                listed.push(format!("- `{argument}`: {}", first_sentence(&parameter.description)));
            }
            None if argument == "body" => {
                body = Some(quote! { .body(#argument) });
                let words = location.operation["requestBody"]["description"].as_str().unwrap_or("the request");
                listed.push(format!("- `body`: {}", first_sentence(words)));
            }
            None => anyhow::bail!("the argument {argument} is not a parameter of the operation"),
        }
    }
    let optional = (!queries::optional(method).is_empty()).then(|| {
        let name = queries::name(location);
        inputs.extend(quote! { query: &queries::#name, });
        listed.push("- `query`: The optional arguments.".to_owned());
        quote! { .optional(query) }
    });
    let wanted = walk::template_names(location.path).count();
    anyhow::ensure!(path.len() == wanted, "{wanted} path parameters in the template, {} arguments", path.len());
    let path = path.into_values();
    let number = Literal::usize_unsuffixed(index);
    let answer = answer_type(answer);
    let doc = documentation(location, version, &listed);
    let deprecated = deprecation(location, versions, index);
    // Only the newest version gets search aliases.
    let alias = (index + 1 == versions.len()).then(|| operations::aliases(location, &version.binding));
    Ok(quote! {
        #doc
        #alias
        #deprecated
        pub fn #name(&self, #inputs) -> Pending<'_, #answer> {
            Request::new(self.transport(), &operations::#constant, #number, &[#(#path),*]) #query #optional #body.send()
        }
    })
}

fn documentation(location: &OperationRef<'_>, version: &operations::VersionRow, listed: &[String]) -> TokenStream {
    let operation = location.operation;
    let word = |key: &str| operation[key].as_str().unwrap_or_default().trim().to_owned();
    let mut text = format!("{}.\n\n{}", word("summary").trim_end_matches('.'), word("description"));
    text.push_str(&format!(
        "\n\nSends `{} {}` at version {}.",
        location.method.to_uppercase(),
        location.path,
        version.date
    ));
    if !listed.is_empty() {
        text.push_str(&format!("\n\nArguments:\n{}", listed.join("\n")));
    }
    let url = operation["externalDocs"]["url"].as_str().unwrap_or_default();
    if !url.is_empty() && !text.contains(url) {
        text.push_str(&format!("\n\nOfficial page: {url}"));
    }
    doc_text::doc(&text)
}

fn deprecation(location: &OperationRef<'_>, versions: &[operations::VersionRow], index: usize) -> Option<TokenStream> {
    let operation = location.operation;
    let (version, newest) = (&versions[index], &versions[versions.len() - 1]);
    let replaced = operation["x-atlas-replaced-by"].as_str().map(ToSnakeCase::to_snake_case);
    let instead = |name: &str| format!("use `{name}`");
    let sunset = |date: &str| format!("the service answers 410 from {date}");
    let note = if index + 1 < versions.len() {
        let mut note = format!("version {} is superseded by {}", version.date, newest.date);
        if let Some(date) = &version.sunset {
            note.push_str(&format!("; {}", sunset(date)));
        }
        format!("{note}; {}", instead(&newest.binding))
    } else if operation["x-atlas-retired"] == Value::Bool(true) {
        let mut note = "retired by the service".to_owned();
        if let Some(date) = &version.sunset {
            note.push_str(&format!("; {}", sunset(date)));
        }
        replaced.iter().for_each(|name| note.push_str(&format!("; {}", instead(name))));
        note
    } else if operation["deprecated"] == Value::Bool(true) {
        let mut note = "deprecated by the service".to_owned();
        if let Some(date) = &version.sunset {
            note.push_str(&format!("; {}", sunset(date)));
        }
        replaced.iter().for_each(|name| note.push_str(&format!("; {}", instead(name))));
        note
    } else {
        return None;
    };
    Some(quote! { #[deprecated(note = #note)] })
}

fn first_sentence(text: &str) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match flat.find(". ") {
        Some(end) => flat[..=end].to_owned(),
        None => flat,
    }
}

/// The argument's type as imported by the module, without the generator's lifetime.
pub(crate) fn argument_type(ty: &Type) -> Type {
    match last_segment(ty).as_deref() {
        Some("Option") => {
            let inner = argument_type(first_argument(ty).expect("an option has an argument"));
            parse_quote!(Option<#inner>)
        }
        Some("Vec") => {
            let Type::Reference(reference) = ty else { return ty.clone() };
            let inner = argument_type(first_argument(&reference.elem).expect("a list has an argument"));
            parse_quote!(&[#inner])
        }
        Some("Map") => parse_quote!(&atlas_backup_runtime::Extra),
        Some("str") => parse_quote!(&str),
        Some("String") => parse_quote!(String),
        Some("DateTime") => parse_quote!(DateTime<Utc>),
        Some(name @ ("bool" | "i64" | "f64")) => {
            let name = format_ident!("{name}");
            parse_quote!(#name)
        }
        Some(name) => {
            let name = format_ident!("{name}");
            match ty {
                Type::Reference(_) => parse_quote!(&types::#name),
                _ => parse_quote!(types::#name),
            }
        }
        None => ty.clone(),
    }
}

/// The type of a decoded request body: the type behind the reference.
pub(crate) fn body_type(argument: &Type) -> Type {
    match argument {
        Type::Reference(reference) if last_segment(argument).as_deref() != Some("Map") => answer_type(&reference.elem),
        _ => parse_quote!(atlas_backup_runtime::Extra),
    }
}

/// The response type. For no content and for objects of unknown content, a type that keeps any content.
pub(crate) fn answer_type(ty: &Type) -> Type {
    match (ty, last_segment(ty).as_deref()) {
        (Type::Tuple(_), _) | (_, None | Some("Map")) => parse_quote!(atlas_backup_runtime::NoContent),
        (_, Some("ByteStream" | "Value")) => parse_quote!(serde_json::Value),
        (_, Some("Vec")) => {
            let inner = answer_type(first_argument(ty).expect("a list has an argument"));
            parse_quote!(Vec<#inner>)
        }
        (_, Some("str")) => parse_quote!(String),
        (_, Some(name @ ("String" | "bool" | "i64" | "f64"))) => {
            let name = format_ident!("{name}");
            parse_quote!(#name)
        }
        (_, Some(name)) => {
            let name = format_ident!("{name}");
            parse_quote!(types::#name)
        }
    }
}
