//! One admitted request to one operation: rate limit, version, roles, validation, handler, and the answer's headers.
//!
//! The order is the service's: every answer says how much of the rate limit is left, and every one in an old version when
//! that ends. In a strict emulator nothing leaves here that the document does not provide for.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{StatusCode, request::Parts};
use serde_json::Value;

use crate::{
    app::App,
    auth::roles::Access,
    call::{Answer, Call, Query},
    conformance,
    document::{Operation, Version},
    errors::ApiError,
    render::{self, render},
    router::Match,
    store, validation, versions,
};

/// A request to an operation, by somebody who may or may not do that.
pub(crate) struct Admitted<'a> {
    pub(crate) found: Match<'a>,
    pub(crate) access: Arc<Access>,
}

impl App {
    /// Answers it.
    pub(crate) fn operation(
        &self,
        admitted: &Admitted<'_>,
        parts: &Parts,
        body: &Bytes,
        store: &store::Access<'_>,
    ) -> Response {
        let Admitted { found, access } = admitted;
        let operation = found.operation;
        let now = self.clock.unscaled();
        let project = found.project().unwrap_or_default();
        let granted = match self.limits.take(&operation.tag, project, parts.uri.path(), now) {
            Ok(granted) => granted,
            Err(refusal) => return refusal.into_response(),
        };
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let version =
            if found.legacy { Ok(&operation.versions[0]) } else { versions::negotiate(operation, &parts.headers) };
        let outcome = version.clone().and_then(|version| {
            let permitted = access.permit(operation, found.project());
            let outcome = permitted.and_then(|()| self.call(admitted, version, &query, parts, body, store));
            let held = self.strict && found.handler.is_none();
            if held { self.held_to_the_document(operation, version, outcome) } else { outcome }
        });
        let mut response = render(outcome, version.as_ref().ok().copied().filter(|_| !found.legacy), &query);
        let headers = response.headers_mut();
        granted.announce(headers);
        if let (Ok(version), false) = (version, found.legacy) {
            versions::announce(version, headers);
        }
        response
    }

    fn call(
        &self,
        admitted: &Admitted<'_>,
        version: &Version,
        query: &Query,
        parts: &Parts,
        body: &Bytes,
        store: &store::Access<'_>,
    ) -> Result<Answer, ApiError> {
        let Admitted { found, access } = admitted;
        let operation = found.operation;
        let path = parts.uri.path();
        let now = self.clock.now();
        versions::still_served(version, path, now.date_naive())?;
        let Some(handler) = found.handler.or(self.handlers[found.index]) else { return Err(not_modelled(operation)) };
        // What only the older form has is in no document to be held to.
        let documented = found.handler.is_none();
        let mut document = None;
        if documented {
            validation::parameters(self.document, operation, &found.parameters, query, &parts.headers)?;
            document = validation::body(self.document, operation, version, &parts.headers, body)?;
        }
        let base = render::base(&parts.headers, &self.base_url);
        let call = Call {
            document: self.document,
            operation,
            version,
            parameters: &found.parameters,
            query,
            body: document,
            store,
            limits: &self.limits,
            access,
            now,
            base: &base,
            path,
        };
        tracing::trace!(operation = call.operation.id, version = call.version.date, "executing");
        handler(&call)
    }

    /// The outcome, unless it says what the document does not.
    fn held_to_the_document(
        &self,
        operation: &Operation,
        version: &Version,
        outcome: Result<Answer, ApiError>,
    ) -> Result<Answer, ApiError> {
        let violations = match &outcome {
            Ok(Answer { status, body }) => {
                let body = body.as_ref().unwrap_or(&Value::Null);
                conformance::check_success(self.document, operation, version, status.as_u16(), body)
            }
            Err(error) => conformance::check_error(operation, error.status.as_u16()),
        };
        if violations.is_empty() {
            return outcome;
        }
        tracing::error!(operation = operation.id, ?violations, "undocumented answer");
        Err(ApiError::undocumented(&operation.id, violations))
    }
}

fn not_modelled(operation: &Operation) -> ApiError {
    let detail = format!("This emulator does not model {}.", operation.id);
    ApiError::new(StatusCode::NOT_IMPLEMENTED, "EMULATOR_NOT_IMPLEMENTED", detail).parameter(operation.id.as_str())
}
