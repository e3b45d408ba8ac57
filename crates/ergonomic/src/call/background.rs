//! A future that goes on by itself, on the runtime of whoever asked for it, and ends when nobody wants its outcome any
//! more: dropping it drops what it was doing.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{runtime::Handle, task::JoinHandle};
use tracing::Instrument as _;

use crate::model::{
    error::{Error, Result},
    error_kind::ErrorKind,
};

type BoxFuture<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

pub(crate) enum Background<T> {
    /// Goes on while it is polled.
    Here(BoxFuture<T>),
    /// Goes on by itself.
    Task(JoinHandle<Result<T>>),
}

impl<T: Send + 'static> Background<T> {
    /// Begins at once where there is a runtime to do that on; otherwise when it is polled.
    pub(crate) fn start(future: BoxFuture<T>) -> Self {
        match Handle::try_current() {
            Ok(runtime) => Background::Task(runtime.spawn(future.in_current_span())),
            Err(_) => Background::Here(future),
        }
    }
}

impl<T> Future for Background<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Background::Here(future) => future.as_mut().poll(context),
            Background::Task(task) => match ready!(Pin::new(task).poll(context)) {
                Ok(outcome) => Poll::Ready(outcome),
                Err(broken) => match broken.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(gone) => {
                        let message = "the runtime was shut down before the answer came";
                        Poll::Ready(Err(Error::new(ErrorKind::Connection, message).with_source(gone)))
                    }
                },
            },
        }
    }
}

impl<T> Drop for Background<T> {
    fn drop(&mut self) {
        if let Background::Task(task) = self {
            task.abort();
        }
    }
}
