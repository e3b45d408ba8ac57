//! An object as a struct, with a constructor and setters if requests use it, and as a codec table.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;
use syn::{Type, parse_quote, visit_mut::VisitMut};

use super::doc_text;
use crate::generate::{
    bindings::{self, Field, first_argument, last_segment},
    passes::{ALIAS, CONSTRUCTOR, NULLABLE},
};
use crate::openapi::document::schema_ref;

/// A field with the properties that decide its code.
struct Shape<'a> {
    field: &'a Field,
    name: Ident,
    ty: Type,
    kind: Kind,
    doc: TokenStream,
}

#[derive(PartialEq)]
enum Kind {
    /// Optional.
    Optional,
    /// Optional, any JSON.
    Any,
    /// Optional and nullable.
    Nullable,
    /// Optional, a point in time.
    Time,
    /// The items of a page, required.
    Page,
    /// A list, empty if absent.
    List,
    /// Required.
    Required,
    /// Required and nullable.
    RequiredNullable,
}

/// The struct with its constructor and setters, and its line in the codec.
pub(crate) fn item(name: &Ident, schema: &Value, fields: &[Field]) -> (TokenStream, String) {
    let shapes: Vec<Shape<'_>> = fields.iter().map(|field| shape(field, schema)).collect();
    let about = doc_text::doc(&bindings::doc_of(schema));
    let (names, types): (Vec<_>, Vec<_>) = shapes.iter().map(|shape| (&shape.name, &shape.ty)).unzip();
    let docs = shapes.iter().map(|shape| &shape.doc);
    let extra_doc = doc_text::doc("Fields that the specification does not define, kept and written back.");
    let constructors = if schema["x-atlas-request"] == true { constructors(name, schema, &shapes) } else { quote!() };
    // Tests of programs build a response by default and set its public fields.
    let may_be_empty = |shape: &Shape<'_>| !matches!(shape.kind, Kind::Required | Kind::RequiredNullable);
    let may_be_empty = shapes.iter().all(may_be_empty);
    let is_default = constructor_names(schema).is_empty() && (schema["x-atlas-request"] == true || may_be_empty);
    let default = is_default.then(|| quote!(Default,));
    let alias = doc_text::aliases(&name.to_string(), schema[ALIAS].as_str());
    let item = quote! {
        #about
        #alias
        #[derive(Clone, #default PartialEq)]
        #[non_exhaustive]
        pub struct #name {
            #(#docs pub #names: #types,)*
            #extra_doc
            pub extra: Extra,
        }

        #constructors
    };
    let rows = shapes.iter().map(|shape| format!("{}: {} {:?}", shape.name, shape.kind.word(), shape.field.key));
    (item, doc_text::table(&format!("record!({name} "), rows))
}

impl Kind {
    /// Its keyword in the codec.
    fn word(&self) -> &'static str {
        match self {
            Kind::Optional => "optional",
            Kind::Any => "any",
            Kind::Nullable => "nullable",
            Kind::Time => "time",
            Kind::Page => "page",
            Kind::List => "list",
            Kind::Required => "required",
            Kind::RequiredNullable => "required_nullable",
        }
    }
}

