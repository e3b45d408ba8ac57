//! Names: what a name in a file of the ergonomic crate means from anywhere in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use syn::{Item, Path as TypePath, UseTree, visit_mut::VisitMut};

/// What the names of a file mean.
#[derive(Clone, Default)]
pub(super) struct Names {
    known: BTreeMap<String, Vec<String>>,
    /// The modules from which everything is imported.
    globs: Vec<Vec<String>>,
}

impl Names {
    pub(super) fn of(path: &Path, items: &[Item], exported: &BTreeSet<String>) -> Self {
        let module = module(path);
        let (mut names, mut globs) = (BTreeMap::new(), Vec::new());
        for item in items {
            let own = match item {
                Item::Struct(item) => Some(&item.ident),
                Item::Enum(item) => Some(&item.ident),
                Item::Type(item) => Some(&item.ident),
                Item::Trait(item) => Some(&item.ident),
                _ => None,
            };
            if let Some(own) = own.map(ToString::to_string) {
                // What is exported is told by its public name.
                let at = if exported.contains(&own) { vec!["crate".to_owned()] } else { module.clone() };
                names.insert(own.clone(), [at, vec![own]].concat());
            }
            if let Item::Use(item) = item {
                leaves(&item.tree, &mut Vec::new(), &mut |name, path| match name.as_str() {
                    "*" => globs.push(absolute(path, &module, &BTreeSet::new())),
                    _ => drop(names.insert(name, absolute(path, &module, exported))),
                });
            }
        }
        Names { known: names, globs }
    }

    /// The modules from which everything is imported.
    pub(super) fn globs(&self) -> impl Iterator<Item = TypePath> {
        self.globs.iter().filter_map(|glob| syn::parse_str(&glob.join("::")).ok())
    }

    /// Makes the names in a signature mean the same elsewhere, except those of mirrored types.
    pub(super) fn settle<'a>(&'a self, mirrored: &'a BTreeSet<String>) -> impl VisitMut + 'a {
        Settle { names: self, mirrored }
    }
}

struct Settle<'a> {
    names: &'a Names,
    mirrored: &'a BTreeSet<String>,
}

impl VisitMut for Settle<'_> {
    fn visit_path_mut(&mut self, path: &mut TypePath) {
        syn::visit_mut::visit_path_mut(self, path);
        if let Some(own) = is_own(path, self.mirrored) {
            let arguments = path.segments.last().map(|segment| segment.arguments.clone()).unwrap_or_default();
            *path = syn::Ident::new(&own, proc_macro2::Span::call_site()).into();
            if let Some(last) = path.segments.last_mut() {
                last.arguments = arguments;
            }
            return;
        }
        let Some(first) = path.segments.first().filter(|_| path.leading_colon.is_none()) else { return };
        if let Some(full) = self.names.known.get(&first.ident.to_string()) {
            let rest: Vec<_> = path.segments.iter().skip(1).cloned().collect();
            let arguments = first.arguments.clone();
            let Ok(mut full) = syn::parse_str::<TypePath>(&full.join("::")) else { return };
            if let Some(last) = full.segments.last_mut() {
                last.arguments = arguments;
            }
            full.segments.extend(rest);
            *path = full;
        }
    }
}

/// The mirrored type that a path names: by its name alone, or by a path of the crate.
pub(super) fn is_own(path: &TypePath, mirrored: &BTreeSet<String>) -> Option<String> {
    let last = path.segments.last()?.ident.to_string();
    let is_local = path.segments.len() == 1 || path.segments.first().is_some_and(|first| first.ident == "crate");
    mirrored.contains(&last).then_some(last).filter(|_| is_local)
}

/// The names that `lib.rs` exports from its modules.
pub(super) fn exported(items: &[Item]) -> Vec<String> {
    let mut names = Vec::new();
    for item in items {
        if let Item::Use(item) = item
            && matches!(item.vis, syn::Visibility::Public(_))
        {
            leaves(&item.tree, &mut Vec::new(), &mut |name, _| names.push(name));
        }
    }
    names
}

/// Calls `found` with each name that a `use` brings, and its path.
fn leaves(tree: &UseTree, path: &mut Vec<String>, found: &mut impl FnMut(String, Vec<String>)) {
    match tree {
        UseTree::Path(step) => {
            path.push(step.ident.to_string());
            leaves(&step.tree, path, found);
            path.pop();
        }
        UseTree::Name(name) if name.ident == "self" => {
            found(path.last().cloned().unwrap_or_default(), path.clone());
        }
        UseTree::Name(name) => found(name.ident.to_string(), [path.clone(), vec![name.ident.to_string()]].concat()),
        UseTree::Rename(name) if name.ident == "self" => found(name.rename.to_string(), path.clone()),
        UseTree::Rename(name) => found(name.rename.to_string(), [path.clone(), vec![name.ident.to_string()]].concat()),
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, path, found)),
        UseTree::Glob(_) => found("*".to_owned(), path.clone()),
    }
}

/// A path as it is written anywhere in the crate.
fn absolute(path: Vec<String>, module: &[String], exported: &BTreeSet<String>) -> Vec<String> {
    let supers = path.iter().take_while(|step| *step == "super").count();
    let own = supers > 0 || path.first().is_some_and(|first| first == "crate" || first == "self");
    match path.last() {
        Some(last) if own && exported.contains(last) => vec!["crate".to_owned(), last.clone()],
        _ if supers > 0 => [&module[..module.len().saturating_sub(supers)], &path[supers..]].concat(),
        _ if path.first().is_some_and(|first| first == "self") => [module, &path[1..]].concat(),
        _ => path,
    }
}

/// The module that a file is.
fn module(path: &Path) -> Vec<String> {
    let mut steps = vec!["crate".to_owned()];
    let without = path.with_extension("");
    steps.extend(without.iter().filter_map(|step| step.to_str()).map(str::to_owned));
    if steps.last().is_some_and(|last| last == "mod" || (last == "lib" && steps.len() == 2)) {
        steps.pop();
    }
    steps
}
