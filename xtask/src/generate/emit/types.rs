//! Files the types by tag: what one tag alone uses stands in that tag's file, the rest in `shared.rs`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Source, records, texts, unions, words};
use crate::generate::{
    bindings::type_name,
    document::{named_schemas, operations, reachable, schemas},
    passes::UNION,
};

/// The kinds of types in a file, in the order in which the macros at its end name them.
#[derive(Default)]
struct File {
    items: TokenStream,
    records: Vec<syn::Ident>,
    texts: Vec<syn::Ident>,
    unions: Vec<syn::Ident>,
}

pub(crate) fn files(source: &Source<'_>) -> Result<BTreeMap<String, TokenStream>> {
    let homes = homes(source);
    let mut files = BTreeMap::<&str, File>::new();
    for (component, schema) in schemas(source.normal) {
        let home = homes.get(component).map_or("shared", String::as_str);
        let file = files.entry(home).or_default();
        let name = type_name(component);
        let ident = format_ident!("{name}");
        if schema.get(UNION).is_some() {
            file.items.extend(unions::item(source, &ident, schema));
            file.unions.push(ident);
        } else if let Some(variants) = source.bindings.enums.get(&name) {
            file.items.extend(texts::item(&ident, schema, variants));
            file.texts.push(ident);
        } else if let Some(fields) = source.bindings.records.get(&name) {
            file.items.extend(records::item(source, &ident, schema, fields)?);
            file.records.push(ident);
        } else {
            anyhow::bail!("/components/schemas/{component}: progenitor made no type of it");
        }
    }
    let mut written = BTreeMap::new();
    let (mut modules, mut exports) = (TokenStream::new(), TokenStream::new());
    for (home, file) in files {
        let module = format_ident!("{home}");
        let tag = if home == "shared" { "several tags".to_owned() } else { home.replace('_', " ") };
        let about = words::inner_doc(&format!("Types of {tag}."));
        let File { items, records, texts, unions } = file;
        let imports = imports(&items);
        let ends =
            [("records", records), ("texts", texts), ("unions", unions)].into_iter().filter(|(_, of)| !of.is_empty());
        let ends = ends.map(|(name, types)| {
            let name = format_ident!("{name}");
            quote! { atlas_backup_runtime::#name! { #(#types),* } }
        });
        written.insert(format!("types/{home}.rs"), quote! { #about #imports #items #(#ends)* });
        modules.extend(quote! { mod #module; });
        exports.extend(quote! { pub use #module::*; });
    }
    let about = words::inner_doc("The objects, texts and unions that the operations take and answer.");
    written.insert("types/mod.rs".to_owned(), quote! { #about #modules #exports });
    Ok(written)
}

/// Only the imports that the items use: an unused one would be a warning.
fn imports(items: &TokenStream) -> TokenStream {
    let mut words = BTreeSet::new();
    collect_words(items.clone(), &mut words);
    let mut imports = TokenStream::new();
    if words.contains("BTreeMap") {
        imports.extend(quote! { use std::collections::BTreeMap; });
    }
    if words.contains("DateTime") {
        imports.extend(quote! { use chrono::{DateTime, Utc}; });
    }
    if words.contains("MapAccess") {
        imports.extend(quote! { use serde::de::MapAccess; });
    }
    if words.contains("SerializeMap") {
        imports.extend(quote! { use serde::ser::SerializeMap; });
    }
    let record: Vec<_> = ["Extra", "Fields", "Nullable", "Record", "Text", "Union"]
        .into_iter()
        .filter(|name| words.contains(*name))
        .map(|name| format_ident!("{name}"))
        .collect();
    imports.extend(quote! {
        #[allow(unused_imports, reason = "a tag may use types of its own only")]
        use super::*;
        use atlas_backup_runtime::codec::{self, #(#record),*};
    });
    imports
}

fn collect_words(tokens: TokenStream, words: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            proc_macro2::TokenTree::Group(group) => collect_words(group.stream(), words),
            proc_macro2::TokenTree::Ident(ident) => {
                words.insert(ident.to_string());
            }
            _ => {}
        }
    }
}

/// The one tag that uses a component, in snake case; components of several tags are missing.
fn homes(source: &Source<'_>) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::<String, BTreeSet<String>>::new();
    for place in operations(source.normal) {
        let mut named = BTreeSet::new();
        named_schemas(place.operation, &mut named);
        let tag = place.operation["tags"][0].as_str().unwrap_or("shared").to_snake_case();
        for component in reachable(source.normal, named) {
            tags.entry(component).or_default().insert(tag.clone());
        }
    }
    let single = |(component, tags): (String, BTreeSet<String>)| {
        let tag = tags.first().filter(|_| tags.len() == 1)?.clone();
        Some((component, tag))
    };
    tags.into_iter().filter_map(single).collect()
}
