//! Checks of the manifests: the oldest supported Rust, the metadata of published crates, and a reason for each
//! dependency.
//!
//! It uses `cargo metadata`, so it sees the dependencies that cargo resolves with all features for all targets. Only
//! the reasons are read from the manifest. It must never need a compiled crate.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::layers;

/// The parts of `cargo metadata` that are used here.
#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
}

/// A package, a member or a dependency.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Package {
    id: String,
    name: String,
    version: String,
    rust_version: Option<String>,
    description: Option<String>,
    license: Option<String>,
    repository: Option<String>,
    readme: Option<String>,
    keywords: Vec<String>,
    manifest_path: String,
    /// The registries to which it may be published: all if absent, none if empty.
    publish: Option<Vec<String>>,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
}

/// Findings in the workspace at `root`.
pub(super) fn check(root: &Path) -> Result<Vec<String>> {
    let metadata = metadata(root)?;
    let readme = fs::read_to_string(root.join("README.md")).context("cannot read README.md")?;
    let manifest = fs::read_to_string(root.join("Cargo.toml")).context("cannot read Cargo.toml")?;
    let mut found = findings(&metadata, &readme);
    found.extend(without_reason(&manifest));
    found.extend(layers::dependencies(root, &between_members(&metadata))?);
    Ok(found)
}

/// The dependencies of the workspace without a reason on their line. Crates of the workspace need none.
fn without_reason(manifest: &str) -> Vec<String> {
    let table = manifest.lines().skip_while(|line| *line != "[workspace.dependencies]").skip(1);
    table
        .take_while(|line| !line.starts_with('['))
        .filter(|line| line.contains('=') && !line.contains("path = ") && !line.contains(" # "))
        .filter_map(|line| line.split_whitespace().next())
        .map(|name| format!("Cargo.toml: no comment states the reason for the dependency {name}"))
        .collect()
}

/// Dependencies between members, of any kind.
fn between_members(metadata: &Metadata) -> Vec<(String, String)> {
    let members = || metadata.packages.iter().filter(|package| metadata.workspace_members.contains(&package.id));
    let names: Vec<&String> = members().map(|member| &member.name).collect();
    let all = members().flat_map(|member| member.dependencies.iter().map(|on| (member.name.clone(), on.name.clone())));
    all.filter(|(_, on)| names.contains(&on)).collect()
}

fn metadata(root: &Path) -> Result<Metadata> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--all-features", "--locked"])
        .current_dir(root)
        .output()
        .context("cannot run cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim());
    serde_json::from_slice(&output.stdout).context("cannot parse output of cargo metadata")
}

fn findings(metadata: &Metadata, readme: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (members, dependencies): (Vec<&Package>, Vec<&Package>) =
        metadata.packages.iter().partition(|package| metadata.workspace_members.contains(&package.id));
    let stated = members.iter().find_map(|member| member.rust_version.as_deref()).unwrap_or_default();
    for member in &members {
        if member.rust_version.as_deref() != Some(stated) {
            found.push(format!("{}: its rust-version differs from the workspace's {stated}", member.name));
        }
        if member.publish.as_ref().is_none_or(|registries| !registries.is_empty()) {
            found.extend(missing_fields(member));
        }
    }
    for dependency in dependencies {
        let demanded = dependency.rust_version.as_deref().unwrap_or_default();
        if numbers(demanded) > numbers(stated) {
            let Package { name, version, .. } = dependency;
            found.push(format!("{name} {version} needs Rust {demanded}, but rust-version is {stated}"));
        }
    }
    if !readme.contains(&format!("Rust is {stated},")) {
        found.push(format!("README.md: does not state that the oldest supported Rust is {stated}"));
    }
    found
}

/// Missing metadata of a published package.
fn missing_fields(package: &Package) -> Vec<String> {
    let folder = Path::new(&package.manifest_path).parent().unwrap_or(Path::new(""));
    let readme = package.readme.as_ref().is_some_and(|readme| folder.join(readme).is_file());
    let licences = ["LICENSE-MIT", "LICENSE-APACHE"].iter().all(|name| folder.join(name).is_file());
    [
        ("a description", package.description.is_some()),
        ("a licence", package.license.is_some()),
        ("a repository", package.repository.is_some()),
        ("keywords", !package.keywords.is_empty()),
        ("an existing readme", readme),
        ("the texts of both licences", licences),
    ]
    .into_iter()
    .filter(|(_, stated)| !stated)
    .map(|(what, _)| format!("{}: published without {what}", package.name))
    .collect()
}

/// `1.88.1` as comparable numbers. Missing parts are 0.
fn numbers(version: &str) -> [u32; 3] {
    let mut numbers = [0; 3];
    for (number, text) in numbers.iter_mut().zip(version.split('.')) {
        *number = text.parse().unwrap_or(0);
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, rust_version: &str) -> Package {
        Package {
            id: name.to_owned(),
            name: name.to_owned(),
            rust_version: Some(rust_version.to_owned()),
            ..Package::default()
        }
    }

    fn workspace(packages: Vec<Package>) -> Metadata {
        Metadata { packages, workspace_members: vec!["member".to_owned()] }
    }

    fn private(package: Package) -> Package {
        Package { publish: Some(Vec::new()), ..package }
    }

    #[test]
    fn dependency_needing_newer_rust_is_reported() {
        let readme = "The oldest supported Rust is 1.90, stated in the manifest.";
        let same = vec![private(package("member", "1.90")), package("dependency", "1.90.0")];
        assert_eq!(findings(&workspace(same), readme), Vec::<String>::new());
        let newer = vec![private(package("member", "1.90")), package("dependency", "1.90.1")];
        let found = findings(&workspace(newer), readme);
        assert!(found.iter().any(|finding| finding.contains("dependency") && finding.contains("1.90.1")), "{found:?}");
    }

    #[test]
    fn readme_states_rust_version_of_manifest() {
        let found =
            findings(&workspace(vec![private(package("member", "1.91"))]), "The oldest supported Rust is 1.90,");
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn dependency_without_reason_is_reported() {
        let manifest = "[workspace.dependencies]\nours = { path = \"crates/ours\" }\n\nhttp = \"1\" # requests\n\
                        url = { version = \"2\" }\n\n[profile.dev]\ndebug = 1\n";
        assert_eq!(without_reason(manifest), ["Cargo.toml: no comment states the reason for the dependency url"]);
    }

    #[test]
    fn published_crate_must_describe_itself() {
        let readme = "Rust is 1.90,";
        assert_eq!(findings(&workspace(vec![package("member", "1.90")]), readme).len(), 6);
        assert!(findings(&workspace(vec![private(package("member", "1.90"))]), readme).is_empty());
    }
}
