//! Awaiting a binding, and what its answer becomes: a document of this crate or its error.

use std::sync::Arc;

use atlas_backup_runtime::{Error as BindingError, Operation, Pending, Response, Version};
use serde::Serialize;

use crate::model::{
    entity::{FromDocument, value_of},
    error::{Error, Result},
    error_kind::ErrorKind,
    meta::Meta,
};

/// Awaits a binding and turns its failure into this crate's error.
pub(crate) async fn finish<T>(pending: Pending<'_, T>) -> Result<Response<T>> {
    let (operation, version) = (pending.operation(), pending.version());
    pending.await.map_err(|error| binding_error(error, operation, version))
}

/// Awaits a binding that answers one document.
pub(crate) async fn fetch_document<E: FromDocument>(pending: Pending<'_, E::Document>) -> Result<E> {
    let (operation, version) = (pending.operation(), pending.version());
    let Response { value, status, headers, extensions, .. } = finish(pending).await?;
    E::from_document(value, &Arc::new(Meta::new(status, headers, &extensions)))
        .map_err(|error| error.on(operation, Some(version)))
}

/// Awaits a binding that changes a document. The service may answer a PATCH with nothing; then `get` says what became
/// of it.
pub(crate) async fn fetch_changed<E, D>(pending: Pending<'_, D>, get: impl Future<Output = Result<E>>) -> Result<E>
where
    E: FromDocument,
    D: Serialize + Into<E::Document>,
{
    let (operation, version) = (pending.operation(), pending.version());
    let Response { value, status, headers, extensions, .. } = finish(pending).await?;
    if value_of(&value).as_object().is_some_and(serde_json::Map::is_empty) {
        return get.await;
    }
    let meta = Arc::new(Meta::new(status, headers, &extensions));
    E::from_document(value.into(), &meta).map_err(|error| error.on(operation, Some(version)))
}

pub(crate) fn binding_error(error: BindingError, operation: &'static Operation, version: &'static Version) -> Error {
    let error = match error {
        BindingError::Transport(source) => match source.downcast::<Error>() {
            Ok(own) => *own,
            Err(other) => Error::new(ErrorKind::Connection, "there is no answer").with_source(other),
        },
        BindingError::Status(reply) => Error::from_reply(*reply),
        BindingError::Decode { reply, source } => {
            let message = format!("the answer is not what was promised: {source}");
            Error::new(ErrorKind::Decode, message).with_source(source).with_reply(*reply)
        }
        BindingError::Encode(source) => {
            Error::new(ErrorKind::Encode, "the request can't be written as JSON").with_source(source)
        }
        refused @ BindingError::Parameter { .. } => {
            Error::new(ErrorKind::InvalidInput, refused.to_string()).with_source(refused)
        }
        other => Error::new(ErrorKind::Connection, "there is no answer").with_source(other),
    };
    error.on(operation, Some(version))
}
