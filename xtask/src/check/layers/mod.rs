//! The layers of each crate: compares the imports in the source with `xtask/layers.toml`.
//!
//! A layer is a module below the crate's root. It may import from layers to its left in the table. `lib.rs` and
//! `main.rs` only declare and re-export: they may import everything, and nothing may import from them.

mod graph;
mod lines;
mod mentions;
mod modules;
mod resolve;
mod rules;
mod table;
#[cfg(test)]
mod tests;

use std::path::Path;

use anyhow::{Context, Result};

pub(super) use rules::Report;
use table::Table;

/// Path of the table.
const TABLE: &str = "xtask/layers.toml";

/// Checks the rows of the table below `root` and prints the results. Returns whether no enforced row has findings.
///
/// Findings are listed for enforced rows and for `only`, which then always fails the check.
///
/// # Errors
/// Returns an error if the table is not valid or the source of a crate cannot be read.
pub(super) fn check(root: &Path, only: Option<&str>) -> Result<bool> {
    let table = Table::read(&root.join(TABLE))?;
    if let Some(only) = only.filter(|only| !only.is_empty()) {
        let row = table.crates.get(only).with_context(|| {
            let names: Vec<&str> = table.crates.keys().map(String::as_str).collect();
            format!("{TABLE} has no crate {only}; it has {}", names.join(", "))
        })?;
        return Ok(print_report(only, &rules::check(root, row)?, true));
    }
    let mut sound = true;
    for (name, row) in &table.crates {
        sound &= print_report(name, &rules::check(root, row)?, row.enforced);
    }
    Ok(sound)
}

/// Dependencies between packages of the workspace that the table does not allow. `dependencies` are pairs of packages.
///
/// # Errors
/// Returns an error if the table is not valid.
pub(super) fn dependencies(root: &Path, found: &[(String, String)]) -> Result<Vec<String>> {
    let allowed = Table::read(&root.join(TABLE))?.dependencies;
    let is_forbidden = |(from, to): &&(String, String)| allowed.get(from).is_none_or(|allowed| !allowed.contains(to));
    Ok(found.iter().filter(is_forbidden).map(|(from, to)| format!("{from} may not depend on {to} ({TABLE})")).collect())
}

fn print_report(name: &str, report: &Report, is_enforced: bool) -> bool {
    let Report { findings, files, edges, cycles, in_cycles, across } = report;
    if is_enforced {
        findings.iter().for_each(|finding| eprintln!("{finding}"));
    }
    let note = if is_enforced { "" } else { ", not enforced" };
    println!(
        "layers of {name}: {} findings{note}; {files} files, {edges} edges, {cycles} cycles with {in_cycles} files, \
         {across} files in cycles across folders",
        findings.len()
    );
    findings.is_empty() || !is_enforced
}
