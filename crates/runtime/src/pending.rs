//! A call that has been started.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use serde::de::{DeserializeOwned, IgnoredAny};

use crate::{
    codec::decode_at_most,
    operation::{Method, Operation, Version},
    transport::{Error, Exchange, Response},
};

/// A call under way: await it. Dropping it gives the call up.
///
/// # Errors
/// [`Error::Transport`] when no response arrives, [`Error::Status`] on a status outside 2xx, [`Error::Decode`] when the
/// body does not fit or a GET that has one gets none, [`Error::Encode`] and [`Error::Parameter`] when nothing could be sent.
#[must_use = "a call does nothing unless awaited"]
pub struct Pending<'a, T> {
    operation: &'static Operation,
    version: &'static Version,
    path: String,
    state: State<'a>,
    /// The most items of a page.
    most_items: usize,
    decode: fn(&[u8], usize) -> Result<T, serde_json::Error>,
}

impl<'a, T: DeserializeOwned> Pending<'a, T> {
    /// A call that the transport carries.
    pub(crate) fn sent(
        operation: &'static Operation,
        version: &'static Version,
        path: String,
        most_items: usize,
        exchange: Exchange<'a>,
    ) -> Self {
        Self { operation, version, path, state: State::Sent(exchange), most_items, decode: decode_at_most::<T> }
    }

    /// A call that cannot be sent.
    pub(crate) fn refused(operation: &'static Operation, version: &'static Version, error: Error) -> Self {
        let path = operation.path.to_owned();
        Self {
            operation,
            version,
            path,
            state: State::Refused(Some(error)),
            most_items: 0,
            decode: decode_at_most::<T>,
        }
    }
}

impl<T> Pending<'_, T> {
    /// The operation that is called.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// The path with its values filled in and percent-encoded; the template if the call cannot be sent.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The most items that the page of a response may have; see [`Call::most_items`](crate::Call::most_items).
    #[must_use]
    pub fn most_items(&self) -> usize {
        self.most_items
    }

    /// The version that the binding speaks.
    #[must_use]
    pub fn version(&self) -> &'static Version {
        self.version
    }
}

enum State<'a> {
    Sent(Exchange<'a>),
    Refused(Option<Error>),
}

impl<T> Future for Pending<'_, T> {
    type Output = Result<Response<T>, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let reply = match &mut self.state {
            State::Sent(exchange) => ready!(exchange.as_mut().poll(context)).map_err(Error::Transport),
            State::Refused(error) => Err(error.take().expect("a finished future is not polled again")),
        };
        Poll::Ready(reply.and_then(|reply| {
            if !reply.status.is_success() {
                return Err(Error::Status(Box::new(reply)));
            }
            // A change may be answered without a document. A read may not: nothing says that the document is empty.
            let is_read = self.operation.method == Method::Get && self.version.response.is_some();
            let decoded = if is_read && reply.body.trim_ascii().is_empty() {
                serde_json::from_slice::<IgnoredAny>(&[]).and_then(|_| (self.decode)(&reply.body, self.most_items))
            } else {
                (self.decode)(&reply.body, self.most_items)
            };
            match decoded {
                Ok(value) => {
                    Ok(Response { value, status: reply.status, headers: reply.headers, extensions: reply.extensions })
                }
                Err(source) => Err(Error::Decode { reply: Box::new(reply), source }),
            }
        }))
    }
}

impl<T> fmt::Debug for Pending<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state {
            State::Sent(_) => "Pending(sent)",
            State::Refused(_) => "Pending(refused)",
        })
    }
}
