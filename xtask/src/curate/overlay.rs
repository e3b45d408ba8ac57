//! Applies OpenAPI Overlay 1.0 documents: corrections and descriptions as data, each with its target.
//!
//! A target is an RFC 9535 JSONPath. Cases that the standard leaves open are refused: a list in an update never merges
//! with an existing list (target the list to append, or remove it first), and nothing is written beside a `$ref`, where
//! OpenAPI 3.0 would ignore it. A property that is a reference gets its description by moving the reference into an
//! `allOf`.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use serde_json_path::JsonPath;

use super::report::Report;
use crate::{
    files::{json, lines},
    openapi::{
        pointer::Pointer,
        source::{digest, parse_yaml},
    },
};

/// One overlay document.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Overlay {
    /// The source file, for messages.
    #[serde(skip)]
    file: String,
    /// The line of each action. Empty if the text has another form than one action a line.
    #[serde(skip)]
    lines: Vec<usize>,
    overlay: String,
    info: Info,
    actions: Vec<Action>,
}

/// Title and version, which the standard requires.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Info {
    title: String,
    version: String,
}

/// One change: a target, and the update or removal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Action {
    target: String,
    #[serde(default)]
    update: Option<Value>,
    #[serde(default)]
    remove: bool,
    #[serde(default, rename = "description")]
    _description: Option<String>,
    #[serde(default, rename = "x-reason")]
    reason: Option<String>,
}

/// The effect of one action.
#[derive(Debug)]
pub(crate) struct Applied {
    /// File and line of the action, if it names one item.
    pub(crate) single: Option<String>,
    /// JSON pointers of the targets.
    pub(crate) pointers: Vec<Pointer>,
    /// Whether it wrote a description.
    pub(crate) describes: bool,
    /// The digest of the action, if every part of its target has matched.
    pub(crate) digest: Option<String>,
}

impl Action {
    /// The first 16 digits of the digest of target and change.
    fn digest(&self) -> String {
        let change = json!([self.target, self.update, self.remove]);
        let change = json::text(&change).expect("a value can be written");
        let mut digest = digest(change.as_bytes());
        digest.truncate(16);
        digest
    }
}

impl Overlay {
    /// Parses one overlay. `reasons` says whether each action must state a reason.
    pub(crate) fn parse(file: &str, text: &str, reasons: bool) -> Result<Self> {
        let value = parse_yaml(text).with_context(|| file.to_owned())?;
        let mut overlay: Self = serde_json::from_value(value).with_context(|| file.to_owned())?;
        ensure!(overlay.overlay.starts_with("1.0"), "{file}: `overlay: {}` is not Overlay 1.0", overlay.overlay);
        let Info { title, version } = &overlay.info;
        ensure!(!title.is_empty() && !version.is_empty(), "{file}: info needs a title and a version");
        file.clone_into(&mut overlay.file);
        let lines = text.lines().zip(1..).filter(|(line, _)| {
            let line = line.trim_start();
            line.starts_with("- target:") || line.starts_with("- {target:")
        });
        overlay.lines = lines.map(|(_, number)| number).collect();
        if overlay.lines.len() != overlay.actions.len() {
            overlay.lines.clear();
        }
        for action in &overlay.actions {
            let target = &action.target;
            ensure!(action.remove != action.update.is_some(), "{file}: {target}: needs either `update` or `remove`");
            let reason = action.reason.as_deref().unwrap_or_default();
            ensure!(!reasons || !reason.trim().is_empty(), "{file}: {target}: has no x-reason");
        }
        Ok(overlay)
    }

