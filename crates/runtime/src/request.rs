//! Steps of every binding: fill the path, collect the query, write the body, and decode the response.
//!
//! The bindings are plain functions that call these and return a [`Pending`], not `async` functions: the decoder of
//! each response type is compiled once, in this crate, and a consumer that awaits a call compiles next to nothing.

use std::fmt::{self, Display};

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    codec::{Query, QueryValue},
    operation::{Operation, Version},
    pending::Pending,
    transport::{Call, Error, Transport},
};

/// Characters that are not encoded in a path segment: the unreserved characters of RFC 3986.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request as a binding builds it.
pub struct Request<'a> {
    transport: &'a dyn Transport,
    operation: &'static Operation,
    version: &'static Version,
    outcome: Result<Call, Error>,
}

impl<'a> Request<'a> {
    /// Fills the operation's path template with `values`, in the template's order.
    pub fn new(
        transport: &'a dyn Transport,
        operation: &'static Operation,
        version: usize,
        values: &[&dyn Display],
    ) -> Self {
        let version = &operation.versions[version];
        let outcome =
            expand(operation.path, values).map(|path| Call { operation, version, path, query: Vec::new(), body: None });
        Self { transport, operation, version, outcome }
    }

    /// Adds a query parameter, unless it is absent.
    pub fn query(mut self, name: &'static str, value: &dyn QueryValue) -> Self {
        if let Ok(call) = &mut self.outcome {
            value.push(name, &mut call.query);
        }
        self
    }

    /// Adds the optional query parameters that are set.
    #[must_use]
    pub fn optional(mut self, query: &dyn Query) -> Self {
        if let Ok(call) = &mut self.outcome {
            query.push(&mut call.query);
        }
        self
    }

    /// Sets the body.
    pub fn body<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        if let Ok(call) = &mut self.outcome {
            match serde_json::to_vec(body) {
                Ok(json) => call.body = Some(Bytes::from(json)),
                Err(error) => self.outcome = Err(Error::Encode(error)),
            }
        }
        self
    }

    /// Starts the call.
    pub fn send<T: DeserializeOwned>(self) -> Pending<'a, T> {
        match self.outcome {
            Ok(call) => {
                let (path, most_items) = (call.path.clone(), call.most_items());
                Pending::sent(self.operation, self.version, path, most_items, self.transport.send(call))
            }
            Err(error) => Pending::refused(self.operation, self.version, error),
        }
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("outcome", &self.outcome).finish_non_exhaustive()
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
