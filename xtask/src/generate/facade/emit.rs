//! Writes the façade: a wrapper for each mirrored type, with a method for each of its public ones.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote};
use syn::{Attribute, FnArg, Generics, Ident, Pat, ReturnType, Type, parse_quote, visit_mut::VisitMut as _};

use super::{
    resolve::{self, Names},
    source::{Associated, Method, Source, Struct},
};
use crate::generate::bindings::{first_argument, last_segment};

pub(super) fn module(source: &Source, mirrored: &BTreeSet<String>) -> Result<TokenStream> {
    let mut items = TokenStream::new();
    for name in mirrored {
        let found = &source.types[name];
        items.extend(wrapper(name, found, source, mirrored));
        let is_stream = source.streams.contains_key(name);
        // What an iterator has under another name.
        let is_next = |method: &Method| is_stream && matches!(&*method.item.sig.ident.to_string(), "next" | "try_next");
        let mut blocks: Vec<(TokenStream, TokenStream)> = Vec::new();
        for method in source.methods_of(name).filter(|method| !is_next(method)) {
            let (head, method) = self::method(name, method, mirrored)?;
            match blocks.iter_mut().find(|(other, _)| other.to_string() == head.to_string()) {
                Some((_, methods)) => methods.extend(method),
                None => blocks.push((head, method)),
            }
        }
        items.extend(blocks.into_iter().map(|(head, methods)| quote!(#head { #methods })));
        if let Some(stream) = source.streams.get(name) {
            items.extend(iterator(stream, mirrored));
        }
        let has_send = source.methods_of(name).any(|method| method.item.sig.ident == "send");
        if let Some(future) = source.futures.get(name).filter(|_| !has_send) {
            items.extend(outcome(future, mirrored));
        }
        if let Some(target) = source.targets.get(name) {
            items.extend(deref(target, mirrored));
        }
    }
    let compat = compat(source, mirrored)?;
    Ok(quote! {
        //! The blocking counterparts of what waits: see the module above.
        #![allow(deprecated, reason = "what is deprecated there is deprecated here")]
        #![allow(non_snake_case, reason = "a few former names keep their own spelling")]

        use super::{block_on, next};
        #[allow(unused_imports, reason = "what is told of the asynchronous ones links to them")]
        use crate::{ATLAS, Credentials, ErrorKind, Profile};

        #items

        #compat
    })
}

/// The type itself, and the ways from and to the one it wraps.
fn wrapper(name: &str, found: &Struct, source: &Source, mirrored: &BTreeSet<String>) -> TokenStream {
    let ident = format_ident!("{name}");
    let mut generics = found.item.generics.clone();
    found.names.settle(mirrored).visit_generics_mut(&mut generics);
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let clone = found.is_clone.then(|| quote!(#[derive(Clone)]));
    let about = format!(" Blocking counterpart of [`crate::{name}`].");
    // Who refused once has nothing more to say.
    let (state, fresh) = match source.streams.contains_key(name) {
        true => (quote!(, bool), quote!(, false)),
        false => (quote!(), quote!()),
    };
    let must_use = found.item.attrs.iter().any(|attribute| attribute.path().is_ident("must_use"));
    let must_use = must_use.then(|| quote!(#[must_use]));
    quote! {
        #[doc = #about]
        #clone
        #must_use
        pub struct #ident #generics (crate::#ident #type_generics #state) #where_clause;

        impl #impl_generics #ident #type_generics #where_clause {
            /// The asynchronous one.
            pub fn inner(&self) -> &crate::#ident #type_generics {
                &self.0
            }
        }

        impl #impl_generics From<crate::#ident #type_generics> for #ident #type_generics #where_clause {
            fn from(inner: crate::#ident #type_generics) -> Self {
                #ident(inner #fresh)
            }
        }

        impl #impl_generics std::fmt::Debug for #ident #type_generics
        where
            crate::#ident #type_generics: std::fmt::Debug,
        {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&self.0, f)
            }
        }
    }
}

/// A method that does what the wrapped type's does, and waits for it; before it, the head of the block it belongs to.
fn method(of: &str, method: &Method, mirrored: &BTreeSet<String>) -> Result<(TokenStream, TokenStream)> {
    let (mut generics, mut self_ty) = (method.generics.clone(), method.self_ty.clone());
    let mut settle = method.names.settle(mirrored);
    settle.visit_generics_mut(&mut generics);
    settle.visit_type_mut(&mut self_ty);
    let (original, name) = (format_ident!("{of}"), &method.item.sig.ident);
    let has_self = matches!(method.item.sig.inputs.first(), Some(FnArg::Receiver(_)));
    let called = if has_self { quote!(self.0.#name) } else { quote!(crate::#original::#name) };
    let blocking = blocking(&method.item.sig, &method.item.attrs, &method.names, called, mirrored)
        .with_context(|| format!("{of}::{name}"))?;
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    Ok((quote!(impl #impl_generics #self_ty #where_clause), blocking))
}

/// A function of this signature that hands everything on to `called`, and waits for it.
fn blocking(
    signature: &syn::Signature,
    attributes: &[Attribute],
    names: &Names,
    called: TokenStream,
    mirrored: &BTreeSet<String>,
) -> Result<TokenStream> {
    let mut signature = signature.clone();
    let is_async = signature.asyncness.take().is_some();
    signature.constness = None;
    names.settle(mirrored).visit_signature_mut(&mut signature);
    let (name, mut arguments) = (signature.ident.clone(), Vec::new());
    for input in &mut signature.inputs {
        match input {
            FnArg::Receiver(receiver) => {
                if !receiver.to_token_stream().to_string().contains('&') {
                    receiver.mutability = None;
                }
            }
            FnArg::Typed(argument) => {
                let Pat::Ident(pattern) = &mut *argument.pat else {
                    bail!("{name}: an argument without a name can't be handed on");
                };
                pattern.mutability = None;
                arguments.push(handed_on(&pattern.ident, &argument.ty, mirrored));
            }
        }
    }
    let answer = match &signature.output {
        ReturnType::Type(_, ty) => (**ty).clone(),
        ReturnType::Default => parse_quote!(()),
    };
    if is_async && last_segment(&answer).as_deref() != Some("Result") {
        bail!("it is async but has no error to answer where blocking is refused");
    }
    let call = quote!(#called(#(#arguments),*));
    let call = if is_async { quote!(block_on(#call)) } else { call };
    let (answer, body) = wrapped(&answer, call, mirrored);
    signature.output = parse_quote!(-> #answer);
    let attributes = kept(attributes);
    Ok(quote! {
        #(#attributes)*
        pub #signature {
            #body
        }
    })
}

/// The functions under old names, in modules of the same names.
fn compat(source: &Source, mirrored: &BTreeSet<String>) -> Result<TokenStream> {
    let mut modules = TokenStream::new();
    for (module, functions) in &source.functions {
        let module = format_ident!("{module}");
        let (mut written, mut globs) = (TokenStream::new(), Vec::new());
        for function in functions {
            let name = &function.item.sig.ident;
            let called = quote!(crate::compat::#module::#name);
            written.extend(blocking(&function.item.sig, &function.item.attrs, &function.names, called, mirrored)?);
            globs = function.names.globs().collect();
        }
        let about = format!(" Blocking counterparts of [`crate::compat::{module}`].");
        modules.extend(quote! {
            #[doc = #about]
            pub mod #module {
                #(use #globs::*;)*
                use super::super::*;

                #written
            }
        });
    }
    Ok(quote! {
        /// Blocking counterparts of [`crate::compat`].
        pub mod compat {
            #![allow(clippy::too_many_arguments, reason = "an operation has the parameters it has")]

            #modules
        }
    })
}

/// An argument as the wrapped method takes it.
fn handed_on(name: &Ident, ty: &Type, mirrored: &BTreeSet<String>) -> TokenStream {
    match ty {
        Type::Reference(reference) if own(&reference.elem, mirrored) => quote!(&#name.0),
        ty if own(ty, mirrored) => quote!(#name.0),
        _ => quote!(#name),
    }
}

fn own(ty: &Type, mirrored: &BTreeSet<String>) -> bool {
    matches!(ty, Type::Path(path) if resolve::is_own(&path.path, mirrored).is_some())
}

/// An answer's type here, and how it is made of what the wrapped method answers.
fn wrapped(ty: &Type, call: TokenStream, mirrored: &BTreeSet<String>) -> (Type, TokenStream) {
    let is_self = matches!(ty, Type::Path(path) if path.path.is_ident("Self"));
    match ty {
        ty if is_self || own(ty, mirrored) => (ty.clone(), quote!(#call.into())),
        Type::Reference(reference) if own(&reference.elem, mirrored) => {
            ((*reference.elem).clone(), quote!(#call.clone().into()))
        }
        ty if last_segment(ty).as_deref() == Some("Result") => match first_argument(ty) {
            Some(inner) if own(inner, mirrored) || inner.to_token_stream().to_string() == "Self" => {
                (ty.clone(), quote!(#call.map(Into::into)))
            }
            _ => (ty.clone(), call),
        },
        ty => (ty.clone(), call),
    }
}

fn iterator(stream: &Associated, mirrored: &BTreeSet<String>) -> TokenStream {
    let (item, generics, self_ty) = settled(stream, mirrored);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    quote! {
        impl #impl_generics Iterator for #self_ty #where_clause {
            type Item = #item;

            fn next(&mut self) -> Option<Self::Item> {
                next(&mut self.0, &mut self.1)
            }
        }
    }
}

fn outcome(future: &Associated, mirrored: &BTreeSet<String>) -> TokenStream {
    let (output, generics, self_ty) = settled(future, mirrored);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    quote! {
        impl #impl_generics #self_ty #where_clause {
            /// Blocks until there is an outcome.
            ///
            /// # Errors
            /// Those of the asynchronous one, and [`crate::ErrorKind::InvalidInput`] on a thread of an asynchronous
            /// runtime.
            pub fn block(self) -> #output {
                block_on(std::future::IntoFuture::into_future(self.0))
            }
        }
    }
}

fn deref(target: &Associated, mirrored: &BTreeSet<String>) -> TokenStream {
    let (target, generics, self_ty) = settled(target, mirrored);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    quote! {
        impl #impl_generics std::ops::Deref for #self_ty #where_clause {
            type Target = #target;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
    }
}

fn settled(associated: &Associated, mirrored: &BTreeSet<String>) -> (Type, Generics, Type) {
    let (mut ty, mut generics, mut self_ty) =
        (associated.ty.clone(), associated.generics.clone(), associated.self_ty.clone());
    let mut settle = associated.names.settle(mirrored);
    settle.visit_type_mut(&mut ty);
    settle.visit_generics_mut(&mut generics);
    settle.visit_type_mut(&mut self_ty);
    (ty, generics, self_ty)
}

/// The attributes that hold for a blocking method too. Examples don't: they wait.
fn kept(attributes: &[Attribute]) -> Vec<TokenStream> {
    let (mut kept, mut in_example) = (Vec::new(), false);
    for attribute in attributes {
        if attribute.path().is_ident("doc") {
            let text = attribute.to_token_stream().to_string();
            let is_fence = text.contains("```");
            if !is_fence && !in_example {
                kept.push(attribute.to_token_stream());
            }
            in_example ^= is_fence;
        } else if ["cfg", "must_use", "deprecated"].iter().any(|name| attribute.path().is_ident(name)) {
            kept.push(attribute.to_token_stream());
        }
    }
    kept
}
