//! A discriminated union as an enum that chooses its variant by the tag.

use std::collections::BTreeMap;

use heck::ToPascalCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::{Source, words};
use crate::generate::{bindings, document::schemas, passes::UNION};

pub(crate) fn item(source: &Source<'_>, name: &Ident, schema: &Value) -> TokenStream {
    let text = name.to_string();
    let tag = schema[UNION]["tag"].as_str().unwrap_or_default();
    let mut members = BTreeMap::<&str, Vec<&str>>::new();
    for (value, component) in schema[UNION]["mapping"].as_object().into_iter().flatten() {
        members.entry(component.as_str().unwrap_or_default()).or_default().push(value);
    }
    let readers = members.keys().map(|component| {
        let is_union = schemas(source.normal)[*component].get(UNION).is_some();
        if is_union { quote!(codec::nested) } else { quote!(codec::member) }
    });
    let readers: Vec<TokenStream> = readers.collect();
    let members: Vec<(Ident, Ident, Vec<&str>)> = members
        .into_iter()
        .map(|(component, values)| {
            let ty = bindings::type_name(component);
            let variant = variant(&text, &ty, &values);
            (format_ident!("{variant}"), format_ident!("{ty}"), values)
        })
        .collect();
    let variants: Vec<_> = members.iter().map(|(variant, ..)| variant).collect();
    let types: Vec<_> = members.iter().map(|(_, ty, _)| ty).collect();
    let patterns = members.iter().map(|(_, _, values)| quote! { #(Some(#values))|* });
    let docs = members.iter().map(|(_, _, values)| {
        let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
        words::doc(&format!("`{tag}` is {}.", values.join(" or ")))
    });
    let told = bindings::doc_of(schema);
    let about = words::doc(format!("{told}\n\nThe field `{tag}` tells the kinds apart.").trim());
    let unknown = words::doc("A kind that the specification does not list, or one without the tag, as it came.");
    quote! {
        #about
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum #name {
            #(#docs #variants(Box<#types>),)*
            #unknown
            Unknown(Extra),
        }

        #(impl From<#types> for #name {
            fn from(value: #types) -> Self {
                Self::#variants(Box::new(value))
            }
        })*

        impl Union for #name {
            const NAME: &'static str = #text;
            const TAG: &'static str = #tag;

            fn read<'de, A: MapAccess<'de>>(tag: Option<&str>, map: A) -> Result<Self, A::Error> {
                Ok(match tag {
                    #(#patterns => Self::#variants(Box::new(#readers(map)?)),)*
                    _ => Self::Unknown(codec::unknown(map)?),
                })
            }
        }

        impl serde::Serialize for #name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    #(Self::#variants(value) => value.serialize(serializer),)*
                    Self::Unknown(extra) => codec::write_unknown(extra, serializer),
                }
            }
        }
    }
}

/// A variant's name: the tag value; for a kind with several, what its type's name has beyond the union's.
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
