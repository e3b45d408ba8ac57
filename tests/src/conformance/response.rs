//! One recorded answer: which binding it belongs to, and what the binding makes of it.
//!
//! The version that the response names picks the binding, never the newest one by guess: a success with a body that
//! names no version is a failure, because its version is unknown.

use atlas_backup::{BodyFormat, MediaType};
use atlas_backup_generated::{
    dispatch::{self, BINDINGS},
    operations,
};
use atlas_backup_runtime::dispatch::Binding;
use serde_json::Value;

use super::{Outcome, compare, error_response, recording::Recording};

/// What was found in a response that decoded.
#[derive(Debug)]
pub(super) struct Findings {
    /// The operation's id.
    pub(super) operation: &'static str,
    /// The version of the binding.
    pub(super) version: &'static str,
    /// Pointers of what was lost.
    pub(super) lost: Vec<String>,
    /// Pointers of what the specification does not define.
    pub(super) undocumented: Vec<String>,
}

/// Checks one answer; an error is the reason for which it failed.
pub(super) fn check(recording: &Recording<'_>) -> Result<Outcome, String> {
    let Some(operation) = operations::find(&recording.operation) else { return Ok(Outcome::Skipped) };
    let exact = match recording.content_type.as_deref().and_then(MediaType::parse) {
        Some(media) if media.format == BodyFormat::Json => {
            match dispatch::find(operation.id, &media.version.to_string()) {
                Some(binding) => Some(binding),
                None => return Ok(Outcome::Skipped),
            }
        }
        Some(_) => return Ok(Outcome::Skipped),
        None => None,
    };
    if !recording.status.is_success() {
        let undocumented = error_response::check(operation, exact.map(Binding::version), recording)?;
        let version = exact.map_or(operation.newest().date, |binding| binding.version().date);
        let mut findings = Findings::none(operation.id, version);
        findings.undocumented = undocumented.iter().map(|key| compare::pointer_to(key)).collect();
        return Ok(Outcome::Decoded(findings));
    }
    let is_empty = recording.body.trim_ascii().is_empty();
    match exact {
        Some(binding) => success(binding, &recording.body),
        None if is_empty => success(newest(operation.id)?, &recording.body),
        None => Err(match &recording.content_type {
            Some(content_type) => format!("a success with a body, whose media type {content_type:?} names no version"),
            None => "a success with a body and no contentType".to_owned(),
        }),
    }
}

fn newest(operation: &str) -> Result<&'static Binding, String> {
    let mut bindings = BINDINGS.iter().rev();
    bindings.find(|binding| binding.operation.id == operation).ok_or_else(|| format!("{operation} has no binding"))
}

fn success(binding: &'static Binding, body: &[u8]) -> Result<Outcome, String> {
    let recoded = (binding.response)(body).map_err(|error| format!("the body does not decode: {error}"))?;
    if !recoded.stable {
        return Err("what was written decodes to another value".to_owned());
    }
    let mut findings = Findings::none(binding.operation.id, binding.version().date);
    findings.undocumented = compare::left_out(&recoded.json, &recoded.documented);
    if !body.trim_ascii().is_empty() {
        let body: Value = serde_json::from_slice(body).map_err(|error| format!("the body is not JSON: {error}"))?;
        findings.lost = compare::lost(&body, &recoded.json);
        if let [first, ..] = compare::invented(&body, &recoded.json).as_slice() {
            return Err(format!("{first} was written and is not in the body"));
        }
    }
    Ok(Outcome::Decoded(findings))
}

impl Findings {
    fn none(operation: &'static str, version: &'static str) -> Self {
        Self { operation, version, lost: Vec::new(), undocumented: Vec::new() }
    }
}
