//! `cargo xtask sunset --today DATE`: kept versions that are deprecated or have ended by a date, and what remains for
//! their callers.
//!
//! An ended version needs a shim or a reason: a deprecated function in the compat module with one of the operation's
//! names, or an entry in `subset.toml`. Shims are read from the source of the module, so that no list can become stale.
//! The date is an argument, never read from a clock. Exit code 1 if an ended version has neither.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, ensure};
use chrono::NaiveDate;
use heck::ToSnakeCase;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    curate::spec::DOCUMENT,
    openapi::{
        document,
        media_type::version_of,
        walk::{OperationRef, operations},
    },
};

/// Flags of `cargo xtask sunset`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The date of the check, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    today: NaiveDate,
    /// The folder of the curated document and of subset.toml
    #[arg(long, value_name = "DIR", default_value = "spec")]
    spec: PathBuf,
    /// The folder of the module with the shims
    #[arg(long, value_name = "DIR", default_value = "crates/ergonomic/src/compat")]
    compat: PathBuf,
    /// Also list versions that do not end and are not deprecated
    #[arg(long)]
    all: bool,
}

/// The part of `subset.toml` for this command: `operation version` to the reason why it needs no shim.
#[derive(Debug, Default, Deserialize)]
struct Subset {
    #[serde(default)]
    sunset: BTreeMap<String, String>,
}

/// One kept version of an operation.
#[derive(Debug)]
struct Version {
    operation: String,
    version: String,
    deprecated: bool,
    sunset: Option<NaiveDate>,
    /// The replacement: another operation, or a newer version of this one.
    replacement: Option<String>,
    /// The function that replaces it.
    shim: Option<String>,
    /// The reason why it needs none.
    reason: Option<String>,
}

impl Version {
    fn ended(&self, today: NaiveDate) -> bool {
        self.sunset.is_some_and(|sunset| sunset <= today)
    }

