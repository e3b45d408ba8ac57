//! The table of layers, `xtask/layers.toml`.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// The whole table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    /// For each package, the packages of the workspace on which it may depend.
    #[serde(default)]
    pub(super) dependencies: BTreeMap<String, Vec<String>>,
    /// Rows by the name for `--layers`.
    pub(super) crates: BTreeMap<String, Row>,
}

/// A crate's layers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    /// Its source folder.
    pub(super) source: String,
    /// Name of the library in code.
    pub(super) library: String,
    /// Whether findings fail the check.
    pub(super) enforced: bool,
    /// From the lowest layer to the highest. Layers of one list are siblings.
    pub(super) layers: Vec<Vec<String>>,
    /// For each layer, the siblings that it may use.
    #[serde(default)]
    pub(super) uses: BTreeMap<String, Vec<String>>,
    /// Layers whose modules may not use each other.
    #[serde(default)]
    pub(super) independent: Vec<String>,
}

impl Table {
    pub(super) fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let table: Table = toml::from_str(&text).with_context(|| file.display().to_string())?;
        for (name, row) in &table.crates {
            row.validate().with_context(|| format!("{}: {name}", file.display()))?;
        }
        Ok(table)
    }
}

impl Row {
    pub(super) fn position(&self, layer: &str) -> Option<usize> {
        self.layers.iter().position(|siblings| siblings.iter().any(|name| name == layer))
    }

    /// Whether code in one layer may import from another. Layers missing from the table are reported elsewhere.
    pub(super) fn allows(&self, from: &str, to: &str) -> bool {
        let (Some(own), Some(other)) = (self.position(from), self.position(to)) else { return true };
        let is_granted = || self.uses.get(from).is_some_and(|granted| granted.iter().any(|name| name == to));
        from == to || own > other || own == other && is_granted()
    }

    /// Whether code in one module may import from another, both by their path from the crate's root.
    pub(super) fn allows_within(&self, from: &[String], to: &[String]) -> bool {
        let (Some(layer), Some(own), Some(other)) = (from.first(), from.get(1), to.get(1)) else { return true };
        from.first() != to.first() || own == other || !self.independent.contains(layer)
    }

    fn validate(&self) -> Result<()> {
        let mut names: Vec<&String> = self.layers.iter().flatten().collect();
        names.sort();
        ensure!(names.windows(2).all(|pair| pair[0] != pair[1]), "a layer is listed twice");
        for (from, granted) in &self.uses {
            for to in granted {
                let siblings = self.position(from).is_some() && self.position(from) == self.position(to);
                ensure!(siblings && from != to, "uses: {from} and {to} are not siblings");
                let is_mutual = self.uses.get(to).is_some_and(|back| back.contains(from));
                ensure!(!is_mutual, "uses: {from} and {to} may not use each other");
            }
        }
        Ok(())
    }
}