fn shape<'a>(field: &'a Field, schema: &Value) -> Shape<'a> {
    let property = &schema["properties"][&field.key];
    let listed = |key: &str| schema[key].as_array().is_some_and(|names| names.iter().any(|name| *name == *field.key));
    let optional = last_segment(&field.ty).as_deref() == Some("Option");
    let mut ty =
        if optional { first_argument(&field.ty).cloned().unwrap_or(field.ty.clone()) } else { field.ty.clone() };
    ShortPaths.visit_type_mut(&mut ty);
    let kind = match (optional, listed(NULLABLE), property["type"] == "array") {
        (_, true, _) if listed("required") => Kind::RequiredNullable,
        (_, true, _) => Kind::Nullable,
        (true, ..) if last_segment(&ty).as_deref() == Some("DateTime") => Kind::Time,
        // The generator gives an optional field of any JSON, and a map, the plain type, which cannot distinguish absent and
        // null.
        _ if ty == parse_quote!(serde_json::Value) && !listed("required") => Kind::Any,
        (true, ..) => Kind::Optional,
        (false, _, true) if field.key == "results" => Kind::Page,
        (false, _, true) => Kind::List,
        (false, ..) if !listed("required") => Kind::Optional,
        (false, ..) => Kind::Required,
    };
    let full = match kind {
        Kind::Optional | Kind::Any | Kind::Time => parse_quote!(Option<#ty>),
        Kind::Nullable => parse_quote!(Option<Nullable<#ty>>),
        Kind::RequiredNullable => parse_quote!(Nullable<#ty>),
        Kind::Page | Kind::List | Kind::Required => ty,
    };
    let mut text = bindings::doc_of(property);
    if property["deprecated"] == true && !text.to_lowercase().contains("deprecated") {
        text.push_str("\n\nDeprecated.");
    }
    if kind == Kind::Nullable {
        text.push_str("\n\nAn explicit null differs from an absent field.");
    }
    // The description of a type does not describe the field.
    let link = schema_ref(property).filter(|_| bindings::doc_of(property).is_empty());
    let link = link.map(|target| doc_text::link("See", &bindings::type_name(target)));
    let doc = doc_text::doc(&text);
    // A property with the name of the field for unknown fields is renamed.
    let name = if field.name == "extra" { format_ident!("extra_") } else { field.name.clone() };
    Shape { field, name, ty: full, kind, doc: quote! { #link #doc } }
}

fn constructor_names(schema: &Value) -> Vec<&str> {
    schema[CONSTRUCTOR].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// `new` with the required fields, and a setter for each other field that a request may contain.
fn constructors(name: &Ident, schema: &Value, shapes: &[Shape<'_>]) -> TokenStream {
    let required: BTreeSet<&str> = constructor_names(schema).into_iter().collect();
    let is_required = |shape: &&Shape<'_>| required.contains(shape.field.key.as_str());
    let (asked, left): (Vec<_>, Vec<_>) = shapes.iter().partition(is_required);
    let argument = |ty: &Type| first_argument(ty).cloned().unwrap_or(ty.clone());
    let inner = |shape: &Shape<'_>| match shape.kind {
        Kind::Optional | Kind::Any | Kind::Time => argument(&shape.ty),
        Kind::Nullable => argument(&argument(&shape.ty)),
        Kind::Page | Kind::List | Kind::Required | Kind::RequiredNullable => shape.ty.clone(),
    };
    let arguments = asked.iter().map(|shape| {
        let (name, ty) = (&shape.name, inner(shape));
        quote! { #name: impl Into<#ty> }
    });
    let values = asked.iter().map(|shape| {
        let name = &shape.name;
        match shape.kind {
            Kind::Optional | Kind::Any | Kind::Time => quote! { #name: Some(#name.into()) },
            Kind::Nullable => quote! { #name: Some(Nullable::Value(#name.into())) },
            Kind::Page | Kind::List | Kind::Required | Kind::RequiredNullable => quote! { #name: #name.into() },
        }
    });
    let empty = left.iter().map(|shape| {
        let name = &shape.name;
        match shape.kind {
            Kind::Optional | Kind::Any | Kind::Time | Kind::Nullable => quote! { #name: None },
            Kind::Page | Kind::List | Kind::Required | Kind::RequiredNullable => quote! { #name: Default::default() },
        }
    });
    let read_only = |shape: &&&Shape<'_>| schema["properties"][&shape.field.key]["readOnly"] == true;
    let setters = left.iter().filter(|shape| !read_only(shape)).map(|shape| {
        let (field, ty) = (&shape.name, inner(shape));
        let plain = field.to_string();
        let key = &shape.field.stem;
        let setter = format_ident!("with_{}", if plain == "extra_" { "extra" } else { key.as_str() });
        let doc = doc_text::doc(&format!("Sets `{}`.", shape.field.key));
        let value = match shape.kind {
            Kind::Optional | Kind::Any | Kind::Time => quote! { Some(value.into()) },
            Kind::Nullable => quote! { Some(Nullable::Value(value.into())) },
            Kind::Page | Kind::List | Kind::Required | Kind::RequiredNullable => quote! { value.into() },
        };
        let null = (shape.kind == Kind::Nullable).then(|| {
            let setter = format_ident!("with_null_{key}");
            let doc = doc_text::doc(&format!("Sets `{}` to an explicit null.", shape.field.key));
            quote! {
                #doc
                #[must_use]
                pub fn #setter(mut self) -> Self {
                    self.#field = Some(Nullable::Null);
                    self
                }
            }
        });
        quote! {
            #doc
            #[must_use]
            pub fn #setter(mut self, value: impl Into<#ty>) -> Self {
                self.#field = #value;
                self
            }
            #null
        }
    });
    let doc = if asked.is_empty() {
        doc_text::doc("An empty one: nothing in it is required.")
    } else {
        doc_text::doc("One with what a request must have.")
    };
    let many = (asked.len() > 7).then(|| {
        quote! { #[allow(clippy::too_many_arguments, reason = "the number of arguments follows from the required fields")] }
    });
    let new = if asked.is_empty() {
        quote! { pub fn new() -> Self { Self::default() } }
    } else {
        quote! {
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#values,)* #(#empty,)* extra: Extra::new() }
            }
        }
    };
    quote! {
        impl #name {
            #doc
            #[must_use]
            #many
            #new
            #(#setters)*
        }
    }
}

/// Shortens the paths of well-known types, which the files import.
pub(crate) struct ShortPaths;

impl VisitMut for ShortPaths {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        syn::visit_mut::visit_path_mut(self, path);
        let last = path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        if last == "Map" {
            *path = parse_quote!(Extra);
        } else if last == "Value" {
            *path = parse_quote!(serde_json::Value);
        } else if path.segments.len() > 1 {
            let segment = path.segments.last().cloned().expect("it has more than one");
            path.leading_colon = None;
            path.segments = std::iter::once(segment).collect();
        }
    }
}
