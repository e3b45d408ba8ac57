//! How a binding is called and a type is tried without its name: the rows of the generated tables.

use std::{
    cell::RefCell,
    future::Future,
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use atlas_backup_generated::Client;
use atlas_backup_runtime::{
    Call, Error, Kind, Location, Operation, Pending, Reply, Transport, Version, transport::Exchange,
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use schemars::{JsonSchema, schema_for};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::sample;

/// One binding: an operation in one of its versions.
pub(crate) struct Trial {
    pub(crate) operation: &'static Operation,
    pub(crate) index: usize,
    pub(crate) call: fn(&Client, &Values) -> Result<(), Error>,
}

impl Trial {
    pub(crate) fn version(&self) -> &'static Version {
        &self.operation.versions[self.index]
    }

    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.operation.id, self.version().date)
    }

    /// Calls the binding of a service that always answers this.
    pub(crate) fn answered(
        &self,
        status: u16,
        body: &'static str,
        values: &Values,
    ) -> (Result<(), Error>, Option<Call>) {
        let status = StatusCode::from_u16(status).unwrap();
        let recorder = Arc::new(Recorder { calls: Mutex::default(), status, body });
        let outcome = (self.call)(&Client::new(recorder.clone()), values);
        let call = recorder.calls.lock().unwrap().pop();
        (outcome, call)
    }
}

/// Answers every call alike and remembers it.
struct Recorder {
    calls: Mutex<Vec<Call>>,
    status: StatusCode,
    body: &'static str,
}

impl Transport for Recorder {
    fn send(&self, call: Call) -> Exchange<'_> {
        self.calls.lock().unwrap().push(call);
        let body = Bytes::from_static(self.body.as_bytes());
        Box::pin(std::future::ready(Ok(Reply::new(self.status, HeaderMap::new(), body))))
    }
}

/// What became of a call; the transport here is always ready.
pub(crate) fn outcome<T>(pending: Pending<'_, T>) -> Result<(), Error> {
    match pin!(pending).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output.map(drop),
        Poll::Pending => panic!("nothing here waits"),
    }
}

/// Optional arguments as `fill` sets them.
pub(crate) fn filled<T: Default>(fill: impl FnOnce(&mut T)) -> T {
    let mut query = T::default();
    fill(&mut query);
    query
}

/// The arguments of one call: the plainest value of each parameter's kind.
pub(crate) struct Values {
    operation: &'static Operation,
    /// Whether optional parameters are given too.
    all: bool,
    /// Stands in for one path parameter.
    instead: Option<(&'static str, &'static str)>,
    /// The body that was made.
    pub(crate) sent: RefCell<Option<Value>>,
}

impl Values {
    pub(crate) fn of(operation: &'static Operation, all: bool) -> Self {
        Self { operation, all, instead: None, sent: RefCell::default() }
    }

    pub(crate) fn with(operation: &'static Operation, name: &'static str, value: &'static str) -> Self {
        Self { instead: Some((name, value)), ..Self::of(operation, true) }
    }

    /// A parameter's value as JSON; none where it is optional and those are left out.
    pub(crate) fn value(&self, name: &str) -> Option<Value> {
        let parameter = self.operation.parameters.iter().find(|parameter| parameter.name == name).unwrap();
        if let Some((_, value)) = self.instead.filter(|(instead, _)| *instead == name) {
            return Some(json!(value));
        }
        if !(parameter.required || parameter.location == Location::Path || self.all) {
            return None;
        }
        Some(match parameter.kind {
            _ if !parameter.values.is_empty() && parameter.kind != Kind::List => json!(parameter.values[0]),
            Kind::Integer => json!(7),
            Kind::Number => json!(1.5),
            Kind::Boolean => json!(false),
            Kind::DateTime => json!("2026-01-02T03:04:05Z"),
            Kind::List => json!(["one", "two & three"]),
            Kind::Text => json!(TEXT),
        })
    }

    pub(crate) fn text(&self, name: &str) -> Option<&'static str> {
        match self.instead.filter(|(instead, _)| *instead == name) {
            Some((_, value)) => Some(value),
            None => self.value(name).map(|value| leaked(value.as_str().unwrap())),
        }
    }

    pub(crate) fn get<T: DeserializeOwned>(&self, name: &str) -> T {
        serde_json::from_value(self.value(name).unwrap_or_default()).unwrap()
    }

    pub(crate) fn body<T: DeserializeOwned + JsonSchema>(&self) -> T {
        let body = sample::of(schema_for!(T).as_value());
        *self.sent.borrow_mut() = Some(body.clone());
        serde_json::from_value(body).unwrap()
    }
}

/// A text that no URL takes as it is.
pub(crate) const TEXT: &str = "a b/{c}%";

/// A test may leak what a binding borrows.
fn leaked(text: &str) -> &'static str {
    String::leak(text.to_owned())
}

/// One type of the crate.
pub(crate) struct Specimen {
    pub(crate) name: &'static str,
    /// Reads JSON and writes it again.
    pub(crate) recode: fn(&str) -> Result<Value, serde_json::Error>,
    pub(crate) schema: fn() -> Value,
}

impl Specimen {
    pub(crate) const fn of<T: DeserializeOwned + Serialize + JsonSchema>(name: &'static str) -> Self {
        Self {
            name,
            recode: |text| serde_json::from_str::<T>(text).and_then(|value| serde_json::to_value(&value)),
            schema: || schema_for!(T).to_value(),
        }
    }
}
