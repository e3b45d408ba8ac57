//! What every binding does: fill the path, collect the query, write the body, and decode the answer.
//!
//! The bindings are plain functions that call these and return a [`Pending`], not `async` functions: the decoder of
//! each answer type is compiled once, in this crate, and a consumer that awaits a call compiles next to nothing.

use std::{
    fmt::{self, Display},
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Client,
    operation::{Operation, Version},
    record,
    transport::{Call, Error, Exchange, Response},
};

/// What stays as it is in a path segment: the unreserved characters of RFC 3986.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request as a binding builds it.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    client: &'a Client,
    operation: &'static Operation,
    version: &'static Version,
    outcome: Result<Call, Error>,
}

impl<'a> Request<'a> {
    /// Fills the operation's path template with `values`, in the template's order.
    pub(crate) fn new(
        client: &'a Client,
        operation: &'static Operation,
        version: usize,
        values: &[&dyn Display],
    ) -> Self {
        let version = &operation.versions[version];
        let outcome =
            expand(operation.path, values).map(|path| Call { operation, version, path, query: Vec::new(), body: None });
        Self { client, operation, version, outcome }
    }

    /// Adds a query parameter, unless it is absent.
    pub(crate) fn query(mut self, name: &'static str, value: &dyn QueryValue) -> Self {
        if let Ok(call) = &mut self.outcome {
            value.push(name, &mut call.query);
        }
        self
    }

    /// Sets the body.
    pub(crate) fn body<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        if let Ok(call) = &mut self.outcome {
            match serde_json::to_vec(body) {
                Ok(json) => call.body = Some(Bytes::from(json)),
                Err(error) => self.outcome = Err(Error::Encode(error)),
            }
        }
        self
    }

    /// Hands the request to the transport.
    pub(crate) fn send<T: DeserializeOwned>(self) -> Pending<'a, T> {
        let state = match self.outcome {
            Ok(call) => State::Sent(self.client.transport().send(call)),
            Err(error) => State::Refused(Some(error)),
        };
        Pending { operation: self.operation, version: self.version, state, decode: decode::<T> }
    }
}

fn expand(template: &str, values: &[&dyn Display]) -> Result<String, Error> {
    let (mut path, mut rest, mut values) = (String::with_capacity(template.len() + 48), template, values.iter());
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let value = values.next().map(ToString::to_string).unwrap_or_default();
        // A URL would swallow these, percent-encoded or not, and name another resource.
        if matches!(value.as_str(), "" | "." | "..") {
            return Err(Error::Parameter { name: name.to_owned(), value });
        }
        path.push_str(before);
        path.extend(utf8_percent_encode(&value, SEGMENT));
        rest = after;
    }
    path.push_str(rest);
    Ok(path)
}

/// Reads a body. An empty one (a 204, and some 200s) reads as an empty document; one that is JSON but not what the
/// document says is read leniently: a value that does not fit its field is kept in `extra`, and the field is absent.
///
/// # Errors
/// When the body is not JSON, or what does not fit is the document itself, an item of a page or a required field.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    if body.trim_ascii().is_empty() {
        return serde_json::from_str("{}").or_else(|error| serde_json::from_str("null").map_err(|_| error));
    }
    let read = || serde_json::from_slice(body);
    read().or_else(|error| if error.is_data() { record::lenient(read).map_err(|_| error) } else { Err(error) })
}

/// A call under way: await it. Dropping it gives the call up.
///
/// # Errors
/// [`Error::Transport`] when there is no answer, [`Error::Answer`] on a status outside 2xx, [`Error::Decode`] when the
/// body does not fit, [`Error::Encode`] and [`Error::Parameter`] when nothing could be sent.
#[must_use = "a call does nothing unless awaited"]
pub struct Pending<'a, T> {
    operation: &'static Operation,
    version: &'static Version,
    state: State<'a>,
    decode: fn(&[u8]) -> Result<T, serde_json::Error>,
}

impl<T> Pending<'_, T> {
    /// The operation that is called.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.operation
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
                return Err(Error::Answer(Box::new(reply)));
            }
            match (self.decode)(&reply.body) {
                Ok(value) => Ok(Response { value, status: reply.status, headers: reply.headers }),
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

/// A value of a query parameter.
pub trait QueryValue {
    /// Adds the value's pairs; an absent value has none, a list has one for each item.
    fn push(&self, name: &'static str, query: &mut Vec<(&'static str, String)>);
}

impl<T: QueryValue> QueryValue for Option<T> {
    fn push(&self, name: &'static str, query: &mut Vec<(&'static str, String)>) {
        if let Some(value) = self {
            value.push(name, query);
        }
    }
}

impl<T: QueryValue> QueryValue for [T] {
    fn push(&self, name: &'static str, query: &mut Vec<(&'static str, String)>) {
        self.iter().for_each(|value| value.push(name, query));
    }
}

impl<T: QueryValue + ?Sized> QueryValue for &T {
    fn push(&self, name: &'static str, query: &mut Vec<(&'static str, String)>) {
        (**self).push(name, query);
    }
}

impl QueryValue for DateTime<Utc> {
    fn push(&self, name: &'static str, query: &mut Vec<(&'static str, String)>) {
        query.push((name, self.to_rfc3339_opts(SecondsFormat::AutoSi, true)));
    }
}

macro_rules! displayed {
    ($($ty:ty),*) => {$(
        impl QueryValue for $ty {
            fn push(&self, name: &'static str, query: &mut Vec<(&'static str, String)>) {
                query.push((name, self.to_string()));
            }
        }
    )*};
}

displayed!(bool, i64, f64, str, String);
