//! The emulator's view of the curated document.
//!
//! Paths, resource versions, sunsets, parameters and schemas come from the embedded copy, so that the emulator depends
//! on the specification and not on the bindings under test. It must never depend on the generated crate, and never
//! repeat a fact about an operation that the document states.

use std::sync::LazyLock;

use chrono::NaiveDate;
use http::Method;
use serde_json::{Map, Value};

use crate::{domain::roles::Role, openapi::media_type};

/// Written by `cargo xtask generate`.
const EMBEDDED: &str = include_str!("../embedded/atlas-backup.openapi.json");

static DOCUMENT: LazyLock<Document> =
    LazyLock::new(|| Document::parse(EMBEDDED).expect("the embedded document is checked when it is written"));

/// The parsed document with its operations.
#[derive(Debug)]
pub(crate) struct Document {
    root: Value,
    pub(crate) operations: Vec<Operation>,
    /// Roles of the document that the emulator does not know, with the operation's id. No key can hold them.
    pub(crate) unknown_roles: Vec<(String, String)>,
}

/// One operation of the document.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: Method,
    /// The path template, e.g. `/api/atlas/v2/groups/{groupId}`.
    pub(crate) path: String,
    pub(crate) tag: String,
    pub(crate) parameters: Vec<Parameter>,
    /// A caller needs one of these roles.
    pub(crate) roles: Vec<Role>,
    /// Whether it requires a role, known or not.
    pub(crate) takes_roles: bool,
    /// All documented statuses, including errors.
    pub(crate) statuses: Vec<u16>,
    /// Oldest first; never empty.
    pub(crate) versions: Vec<Version>,
}

/// One resource version of an operation.
#[derive(Debug)]
pub(crate) struct Version {
    /// Its date, `YYYY-MM-DD`.
    pub(crate) date: String,
    /// The first day after its end.
    pub(crate) sunset: Option<NaiveDate>,
    /// The date of the next version, which deprecated this one.
    pub(crate) deprecated: Option<NaiveDate>,
    pub(crate) request: Option<RequestBody>,
    /// Success statuses with the schema of their body, if any.
    pub(crate) responses: Vec<(u16, Option<Value>)>,
}

/// The request body of a version.
#[derive(Debug)]
pub(crate) struct RequestBody {
    pub(crate) schema: Value,
    pub(crate) required: bool,
}

/// A parameter.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) place: ParameterLocation,
    pub(crate) required: bool,
    pub(crate) schema: Value,
}

/// Location of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParameterLocation {
    Path,
    Query,
    Header,
}

impl Operation {
    /// Whether every caller may use it: the document names no role, and it changes nothing.
    pub(crate) fn is_open(&self) -> bool {
        !self.takes_roles && self.method == Method::GET
    }
}