    fn unhandled(&self, today: NaiveDate) -> bool {
        self.ended(today) && self.shim.is_none() && self.reason.is_none()
    }
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let today = arguments.today;
    let versions = versions(&arguments.spec, &arguments.compat)?;
    let shown: Vec<&Version> =
        versions.iter().filter(|version| arguments.all || version.deprecated || version.sunset.is_some()).collect();
    print!("{}", table(&shown, today));
    let ended = versions.iter().filter(|version| version.ended(today)).count();
    println!("{} kept versions, {} listed, {ended} ended by {today}", versions.len(), shown.len());
    let unanswered: Vec<&Version> = versions.iter().filter(|version| version.unhandled(today)).collect();
    for version in &unanswered {
        eprintln!(
            "{} {} has ended without a shim in {} or a reason in subset.toml, [sunset]",
            version.operation,
            version.version,
            arguments.compat.display()
        );
    }
    Ok(if unanswered.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Every kept version in the order of the document.
fn versions(spec: &Path, compat: &Path) -> Result<Vec<Version>> {
    let (_, document) = document::read(&spec.join(DOCUMENT))?;
    let subset = spec.join("subset.toml");
    let text = fs::read_to_string(&subset).with_context(|| format!("cannot read {}", subset.display()))?;
    let mut reasons = toml::from_str::<Subset>(&text).context("subset.toml")?.sunset;
    let shims = shims(compat)?;
    let mut found = Vec::new();
    for location in operations(&document) {
        let ends = ends(&location)?;
        for (version, sunset) in &ends {
            let names = names(location.operation);
            let reason = reasons.remove(&format!("{} {version}", location.id()));
            let newest = ends.last_key_value().map(|(newest, _)| newest).filter(|newest| *newest != version);
            let successor = location.operation["x-atlas-replaced-by"].as_str().map(str::to_owned);
            found.push(Version {
                operation: location.id().to_owned(),
                version: version.clone(),
                deprecated: location.operation["deprecated"] == true,
                sunset: *sunset,
                replacement: successor.or(newest.map(|newest| format!("version {newest}"))),
                shim: names.into_iter().find(|name| shims.contains(name)),
                reason,
            });
        }
    }
    let left: Vec<&str> = reasons.keys().map(String::as_str).collect();
    ensure!(left.is_empty(), "subset.toml, [sunset]: unknown kept version {}", left.join(", "));
    Ok(found)
}

/// The versions of an operation with their sunsets.
fn ends(location: &OperationRef<'_>) -> Result<BTreeMap<String, Option<NaiveDate>>> {
    let mut ends: BTreeMap<String, Option<NaiveDate>> = BTreeMap::new();
    let responses = location.operation["responses"].as_object().into_iter().flatten();
    let bodies = responses.map(|(_, response)| response).chain([&location.operation["requestBody"]]);
    for (media_type, media) in bodies.filter_map(|body| body.get("content")?.as_object()).flatten() {
        let Some(version) = version_of(media_type) else { continue };
        let sunset = media.get("x-sunset").and_then(Value::as_str);
        let sunset = sunset.map(|day| {
            let context = || format!("{} {version}: invalid x-sunset {day:?}", location.id());
            day.parse::<NaiveDate>().with_context(context)
        });
        let end = ends.entry(version.to_owned()).or_default();
        *end = sunset.transpose()?.or(*end);
    }
    Ok(ends)
}

/// All current and former names of the operation, as function names.
fn names(operation: &Value) -> Vec<String> {
    let own = [&operation["operationId"], &operation["x-xgen-operation-id-override"]];
    let former = operation["x-atlas-former-ids"].as_array().into_iter().flatten();
    own.into_iter().chain(former).filter_map(Value::as_str).map(ToSnakeCase::to_snake_case).collect()
}

/// The names of the public deprecated functions in a folder of Rust files.
fn shims(folder: &Path) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let file = syn::parse_file(&text).with_context(|| format!("cannot parse {} as Rust", path.display()))?;
        found.extend(file.items.iter().filter_map(|item| match item {
            syn::Item::Fn(function)
                if matches!(function.vis, syn::Visibility::Public(_))
                    && function.attrs.iter().any(|attribute| attribute.path().is_ident("deprecated")) =>
            {
                Some(function.sig.ident.to_string())
            }
            _ => None,
        }));
    }
    Ok(found)
}

