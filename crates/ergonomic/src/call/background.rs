//! A future that runs as a task on the caller's runtime and is cancelled when it is dropped.

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
    /// Runs while it is polled.
    Here(BoxFuture<T>),
    /// Runs as a task.
    Task(JoinHandle<Result<T>>),
}

impl<T: Send + 'static> Background<T> {
    /// Starts at once if there is a runtime. Otherwise it runs when it is polled.
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
                        let message = "the runtime was shut down before the response arrived";
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
