//! Applies the rules of the layers to the source of a crate.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::Result;

use super::{
    graph,
    lines::Lines,
    mentions::Kind,
    modules::{self, Module, Name, Source},
    resolve::{Target, resolve_path},
    table::Row,
};

/// Findings of a crate.
#[derive(Debug)]
pub(in crate::check) struct Report {
    /// `path:line: …`, in the order of the files.
    pub(super) findings: Vec<String>,
    pub(super) files: usize,
    pub(super) edges: usize,
    pub(super) cycles: usize,
    pub(super) in_cycles: usize,
    /// Files in cycles across folders.
    pub(super) across: usize,
}

/// From one file to another: the line of the import and the path of its item.
type Edges = BTreeMap<(usize, usize), (usize, String)>;

/// Checks the source of a crate against its row.
pub(super) fn check(root: &Path, row: &Row) -> Result<Report> {
    let source = modules::read(&root.join(&row.source), &row.library)?;
    let lines = source.files.iter().map(|file| Lines::read(file)).collect();
    let mut check = Check { root, row, source: &source, lines, findings: BTreeMap::new(), edges: Edges::new() };
    check.report_unlisted_modules();
    let imported = check.imports();
    check.maps(&imported);
    let (cycles, across) = check.cycles();
    Ok(Report {
        files: source.files.len(),
        edges: check.edges.len(),
        cycles: cycles.len(),
        in_cycles: cycles.iter().map(Vec::len).sum(),
        across,
        findings: shown(check.findings),
    })
}

/// Ordered by file and line.
fn shown(findings: BTreeMap<(String, String), usize>) -> Vec<String> {
    let mut lines: Vec<_> = findings.into_iter().map(|((path, text), line)| (path, line, text)).collect();
    lines.sort();
    lines.into_iter().map(|(path, line, text)| format!("{path}:{line}: {text}")).collect()
}

/// Items by module and name, each with the modules and lines that import it.
type Imported = BTreeMap<(usize, String), Vec<(usize, usize)>>;

struct Check<'a> {
    root: &'a Path,
    row: &'a Row,
    source: &'a Source,
    lines: Vec<Lines>,
    /// By path and text, with the first line.
    findings: BTreeMap<(String, String), usize>,
    edges: Edges,
}

