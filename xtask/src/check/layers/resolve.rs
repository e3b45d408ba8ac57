//! Resolves a path to its item, through modules, imports and re-exports.

use super::modules::{Name, Source};

/// The target of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Module(usize),
    /// An item: its defining module and its name.
    Item(usize, String),
    /// An item of another crate.
    Foreign,
}

/// A resolved path.
#[derive(Clone, Debug)]
pub(super) struct ResolvedPath {
    pub(super) target: Target,
    /// Whether it passes through a re-export of the crate's root.
    pub(super) by_root: bool,
}

/// Resolves `path` as written in the module `from`. `None` if it names no known item, for example a variable.
pub(super) fn resolve_path(source: &Source, from: usize, path: &[String]) -> Option<ResolvedPath> {
    let mut search = Search { source, seen: Vec::new(), by_root: false };
    let target = search.path(from, path)?;
    Some(ResolvedPath { target, by_root: search.by_root })
}

struct Search<'a> {
    source: &'a Source,
    /// Names being resolved, so that circular imports end.
    seen: Vec<(usize, String)>,
    by_root: bool,
}

impl Search<'_> {
    fn path(&mut self, from: usize, path: &[String]) -> Option<Target> {
        let (first, rest) = path.split_first()?;
        let modules = &self.source.modules;
        match first.as_str() {
            "crate" => {
                let mut root = from;
                while let Some(parent) = modules[root].parent {
                    root = parent;
                }
                self.below(root, rest)
            }
            "self" => self.below(from, rest),
            "super" => {
                let parent = modules[from].parent?;
                match rest.first().map(String::as_str) {
                    Some("super") => self.path(parent, rest),
                    _ => self.below(parent, rest),
                }
            }
            "Self" => None,
            name => self.below(from, path).or_else(|| match &self.source.library {
                Some((root, library)) if library == name && modules[from].path.first() != Some(library) => {
                    self.below(*root, rest)
                }
                _ => None,
            }),
        }
    }

    /// Resolves `path` in a module.
    fn below(&mut self, module: usize, path: &[String]) -> Option<Target> {
        let Some((first, rest)) = path.split_first() else { return Some(Target::Module(module)) };
        let key = (module, first.clone());
        if self.seen.contains(&key) {
            return None;
        }
        self.seen.push(key);
        let found = self.named(module, first, rest).or_else(|| self.by_glob(module, path));
        self.seen.pop();
        found
    }

    fn named(&mut self, module: usize, first: &str, rest: &[String]) -> Option<Target> {
        let mut names: Vec<&Name> = self.source.modules[module].names.get(first)?.iter().collect();
        // A module and a function may have the same name. The rest of the path decides.
        names.sort_by_key(|name| matches!(name, Name::Module(_)) == rest.is_empty());
        names.into_iter().find_map(|name| match name {
            Name::Item | Name::Macro => Some(Target::Item(module, first.to_owned())),
            Name::Module(child) => self.below(*child, rest),
            Name::Alias(path) => {
                // A name that this crate does not define belongs to another crate.
                let target = self.path(module, path).unwrap_or(Target::Foreign);
                let target = match target {
                    Target::Module(child) => self.below(child, rest)?,
                    target => target,
                };
                self.by_root |= self.source.modules[module].path.is_empty();
                Some(target)
            }
        })
    }

    fn by_glob(&mut self, module: usize, path: &[String]) -> Option<Target> {
        let globs = &self.source.modules[module].globs;
        globs.iter().find_map(|glob| {
            let key = (module, format!("{}::*", glob.join("::")));
            if self.seen.contains(&key) {
                return None;
            }
            self.seen.push(key);
            let found = match self.path(module, glob) {
                Some(Target::Module(child)) => self.below(child, path),
                _ => None,
            };
            self.seen.pop();
            self.by_root |= found.is_some() && self.source.modules[module].path.is_empty();
            found
        })
    }
}
