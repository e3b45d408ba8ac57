//! The dispatch table: the codecs of each operation version, for conformance programs.

use anyhow::{Context, Result};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{Source, client, doc_text, operations};
use crate::openapi::walk;

pub(crate) fn file(source: &Source<'_>) -> Result<TokenStream> {
    let mut rows = TokenStream::new();
    for location in walk::operations(source.curated) {
        let constant = operations::constant(location.id());
        for (index, version) in operations::versions(&location)?.iter().enumerate() {
            let method = source.bindings.methods.get(&version.binding);
            let method = method.with_context(|| format!("{}: no method {}", location.pointer(), version.binding))?;
            let answer = client::answer_type(&method.answer);
            let body = method.arguments.iter().find(|(name, _)| name == "body").map(|(_, ty)| ty);
            let number = Literal::usize_unsuffixed(index);
            let request = match body.map(client::body_type) {
                Some(body) => quote! { Some(recode::<#body>) },
                None => quote! { None },
            };
            rows.extend(quote! {
                Binding { operation: &operations::#constant, index: #number, request: #request, response: recode::<#answer> },
            });
        }
    }
    let about = doc_text::inner_doc("Decoding by operation and version, behind the feature `dispatch`.");
    let doc = doc_text::doc("Every operation version, in the order of paths and methods.");
    let find_doc = doc_text::doc("The binding of an operation, by any of its names, in the version of that date.");
    Ok(quote! {
        #about
        use atlas_backup_runtime::{codec::recode, dispatch::Binding};

        use crate::{operations, types};

        #doc
        pub static BINDINGS: &[Binding] = &[#rows];

        #find_doc
        #[must_use]
        pub fn find(operation: &str, date: &str) -> Option<&'static Binding> {
            let operation = operations::find(operation)?;
            BINDINGS.iter().find(|binding| binding.operation.id == operation.id && binding.version().date == date)
        }
    })
}
