//! Any operation by name, with JSON in and out, for operations without a typed method and for command lines.
//!
//! Names, parameters and versions are checked against the operations table before sending, and errors list the valid
//! ones. An unsupported version is refused and never replaced silently.

use std::{borrow::Cow, fmt, future::IntoFuture, pin::Pin, sync::Arc, time::Duration};

use atlas_backup_runtime::{Call, Kind, Location, Operation, Parameter, Reply, Version};
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::IgnoredAny;
use serde_json::{Value, value::RawValue};

use crate::{
    call::{
        client::Client,
        page::RawPage,
        paging::{List, PageQuery, fetch_call},
    },
    http::pipeline::list,
    model::{
        entity::FromDocument,
        error::{Error, Result},
        error_kind::ErrorKind,
        ids,
        meta::Meta,
        sealed::{self, Sealed},
        subject::Subject,
        version::ApiVersion,
    },
};

/// Characters that are not encoded in a path segment: the unreserved characters of RFC 3986.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A call by name. [`send`](Self::send) it or await it.
#[derive(Clone)]
#[must_use = "a call does nothing until it is sent or awaited"]
pub struct Raw {
    client: Client,
    operation: &'static Operation,
    parameters: Vec<(String, String)>,
    version: Option<String>,
    body: Option<Bytes>,
}

impl Raw {
    pub(crate) fn new(client: Client, operation: &'static Operation) -> Self {
        Raw { client, operation, parameters: Vec::new(), version: None, body: None }
    }

    /// The operation's row in the operations table.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Sets a path or query parameter. A list parameter may be set several times.
    pub fn parameter(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.parameters.push((name.into(), value.to_string()));
        self
    }

    /// The version to call, one of the operation's versions. Without it the client's pin decides, and without a pin the
    /// newest version is called.
    pub fn version(mut self, version: impl ToString) -> Self {
        self.version = Some(version.to_string());
        self
    }

    /// The request's body.
    pub fn body(self, body: &Value) -> Self {
        self.body_text(body.to_string())
    }

    /// The request's body as JSON text, which is sent as it is.
    pub fn body_text(mut self, json: impl Into<Bytes>) -> Self {
        self.body = Some(json.into());
        self
    }

    /// Requests the envelope, and keeps it on the response. A failure inside of it is still an error.
    pub fn envelope(mut self) -> Self {
        self.client = self.client.with_envelope();
        self
    }

