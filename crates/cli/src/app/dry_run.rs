//! The end of a dry run: prints the request that would have been sent.
//!
//! A run stops at the first such request, because later requests depend on its response. The library provides the
//! request as it was ready to be sent, without its signature.

use std::collections::BTreeMap;

use atlas_backup::DryRunRequest;
use chrono::Utc;
use serde::Serialize;
use serde_json::Value;

use crate::ui::{
    exit::{Failure, Outcome},
    messages,
    output::{
        columns::{Cell, Column, Document},
        format::OutputFlags,
        printer::Printer,
    },
};

/// Prints the request that ended a dry run. Returns any other outcome unchanged.
pub(super) async fn print(outcome: Outcome, flags: &OutputFlags) -> Outcome {
    let request = match &outcome {
        Err(Failure::Call { error, .. }) => error.dry_run_request(),
        _ => None,
    };
    let Some(request) = request else { return outcome };
    let printer = Printer::new(flags, Utc::now());
    match printer.is_table() {
        true => printer.bytes(format!("{request}\n").as_bytes()).await?,
        false => printer.one(&RequestDocument::from(request)).await?,
    }
    messages::note(format_args!("dry run: the request above was not sent; nothing was changed"));
    Ok(())
}

/// The request, as a document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestDocument {
    method: String,
    url: String,
    operation: Option<&'static str>,
    accept: Option<String>,
    content_type: Option<String>,
    headers: BTreeMap<String, String>,
    body: Option<Value>,
}

impl From<&DryRunRequest> for RequestDocument {
    fn from(request: &DryRunRequest) -> Self {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers = request.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes())));
        RequestDocument {
            method: request.method.to_string(),
            url: request.url.clone(),
            operation: request.operation,
            accept: request.accept().map(str::to_owned),
            content_type: request.content_type().map(str::to_owned),
            headers: headers.collect(),
            body: request.body.clone(),
        }
    }
}

impl Document for RequestDocument {
    const PLURAL: &'static str = "requests";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("METHOD", |request, _| Cell::text(Some(&request.method))),
        Column::new("URL", |request, _| Cell::text(Some(&request.url))),
        Column::new("ACCEPT", |request, _| Cell::text(request.accept.as_ref())),
        Column::new("CONTENT TYPE", |request, _| Cell::text(request.content_type.as_ref())),
        Column::new("BODY", |request, _| Cell::text(request.body.as_ref())),
    ];
}
