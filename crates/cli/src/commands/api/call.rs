//! Makes the call: JSON from a file or standard input, and the response exactly as the service sent it.

use std::io::{self, Write};

use atlas_backup::Operation;
use http::{HeaderMap, StatusCode};

use super::arguments::ApiCall;

use crate::{
    context::{global::Global, session::Session},
    ui::{
        exit::{Failure, Outcome},
        messages,
        output::format::Format,
        prompts,
    },
};

/// Makes the call and writes the response.
pub(super) async fn call(call: ApiCall, global: &Global) -> Outcome {
    if let Some(Format::Table | Format::Wide | Format::Csv) = global.output.output {
        return Err(Failure::usage(
            "cannot print this format: `api` prints the JSON of the service",
            "omit `-o`, or use `-o json` or `-o ndjson`",
        ));
    }
    let body = body(&call).await?;
    let session = Session::open_with(global, |builder| builder.pretty(call.pretty)).await?;
    let operation = call.operation;
    let mut raw = session.client().operation(operation.id)?;
    let project = operation.parameters.iter().any(|parameter| parameter.name == "groupId" && parameter.required);
    if project && !call.parameters.iter().any(|(name, _)| *name == "groupId") {
        let id = session.project_id().ok_or_else(|| {
            Failure::usage("missing project", "pass `--groupId ID` or `--project ID`, or set MONGODB_ATLAS_PROJECT_ID")
        })?;
        raw = raw.parameter("groupId", id);
    }
    for (name, value) in &call.parameters {
        raw = raw.parameter(*name, value);
    }
    if let Some(version) = &call.version {
        raw = raw.version(version);
    }
    if call.envelope {
        raw = raw.envelope();
    }
    if let Some(body) = body {
        raw = raw.body_text(body);
    }
    let printer = session.printer();
    if call.paginate {
        return printer.raw_list(raw.list()?.items()).await;
    }
    match raw.send().await {
        Ok(answer) => {
            note_replacement(operation, answer.meta().served_by());
            if call.include {
                head(answer.meta().status(), answer.meta().headers())?;
            }
            printer.bytes(answer.bytes()).await
        }
        Err(error) => {
            if let (true, Some(status), Some(headers)) = (call.include, error.status(), error.headers()) {
                head(status, headers)?;
                printer.bytes(error.body().map_or(&[][..], |body| body)).await?;
            }
            Err(error.into())
        }
    }
}

/// Prints status line and headers.
fn head(status: StatusCode, headers: &HeaderMap) -> Outcome {
    let mut out = io::stdout().lock();
    writeln!(out, "HTTP/1.1 {status}")?;
    for (name, value) in headers {
        writeln!(out, "{name}: {}", String::from_utf8_lossy(value.as_bytes()))?;
    }
    writeln!(out)?;
    Ok(())
}

fn note_replacement(operation: &Operation, served_by: Option<&str>) {
    if let Some(replacement) = served_by {
        messages::note(format_args!(
            "Atlas has removed {}; this response comes from {replacement}, converted to the former format",
            operation.short_name
        ));
    }
}

/// The request body: the file, or standard input unless it is a terminal.
async fn body(call: &ApiCall) -> Outcome<Option<Vec<u8>>> {
    let versions = call.operation.versions;
    let takes = versions.iter().any(|version| version.content_type.is_some());
    let optional = versions.iter().all(|version| version.content_type.is_none() || version.request_optional);
    if !takes {
        return match call.file {
            Some(_) => {
                Err(Failure::usage(format!("{} takes no request body", call.operation.short_name), "omit `--file`"))
            }
            None => Ok(None),
        };
    }
    let body = match call.file.clone() {
        None if prompts::stdin_is_terminal() => Vec::new(),
        path => {
            let path = path.unwrap_or_else(|| "-".into());
            let name = if path.as_os_str() == "-" { "standard input".into() } else { path.display().to_string() };
            let read = prompts::file(path).await;
            read.map_err(|source| Failure::local(format!("cannot read {name}"), source))?
        }
    };
    match body.trim_ascii().is_empty() {
        false => Ok(Some(body)),
        true if optional => Ok(None),
        true => Err(Failure::usage(
            format!("missing request body of {}", call.operation.short_name),
            "pass JSON with `--file PATH` or on standard input",
        )),
    }
}
