//! Sorts the types into files by tag: a type that only one tag uses is in the file of that tag, the others in
//! `shared.rs`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{HEADER, Source, doc_text, format_tokens, records, texts, unions};
use crate::generate::{bindings::type_name, naming, passes::UNION};
use crate::openapi::{
    document::schemas,
    references::{named_schemas, reachable},
    walk::operations,
};

/// The types of one tag.
#[derive(Default)]
struct File {
    /// The types with their documentation.
    items: TokenStream,
    /// Their tables of the codec.
    codec: String,
}

/// The files of the types and of their codec.
pub(crate) fn files(source: &Source<'_>) -> Result<BTreeMap<String, String>> {
    let homes = tag_modules(source);
    let mut files = BTreeMap::<&str, File>::new();
    for (component, schema) in schemas(source.normal) {
        let home = homes.get(component).map_or("shared", String::as_str);
        let file = files.entry(home).or_default();
        let name = type_name(component);
        let ident = format_ident!("{name}");
        let (item, table) = if schema.get(UNION).is_some() {
            unions::item(source, &ident, schema)
        } else if let Some(variants) = source.bindings.enums.get(&name) {
            texts::item(&ident, schema, variants)
        } else if let Some(fields) = source.bindings.records.get(&name) {
            records::item(&ident, schema, fields)
        } else {
            anyhow::bail!("/components/schemas/{component}: progenitor generated no type for it");
        };
        file.items.extend(item);
        file.codec.push('\n');
        file.codec.push_str(&table);
    }
    let mut written = BTreeMap::new();
    let (mut modules, mut exports, mut codecs) = (TokenStream::new(), TokenStream::new(), String::new());
    for (home, file) in files {
        let module = format_ident!("{home}");
        let tag = if home == "shared" { "several tags".to_owned() } else { home.replace('_', " ") };
        let about = doc_text::inner_doc(&format!("Types of {tag}."));
        let imports = imports(&file.items);
        let items = file.items;
        written.insert(format!("types/{home}.rs"), format_tokens(quote! { #about #imports #items })?);
        let macros: Vec<&str> = ["record", "text", "union"]
            .into_iter()
            .filter(|name| file.codec.contains(&format!("\n{name}!(")))
            .collect();
        let macros = match macros.as_slice() {
            [only] => (*only).to_owned(),
            several => format!("{{{}}}", several.join(", ")),
        };
        let codec = format!(
            "{HEADER}//! How the types of {tag} read and write JSON.\n\nuse atlas_backup_runtime::{macros};\n\nuse \
             crate::types::*;\n{}",
            file.codec
        );
        written.insert(format!("codec/{home}.rs"), codec);
        modules.extend(quote! { mod #module; });
        exports.extend(quote! { pub use #module::*; });
        codecs.push_str(&format!("mod {home};\n"));
    }
    let about = doc_text::inner_doc("The objects, texts and unions that the operations take and answer.");
    written.insert("types/mod.rs".to_owned(), format_tokens(quote! { #about #modules #exports })?);
    let about = "//! How the types read and write JSON: a table for each, with one line a field, value or kind.";
    written.insert("codec/mod.rs".to_owned(), format!("{HEADER}{about}\n\n{codecs}"));
    Ok(written)
}

/// Only imports that the items use: an unused one would be a warning.
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
    let codec: Vec<_> = ["Extra", "Nullable"]
        .into_iter()
        .filter(|name| words.contains(*name))
        .map(|name| format_ident!("{name}"))
        .collect();
    if !codec.is_empty() {
        imports.extend(quote! { use atlas_backup_runtime::{#(#codec),*}; });
    }
    imports.extend(quote! {
        #[allow(unused_imports, reason = "a tag may use only its own types")]
        use super::*;
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

/// The only tag that uses a component, in snake case. Components of several tags are missing.
fn tag_modules(source: &Source<'_>) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::<String, BTreeSet<String>>::new();
    for location in operations(source.normal) {
        let mut named = BTreeSet::new();
        named_schemas(location.operation, &mut named);
        let tag = naming::module(location.operation["tags"][0].as_str().unwrap_or("shared"));
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
