//! A string enum as an open Rust enum.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use serde_json::Value;

use super::words;
use crate::generate::bindings::{self, Variant};

pub(crate) fn item(name: &Ident, schema: &Value, variants: &[Variant]) -> TokenStream {
    let text = name.to_string();
    let about = words::doc(&bindings::doc_of(schema));
    let names: Vec<_> = variants.iter().map(|variant| &variant.name).collect();
    let values: Vec<_> = variants.iter().map(|variant| &variant.value).collect();
    let docs = variants.iter().map(|variant| {
        let told = schema["x-enum-descriptions"][&variant.value].as_str();
        words::doc(&told.map_or_else(|| format!("`{}`.", variant.value), str::to_owned))
    });
    let unknown = words::doc("A value that the specification does not list, as it came.");
    let as_str = words::doc("The text on the wire.");
    quote! {
        #about
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#docs #names,)*
            #unknown
            Unknown(String),
        }

        impl #name {
            #as_str
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self { #(Self::#names => #values,)* Self::Unknown(text) => text }
            }
        }

        impl Text for #name {
            const NAME: &'static str = #text;

            fn known(text: &str) -> Option<Self> {
                Some(match text { #(#values => Self::#names,)* _ => return None })
            }
        }
    }
}
