//! Shares one failure: every task that waited for a token gets the error of the task that requested it.

use std::{error::Error as StdError, fmt, sync::Arc};

use crate::model::error::Error;

/// The error for each task that waited.
pub(super) fn shared(failure: Arc<Error>) -> Error {
    let error = Error::answered_as(failure.kind(), failure.to_string(), &failure).final_after(failure.attempts());
    let error = match failure.retry_after() {
        Some(wait) => error.retry_in(wait),
        None => error,
    };
    match failure.source() {
        Some(_) => error.with_source(Cause(failure)),
        None => error,
    }
}

/// The cause of a shared failure. It represents its source, which cannot be cloned.
#[derive(Debug)]
struct Cause(Arc<Error>);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.source().map_or(Ok(()), |cause| fmt::Display::fmt(cause, f))
    }
}

impl StdError for Cause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()?.source()
    }
}