/// The versions as aligned columns. Empty if there are none.
fn table(versions: &[&Version], today: NaiveDate) -> String {
    if versions.is_empty() {
        return String::new();
    }
    const TITLES: [&str; 7] =
        ["operation", "version", "deprecated", "sunset", "days left", "replacement", "shim or reason"];
    let rows: Vec<[String; 7]> = versions
        .iter()
        .map(|version| {
            let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
            let left = version.sunset.map(|sunset| match (sunset - today).num_days() {
                days if days > 0 => days.to_string(),
                _ => "ended".to_owned(),
            });
            [
                version.operation.clone(),
                version.version.clone(),
                if version.deprecated { "yes" } else { "no" }.to_owned(),
                or_dash(version.sunset.map(|sunset| sunset.to_string())),
                or_dash(left),
                or_dash(version.replacement.clone()),
                or_dash(version.shim.clone().or(version.reason.clone())),
            ]
        })
        .collect();
    let titles = TITLES.map(str::to_owned);
    let widths: Vec<usize> = (0..TITLES.len())
        .map(|column| rows.iter().chain([&titles]).map(|row| row[column].chars().count()).max().unwrap_or_default())
        .collect();
    let mut text = String::new();
    for row in [&titles].into_iter().chain(&rows) {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that can't set itself up should fail where it stands")]
mod tests {
    use serde_json::json;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// The versions of a fixture: two of a live operation, the older one ended, and a retired operation.
    fn made_up(reasons: &str, shims: &str) -> Result<Vec<Version>> {
        let folder = tempfile::tempdir().unwrap();
        let answer = |version: &str, sunset: &str| {
            (format!("application/vnd.atlas.{version}+json"), json!({ "x-sunset": sunset }))
        };
        let content = |versions: &[(&str, &str)]| -> Value {
            let content = versions.iter().map(|(version, sunset)| answer(version, sunset));
            json!({ "200": { "content": content.collect::<serde_json::Map<_, _>>() } })
        };
        let live = json!({ "get": { "operationId": "getThing", "responses": content(&[("2023-01-01", "2026-01-22"), ("2024-08-05", "2027-03-01")]) } });
        let retired = json!({ "get": {
            "operationId": "getOldThing", "deprecated": true, "x-atlas-former-ids": ["returnOneOldThing"],
            "x-atlas-replaced-by": "getThing", "responses": content(&[("2023-01-01", "2026-01-22")]),
        } });
        let document = json!({ "paths": { "/things": live, "/old": retired } });
        fs::write(folder.path().join(DOCUMENT), document.to_string()).unwrap();
        fs::write(folder.path().join("subset.toml"), reasons).unwrap();
        fs::write(folder.path().join("shims.rs"), shims).unwrap();
        versions(folder.path(), folder.path())
    }

    const SHIM: &str = "#[deprecated(note = \"gone\")]\npub fn return_one_old_thing() {}\n";
    const REASON: &str = "[sunset]\n'getThing 2023-01-01' = 'the newer version takes the same request'\n";

    fn unhandled(versions: &[Version], today: &str) -> Vec<String> {
        let versions = versions.iter().filter(|version| version.unhandled(day(today)));
        versions.map(|version| format!("{} {}", version.operation, version.version)).collect()
    }

    #[test]
    fn ended_version_requires_shim_or_reason() {
        let bare = made_up("", "").unwrap();
        assert_eq!(unhandled(&bare, "2026-01-21"), Vec::<String>::new());
        assert_eq!(unhandled(&bare, "2026-01-22"), ["getOldThing 2023-01-01", "getThing 2023-01-01"]);
        assert_eq!(unhandled(&made_up("", SHIM).unwrap(), "2026-01-22"), ["getThing 2023-01-01"]);
        let answered = made_up(REASON, SHIM).unwrap();
        assert_eq!(unhandled(&answered, "2026-01-22"), Vec::<String>::new());
        assert_eq!(unhandled(&answered, "2027-03-01"), ["getThing 2024-08-05"]);
        insta::assert_snapshot!(table(&answered.iter().collect::<Vec<_>>(), day("2026-11-22")), @"
        operation    version     deprecated  sunset      days left  replacement         shim or reason
        getOldThing  2023-01-01  yes         2026-01-22  ended      getThing            return_one_old_thing
        getThing     2023-01-01  no          2026-01-22  ended      version 2024-08-05  the newer version takes the same request
        getThing     2024-08-05  no          2027-03-01  99         -                   -
        ");
    }

    #[test]
    fn only_a_public_deprecated_function_is_a_shim() {
        for text in [
            "pub fn return_one_old_thing() {}",
            "#[deprecated]\nfn return_one_old_thing() {}",
            "// return_one_old_thing",
        ] {
            let versions = made_up(REASON, text).unwrap();
            assert_eq!(unhandled(&versions, "2026-01-22"), ["getOldThing 2023-01-01"], "{text}");
        }
    }

    #[test]
    fn reason_without_version_is_refused() {
        let error = made_up("[sunset]\n'getThing 2022-01-01' = 'why'", SHIM).unwrap_err().to_string();
        assert_eq!(error, "subset.toml, [sunset]: unknown kept version getThing 2022-01-01");
    }

    /// The date of the last review. CI announces later ends with a warning.
    #[test]
    fn every_ended_version_of_project_has_shim_or_reason() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let versions = versions(&root.join("spec"), &root.join("crates/ergonomic/src/compat")).unwrap();
        assert_eq!(unhandled(&versions, "2026-11-22"), Vec::<String>::new());
        let ended: Vec<&Version> = versions.iter().filter(|version| version.ended(day("2026-11-22"))).collect();
        assert!(!ended.is_empty());
        assert!(ended.iter().all(|version| version.shim.is_some() && version.replacement.is_some()));
    }
}
