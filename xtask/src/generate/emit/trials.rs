//! Every binding and every type of the crate as tables for its own tests.
//!
//! The tests of the generated crate apply rules to everything in the document, so they must not name operations or
//! types: a renamed or removed one would break their compilation, and with it the revision. The calls are generated
//! here, beside the bindings.

use anyhow::{Context, Result};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use syn::Type;

use super::{Source, doc_text, operations, queries};
use crate::generate::bindings::{last_segment, type_name};
use crate::openapi::{document::schemas, walk};

/// The file of the tables.
pub(crate) fn file(source: &Source<'_>) -> Result<TokenStream> {
    let mut calls = TokenStream::new();
    for location in walk::operations(source.curated) {
        let constant = operations::constant(location.id());
        let parameters = operations::parameters(source.curated, location.operation);
        for (index, version) in operations::versions(&location)?.iter().enumerate() {
            let method = source.bindings.methods.get(&version.binding);
            let method = method.with_context(|| format!("{}: no method {}", location.pointer(), version.binding))?;
            let required = method.arguments.iter().filter(|argument| !queries::is_optional(argument));
            let arguments = required.map(|(name, ty)| {
                let parameter = parameters.iter().find(|parameter| parameter.is_argument(name));
                value(parameter.map(|parameter| parameter.name.as_str()), ty)
            });
            let fields = queries::optional(method);
            let fields = fields.iter().filter_map(|(field, _)| {
                let wire = &parameters.iter().find(|parameter| parameter.is_argument(field))?.name;
                Some(quote! { query.#field = values.get(#wire); })
            });
            let fields: Vec<TokenStream> = fields.collect();
            let query = (!fields.is_empty()).then(|| {
                let query = queries::name(&location);
                quote! { &filled(|query: &mut queries::#query| { #(#fields)* }) }
            });
            let arguments = arguments.chain(query);
            let (name, number) = (format_ident!("{}", version.binding), Literal::usize_unsuffixed(index));
            let arguments: Vec<TokenStream> = arguments.collect();
            let values = if arguments.is_empty() { format_ident!("_values") } else { format_ident!("values") };
            calls.extend(quote! {
                Trial {
                    operation: &operations::#constant,
                    index: #number,
                    call: |client, #values| outcome(client.#name(#(#arguments),*)),
                },
            });
        }
    }
    let types = schemas(source.normal).keys().map(|name| {
        let (ident, name) = (format_ident!("{}", type_name(name)), type_name(name));
        quote! { Specimen::of::<types::#ident>(#name), }
    });
    let about = doc_text::inner_doc("Every binding and every type, for the tests.");
    let (every_call, every_type) = (doc_text::doc("A call of each binding."), doc_text::doc("Each type."));
    Ok(quote! {
        #about
        use atlas_backup_generated::{operations, queries, types};
        use crate::trial::{Specimen, Trial, filled, outcome};

        #every_call
        pub(crate) static CALLS: &[Trial] = &[#calls];

        #every_type
        pub(crate) static TYPES: &[Specimen] = &[#(#types)*];
    })
}

/// Source of a required argument: a parameter by its name on the wire, or the body.
fn value(parameter: Option<&str>, ty: &Type) -> TokenStream {
    match (parameter, last_segment(ty).as_deref()) {
        // A binding takes a list as a slice, which cannot be decoded.
        (None, Some("Vec")) => quote! { &values.body::<Vec<_>>() },
        (None, _) => quote! { &values.body() },
        (Some(name), Some("str")) => quote! { values.text(#name).unwrap_or_default() },
        (Some(name), Some("Vec")) => quote! { &values.get::<Vec<_>>(#name) },
        (Some(name), _) => quote! { values.get(#name) },
    }
}