    /// How long this call may take in total.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.client = self.client.with_timeout(timeout);
        self
    }

    /// Sends it only if it is read-only: see [`Client::with_dry_run`].
    pub fn dry_run(mut self) -> Self {
        self.client = self.client.with_dry_run();
        self
    }

    /// Sends a further header with this call.
    ///
    /// # Errors
    /// As [`Client::with_header`].
    pub fn header(mut self, name: &str, value: &str) -> Result<Self> {
        self.client = self.client.with_header(name, value)?;
        Ok(self)
    }

    /// Sends it.
    ///
    /// # Errors
    /// Before sending: [`ErrorKind::InvalidInput`] if a parameter is unknown, missing or of another type, or if a body
    /// is missing, not allowed or not JSON; [`ErrorKind::UnsupportedVersion`] if the operation lacks the version.
    /// Afterwards as every call.
    pub async fn send(self) -> Result<RawResponse> {
        let version = self.pick_version()?;
        let call = self.call(version).map_err(|error| error.on(self.operation, Some(version)))?;
        let subject = Subject::of(Some(self.operation), &call.path);
        let reply = self.client.send(call).await?;
        let meta = Meta::new(reply.status, reply.headers, &reply.extensions);
        Ok(RawResponse::new(Some(self.operation), version.date.into(), subject, reply.body, meta))
    }

    /// The list that the operation returns page by page, each item as sent by the service. The parameters
    /// `itemsPerPage`, `includeCount` and `pageNum` become options of the list.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if the operation returns no pages; otherwise as [`send`](Self::send) before sending.
    pub fn list(mut self) -> Result<List<Box<RawValue>>> {
        let operation = self.operation;
        let version = self.pick_version()?;
        let on = |error: Error| error.on(operation, Some(version));
        if !operation.paged {
            return Err(on(Error::new(ErrorKind::InvalidInput, "the operation returns no pages")));
        }
        let checked = self.call(version).map_err(on)?;
        let given = |name: &str| checked.query.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str());
        let query = PageQuery {
            include_count: given(INCLUDE_COUNT).and_then(|value| value.parse().ok()),
            items_per_page: given(ITEMS_PER_PAGE).and_then(|value| value.parse().ok()),
            page_num: given(PAGE_NUM).and_then(|value| value.parse().ok()),
        };
        self.parameters.retain(|(name, _)| ![INCLUDE_COUNT, ITEMS_PER_PAGE, PAGE_NUM].contains(&name.as_str()));
        let list = List::new(move |query: PageQuery| {
            let mut raw = self.clone();
            let mut set = |name: &str, value: Option<String>| {
                raw.parameters.extend(value.map(|value| (name.to_owned(), value)));
            };
            set(INCLUDE_COUNT, query.include_count.map(|on| on.to_string()));
            set(ITEMS_PER_PAGE, query.items_per_page.map(|items| items.to_string()));
            set(PAGE_NUM, query.page_num.map(|page| page.to_string()));
            async move { fetch_call::<_, RawPage>(&raw.client, raw.call(version)?).await }
        });
        Ok(list.with_query(query))
    }

    fn pick_version(&self) -> Result<&'static Version> {
        let operation = self.operation;
        let unsupported = |asked: &str| {
            let has = list(operation.versions.iter().map(|v| v.date));
            Error::new(ErrorKind::UnsupportedVersion, format!("unknown version {asked}: expected {has}"))
                .on(operation, None)
        };
        match (&self.version, self.client.pin()) {
            (Some(asked), _) => operation.version(asked).ok_or_else(|| unsupported(asked)),
            (None, Some(pin)) => {
                let dates = operation.versions.iter().filter_map(|v| v.date.parse::<ApiVersion>().ok());
                let resolved = pin.resolve(dates).map(|version| version.to_string());
                let found = resolved.and_then(|date| operation.version(&date));
                found.ok_or_else(|| unsupported(&pin.to_string()))
            }
            (None, None) => Ok(operation.newest()),
        }
    }

    fn call(&self, version: &'static Version) -> Result<Call> {
        let invalid = |message: String| Error::new(ErrorKind::InvalidInput, message);
        let known = self.operation.parameters;
        if let Some((name, _)) = self.parameters.iter().find(|(name, _)| !known.iter().any(|p| p.name == name)) {
            let has = list(known.iter().map(|p| p.name));
            return Err(invalid(format!("unknown parameter {name:?}: expected {has}")));
        }
        let values = |parameter: &Parameter| {
            let name = parameter.name;
            self.parameters.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
        };
        let missing = known.iter().filter(|p| p.required && values(p).next().is_none());
        let missing = list(missing.map(|p| p.name));
        if !missing.is_empty() {
            return Err(invalid(format!("missing: {missing}")));
        }
        let (mut path, mut query) = (self.operation.path.to_owned(), Vec::new());
        for parameter in known {
            if parameter.kind != Kind::List && values(parameter).nth(1).is_some() {
                return Err(invalid(format!("parameter {} was given twice", parameter.name)));
            }
            for value in values(parameter) {
                check(parameter, value)?;
                match parameter.location {
                    Location::Path => {
                        let segment = utf8_percent_encode(value, SEGMENT).to_string();
                        path = path.replace(&format!("{{{}}}", parameter.name), &segment);
                    }
                    Location::Query => query.push((parameter.name, value.to_owned())),
                }
            }
        }
        match (&self.body, version.content_type) {
            (Some(_), None) => return Err(invalid("the operation takes no body".to_owned())),
            (None, Some(_)) if !version.request_optional => {
                return Err(invalid("missing body: the operation requires one".to_owned()));
            }
            (Some(body), _) => {
                serde_json::from_slice::<IgnoredAny>(body)
                    .map_err(|source| invalid("the body is not JSON".to_owned()).with_source(source))?;
            }
            (None, _) => {}
        }
        Ok(Call { operation: self.operation, version, path, query, body: self.body.clone() })
    }
}

