//! A discriminated union as an enum that selects its variant by the tag.

use std::collections::BTreeMap;

use heck::ToPascalCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::{Source, doc_text};
use crate::generate::{
    bindings,
    passes::{ALIAS, UNION},
};
use crate::openapi::document::schemas;

/// The enum, and its line in the codec.
pub(crate) fn item(source: &Source<'_>, name: &Ident, schema: &Value) -> (TokenStream, String) {
    let text = name.to_string();
    let tag = schema[UNION]["tag"].as_str().unwrap_or_default();
    let mut members = BTreeMap::<&str, Vec<&str>>::new();
    for (value, component) in schema[UNION]["mapping"].as_object().into_iter().flatten() {
        members.entry(component.as_str().unwrap_or_default()).or_default().push(value);
    }
    let names: Vec<String> =
        members.iter().map(|(component, values)| variant(&text, &bindings::type_name(component), values)).collect();
    let (mut variants, mut docs, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for ((component, values), name) in members.iter().zip(&names) {
        let ty = bindings::type_name(component);
        // A name that does not tell the members apart, or is not a name of Rust: that of the type.
        let is_clear = name != "Unknown" && names.iter().filter(|other| *other == name).count() == 1;
        let is_clear = is_clear && syn::parse_str::<Ident>(name).is_ok();
        let variant = format_ident!("{}", if is_clear { name } else { &ty });
        let reader = if schemas(source.normal)[*component].get(UNION).is_some() { "nested" } else { "member" };
        let quoted: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
        rows.push(format!("{variant}({ty}): {reader} {}", quoted.join(" | ")));
        let quoted: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
        docs.push(doc_text::doc(&format!("`{tag}` is {}.", quoted.join(" or "))));
        let ty = format_ident!("{ty}");
        variants.push(quote! { #variant(Box<#ty>) });
    }
    let description = bindings::doc_of(schema);
    let about = doc_text::doc(format!("{description}\n\nThe field `{tag}` tells the kinds apart.").trim());
    let unknown = doc_text::doc("A kind that the specification does not list, or one without the tag, as it came.");
    let alias = doc_text::aliases(&name.to_string(), schema[ALIAS].as_str());
    let item = quote! {
        #about
        #alias
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum #name {
            #(#docs #variants,)*
            #unknown
            Unknown(Extra),
        }
    };
    (item, doc_text::table(&format!("union!({name} by {tag:?} "), rows.into_iter()))
}

/// Name of a variant: the tag value; with several values, the part of its type's name beyond the union's.
fn variant(union: &str, member: &str, values: &[&str]) -> String {
    if let [value] = values {
        return value.to_pascal_case();
    }
    let words = |name: &str| -> Vec<String> {
        let mut words = Vec::<String>::new();
        for c in name.chars() {
            match words.last_mut() {
                Some(word) if !c.is_uppercase() => word.push(c),
                _ => words.push(c.to_string()),
            }
        }
        words
    };
    let (union, own) = (words(union), words(member));
    let head = union.iter().zip(&own).take_while(|(a, b)| a == b).count();
    let rest = own.len() - head;
    let tail = union.iter().rev().zip(own.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let middle = own[head..own.len() - tail].concat();
    if middle.is_empty() { member.to_owned() } else { middle }
}
