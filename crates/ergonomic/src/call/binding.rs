//! Awaits bindings, and converts their responses to documents or errors of this crate.

use std::sync::Arc;

use atlas_backup_runtime::{Error as BindingError, Operation, Pending, Response, Version};
use serde::Serialize;

use crate::model::{
    entity::{FromDocument, value_of},
    error::{Error, Result},
    error_kind::ErrorKind,
    meta::Meta,
};

/// The call that a response or an error comes from.
pub(crate) struct Origin {
    operation: &'static Operation,
    version: &'static Version,
    path: String,
}

impl Origin {
    pub(crate) fn new(operation: &'static Operation, version: &'static Version, path: String) -> Self {
        Origin { operation, version, path }
    }

    pub(crate) fn of<T>(pending: &Pending<'_, T>) -> Self {
        Origin::new(pending.operation(), pending.version(), pending.path().to_owned())
    }

    pub(crate) fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Says where `error` comes from.
    pub(crate) fn on(&self, error: Error) -> Error {
        error.on_call(self.operation, Some(self.version), Some(&self.path))
    }

    /// The error that a failure of the binding means.
    pub(crate) fn failed(&self, error: BindingError) -> Error {
        self.on(binding_error(error))
    }
}

/// Awaits a binding and turns its failure into this crate's error.
pub(crate) async fn finish<T>(mut pending: Pending<'_, T>) -> Result<Response<T>> {
    let outcome = (&mut pending).await;
    outcome.map_err(|error| Origin::of(&pending).failed(error))
}

/// Awaits a binding that answers one document.
pub(crate) async fn fetch_document<E: FromDocument>(mut pending: Pending<'_, E::Document>) -> Result<E> {
    let outcome = (&mut pending).await;
    let read = |Response { value, status, headers, extensions, .. }| {
        E::from_document(value, &Arc::new(Meta::new(status, headers, &extensions)))
    };
    outcome.map_err(binding_error).and_then(read).map_err(|error| Origin::of(&pending).on(error))
}

/// Awaits a binding that changes a document. If the service returns an empty body for a PATCH, `get` reads the result.
pub(crate) async fn fetch_changed<E, D>(mut pending: Pending<'_, D>, get: impl Future<Output = Result<E>>) -> Result<E>
where
    E: FromDocument,
    D: Serialize + Into<E::Document>,
{
    let outcome = (&mut pending).await;
    let origin = Origin::of(&pending);
    let Response { value, status, headers, extensions, .. } = outcome.map_err(|error| origin.failed(error))?;
    if value_of(&value).as_object().is_some_and(serde_json::Map::is_empty) {
        return get.await;
    }
    let meta = Arc::new(Meta::new(status, headers, &extensions));
    E::from_document(value.into(), &meta).map_err(|error| origin.on(error))
}

fn binding_error(error: BindingError) -> Error {
    match error {
        BindingError::Transport(source) => match source.downcast::<Error>() {
            Ok(own) => *own,
            Err(other) => Error::new(ErrorKind::Connection, "no response").with_source(other),
        },
        BindingError::Status(reply) => Error::from_reply(*reply),
        BindingError::Decode { reply, source } => Error::undecodable(*reply, source),
        BindingError::Encode(source) => {
            Error::new(ErrorKind::Encode, "cannot write the request as JSON").with_source(source)
        }
        refused @ BindingError::Parameter { .. } => {
            Error::new(ErrorKind::InvalidInput, refused.to_string()).with_source(refused)
        }
        other => Error::new(ErrorKind::Connection, "no response").with_source(other),
    }
}
