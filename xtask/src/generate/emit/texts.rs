//! A string enum as an open Rust enum.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use serde_json::Value;

use super::doc_text;
use crate::generate::{
    bindings::{self, Variant},
    passes::ALIAS,
};

/// The enum, and its line in the codec.
pub(crate) fn item(name: &Ident, schema: &Value, variants: &[Variant]) -> (TokenStream, String) {
    let about = doc_text::doc(&bindings::doc_of(schema));
    let names: Vec<_> = variants.iter().map(|variant| &variant.name).collect();
    let docs = variants.iter().map(|variant| {
        let description = schema["x-enum-descriptions"][&variant.value].as_str();
        doc_text::doc(&description.map_or_else(|| format!("`{}`.", variant.value), str::to_owned))
    });
    let unknown = doc_text::doc("A value that the specification does not list, as it came.");
    let alias = doc_text::aliases(&name.to_string(), schema[ALIAS].as_str());
    let item = quote! {
        #about
        #alias
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#docs #names,)*
            #unknown
            Unknown(String),
        }
    };
    let rows = variants.iter().map(|variant| format!("{} = {:?}", variant.name, variant.value));
    (item, doc_text::table(&format!("text!({name} "), rows))
}
