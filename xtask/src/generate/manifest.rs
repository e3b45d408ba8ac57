//! The manifest of generated bindings as a separate crate, with the versions of this workspace.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use toml::Table;

/// The committed crate whose dependencies and features every crate of bindings has.
const GENERATED: &str = "crates/generated/Cargo.toml";

/// The text of the manifest of the crate `name` in the folder `out`. The runtime is that of this workspace, by its path.
pub(crate) fn text(name: &str, about: &str) -> Result<String> {
    let workspace = read("Cargo.toml")?;
    let member = read(GENERATED)?;
    let shared = &workspace["workspace"]["package"];
    let mut package = Table::new();
    package.insert("name".to_owned(), name.into());
    package.insert("version".to_owned(), "0.1.0".into());
    package.insert("description".to_owned(), about.into());
    package.insert("edition".to_owned(), shared["edition"].clone());
    package.insert("rust-version".to_owned(), shared["rust-version"].clone());
    package.insert("publish".to_owned(), false.into());
    let mut manifest = Table::new();
    manifest.insert("package".to_owned(), package.into());
    manifest.insert("features".to_owned(), member["features"].clone());
    let versions = workspace["workspace"]["dependencies"].as_table().context("the workspace has a version table")?;
    for kind in ["dependencies", "dev-dependencies"] {
        let mut dependencies = Table::new();
        for (dependency, entry) in member[kind].as_table().with_context(|| format!("{GENERATED} has no {kind}"))? {
            // The crate itself, with a feature for its tests.
            if entry.get("path").is_some() {
                let mut own = entry.as_table().cloned().unwrap_or_default();
                own.insert("path".to_owned(), ".".into());
                dependencies.insert(name.to_owned(), own.into());
                continue;
            }
            let mut version = match &versions[dependency] {
                toml::Value::String(version) => Table::from_iter([("version".to_owned(), version.clone().into())]),
                other => other.as_table().cloned().unwrap_or_default(),
            };
            if let Some(path) = version.get("path").and_then(toml::Value::as_str) {
                let path = std::path::absolute(path)?.display().to_string();
                version.insert("path".to_owned(), path.into());
            }
            if let Some(optional) = entry.get("optional") {
                version.insert("optional".to_owned(), optional.clone());
            }
            dependencies.insert(dependency.clone(), version.into());
        }
        manifest.insert(kind.to_owned(), dependencies.into());
    }
    // Remove this table to make the crate a member of another workspace.
    manifest.insert("workspace".to_owned(), Table::new().into());
    Ok(toml::to_string(&manifest)?)
}

fn read(path: &str) -> Result<Table> {
    let text = fs::read_to_string(Path::new(path)).with_context(|| format!("cannot read {path}"))?;
    toml::from_str(&text).with_context(|| path.to_owned())
}