fn check(parameter: &Parameter, value: &str) -> Result<()> {
    let expected = match (parameter.location, parameter.kind) {
        (Location::Path, _) if !ids::is_path_safe(value) => "text that is safe in a path",
        (_, Kind::Integer) if value.parse::<i64>().is_err() => "a whole number",
        (_, Kind::Number) if value.parse::<f64>().is_err() => "a number",
        (_, Kind::Boolean) if value.parse::<bool>().is_err() => "true or false",
        (_, Kind::DateTime) if chrono::DateTime::parse_from_rfc3339(value).is_err() => {
            "a time such as 2026-01-31T12:00:00Z"
        }
        _ => return Ok(()),
    };
    Err(Error::new(ErrorKind::InvalidInput, format!("invalid {} {value:?}: expected {expected}", parameter.name)))
}

const INCLUDE_COUNT: &str = "includeCount";
const ITEMS_PER_PAGE: &str = "itemsPerPage";
const PAGE_NUM: &str = "pageNum";

impl Sealed<sealed::FromDocument> for Box<RawValue> {}

impl FromDocument for Box<RawValue> {
    type Document = Self;

    fn from_document(document: Self, _meta: &Arc<Meta>) -> Result<Self> {
        Ok(document)
    }
}

/// Without the body, which may contain secrets.
impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Raw")
            .field("operation", &self.operation.id)
            .field("parameters", &self.parameters)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl IntoFuture for Raw {
    type Output = Result<RawResponse>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// The response to a [`Raw`] call.
#[derive(Clone)]
pub struct RawResponse {
    operation: Option<&'static Operation>,
    version: Cow<'static, str>,
    subject: Subject,
    body: Bytes,
    meta: Meta,
}

impl RawResponse {
    pub(crate) fn new(
        operation: Option<&'static Operation>,
        version: Cow<'static, str>,
        subject: Subject,
        body: Bytes,
        meta: Meta,
    ) -> Self {
        RawResponse { operation, version, subject, body, meta }
    }

    /// The unchanged body, empty for most 204 responses.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// The body as JSON. `null` if it is empty.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if it is not JSON.
    pub fn json(&self) -> Result<Value> {
        if self.body.trim_ascii().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body).map_err(|source| {
            let mut reply = Reply::new(self.meta.status(), self.meta.headers().clone(), self.body.clone());
            reply.extensions.insert(self.meta.delivery().clone());
            let error = Error::undecodable(reply, source).about(&self.subject);
            match self.operation {
                Some(operation) => error.on(operation, operation.version(&self.version)),
                None => error,
            }
        })
    }

    /// The requested version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Metadata of the response.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        &self.meta
    }
}

/// Without the body, which may contain secrets.
impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawResponse")
            .field("operation", &self.operation.map(|operation| operation.id))
            .field("version", &self.version)
            .field("status", &self.meta.status())
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use atlas_backup_generated::operations;

    use super::*;
    use crate::testing::{CannedService, reply};

    #[test]
    fn every_operation_can_be_called_in_every_version() {
        let client = Client::builder().build_over(CannedService::respond_with(|_, _| reply(200, &[], "")));
        for operation in operations::ALL {
            for version in operation.versions {
                let mut raw = client.operation(operation.id).expect(operation.id).version(version.date);
                for parameter in operation.parameters.iter().filter(|p| p.required) {
                    raw = raw.parameter(parameter.name, if parameter.kind == Kind::Text { "a/b c" } else { "1" });
                }
                if version.content_type.is_some() {
                    raw = raw.body(&serde_json::json!({}));
                }
                let call = raw.pick_version().and_then(|version| raw.call(version)).expect(operation.id);
                assert!(!call.path.contains(['{', '}', ' ']), "{}", call.path);
                assert_eq!(call.path.matches('/').count(), operation.path.matches('/').count(), "{}", call.path);
                assert_eq!(call.version.date, version.date);
            }
        }
    }
}
