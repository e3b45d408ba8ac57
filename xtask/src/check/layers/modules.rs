//! Reads the source of a crate into a tree of modules: the names that each module has, and the paths that it mentions.
//!
//! Test code is skipped: items under `#[cfg(test)]` or `#[test]`, files named `tests.rs`, folders named `tests`.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use syn::{Attribute, Item, ItemMod};

use super::mentions::{self, Mention};

/// The modules and files of a crate. The modules of all its roots (`lib.rs`, `main.rs`) are in one list.
#[derive(Default)]
pub(super) struct Source {
    pub(super) modules: Vec<Module>,
    /// Files by their path below the source folder, prefixed with that folder.
    pub(super) files: Vec<PathBuf>,
    /// The root of the library, and its name in the crate's programs.
    pub(super) library: Option<(usize, String)>,
}

/// A module, in its own file or inline.
pub(super) struct Module {
    /// Names from the crate's root. The root itself is empty.
    pub(super) path: Vec<String>,
    pub(super) file: usize,
    pub(super) parent: Option<usize>,
    /// Whether it has child modules in other files.
    pub(super) has_files: bool,
    pub(super) names: HashMap<String, Vec<Name>>,
    /// Paths of `use …::*`.
    pub(super) globs: Vec<Vec<String>>,
    pub(super) mentions: Vec<Mention>,
}

/// What a name refers to in its module.
#[derive(Clone)]
pub(super) enum Name {
    Module(usize),
    Item,
    /// A `macro_rules!`.
    Macro,
    /// Imported from this path.
    Alias(Vec<String>),
}

/// Reads `lib.rs` and `main.rs` below `folder` and all their modules. `name` is the library's name in code.
///
/// # Errors
/// Returns an error if a file cannot be read or parsed, or a module has no file.
pub(super) fn read(folder: &Path, name: &str) -> Result<Source> {
    let mut source = Source::default();
    for root in ["lib.rs", "main.rs"] {
        let file = folder.join(root);
        if file.is_file() {
            let module = source.file(&file, folder, Vec::new(), None)?;
            if root == "lib.rs" {
                source.library = Some((module, name.to_owned()));
            }
        }
    }
    if source.modules.is_empty() {
        bail!("{} has neither lib.rs nor main.rs", folder.display());
    }
    Ok(source)
}

impl Source {
    /// Reads a file as a module. `below` is the folder of its child modules.
    fn file(&mut self, file: &Path, below: &Path, path: Vec<String>, parent: Option<usize>) -> Result<usize> {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let parsed = syn::parse_file(&text).with_context(|| format!("cannot parse {}", file.display()))?;
        self.files.push(file.to_owned());
        self.module(self.files.len() - 1, below, path, parent, &parsed.items)
    }

    fn module(
        &mut self,
        file: usize,
        below: &Path,
        path: Vec<String>,
        parent: Option<usize>,
        items: &[Item],
    ) -> Result<usize> {
        let id = self.modules.len();
        let (names, globs, mentions) = Default::default();
        self.modules.push(Module { path, file, parent, has_files: false, names, globs, mentions });
        for item in items.iter().filter(|item| !is_test(attributes(item))) {
            if let Item::Mod(child) = item {
                let name = mentions::plain(&child.ident);
                if name != "tests" {
                    let child = self.child(id, below, child)?;
                    self.modules[id].names.entry(name).or_default().push(Name::Module(child));
                }
                continue;
            }
            let found = mentions::of(item);
            let module = &mut self.modules[id];
            for (name, what) in found.names {
                module.names.entry(name).or_default().push(what);
            }
            module.globs.extend(found.globs);
            module.mentions.extend(found.mentions);
        }
        Ok(id)
    }

    fn child(&mut self, parent: usize, below: &Path, child: &ItemMod) -> Result<usize> {
        let name = mentions::plain(&child.ident);
        let mut path = self.modules[parent].path.clone();
        path.push(name.clone());
        let own = below.join(&name);
        let file = self.modules[parent].file;
        if let Some((_, items)) = &child.content {
            return self.module(file, &own, path, Some(parent), items);
        }
        self.modules[parent].has_files = true;
        if let Some(stated) = stated_path(&child.attrs) {
            let stated = self.files[file].parent().unwrap_or(Path::new("")).join(stated);
            let below = stated.parent().unwrap_or(Path::new("")).to_owned();
            return self.file(&plain_path(&stated), &below, path, Some(parent));
        }
        let flat = below.join(format!("{name}.rs"));
        let file = if flat.is_file() { flat } else { own.join("mod.rs") };
        self.file(&file, &own, path, Some(parent))
    }
}

/// Normalizes `a/../b` to `b`.
fn plain_path(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        let is_up = part.as_os_str() == "..";
        if !(is_up && plain.file_name().is_some_and(|name| name != "..") && plain.pop()) {
            plain.push(part);
        }
    }
    plain
}

/// The path in `#[path = "…"]`.
fn stated_path(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    })
}

/// Whether an item is test code.
pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let is_test = attribute.path().segments.last().is_some_and(|segment| segment.ident == "test");
        is_test
            || attribute.path().is_ident("cfg")
                && attribute.parse_args::<syn::Meta>().is_ok_and(|condition| match &condition {
                    syn::Meta::Path(path) => path.is_ident("test"),
                    syn::Meta::List(list) => list.path.is_ident("all") && names_test(list),
                    syn::Meta::NameValue(_) => false,
                })
    })
}

fn names_test(list: &syn::MetaList) -> bool {
    list.tokens.clone().into_iter().any(|token| token.to_string() == "test")
}

pub(super) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
