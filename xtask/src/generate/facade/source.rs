//! What the façade is made from: the public types of the ergonomic crate with their methods, as its files have them.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use proc_macro2::{TokenStream, TokenTree};
use syn::{Generics, ImplItem, Item, Type, Visibility};

use super::resolve::Names;

/// The public surface, as far as it concerns the façade.
pub(super) struct Source {
    /// Exported structs by name.
    pub(super) types: BTreeMap<String, Struct>,
    /// Public methods, in the order of the files.
    methods: Vec<(String, Method)>,
    /// The items of types that are streams.
    pub(super) streams: BTreeMap<String, Associated>,
    /// The outcomes of types that can be awaited.
    pub(super) futures: BTreeMap<String, Associated>,
    /// What types dereference to.
    pub(super) targets: BTreeMap<String, Associated>,
    /// The public functions of the compat modules.
    pub(super) functions: BTreeMap<String, Vec<Function>>,
}

pub(super) struct Function {
    pub(super) item: syn::ItemFn,
    pub(super) names: Names,
}

pub(super) struct Struct {
    pub(super) item: syn::ItemStruct,
    pub(super) names: Names,
    pub(super) is_clone: bool,
}

pub(super) struct Method {
    pub(super) item: syn::ImplItemFn,
    /// Those of the block that it stands in.
    pub(super) generics: Generics,
    pub(super) self_ty: Type,
    pub(super) names: Names,
}

/// A type that an implementation of a trait names.
pub(super) struct Associated {
    pub(super) ty: Type,
    pub(super) generics: Generics,
    pub(super) self_ty: Type,
    pub(super) names: Names,
}

impl Source {
    pub(super) fn parse(files: &BTreeMap<PathBuf, String>) -> Result<Self> {
        let mut parsed = Vec::new();
        for (path, text) in files {
            let file = syn::parse_file(text).with_context(|| format!("{} does not parse", path.display()))?;
            parsed.push((path, file.items));
        }
        let exported: BTreeSet<String> = parsed
            .iter()
            .filter(|(path, _)| path.as_path() == Path::new("lib.rs"))
            .flat_map(|(_, items)| super::resolve::exported(items))
            .collect();
        let macros: BTreeMap<String, Rules> = parsed.iter().flat_map(|(_, items)| items).filter_map(rules).collect();
        let mut source = Source {
            types: BTreeMap::new(),
            methods: Vec::new(),
            streams: BTreeMap::new(),
            futures: BTreeMap::new(),
            targets: BTreeMap::new(),
            functions: BTreeMap::new(),
        };
        let mut clones = BTreeSet::new();
        for (path, items) in parsed {
            let names = Names::of(path, &items, &exported);
            let expanded: Vec<_> = items.iter().filter_map(|item| expand(item, &macros)).collect();
            let module = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let is_compat = path.starts_with("compat") || path.starts_with("generated");
            let functions = items.iter().filter_map(|item| match item {
                Item::Fn(item) if is_compat && matches!(item.vis, Visibility::Public(_)) => {
                    Some(Function { item: item.clone(), names: names.clone() })
                }
                _ => None,
            });
            let functions: Vec<_> = functions.collect();
            if !functions.is_empty() {
                source.functions.insert(module.to_owned(), functions);
            }
            for item in items.iter().chain(expanded.iter().flat_map(|file| &file.items)) {
                source.add(item, &names, &exported, &mut clones);
            }
        }
        for (name, item) in &mut source.types {
            item.is_clone |= clones.contains(name);
        }
        Ok(source)
    }