    /// The source file.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    fn location(&self, action: usize) -> String {
        lines::at(&self.file, self.lines.get(action).copied())
    }

    /// Place, target and digest of every action. The reason is not part of the digest.
    pub(crate) fn digests(&self) -> Vec<(String, &str, String)> {
        let actions = self.actions.iter().enumerate();
        actions.map(|(at, action)| (self.location(at), action.target.as_str(), action.digest())).collect()
    }

    /// Reports every action that does more than describe.
    pub(crate) fn refuse_structure(&self, report: &mut Report) {
        for (at, action) in self.actions.iter().enumerate() {
            if !action.update.as_ref().is_some_and(only_describes) {
                report.error(format!("{}: {}: changes more than descriptions", self.location(at), action.target));
            }
        }
    }

    /// Applies every action in order. Returns what each has reached.
    pub(crate) fn apply(&self, document: &mut Value, report: &mut Report) -> Vec<Applied> {
        let mut all = Vec::new();
        for (at, action) in self.actions.iter().enumerate() {
            let location = format!("{}: {}", self.location(at), action.target);
            let path = match JsonPath::parse(&action.target) {
                Ok(path) => path,
                Err(error) => {
                    report.error(format!("{location}: invalid JSONPath: {error}"));
                    continue;
                }
            };
            let located = path.query_located(document);
            let pointers: Vec<Pointer> =
                located.locations().map(|location| Pointer::new(location.to_json_pointer())).collect();
            if pointers.is_empty() {
                report.unresolved(format!("{location}: matches nothing"));
                continue;
            }
            let mut complete = true;
            for name in names_listed(&action.target).into_iter().filter(|name| !any_passes(&pointers, name)) {
                complete = false;
                report.unresolved(format!("{location}: no item is named {name:?}"));
            }
            match &action.update {
                Some(update) => apply_update(document, &pointers, update, &location, report),
                // From the last to the first: removing an item shifts those after it.
                None => pointers.iter().rev().for_each(|pointer| pointer.remove(document)),
            }
            let is_single = pointers.len() == 1 && !action.target.contains('*') && !action.target.contains("..");
            let single = is_single.then(|| self.location(at));
            let describes = action.update.as_ref().is_some_and(|update| update.get("description").is_some());
            all.push(Applied { single, pointers, describes, digest: complete.then(|| action.digest()) });
        }
        all
    }
}

/// Whether an update contains only descriptions of existing items.
fn only_describes(update: &Value) -> bool {
    let Some(members) = update.as_object() else { return false };
    members.iter().all(|(key, value)| match key.as_str() {
        "description" | "summary" | "title" if value.is_string() => true,
        "x-enum-descriptions" => value.is_object(),
        _ => only_describes(value),
    })
}

/// The names of lists such as `['a', 'b']` in a target, except inside filters. Each name must match, although JSONPath
/// requires only one match.
fn names_listed(target: &str) -> Vec<&str> {
    let (mut names, mut quoted, mut depth, mut filter) = (Vec::new(), None, 0, None);
    for (at, character) in target.char_indices() {
        match (quoted, character) {
            (Some(start), '\'') => {
                if filter.is_none() {
                    names.push(&target[start..at]);
                }
                quoted = None;
            }
            (Some(_), _) => {}
            (None, '\'') => quoted = Some(at + 1),
            (None, '[') => depth += 1,
            (None, '?') => filter = filter.or(Some(depth)),
            (None, ']') => {
                filter = filter.filter(|opened| *opened != depth);
                depth -= 1;
            }
            (None, _) => {}
        }
    }
    names
}

/// Whether any pointer passes through a member of this name.
fn any_passes(pointers: &[Pointer], name: &str) -> bool {
    pointers.iter().any(|pointer| pointer.keys().iter().any(|key| key == name))
}

fn apply_update(document: &mut Value, pointers: &[Pointer], update: &Value, location: &str, report: &mut Report) {
    let mut references = 0;
    for pointer in pointers {
        let Some(node) = pointer.get_mut(document) else { continue };
        if let Some(description) = description_only(update)
            && is_property(pointer)
            && let Some(reference) = node.get("$ref").filter(|reference| reference.is_string())
        {
            *node = json!({ "allOf": [{ "$ref": reference }], "description": description });
            continue;
        }
        if node.get("$ref").is_some_and(Value::is_string) && update.get("$ref").is_none() {
            references += 1;
            continue;
        }
        match node {
            Value::Array(items) => items.push(update.clone()),
            Value::Object(_) if update.is_object() => merge(node, update, &format!("{location}: {pointer}"), report),
            _ => report.error(format!("{location}: {pointer} is not an object or a list; target its parent")),
        }
    }
    if references == pointers.len() {
        report.error(format!("{location}: selects only references; target what they refer to"));
    }
}

/// The text of an update that is only a description.
fn description_only(update: &Value) -> Option<&str> {
    let members = update.as_object().filter(|members| members.len() == 1)?;
    members.get("description")?.as_str()
}

/// Whether a location is a property of a schema.
fn is_property(pointer: &Pointer) -> bool {
    matches!(pointer.keys().as_slice(), [.., properties, _] if properties == "properties")
}