impl Document {
    /// The embedded document, parsed once per process.
    pub(crate) fn embedded() -> &'static Document {
        &DOCUMENT
    }

    /// Parses `json`. `Err` names what is missing and where.
    pub(crate) fn parse(json: &str) -> Result<Document, String> {
        let root: Value = serde_json::from_str(json).map_err(|e| e.to_string())?;
        let mut document = Document { root, operations: Vec::new(), unknown_roles: Vec::new() };
        let paths = document.root["paths"].as_object().ok_or("the document has no paths")?;
        let (mut operations, mut unknown_roles) = (Vec::new(), Vec::new());
        for (path, item) in paths {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let Ok(method) = Method::from_bytes(method.to_ascii_uppercase().as_bytes()) else { continue };
                if operation.get("operationId").is_some() {
                    operations.push(document.operation(path, method, operation)?);
                    let id = operation["operationId"].as_str().unwrap_or_default();
                    let unknown = roles(operation).filter(|role| role.parse::<Role>().is_err());
                    unknown_roles.extend(unknown.map(|role| (role.to_owned(), id.to_owned())));
                }
            }
        }
        (document.operations, document.unknown_roles) = (operations, unknown_roles);
        Ok(document)
    }

    /// The document as JSON.
    pub(crate) fn root(&self) -> &Value {
        &self.root
    }

    /// Resolves one `$ref`, also inside an `allOf` that only adds a description. A value without a reference resolves
    /// to itself.
    pub(crate) fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        let reference = described_reference(value).unwrap_or(value);
        match reference.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#')) {
            Some(pointer) => self.root.pointer(pointer).unwrap_or(&Value::Null),
            None => value,
        }
    }

    /// The target of a reference such as `#/components/schemas/Link`.
    pub(crate) fn pointer(&self, reference: &str) -> Option<&Value> {
        self.root.pointer(reference.strip_prefix('#')?)
    }

    fn operation(&self, path: &str, method: Method, value: &Value) -> Result<Operation, String> {
        let id = value["operationId"].as_str().unwrap_or_default().to_owned();
        let empty = Map::new();
        let body = self.resolve(&value["requestBody"]);
        let requests = body["content"].as_object().unwrap_or(&empty);
        let mut versions: Vec<Version> = Vec::new();
        for (status, response) in value["responses"].as_object().unwrap_or(&empty) {
            let Some(status) = status.parse::<u16>().ok().filter(|s| (200..300).contains(s)) else { continue };
            for (media, content) in self.resolve(response)["content"].as_object().unwrap_or(&empty) {
                let Some(date) = media_type::date(media) else { continue };
                let answer = (status, content.get("schema").cloned());
                if let Some(known) = versions.iter_mut().find(|v| v.date == date) {
                    known.responses.push(answer);
                    continue;
                }
                let request =
                    requests.iter().find(|(m, _)| media_type::date(m) == Some(date)).map(|(_, c)| RequestBody {
                        schema: c.get("schema").cloned().unwrap_or(Value::Bool(true)),
                        required: body["required"].as_bool().unwrap_or(false),
                    });
                let sunset = content["x-sunset"].as_str().and_then(|d| d.parse().ok());
                let date = date.to_owned();
                versions.push(Version { date, sunset, deprecated: None, request, responses: vec![answer] });
            }
        }
        versions.sort_by(|a, b| a.date.cmp(&b.date));
        for index in 1..versions.len() {
            versions[index - 1].deprecated = versions[index].date.parse().ok();
        }
        if versions.is_empty() {
            return Err(format!("{id} has no resource version"));
        }
        let parameters = value["parameters"].as_array().into_iter().flatten();
        let parameters = parameters.map(|p| self.resolve(p)).map(|p| Parameter {
            name: p["name"].as_str().unwrap_or_default().to_owned(),
            place: match p["in"].as_str() {
                Some("path") => ParameterLocation::Path,
                Some("header") => ParameterLocation::Header,
                _ => ParameterLocation::Query,
            },
            required: p["required"].as_bool().unwrap_or(false),
            schema: p["schema"].clone(),
        });
        Ok(Operation {
            method,
            path: path.to_owned(),
            tag: value["tags"][0].as_str().unwrap_or_default().to_owned(),
            parameters: parameters.collect(),
            takes_roles: roles(value).next().is_some(),
            roles: roles(value).filter_map(|role| role.parse().ok()).collect(),
            statuses: value["responses"]
                .as_object()
                .into_iter()
                .flatten()
                .filter_map(|(s, _)| s.parse().ok())
                .collect(),
            versions,
            id,
        })
    }
}

/// The roles of an operation, in the spelling of the document.
fn roles(operation: &Value) -> impl Iterator<Item = &str> {
    operation["x-rolesRequirements"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// The reference of an `allOf: [$ref]` that only adds a description, which is how OpenAPI 3.0 describes a reference.
fn described_reference(value: &Value) -> Option<&Value> {
    let members =
        value.as_object().filter(|members| members.keys().all(|key| key == "allOf" || key == "description"))?;
    let [only] = members.get("allOf")?.as_array()?.as_slice() else { return None };
    only.get("$ref").map(|_| only)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::roles::Access;

    #[test]
    fn unknown_roles_are_reported_and_held_by_no_key() {
        let content = json!({"application/vnd.atlas.2025-03-12+json": {}});
        let json = json!({"paths": {"/a": {"get": {
            "operationId": "getA", "x-rolesRequirements": ["Project Owner", "Galaxy Owner"],
            "responses": {"200": {"content": content}},
        }, "put": {
            "operationId": "updateA", "x-rolesRequirements": ["Galaxy Owner"],
            "responses": {"200": {"content": content}},
        }}}});
        let document = Document::parse(&json.to_string()).unwrap();
        let unknown: Vec<_> = document.unknown_roles.iter().map(|(role, id)| (role.as_str(), id.as_str())).collect();
        assert_eq!(unknown, [("Galaxy Owner", "getA"), ("Galaxy Owner", "updateA")]);
        let may = |access: &str, operation: &Operation| {
            let access: Access = access.parse().unwrap();
            access.permit(&operation.roles, operation.is_open(), Some("p")).is_ok()
        };
        let [read, write] = &document.operations[..] else { panic!("two operations") };
        assert!(may("GROUP_OWNER", read) && !may("GROUP_READ_ONLY", read));
        assert!(!may("GROUP_OWNER", write) && may("ORG_OWNER", write));
    }
}
