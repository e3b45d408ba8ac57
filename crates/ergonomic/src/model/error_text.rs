//! The text of an error: which operation failed, on what, why, and what to do.
//!
//! Text of the service goes through `shown`, which caps it and puts it on one line.

use std::{error::Error as StdError, fmt};

use atlas_backup_runtime::Operation;

use crate::model::{
    error::{Error, ErrorResponse},
    error_kind::ErrorKind,
    redaction::shown,
};

/// How many refused fields of a request are shown.
const MOST_FIELDS: usize = 20;

/// `<operation> (project …, cluster …, snapshot …): <what happened>; <what to do>`.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let is_named = match (inner.operation, &inner.request) {
            (Some(operation), _) => write!(f, "{}{}: ", operation.id, inner.subject).map(|()| true)?,
            // The path says what it is about.
            (None, Some((method, path))) => write!(f, "{method} {path}: ").map(|()| true)?,
            (None, None) => false,
        };
        match &inner.answer {
            Some(answer) if inner.message.is_empty() => answer.fmt(f)?,
            _ => f.write_str(&inner.message)?,
        }
        if !is_named {
            inner.subject.fmt(f)?;
        }
        if let Some(path) = inner.path.as_ref().map(|path| path.display().to_string())
            && !inner.message.contains(&path)
        {
            write!(f, " (file {path})")?;
        }
        self.advice(f)
    }
}

impl Error {
    /// The next step, if there is one.
    fn advice(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_access_list() {
            f.write_str("; add ")?;
            match self.caller_address() {
                Some(address) => write!(f, "the address {address}")?,
                None => f.write_str("the address that this program calls from")?,
            }
            return f.write_str(" to the API access list of the API key or service account");
        }
        if self.outcome_unknown() {
            return f.write_str("; the request may have been carried out: check before repeating it");
        }
        match (self.0.kind, self.0.operation) {
            (ErrorKind::Forbidden, Some(operation)) if !operation.roles.is_empty() => {
                write!(f, "; it needs the role {}", operation.roles.join(" or "))
            }
            (ErrorKind::Gone, Some(Operation { replaced_by: Some(replacement), .. })) => {
                write!(f, "; use {replacement} instead")
            }
            (ErrorKind::Gone, Some(operation)) => match (&self.0.version, operation.versions.last()) {
                (Some(used), Some(newest)) if newest.date != used => write!(f, "; use version {} instead", newest.date),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        match &self.api {
            Some(api) => {
                if let Some(code) = &api.code {
                    write!(f, " {}", shown(code.as_str()))?;
                }
                if let Some(detail) = api.detail.as_deref().or(api.reason.as_deref()) {
                    write!(f, ": {}", shown(detail))?;
                }
                let refused = api.fields.iter().take(MOST_FIELDS);
                refused
                    .into_iter()
                    .try_for_each(|field| write!(f, "; {}: {}", shown(&field.field), shown(&field.description)))
            }
            None if self.body.is_empty() => f.write_str(" with an empty body"),
            None => {
                let media = crate::model::meta::text(&self.headers, "content-type").unwrap_or("no content type");
                write!(f, " with a body that is no Atlas error ({}, {} bytes)", shown(media), self.body.len())
            }
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &format_args!("{self}"))
            .field("operation", &self.operation())
            .field("project", &self.project())
            .field("cluster", &self.cluster())
            .field("object", &self.object())
            .field("path", &self.0.path)
            .field("version", &self.0.version)
            .field("status", &self.status())
            .field("attempts", &self.0.attempts)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
