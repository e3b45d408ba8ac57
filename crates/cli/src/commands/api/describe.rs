//! `api list` and `api describe`: print the operations table. Neither calls the service.

use std::{convert::Infallible, io::Write};

use atlas_backup::{
    Operation,
    runtime::{Kind, Location, Parameter, Version},
};
use chrono::Utc;
use futures_util::{StreamExt, stream};
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::catalog;

use crate::{
    context::global::Global,
    ui::{
        exit::{Failure, Outcome},
        hints::Command,
        output::{
            columns::{Cell, Column, Document},
            printer::Printer,
        },
    },
};

/// Prints the operations of one tag or of all tags.
pub(super) async fn list(tag: Option<&str>, global: &Global) -> Outcome {
    let tags = catalog::tags();
    if let Some(tag) = tag.filter(|tag| !tags.iter().any(|known| known.name == *tag)) {
        let known: Vec<_> = tags.into_iter().map(|tag| tag.name).collect();
        return Err(Failure::usage(format!("unknown tag {tag}"), format!("the tags are {}", known.join(", "))));
    }
    let tags = tags.into_iter().filter(|known| tag.is_none_or(|tag| known.name == tag));
    let rows = tags.flat_map(|tag| tag.operations.into_iter().map(|named| Row(named.operation)));
    let rows = stream::iter(rows).map(Ok::<_, Infallible>);
    Printer::new(&global.output, Utc::now()).list(rows, None).await
}

/// Prints the details of an operation.
pub(super) async fn describe(name: &[String], global: &Global) -> Outcome {
    let found = match name {
        [name] => catalog::lookup(None, name),
        [tag, name] => catalog::lookup(Some(tag), name),
        _ => None,
    };
    let asked = name.join(" ");
    let unknown =
        || Failure::usage(format!("unknown operation {asked}"), Command::new("api list").hint(" lists the operations"));
    let row = Row(found.ok_or_else(unknown)?);
    let printer = Printer::new(&global.output, Utc::now());
    printer.one(&row).await?;
    if printer.is_table() {
        let mut out = std::io::stdout().lock();
        out.write_all(parameters(row.0).as_bytes())?;
    }
    Ok(())
}

fn parameters(operation: &Operation) -> String {
    let rows = operation.parameters.iter().map(|parameter| {
        let place = match (parameter.location, parameter.required) {
            (Location::Path, _) => "path",
            (Location::Query, true) => "required",
            (Location::Query, false) => "optional",
        };
        (format!("--{} <{}>", parameter.name, kind(parameter)), place, parameter.description)
    });
    let rows: Vec<_> = rows.collect();
    let width = rows.iter().map(|(flag, ..)| flag.len()).max().unwrap_or(0);
    let lines = rows.iter().map(|(flag, place, about)| format!("  {flag:width$}   {place:8}   {about}\n"));
    let lines: String = lines.collect();
    if lines.is_empty() { lines } else { format!("\nparameters\n{lines}") }
}

fn kind(parameter: &Parameter) -> &'static str {
    match parameter.kind {
        Kind::Text => "text",
        Kind::Integer => "integer",
        Kind::Number => "number",
        Kind::Boolean => "true|false",
        Kind::DateTime => "time",
        Kind::List => "text, repeated",
    }
}

/// An operation as a document.
#[derive(Debug)]
struct Row(&'static Operation);

impl Row {
    /// The first sunset date among its versions, with the version.
    fn sunset(&self) -> Option<String> {
        let sunsets = self.0.versions.iter().filter_map(|version| Some((version.sunset?, version.date)));
        sunsets.min().map(|(sunset, version)| format!("{sunset} of {version}"))
    }

    fn note(&self) -> Option<String> {
        match (self.0.retired, self.0.deprecated, self.0.replaced_by) {
            (true, _, Some(by)) => Some(format!("removed; served by {by}")),
            (true, _, None) => Some("removed".to_owned()),
            (false, _, Some(by)) => Some(format!("deprecated; use {by}")),
            (false, true, None) => Some("deprecated".to_owned()),
            (false, false, None) => None,
        }
    }
}

fn version(version: &Version) -> String {
    match version.sunset {
        Some(sunset) => format!("{} (until {sunset})", version.date),
        None => version.date.to_owned(),
    }
}

impl Document for Row {
    const PLURAL: &'static str = "operations";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("TAG", |row, _| Cell::text(Some(row.0.tag_name()))),
        Column::new("OPERATION", |row, _| Cell::text(Some(row.0.short_name))),
        Column::new("NEWEST", |row, _| Cell::text(Some(row.0.newest().date))),
        Column::new("NEXT SUNSET", |row, _| Cell::text(row.sunset())),
        Column::new("SUMMARY", |row, _| Cell::text(Some(row.0.summary))),
        Column::new("NOTE", |row, _| Cell::text(row.note())),
        Column::detail("LONG NAME", |row, _| Cell::text(Some(row.0.id))),
        Column::detail("FORMER NAMES", |row, _| Cell::list(Some(row.0.former_ids))),
        Column::detail("REQUEST", |row, _| Cell::text(Some(format!("{} {}", row.0.method, row.0.path)))),
        Column::detail("BODY", |row, _| Cell::text(row.0.newest().request)),
        Column::detail("RESPONSE", |row, _| Cell::text(row.0.newest().response)),
        Column::detail("VERSIONS", |row, _| Cell::list(Some(row.0.versions.iter().map(version)))),
        Column::detail("ROLES", |row, _| Cell::list(Some(row.0.roles))),
        Column::detail("DOCUMENTATION", |row, _| Cell::text(Some(row.0.docs_url))),
    ];
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let operation = self.0;
        let versions: Vec<_> = operation
            .versions
            .iter()
            .map(|v| serde_json::json!({"version": v.date, "deprecated": v.deprecated, "sunset": v.sunset}))
            .collect();
        let parameters: Vec<_> = operation
            .parameters
            .iter()
            .map(|p| serde_json::json!({"name": p.name, "kind": kind(p), "required": p.required}))
            .collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("tag", &operation.tag_name())?;
        map.serialize_entry("operation", operation.short_name)?;
        map.serialize_entry("operationId", operation.id)?;
        map.serialize_entry("formerNames", operation.former_ids)?;
        map.serialize_entry("summary", operation.summary)?;
        map.serialize_entry("method", operation.method.as_str())?;
        map.serialize_entry("path", operation.path)?;
        map.serialize_entry("parameters", &parameters)?;
        map.serialize_entry("versions", &versions)?;
        map.serialize_entry("roles", operation.roles)?;
        map.serialize_entry("deprecated", &operation.deprecated)?;
        map.serialize_entry("removed", &operation.retired)?;
        map.serialize_entry("replacedBy", &operation.replaced_by)?;
        map.serialize_entry("documentation", operation.docs_url)?;
        map.end()
    }
}