    fn add(&mut self, item: &Item, names: &Names, exported: &BTreeSet<String>, clones: &mut BTreeSet<String>) {
        match item {
            Item::Struct(item)
                if matches!(item.vis, Visibility::Public(_)) && exported.contains(&item.ident.to_string()) =>
            {
                let is_clone = item.attrs.iter().any(|attribute| {
                    attribute.path().is_ident("derive")
                        && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string().contains("Clone"))
                });
                let found = Struct { item: item.clone(), names: names.clone(), is_clone };
                self.types.insert(item.ident.to_string(), found);
            }
            Item::Impl(block) => {
                let Some(of) = crate::generate::bindings::last_segment(&block.self_ty) else { return };
                match &block.trait_ {
                    None => self.add_methods(&of, block, names),
                    Some((path, ..)) => {
                        let named = path.segments.last().map(|segment| segment.ident.to_string());
                        let (into, ty) = match named.as_deref() {
                            Some("Clone") => {
                                clones.insert(of);
                                return;
                            }
                            Some("Stream") => (&mut self.streams, "Item"),
                            Some("IntoFuture") => (&mut self.futures, "Output"),
                            Some("Deref") => (&mut self.targets, "Target"),
                            _ => return,
                        };
                        if let Some(ty) = associated(block, ty) {
                            let (generics, self_ty) = (block.generics.clone(), (*block.self_ty).clone());
                            into.insert(of, Associated { ty, generics, self_ty, names: names.clone() });
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn add_methods(&mut self, of: &str, block: &syn::ItemImpl, names: &Names) {
        for item in &block.items {
            if let ImplItem::Fn(item) = item
                && matches!(item.vis, Visibility::Public(_))
            {
                let (generics, self_ty) = (block.generics.clone(), (*block.self_ty).clone());
                let method = Method { item: item.clone(), generics, self_ty, names: names.clone() };
                self.methods.push((of.to_owned(), method));
            }
        }
    }

    pub(super) fn methods_of(&self, name: &str) -> impl Iterator<Item = &Method> {
        self.methods.iter().filter(move |(of, _)| of == name).map(|(_, method)| method)
    }
}

fn associated(block: &syn::ItemImpl, name: &str) -> Option<Type> {
    block.items.iter().find_map(|item| match item {
        ImplItem::Type(item) if item.ident == name => Some(item.ty.clone()),
        _ => None,
    })
}

/// A macro of the crate: the names of its arguments, and what it becomes.
#[derive(Clone)]
struct Rules {
    arguments: Vec<String>,
    becomes: TokenStream,
}

/// What a macro becomes that has one rule and takes arguments with commas between them.
fn rules(item: &Item) -> Option<(String, Rules)> {
    let Item::Macro(item) = item else { return None };
    let name = item.ident.as_ref().filter(|_| item.mac.path.is_ident("macro_rules"))?;
    let groups: Vec<_> = item
        .mac
        .tokens
        .clone()
        .into_iter()
        .filter_map(|token| match token {
            TokenTree::Group(group) => Some(group),
            _ => None,
        })
        .collect();
    let [takes, becomes] = groups.as_slice() else { return None };
    let (mut arguments, mut after_dollar) = (Vec::new(), false);
    for token in takes.stream() {
        match token {
            TokenTree::Punct(dollar) => after_dollar = dollar.as_char() == '$',
            TokenTree::Ident(argument) if after_dollar => {
                arguments.push(argument.to_string());
                after_dollar = false;
            }
            _ => after_dollar = false,
        }
    }
    Some((name.to_string(), Rules { arguments, becomes: becomes.stream() }))
}

/// A use of such a macro, written out; nothing where what it becomes is no Rust.
fn expand(item: &Item, macros: &BTreeMap<String, Rules>) -> Option<syn::File> {
    let Item::Macro(item) = item else { return None };
    let rules = macros.get(&item.mac.path.segments.last()?.ident.to_string())?;
    let (mut values, mut tokens) = (vec![TokenStream::new()], item.mac.tokens.clone().into_iter());
    while let Some(token) = tokens.next() {
        match token {
            // The attributes of what it defines.
            TokenTree::Punct(hash) if hash.as_char() == '#' => drop(tokens.next()),
            TokenTree::Punct(comma) if comma.as_char() == ',' => values.push(TokenStream::new()),
            other => values.last_mut()?.extend([other]),
        }
    }
    let values: BTreeMap<_, _> = rules.arguments.iter().cloned().zip(values).collect();
    syn::parse2(substituted(rules.becomes.clone(), &values)?).ok()
}

fn substituted(tokens: TokenStream, values: &BTreeMap<String, TokenStream>) -> Option<TokenStream> {
    let mut tokens = tokens.into_iter();
    let mut written = TokenStream::new();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(dollar) if dollar.as_char() == '$' => match tokens.next()? {
                TokenTree::Ident(word) if word == "crate" => written.extend([TokenTree::Ident(word)]),
                TokenTree::Ident(word) => written.extend(values.get(&word.to_string())?.clone()),
                // A repetition: the attributes again.
                _ => drop(tokens.next()),
            },
            TokenTree::Group(group) => {
                let inner = substituted(group.stream(), values)?;
                written.extend([TokenTree::Group(proc_macro2::Group::new(group.delimiter(), inner))]);
            }
            other => written.extend([other]),
        }
    }
    Some(written)
}
