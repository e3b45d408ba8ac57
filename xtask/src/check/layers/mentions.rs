//! Collects the names that an item adds to its module, and the paths that it mentions: imports, paths in types,
//! expressions and patterns, and path-like tokens in macros and attributes.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::{
    Attribute, ImplItem, Item, UseTree,
    visit::{self, Visit},
};

use super::modules::{Name, attributes, is_test};

/// A path that some code mentions.
#[derive(Clone)]
pub(super) struct Mention {
    pub(super) path: Vec<String>,
    pub(super) kind: Kind,
}

/// The kind of mention.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// In a `use`.
    Import,
    /// In code.
    Code,
    /// The name of an invoked macro.
    Macro,
    /// After `$crate`, where the expansion can be in another crate.
    Expansion,
}

/// What an item adds to its module.
#[derive(Default)]
pub(super) struct ItemMentions {
    pub(super) names: Vec<(String, Name)>,
    pub(super) globs: Vec<Vec<String>>,
    pub(super) mentions: Vec<Mention>,
}

/// An identifier without `r#`.
pub(super) fn plain(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").map(str::to_owned).unwrap_or(text)
}

pub(super) fn of(item: &Item) -> ItemMentions {
    let mut found = ItemMentions::default();
    let ident = match item {
        Item::Const(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Macro(item) => item.ident.as_ref(),
        Item::Static(item) => Some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::TraitAlias(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        Item::Union(item) => Some(&item.ident),
        _ => None,
    };
    if let Some(ident) = ident.filter(|ident| *ident != "_") {
        let name = if matches!(item, Item::Macro(_)) { Name::Macro } else { Name::Item };
        found.names.push((plain(ident), name));
    }
    found.visit_item(item);
    found
}

impl ItemMentions {
    fn mention(&mut self, path: Vec<String>, kind: Kind) {
        self.mentions.push(Mention { path, kind });
    }

    fn import(&mut self, tree: &UseTree, before: &[String]) {
        let with = |ident: &Ident| {
            let mut path = before.to_vec();
            if ident != "self" || path.is_empty() {
                path.push(plain(ident));
            }
            path
        };
        match tree {
            UseTree::Path(tree) => self.import(&tree.tree, &with(&tree.ident)),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, before)),
            UseTree::Name(name) => {
                let path = with(&name.ident);
                self.alias(path.last().cloned(), &path);
            }
            UseTree::Rename(rename) => {
                let alias = (rename.rename != "_").then(|| plain(&rename.rename));
                self.alias(alias, &with(&rename.ident));
            }
            UseTree::Glob(_) => {
                self.globs.push(before.to_vec());
                self.mention(before.to_vec(), Kind::Import);
            }
        }
    }

    fn alias(&mut self, name: Option<String>, path: &[String]) {
        if let Some(name) = name {
            self.names.push((name, Name::Alias(path.to_vec())));
        }
        self.mention(path.to_vec(), Kind::Import);
    }

    /// Path-like tokens: names joined by `::`, and names in upper camel case.
    fn tokens(&mut self, tokens: TokenStream, is_definition: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is = |at: usize, sign: char| matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == sign);
        let joined = |at: usize| is(at, ':') && is(at + 1, ':');
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.tokens(group.stream(), is_definition),
                TokenTree::Ident(first) => {
                    let begun = at;
                    let mut path = vec![plain(first)];
                    while let (true, Some(TokenTree::Ident(next))) = (joined(at + 1), tokens.get(at + 3)) {
                        path.push(plain(next));
                        at += 3;
                    }
                    let before = |back: usize, sign: char| begun >= back && is(begun - back, sign);
                    let is_variable = before(1, '$');
                    let is_continued = before(1, '.') && !before(2, '.') || before(1, ':') && before(2, ':');
                    let starts = ["crate", "super", "self"].contains(&path[0].as_str());
                    let is_macro = is(at + 1, '!') && matches!(tokens.get(at + 2), Some(TokenTree::Group(_)));
                    let kind = match is_macro {
                        true => Kind::Macro,
                        false if is_variable => Kind::Expansion,
                        false => Kind::Code,
                    };
                    // The tokens of a macro definition are not paths, except for paths anchored in the crate.
                    let is_path = match is_definition {
                        true => starts && path.len() > 1,
                        false => path.len() > 1 || is_macro || path[0].starts_with(char::is_uppercase),
                    };
                    if is_path && !is_continued && (!is_variable || path[0] == "crate") {
                        self.mention(path, kind);
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }
}

impl<'a> Visit<'a> for ItemMentions {
    fn visit_item(&mut self, item: &'a Item) {
        match item {
            item if is_test(attributes(item)) => {}
            // An import inside a function, relative to the whole module.
            Item::Use(item) => self.import(&item.tree, &[]),
            Item::Macro(item) if item.ident.is_some() => self.tokens(item.mac.tokens.clone(), true),
            item => visit::visit_item(self, item),
        }
    }

    fn visit_impl_item(&mut self, item: &'a ImplItem) {
        let attributes = match item {
            ImplItem::Fn(item) => &item.attrs[..],
            ImplItem::Const(item) => &item.attrs,
            _ => &[],
        };
        if !is_test(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        if path.leading_colon.is_none() {
            let names: Vec<String> = path.segments.iter().map(|segment| plain(&segment.ident)).collect();
            // A single lower-case name is more often a variable than an item.
            if names.len() > 1 || names[0].starts_with(char::is_uppercase) {
                self.mention(names, Kind::Code);
            }
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_call(&mut self, call: &'a syn::ExprCall) {
        if let syn::Expr::Path(function) = &*call.func
            && let Some(ident) = function.path.get_ident()
        {
            self.mention(vec![plain(ident)], Kind::Code);
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, invoked: &'a syn::Macro) {
        let names: Vec<String> = invoked.path.segments.iter().map(|segment| plain(&segment.ident)).collect();
        self.mention(names, Kind::Macro);
        self.tokens(invoked.tokens.clone(), false);
    }

    /// Paths in arguments, and in strings that serde reads as paths.
    fn visit_attribute(&mut self, attribute: &'a Attribute) {
        let syn::Meta::List(list) = &attribute.meta else { return };
        if list.path.is_ident("derive") {
            return;
        }
        self.tokens(list.tokens.clone(), false);
        if list.path.is_ident("serde") {
            for token in list.tokens.clone() {
                let TokenTree::Literal(literal) = &token else { continue };
                let text = literal.to_string();
                let path: Vec<String> = text.trim_matches('"').split("::").map(str::to_owned).collect();
                if path.len() > 1 {
                    self.mention(path, Kind::Code);
                }
            }
        }
    }
}
