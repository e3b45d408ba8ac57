//! The end of a dry run: the request that would have been sent, printed as data.
//!
//! A run stops at the first such request, since what follows depends on its answer. The request comes from the library as
//! it was ready to be sent, without its signature.

use std::collections::BTreeMap;

use atlas_backup::UnsentRequest;
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

/// Prints the request that `outcome` ended with; anything else stays as it is.
pub(super) async fn print(outcome: Outcome, flags: &OutputFlags) -> Outcome {
    let unsent = match &outcome {
        Err(Failure::Call { error, .. }) => error.unsent(),
        _ => None,
    };
    let Some(unsent) = unsent else { return outcome };
    let printer = Printer::new(flags, Utc::now());
    match printer.is_table() {
        true => printer.bytes(format!("{unsent}\n").as_bytes()).await?,
        false => printer.one(&Unsent::from(unsent)).await?,
    }
    messages::note(format_args!("a dry run: this is where the first change would be sent; nothing was changed"));
    Ok(())
}

/// The request, as a document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Unsent {
    method: String,
    url: String,
    operation: Option<&'static str>,
    accept: Option<String>,
    content_type: Option<String>,
    headers: BTreeMap<String, String>,
    body: Option<Value>,
}

impl From<&UnsentRequest> for Unsent {
    fn from(unsent: &UnsentRequest) -> Self {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers = unsent.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes())));
        Unsent {
            method: unsent.method.to_string(),
            url: unsent.url.clone(),
            operation: unsent.operation,
            accept: unsent.accept().map(str::to_owned),
            content_type: unsent.content_type().map(str::to_owned),
            headers: headers.collect(),
            body: unsent.body.clone(),
        }
    }
}

impl Document for Unsent {
    const PLURAL: &'static str = "requests";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("METHOD", |unsent, _| Cell::text(Some(&unsent.method))),
        Column::new("URL", |unsent, _| Cell::text(Some(&unsent.url))),
        Column::new("ACCEPT", |unsent, _| Cell::text(unsent.accept.as_ref())),
        Column::new("CONTENT TYPE", |unsent, _| Cell::text(unsent.content_type.as_ref())),
        Column::new("BODY", |unsent, _| Cell::text(unsent.body.as_ref())),
    ];
}