impl Check<'_> {
    fn find(&mut self, file: usize, line: usize, text: String) {
        let first = self.findings.entry((self.shown(file), text)).or_insert(line);
        *first = line.min(*first);
    }

    fn shown(&self, file: usize) -> String {
        let file = &self.source.files[file];
        file.strip_prefix(self.root).unwrap_or(file).display().to_string()
    }

    fn module(&self, id: usize) -> &Module {
        &self.source.modules[id]
    }

    /// Whether a module is in `lib.rs` or `main.rs`.
    fn is_root(&self, id: usize) -> bool {
        let file = self.module(id).file;
        self.source.modules.iter().any(|module| module.path.is_empty() && module.file == file)
    }

    fn layer(&self, id: usize) -> Option<&str> {
        self.module(id).path.first().filter(|_| !self.is_root(id)).map(String::as_str)
    }

    /// Modules below the root that are missing from the table.
    fn report_unlisted_modules(&mut self) {
        for id in 0..self.source.modules.len() {
            let module = self.module(id);
            if module.path.len() == 1 && !self.is_root(id) && self.row.position(&module.path[0]).is_none() {
                let text = format!("module {} is missing from the table", module.path[0]);
                self.find(module.file, 1, text);
            }
        }
    }

    /// Every import: layers, imports through the crate's root, edges between files.
    fn imports(&mut self) -> Imported {
        let mut imported = Imported::new();
        for from in 0..self.source.modules.len() {
            let file = self.module(from).file;
            for mention in &self.source.modules[from].mentions {
                let found = resolve_path(self.source, from, &mention.path);
                let target = match found {
                    None if mention.kind == Kind::Macro => self.macro_named(&mention.path).map(|m| (m, false)),
                    found => found.map(|found| (found.target, found.by_root)),
                };
                let Some((target, by_root)) = target else { continue };
                let line = self.lines[file].of(&mention.path, mention.kind);
                let is_anchored =
                    mention.kind == Kind::Import || ["crate", "super"].contains(&mention.path[0].as_str());
                let (to, item) = match &target {
                    Target::Module(to) if mention.kind == Kind::Import => (*to, None),
                    Target::Item(to, item) => (*to, Some(item.clone())),
                    Target::Module(_) => continue,
                    Target::Foreign => {
                        if by_root && is_anchored && mention.kind != Kind::Expansion && !self.is_root(from) {
                            let text =
                                format!("{} belongs to another crate; import it from there", mention.path.join("::"));
                            self.find(file, line, text);
                        }
                        continue;
                    }
                };
                let mut path = [&["crate".to_owned()], &self.module(to).path[..]].concat();
                path.extend(item.clone());
                let path = path.join("::");
                if by_root && mention.kind != Kind::Expansion && !self.is_root(from) && is_anchored {
                    let text = format!("imported through the crate's root; import {path}");
                    self.find(file, line, text);
                }
                if let (Some(own), Some(other)) = (self.layer(from), self.layer(to))
                    && !self.row.allows(own, other)
                {
                    let text = format!("layer {own} may not use layer {other} ({path})");
                    self.find(file, line, text);
                }
                if !self.row.allows_within(&self.module(from).path, &self.module(to).path) {
                    let own = self.module(from).path[..2].join("::");
                    self.find(file, line, format!("{own} may not use its sibling ({path})"));
                }
                if let Some(item) = item
                    && self.module(to).file != file
                {
                    imported.entry((to, item)).or_default().push((from, line));
                    let edge = self.edges.entry((file, self.module(to).file)).or_insert((line, path.clone()));
                    if line < edge.0 {
                        *edge = (line, path);
                    }
                }
            }
        }
        imported
    }

    /// A macro in textual scope, if only one has the name.
    fn macro_named(&self, path: &[String]) -> Option<Target> {
        let [name] = path else { return None };
        let is_macro = |module: &Module| {
            module.names.get(name).is_some_and(|names| names.iter().any(|name| matches!(name, Name::Macro)))
        };
        let mut found = (0..self.source.modules.len()).filter(|id| is_macro(self.module(*id)));
        found.next().filter(|_| found.next().is_none()).map(|id| Target::Item(id, name.clone()))
    }

    /// Items that are defined in a map (a root, a layer's own file, the file of a folder) and used elsewhere.
    fn maps(&mut self, imported: &Imported) {
        for ((to, item), locations) in imported {
            let map = self.module(*to);
            let is_layer = map.path.len() == 1;
            if !(self.is_root(*to) || map.has_files) {
                continue;
            }
            let shares = |(from, _): &&(usize, usize)| {
                let from_path = &self.module(*from).path;
                !self.is_root(*from) && (self.is_root(*to) || is_layer || from_path.starts_with(&map.path))
            };
            let locations: Vec<&(usize, usize)> = locations.iter().filter(shares).collect();
            let Some((first, line)) = locations.first() else { continue };
            let files: BTreeSet<usize> = locations.iter().map(|(from, _)| self.module(*from).file).collect();
            let text = format!(
                "{item} is defined in a map; move it to its own file ({} files import it, such as {}:{line})",
                files.len(),
                self.shown(self.module(*first).file)
            );
            self.find(map.file, self.lines[map.file].definition(item), text);
        }
    }

    /// The import cycles, and the number of files in cycles across folders.
    fn cycles(&mut self) -> (Vec<Vec<usize>>, usize) {
        let mut edges = vec![BTreeSet::new(); self.source.files.len()];
        for (from, to) in self.edges.keys() {
            edges[*from].insert(*to);
        }
        let folders = self.folders();
        let (cycles, mut across, mut found) = (graph::cycles(&edges), 0, Vec::new());
        for cycle in &cycles {
            let is_across = |from: usize, to: usize| folders[from] != folders[to];
            let leaving = self
                .edges
                .keys()
                .filter(|(from, to)| cycle.contains(from) && cycle.contains(to) && is_across(*from, *to));
            let ways = leaving.filter_map(|(from, to)| graph::way_back(&edges, *from, *to));
            let Some(way) = ways.min_by_key(Vec::len) else { continue };
            across += cycle.len();
            let steps: Vec<String> = way
                .windows(2)
                .map(|pair| {
                    let (line, item) = &self.edges[&(pair[0], pair[1])];
                    format!("{}:{line} imports {item}", self.shown(pair[0]))
                })
                .collect();
            let others: Vec<String> = cycle.iter().map(|file| self.shown(*file)).collect();
            let text = format!(
                "import cycle of {} files across folders; shortest part: {}; all: {}",
                cycle.len(),
                steps.join(", "),
                others.join(" ")
            );
            let (line, _) = self.edges[&(way[0], way[1])];
            found.push((way[0], line, text));
        }
        found.into_iter().for_each(|(file, line, text)| self.find(file, line, text));
        (cycles, across)
    }

    /// The folder of each file by its module path. A module with files below it is the map of its folder.
    fn folders(&self) -> Vec<&[String]> {
        let mut folders = vec![&[][..]; self.source.files.len()];
        let mut placed = vec![false; self.source.files.len()];
        for module in &self.source.modules {
            if !std::mem::replace(&mut placed[module.file], true) {
                let own = module.path.len() - usize::from(!module.has_files && !module.path.is_empty());
                folders[module.file] = &module.path[..own];
            }
        }
        folders
    }
}
