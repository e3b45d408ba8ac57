//! The types of IDs and names of the ergonomic crate, from `ids.toml` and the patterns of the document.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use super::{HEADER, Source, operations};
use crate::openapi::walk;

/// `ids.toml`: each type by its name.
pub(crate) type Ids = BTreeMap<String, Id>;

/// A type of IDs or names.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Id {
    /// Its term in messages.
    what: String,
    /// Its documentation.
    about: String,
    /// The form, if no parameter has a pattern.
    form: Option<String>,
    #[serde(default)]
    parameters: Vec<Parameter>,
}

/// A path parameter of a type.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameter {
    name: String,
    argument: String,
    /// Text in the paths to which it applies. All paths if missing.
    within: Option<String>,
}

/// Argument and type of a path parameter. `None` for plain text.
pub(crate) fn of_parameter<'a>(ids: &'a Ids, path: &str, name: &str) -> Option<(&'a str, &'a str)> {
    let all = ids.iter().flat_map(|(id, row)| row.parameters.iter().map(move |parameter| (id, parameter)));
    let fitting = all.filter(|(_, parameter)| {
        parameter.name == name && parameter.within.as_ref().is_none_or(|within| path.contains(within.as_str()))
    });
    // A specific entry takes precedence over the general one.
    let (id, parameter) = fitting.max_by_key(|(_, parameter)| parameter.within.is_some())?;
    Some((&parameter.argument, id))
}

/// The types whose path parameters no path has, each with the name of the parameter.
pub(crate) fn unmatched<'a>(curated: &Value, ids: &'a Ids) -> impl Iterator<Item = (&'a String, &'a str)> {
    let paths: BTreeSet<String> = walk::operations(curated).map(|location| location.path.to_owned()).collect();
    let all = ids.iter().flat_map(|(id, row)| row.parameters.iter().map(move |parameter| (id, parameter)));
    let found = all.filter(move |(_, Parameter { name, within, .. })| {
        let within = within.as_deref().unwrap_or_default();
        !paths.iter().any(|path| path.contains(within) && walk::template_names(path).any(|found| found == name))
    });
    found.map(|(id, parameter)| (id, parameter.name.as_str()))
}

/// The ergonomic crate's module of the types.
pub(crate) fn module(source: &Source<'_>, ids: &Ids) -> Result<String> {
    let mut text = format!("{HEADER}//! The types of IDs and names.\n\nuse crate::model::ids::id;\n");
    for (name, id) in ids {
        let (check, form) = form(source, id).with_context(|| format!("ids.toml: {name}"))?;
        let Id { what, about, .. } = id;
        text += &format!("\nid! {{\n    /// {about}\n    {name}, \"{what}\", {check}, \"{form}\"\n}}\n");
    }
    text += "\n/// The type of each path parameter, for the tests: its name, what its path contains, and the check.\n#[cfg(test)]\n";
    text += "#[rustfmt::skip]\npub(crate) static PATH_PARAMETERS: &[(&str, &str, crate::model::ids::Check)] = &[\n";
    for (name, id) in ids {
        for Parameter { name: parameter, within, .. } in &id.parameters {
            let within = within.as_deref().unwrap_or_default();
            text += &format!("    ({parameter:?}, {within:?}, |text| {name}::new(text).map(String::from)),\n");
        }
    }
    text += "];\n";
    Ok(text)
}

/// The check of a form and its description.
fn form(source: &Source<'_>, id: &Id) -> Result<(&'static str, &'static str)> {
    let form = match (&id.form, id.parameters.first()) {
        (Some(form), _) => form.clone(),
        (None, Some(parameter)) => pattern(source, &parameter.name).unwrap_or_default(),
        (None, None) => bail!("it has neither a form nor a parameter"),
    };
    Ok(match form.as_str() {
        "hex" | "^([a-f0-9]{24})$" => ("is_hex", "24 hexadecimal digits in lower case"),
        "namespace" => ("is_namespace", "database.collection"),
        "^[a-zA-Z0-9][a-zA-Z0-9-]*$" => {
            ("is_cluster_name", "ASCII letters, digits and hyphens, not beginning with a hyphen")
        }
        "" => ("is_path_safe", "text that is safe in a path"),
        other => bail!("unknown pattern {other}"),
    })
}

/// The pattern of a path parameter.
fn pattern(source: &Source<'_>, name: &str) -> Option<String> {
    walk::operations(source.curated).find_map(|location| {
        let parameters = operations::parameters(source.curated, location.operation);
        parameters.into_iter().find(|parameter| parameter.name == name)?.pattern
    })
}
