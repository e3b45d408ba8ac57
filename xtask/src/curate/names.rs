//! Names an operation had before, the operation that took its place, and its page in the official documentation.
//!
//! `spec/former-names.toml` holds facts we collected: upstream's document forgets a name on the day it changes. Every
//! entry must belong to an operation of the curated document, and every replacement must exist in it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use super::report::Report;
use crate::openapi::walk::{operations, operations_mut};

/// Where the official documentation of an operation lives, but for its lower-case id.
const OFFICIAL_PAGE: &str = "https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/operation/operation-";

/// `former-names.toml`: operation id to what is known about it.
#[derive(Debug, Default)]
pub(crate) struct FormerNames(BTreeMap<String, Entry>);

/// What is known about one operation's past and future.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Ids the operation had, oldest first.
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
                    "former-names.toml: {name} is given to {operation} and {}",
                    owner.unwrap_or_default()
                );
            }
        }
        Ok(Self(entries))
    }

    /// The id of the operation that once had this name.
    pub(crate) fn current(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(_, entry)| entry.former.iter().any(|id| id == name)).map(|(id, _)| id.as_str())
    }

    /// Gives every operation that still has a former name the name it has here: the bindings are called alike whichever
    /// revision they come from, and everything in `spec/` may go by today's names.
    pub(crate) fn use_current_names(&self, document: &mut Value) {
        let ids: BTreeSet<String> = operation_ids(document).collect();
        let today: BTreeMap<&str, &str> = self
            .0
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

    /// Reports ids that two operations have: nothing could be said of either by its id.
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
        for (id, entry) in &self.0 {
            if !ids.contains(id) {
                report.unresolved(format!("former-names.toml: no operation is called {id:?}"));
            }
            if let Some(replacement) = entry.replaced_by.as_ref().filter(|replacement| !ids.contains(*replacement)) {
                report.unresolved(format!(
                    "former-names.toml: {id} is replaced by {replacement:?}, which is no operation"
                ));
            }
        }
        operations_mut(document, |_, operation| {
            let Some(id) = operation["operationId"].as_str().map(str::to_owned) else { return };
            let entry = self.0.get(&id);
            let replacement = entry.and_then(|entry| entry.replaced_by.as_ref()).filter(|id| ids.contains(*id));
            if let Some(former) = entry.map(|entry| &entry.former).filter(|former| !former.is_empty()) {
                operation["x-atlas-former-ids"] = json!(former);
            }
            if let Some(replacement) = replacement {
                operation["x-atlas-replaced-by"] = json!(replacement);
            }
            // A retired operation's page goes with it; the page of what to call instead is the useful one.
            let retired = operation.get("x-atlas-retired").is_some();
            let documented = replacement.filter(|_| retired).unwrap_or(&id);
            operation["externalDocs"] = json!({ "url": format!("{OFFICIAL_PAGE}{}", documented.to_ascii_lowercase()) });
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
        assert_eq!(error.to_string(), "former-names.toml: returnA is given to getB and getA");
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
        assert_eq!(error, r#"former-names.toml: getA is replaced by "getB", which is no operation"#);
    }
}
