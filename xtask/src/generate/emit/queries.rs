//! The optional arguments of an operation as one struct, so that a new parameter breaks no caller and two neighbours of
//! one type cannot be swapped. All versions of an operation share the struct, because parameters have no versions.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use heck::{ToPascalCase, ToSnakeCase};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Type, parse_quote};

use super::{Source, client, doc_text, operations};
use crate::generate::{
    bindings::{Method, first_argument, last_segment},
    naming,
};
use crate::openapi::walk::{self, OperationRef};

/// Name of the struct of an operation.
pub(crate) fn name(location: &OperationRef<'_>) -> Ident {
    format_ident!("{}Query", location.id().to_pascal_case())
}

/// Whether an argument is optional.
pub(crate) fn is_optional(argument: &(Ident, Type)) -> bool {
    argument.0 != "body" && last_segment(&argument.1).as_deref() == Some("Option")
}

/// The optional arguments of a method with the field types of the struct.
pub(crate) fn optional(method: &Method) -> Vec<(&Ident, Type)> {
    let optional = method.arguments.iter().filter(|argument| is_optional(argument));
    optional.map(|(name, ty)| (name, owned(first_argument(ty).unwrap_or(ty)))).collect()
}

fn owned(ty: &Type) -> Type {
    match (ty, last_segment(ty).as_deref()) {
        (_, Some("str")) => parse_quote!(String),
        (Type::Reference(reference), Some("Vec")) => {
            let inner = owned(first_argument(&reference.elem).unwrap_or(&reference.elem));
            parse_quote!(Vec<#inner>)
        }
        _ => client::argument_type(ty),
    }
}

/// The file of each tag, and their parent module.
pub(crate) fn files(source: &Source<'_>) -> Result<BTreeMap<String, TokenStream>> {
    let mut tags = BTreeMap::<String, TokenStream>::new();
    for location in walk::operations(source.curated) {
        let (newest, method) = newest(source, &location).with_context(|| location.pointer())?;
        if let Some(item) = item(source, &location, &newest.binding, method) {
            let tag = naming::module(location.operation["tags"][0].as_str().unwrap_or("other"));
            tags.entry(tag).or_default().extend(item);
        }
    }
    let mut files = BTreeMap::new();
    let (mut modules, mut exports) = (TokenStream::new(), TokenStream::new());
    for (tag, items) in tags {
        let module = format_ident!("{tag}");
        let about = doc_text::inner_doc(&format!("Optional arguments of the operations of {}.", tag.replace('_', " ")));
        let text = items.to_string();
        let date = text.contains("DateTime").then(|| quote! { use chrono::{DateTime, Utc}; });
        let page = text.contains("PageQuery for").then(|| quote! { PageQuery, });
        let types = text.contains("types ::").then(|| quote! { use crate::types; });
        files.insert(
            format!("queries/{tag}.rs"),
            quote! { #about #date use atlas_backup_runtime::{#page Query, QueryValue}; #types #items },
        );
        modules.extend(quote! { mod #module; });
        exports.extend(quote! { pub use #module::*; });
    }
    let about = doc_text::inner_doc("The optional arguments of the operations, a struct for each that has any.");
    files.insert("queries/mod.rs".to_owned(), quote! { #about #modules #exports });
    Ok(files)
}

/// Fails if the optional arguments of an operation cannot be written.
pub(super) fn check(source: &Source<'_>, location: &OperationRef<'_>) -> Result<()> {
    newest(source, location).map(|_| ())
}

/// The newest version of an operation and its method.
fn newest<'a>(source: &'a Source<'_>, location: &OperationRef<'_>) -> Result<(operations::VersionRow, &'a Method)> {
    let newest = operations::versions(location)?.pop().context("an operation has a version")?;
    let method = source.bindings.methods.get(&newest.binding);
    let method = method.with_context(|| format!("no method {}", newest.binding))?;
    let taken = method.arguments.iter().any(|argument| argument.0 == "query");
    ensure!(!taken, "a parameter is named query, like the optional arguments");
    Ok((newest, method))
}

fn item(source: &Source<'_>, location: &OperationRef<'_>, binding: &str, method: &Method) -> Option<TokenStream> {
    let name = name(location);
    let arguments = optional(method);
    if arguments.is_empty() {
        return None;
    }
    let parameters = operations::parameters(source.curated, location.operation);
    let (mut fields, mut setters, mut pushes) = (TokenStream::new(), TokenStream::new(), TokenStream::new());
    for (field, ty) in &arguments {
        let parameter = parameters.iter().find(|parameter| parameter.is_argument(field))?;
        let wire = &parameter.name;
        let doc = doc_text::doc(&parameter.description);
        fields.extend(quote! { #doc pub #field: Option<#ty>, });
        pushes.extend(quote! { self.#field.push(#wire, pairs); });
        let setter = format_ident!("with_{}", wire.to_snake_case());
        let doc = doc_text::doc(&format!("Sets `{wire}`."));
        setters.extend(quote! {
            #doc
            #[must_use]
            pub fn #setter(mut self, value: impl Into<#ty>) -> Self {
                self.#field = Some(value.into());
                self
            }
        });
    }
    let has = |wire: &str| arguments.iter().any(|(field, _)| *field == wire);
    let page = (has("page_num") && has("items_per_page")).then(|| {
        let count = if has("include_count") { quote!(include_count) } else { quote!(_) };
        let values = arguments.iter().map(|(field, _)| {
            let given = ["page_num", "items_per_page", "include_count"].iter().any(|page| *field == page);
            if given {
                quote! { #field }
            } else {
                quote! { #field: None }
            }
        });
        quote! {
            impl PageQuery for #name {
                fn page(page_num: Option<i64>, items_per_page: Option<i64>, #count: Option<bool>) -> Self {
                    Self { #(#values),* }
                }
            }
        }
    });
    let about = format!(" Optional arguments of [`{binding}`](crate::Client::{binding}).");
    Some(quote! {
        #[doc = #about]
        #[derive(Debug, Clone, Default, PartialEq)]
        #[non_exhaustive]
        pub struct #name { #fields }

        impl #name { #setters }

        impl Query for #name {
            fn push(&self, pairs: &mut Vec<(&'static str, String)>) { #pushes }
        }

        #page
    })
}