fn merge(node: &mut Value, update: &Value, location: &str, report: &mut Report) {
    match (node, update) {
        (Value::Object(members), Value::Object(updates)) => {
            for (key, update) in updates {
                match members.get_mut(key) {
                    Some(member) => merge(member, update, &format!("{location}/{key}"), report),
                    None => _ = members.insert(key.clone(), update.clone()),
                }
            }
        }
        (Value::Array(_), Value::Array(_)) => {
            report.error(format!("{location}: a list already exists; target it to append, or remove it first"));
        }
        (node, update) => *node = update.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Applies actions to a small document. Returns the document and the findings.
    fn applied(mut document: Value, actions: &str) -> (Value, String) {
        let text = format!("overlay: 1.0.0\ninfo: {{title: test, version: '1'}}\nactions:\n{actions}");
        let mut report = Report::default();
        Overlay::parse("test.yaml", &text, false).expect("an overlay").apply(&mut document, &mut report);
        (document, report.finish(false).err().map(|error| error.to_string()).unwrap_or_default())
    }

    #[test]
    fn overlay_update_merges_objects_and_appends_to_lists() {
        let (document, errors) = applied(
            json!({ "a": { "x": 1, "y": { "z": 2 } }, "b": { "x": 5 }, "enum": ["one"] }),
            "  - {target: '$.*[?@ == 2]', remove: true}\n  - {target: $.a, update: {x: 3, y: {w: 4}}}\n  - {target: $.enum, update: two}",
        );
        assert_eq!(
            document,
            json!({ "a": { "x": 3, "y": { "w": 4, "z": 2 } }, "b": { "x": 5 }, "enum": ["one", "two"] })
        );
        assert_eq!(errors, "test.yaml:4: $.*[?@ == 2]: matches nothing");
    }

    #[test]
    fn overlay_removal_removes_every_match() {
        let (document, errors) = applied(
            json!({ "list": [1, 2, 1, 3, 1], "a/b": { "gone": 1, "stays": 2 } }),
            "  - {target: '$.list[?@ == 1]', remove: true}\n  - {target: '$[\"a/b\"].gone', remove: true}",
        );
        assert_eq!(document, json!({ "list": [2, 3], "a/b": { "stays": 2 } }));
        assert_eq!(errors, "");
    }

    #[test]
    fn overlay_action_without_match_is_reported() {
        let (_, errors) = applied(
            json!({ "a": { "x": 1 }, "list": [], "ref": { "$ref": "#/a" } }),
            r#"
  - {target: $.missing, remove: true}
  - {target: "$['a', 'b']", update: {y: 1}}
  - {target: $.a.x, update: {y: 1}}
  - {target: $, update: {list: [1]}}
  - {target: $.ref, update: {description: no}}
  - {target: "$.[", remove: true}"#,
        );
        insta::assert_snapshot!(errors, @r#"
        6 entries are not usable:
          test.yaml:7: $.a.x: /a/x is not an object or a list; target its parent
          test.yaml:8: $: /list: a list already exists; target it to append, or remove it first
          test.yaml:9: $.ref: selects only references; target what they refer to
          test.yaml:10: $.[: invalid JSONPath: at position 2, in dot member name, must start with lowercase alpha or '_'
          test.yaml:5: $.missing: matches nothing
          test.yaml:6: $['a', 'b']: no item is named "b"
        "#);
    }

    #[test]
    fn description_of_reference_property_wraps_the_reference() {
        let property = json!({ "allOf": [{ "$ref": "#/x" }], "description": "Its own." });
        let action = "  - {target: $.properties.a, update: {description: Its own.}}";
        for node in [json!({ "$ref": "#/x" }), property.clone()] {
            let (document, errors) = applied(json!({ "properties": { "a": node } }), action);
            assert_eq!(document, json!({ "properties": { "a": property } }));
            assert_eq!(errors, "");
        }
    }

    #[test]
    fn overlay_filter_names_are_not_location_names() {
        let listed = names_listed("$.paths['/a', '/b'][?@.x['no'] == 'no'].c['d']");
        assert_eq!(listed, ["/a", "/b", "d"]);
    }

    #[test]
    fn overlay_action_requires_reason() {
        let text = "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions: [{target: $.a, remove: true}]";
        let error = Overlay::parse("overlay.yaml", text, true).expect_err("no reason");
        assert_eq!(error.to_string(), "overlay.yaml: $.a: has no x-reason");
    }

    #[test]
    fn description_overlay_cannot_change_structure() {
        assert!(only_describes(&json!({ "description": "a", "items": { "description": "b" } })));
        assert!(!only_describes(&json!({ "description": "a", "nullable": true })));
    }
}
