//! Former names of operations, their replacements, and their pages in the official documentation.
//!
//! `spec/former-names.toml` contains collected facts, because the official document drops a name when it changes. Every
//! entry must belong to an operation of the curated document, and every replacement must exist in it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use super::report::Report;
use crate::{
    files::lines,
    openapi::walk::{operations, operations_mut},
};

/// Base URL of the official page of an operation. The lower-case id follows.
const OFFICIAL_PAGE: &str = "https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/operation/operation-";

/// The address of the official page of an operation.
pub(crate) fn official_page(id: &str) -> String {
    format!("{OFFICIAL_PAGE}{}", id.to_ascii_lowercase())
}

/// `former-names.toml`: operation id to its former names and replacement.
#[derive(Debug, Default)]
pub(crate) struct FormerNames {
    entries: BTreeMap<String, Entry>,
    /// The text of the file, for the places in messages.
    text: String,
}

/// The file.
const FILE: &str = "former-names.toml";

/// Former names and replacement of one operation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Former ids, oldest first.
    #[serde(default)]
    former: Vec<String>,
    /// Id of the operation to call instead.
    replaced_by: Option<String>,
}

impl FormerNames {
    /// Reads `former-names.toml`.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let entries: BTreeMap<String, Entry> = toml::from_str(text).context("former-names.toml")?;
        let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
        for (operation, entry) in &entries {
            for name in &entry.former {
                let owner = owners.insert(name, operation);
                ensure!(
                    owner.is_none(),
                    "former-names.toml: {name} belongs to both {operation} and {}",
                    owner.unwrap_or_default()
                );
            }
        }
        Ok(Self { entries, text: text.to_owned() })
    }

    /// The id of the operation that had this former name.
    pub(crate) fn current(&self, name: &str) -> Option<&str> {
        self.entries.iter().find(|(_, entry)| entry.former.iter().any(|id| id == name)).map(|(id, _)| id.as_str())
    }

    /// Renames every operation with a former name to its current name, so that the bindings have the same names for
    /// every revision and everything in `spec/` can use current names.
    pub(crate) fn use_current_names(&self, document: &mut Value) {
        let ids: BTreeSet<String> = operation_ids(document).collect();
        let today: BTreeMap<&str, &str> = self
            .entries
            .iter()
            .filter(|(id, _)| !ids.contains(*id))
            .flat_map(|(id, entry)| entry.former.iter().map(move |name| (name.as_str(), id.as_str())))
            .collect();
        operations_mut(document, |_, operation| {
            let now = operation["operationId"].as_str().and_then(|id| today.get(id));
            if let Some(now) = now {
                operation["operationId"] = json!(now);
            }
        });
    }

    /// Reports duplicate operation ids, which would make references by id ambiguous.
    pub(crate) fn refuse_twins(document: &Value, report: &mut Report) {
        let mut owners: BTreeMap<&str, String> = BTreeMap::new();
        for location in operations(document) {
            let Some(id) = location.operation["operationId"].as_str() else { continue };
            let location = format!("{} {}", location.method.to_ascii_uppercase(), location.path);
            if let Some(other) = owners.insert(id, location.clone()) {
                report.error(format!("{id} is the id of two operations: {other} and {location}"));
            }
        }
    }

    /// Writes `x-atlas-former-ids`, `x-atlas-replaced-by` and `externalDocs` into every operation.
    pub(crate) fn apply(&self, document: &mut Value, report: &mut Report) {
        let ids: BTreeSet<String> = operation_ids(document).collect();
        for (id, entry) in &self.entries {
            let place = || lines::location(FILE, &self.text, id);
            if !ids.contains(id) {
                report.unresolved(format!("{}: unknown operation {id:?}", place()));
            }
            if let Some(replacement) = entry.replaced_by.as_ref().filter(|replacement| !ids.contains(*replacement)) {
                report
                    .unresolved(format!("{}: {id} is replaced by {replacement:?}, which is not an operation", place()));
            }
        }
        operations_mut(document, |_, operation| {
            let Some(id) = operation["operationId"].as_str().map(str::to_owned) else { return };
            let entry = self.entries.get(&id);
            let replacement = entry.and_then(|entry| entry.replaced_by.as_ref()).filter(|id| ids.contains(*id));
            if let Some(former) = entry.map(|entry| &entry.former).filter(|former| !former.is_empty()) {
                operation["x-atlas-former-ids"] = json!(former);
            }
            if let Some(replacement) = replacement {
                operation["x-atlas-replaced-by"] = json!(replacement);
            }
            // The page of a retired operation is removed with it, so link the page of its replacement.
            let retired = operation.get("x-atlas-retired").is_some();
            let documented = replacement.filter(|_| retired).unwrap_or(&id);
            operation["externalDocs"] = json!({ "url": official_page(documented) });
        });
    }
}

/// The ids of all operations of a document.
fn operation_ids(document: &Value) -> impl Iterator<Item = String> {
    operations(document).filter_map(|location| Some(location.operation["operationId"].as_str()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn former_name_belongs_to_one_operation() {
        let text = "[getA]\nformer = ['returnA']\n[getB]\nformer = ['returnA']\n";
        let error = FormerNames::parse(text).expect_err("two owners");
        assert_eq!(error.to_string(), "former-names.toml: returnA belongs to both getB and getA");
    }

    #[test]
    fn older_operation_gets_current_name_unless_taken() {
        let names = FormerNames::parse("[listGroupThings]\nformer = ['returnThings', 'listThings']\n").expect("names");
        let operation = |id: &str| json!({ "get": { "operationId": id } });
        let modern = |paths: Value| {
            let mut document = json!({ "paths": paths });
            names.use_current_names(&mut document);
            operation_ids(&document).collect::<Vec<_>>()
        };
        assert_eq!(modern(json!({ "/a": operation("listThings"), "/b": operation("x") })), ["listGroupThings", "x"]);
        let both = json!({ "/a": operation("listGroupThings"), "/b": operation("listThings") });
        assert_eq!(modern(both), ["listGroupThings", "listThings"]);
    }

    #[test]
    fn replacement_must_be_an_operation() {
        let names = FormerNames::parse("[getA]\nreplaced_by = 'getB'\n[getC]\nreplaced_by = 'getA'\n").expect("names");
        let operation = |id: &str| json!({ "get": { "operationId": id } });
        let mut document = json!({ "paths": { "/a": operation("getA"), "/c": operation("getC") } });
        let mut report = Report::default();
        names.apply(&mut document, &mut report);
        assert_eq!(document["paths"]["/c"]["get"]["x-atlas-replaced-by"], "getA");
        assert!(document["paths"]["/a"]["get"].get("x-atlas-replaced-by").is_none());
        let error = report.finish(false).expect_err("getB does not exist").to_string();
        assert_eq!(error, r#"former-names.toml:1: getA is replaced by "getB", which is not an operation"#);
    }
}
