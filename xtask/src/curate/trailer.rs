//! Facts at the end of every operation's description: roles, versions, replacement.
//!
//! Written from the data from which the bindings are generated, so that they stay current. It must not state anything
//! that is not in the document.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::openapi::{media_type, walk::operations_mut};

/// Appends the trailer to every operation that has a description and does not have them yet.
pub(crate) fn append(document: &mut Value) {
    operations_mut(document, |_, operation| {
        let trailer = trailer(operation);
        if let Some(description) = operation.get("description").and_then(Value::as_str) {
            let own = description.trim_end().trim_end_matches(&trailer).trim_end();
            operation["description"] = json!(format!("{own}\n\n{trailer}"));
        }
    });
}

/// Roles, versions and replacement of one operation, one sentence each.
fn trailer(operation: &Value) -> String {
    let roles: Vec<&str> =
        operation["x-rolesRequirements"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut trailer = match roles.as_slice() {
        [] => "Atlas names no role for this call. The response contains what the caller can read.".to_owned(),
        [role] => format!("Requires the role {role}."),
        [others @ .., last] => format!("Requires one of the roles {} or {last}.", others.join(", ")),
    };
    let versions: Vec<String> = versions(operation)
        .into_iter()
        .map(|(version, sunset)| sunset.map_or_else(|| version.clone(), |day| format!("{version} (sunset {day})")))
        .collect();
    match versions.as_slice() {
        [] => {}
        [version] => trailer += &format!(" Version {version}."),
        [others @ .., last] => trailer += &format!(" Versions {} and {last}.", others.join(", ")),
    }
    if let Some(replacement) = operation.get("x-atlas-replaced-by").and_then(Value::as_str) {
        trailer += &format!(" Replaced by `{replacement}`.");
    }
    trailer
}

/// The versions of an operation's successful responses, oldest first, each with its sunset.
fn versions(operation: &Value) -> BTreeMap<String, Option<String>> {
    let responses = operation["responses"].as_object().into_iter().flatten();
    let contents = responses.filter_map(|(_, response)| response["content"].as_object()).flatten();
    let versions = contents.filter_map(|(media_type, content)| {
        let version = media_type::version_of(media_type)?;
        let sunset = content.get("x-sunset").and_then(Value::as_str).map(str::to_owned);
        Some((version.to_owned(), sunset))
    });
    versions.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(operation: Value) -> String {
        let mut document = json!({ "paths": { "/a": { "get": operation } } });
        append(&mut document);
        document["paths"]["/a"]["get"]["description"].as_str().expect("a description").to_owned()
    }

    #[test]
    fn roles_versions_and_replacement_are_named() {
        let text = described(json!({
            "description": "Lists them.\n",
            "x-rolesRequirements": ["Project Owner", "Project Read Only"],
            "x-atlas-replaced-by": "listOthers",
            "responses": { "200": { "content": {
                "application/vnd.atlas.2024-08-05+json": {},
                "application/vnd.atlas.2023-01-01+json": { "x-sunset": "2027-07-01" },
            } } },
        }));
        insta::assert_snapshot!(text, @r"
        Lists them.

        Requires one of the roles Project Owner or Project Read Only. Versions 2023-01-01 (sunset 2027-07-01) and 2024-08-05. Replaced by `listOthers`.
        ");
    }

    #[test]
    fn operation_without_roles_says_so() {
        let content = json!({ "application/vnd.atlas.2025-03-12+json": {} });
        let text = described(json!({ "description": "One.", "responses": { "204": { "content": content } } }));
        insta::assert_snapshot!(text, @r"
        One.

        Atlas names no role for this call. The response contains what the caller can read. Version 2025-03-12.
        ");
    }
}
