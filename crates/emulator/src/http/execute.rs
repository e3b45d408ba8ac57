//! Executes one authenticated request: rate limit, version, roles, validation, handler, and response headers.
//!
//! The order is that of the service: every response has the rate limit headers, and every response in a deprecated
//! version its sunset. A strict emulator sends no response that does not conform to the document.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, request::Parts};
use serde_json::Value;

use crate::{
    api::{
        call::{ApiResponse, Call, Handler},
        v1,
    },
    domain::{
        error::{ApiError, Violation},
        refusals::EMULATOR_NOT_IMPLEMENTED,
        roles::Access,
    },
    http::{
        instance::Instance,
        render::{self, render},
    },
    openapi::{
        conformance,
        document::{Operation, ParameterLocation, Version},
        query::Query,
        router::Match,
        validation, versions,
    },
    store::shared_state::StateAccess,
};

/// A request to an operation, authenticated but not yet authorized.
pub(crate) struct AuthenticatedRequest<'a> {
    pub(crate) found: Match<'a>,
    pub(crate) access: Arc<Access>,
}

/// Executes operations.
#[derive(Debug)]
pub(crate) struct Executor {
    pub(crate) instance: Arc<Instance>,
    /// In the order of the document's operations.
    pub(crate) handlers: Vec<Option<Handler>>,
    /// Whether a response that does not conform to the document becomes a 500.
    pub(crate) strict: bool,
    /// Base of links for requests without a usable `Host`.
    pub(crate) base_url: String,
    /// Whether clusters are served to drivers.
    pub(crate) serves_drivers: bool,
}

impl Executor {
    /// Handles a request.
    pub(crate) fn answer(
        &self,
        admitted: &AuthenticatedRequest<'_>,
        parts: &Parts,
        body: &Bytes,
        store: &StateAccess<'_>,
    ) -> Response {
        let AuthenticatedRequest { found, access } = admitted;
        let operation = found.operation;
        let now = self.instance.clock.unscaled();
        let project = found.project().unwrap_or_default();
        let granted = match self.instance.limits.take(&operation.tag, project, parts.uri.path(), now) {
            Ok(granted) => granted,
            Err(refusal) => return refusal.into_response(),
        };
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let version =
            if found.v1 { Ok(&operation.versions[0]) } else { versions::negotiate(operation, &parts.headers) };
        let outcome = version.clone().and_then(|version| {
            let permitted = access.permit(&operation.roles, operation.is_open(), found.project());
            let outcome = permitted.and_then(|()| self.call(admitted, version, &query, parts, body, store));
            let outcome = if self.strict { refuse_ignored(operation, &query, outcome) } else { outcome };
            let check = self.strict && found.v1_only.is_none();
            if check { self.check_response(operation, version, outcome) } else { outcome }
        });
        let mut response = render(outcome, version.as_ref().ok().copied().filter(|_| !found.v1), &query);
        let headers = response.headers_mut();
        if let Ok(name) = HeaderValue::from_str(&operation.id) {
            headers.insert("x-java-method", name);
        }
        granted.announce(headers);
        if let (Ok(version), false) = (version, found.v1) {
            versions::announce(version, headers);
        }
        response
    }

    fn call(
        &self,
        admitted: &AuthenticatedRequest<'_>,
        version: &Version,
        query: &Query,
        parts: &Parts,
        body: &Bytes,
        store: &StateAccess<'_>,
    ) -> Result<ApiResponse, ApiError> {
        let AuthenticatedRequest { found, access } = admitted;
        let operation = found.operation;
        let path = parts.uri.path();
        let now = self.instance.clock.now();
        versions::still_served(version, path, now.date_naive())?;
        let v1_only = found.v1_only.map(|place| v1::V1_OPERATIONS[place].handler);
        let Some(handler) = v1_only.or(self.handlers[found.index]) else { return Err(not_modelled(&operation.id)) };
        // The document does not describe operations that only the older form has.
        let documented = v1_only.is_none();
        let mut document = None;
        if documented {
            validation::parameters(self.instance.document, operation, &found.parameters, query, &parts.headers)?;
            // The older form of the API has attributes that no document lists.
            let closed = !found.v1;
            document = validation::body(self.instance.document, operation, version, &parts.headers, body, closed)?;
        }
        let base = render::base(&parts.headers, &self.base_url);
        let call = Call {
            document: self.instance.document,
            operation,
            version,
            parameters: &found.parameters,
            query,
            body: document,
            store,
            rate_limits: &self.instance.limits.rates,
            access,
            now,
            base: &base,
            path,
            serves_drivers: self.serves_drivers,
        };
        tracing::trace!(operation = call.operation.id, version = call.version.date, "executing");
        handler(&call)
    }

    /// The outcome, unless it violates the document.
    fn check_response(
        &self,
        operation: &Operation,
        version: &Version,
        outcome: Result<ApiResponse, ApiError>,
    ) -> Result<ApiResponse, ApiError> {
        let violations = match &outcome {
            Ok(ApiResponse { status, body, .. }) => {
                let body = body.as_ref().unwrap_or(&Value::Null);
                conformance::check_success(self.instance.document, operation, version, status.as_u16(), body)
            }
            Err(error) => conformance::check_error(operation, error.status.as_u16()),
        };
        if violations.is_empty() {
            return outcome;
        }
        tracing::error!(operation = operation.id, ?violations, "undocumented response");
        Err(ApiError::undocumented(&operation.id, violations))
    }
}

/// 501 for an operation that is not modelled.
pub(crate) fn not_modelled(operation: &str) -> ApiError {
    let detail = format!("The emulator does not model {operation}. Its `operations` command lists what it models.");
    EMULATOR_NOT_IMPLEMENTED.error(detail).parameter(operation)
}

/// The outcome, unless the query has a documented parameter that the handler did not read.
fn refuse_ignored(
    operation: &Operation,
    query: &Query,
    outcome: Result<ApiResponse, ApiError>,
) -> Result<ApiResponse, ApiError> {
    let response = outcome?;
    // These two change the form of every response, and are read when it is rendered.
    let rendered = |name: &str| ["envelope", "pretty"].contains(&name);
    let ignored = operation.parameters.iter().find(|parameter| {
        parameter.place == ParameterLocation::Query && !rendered(&parameter.name) && query.ignores(&parameter.name)
    });
    match ignored {
        Some(parameter) => {
            let violation = Violation::new(parameter.name.as_str(), "is a query parameter that was ignored");
            Err(ApiError::undocumented(&operation.id, vec![violation]))
        }
        None => Ok(response),
    }
}
