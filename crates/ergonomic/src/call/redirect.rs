//! Sending a call to a retired operation where it is answered today.
//!
//! This happens at the transport, below the bindings, so that typed calls, lists and raw calls to a retired operation
//! all go the same way. The rewritten call is checked, signed and retried like any other. A request that the
//! replacement can't express is refused; it is never sent with a part missing.

use atlas_backup_runtime::{Call, Reply};
use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    call::flex_form,
    http::{
        pipeline::{BindingTransport, Redirect},
        wire::Exchange,
    },
    model::{
        error::{Error, Result},
        error_kind::ErrorKind,
        meta::Delivery,
        operations,
        retired::RetiredPolicy,
        subject::{Subject, path_values},
    },
};

/// The hook of the pipeline for retired operations.
pub(crate) struct Redirected;

impl Redirect for Redirected {
    fn call<'a>(&'a self, seam: &'a BindingTransport, call: Call, deadline: Instant) -> Exchange<'a> {
        let subject = Subject::of(Some(call.operation), &call.path);
        Box::pin(async move { answer(seam, call, deadline).await.map_err(|error| error.about(&subject)) })
    }
}

/// Answers a call to a retired operation by the client's policy.
async fn answer(seam: &BindingTransport, call: Call, deadline: Instant) -> Result<Reply> {
    match seam.options.retired {
        RetiredPolicy::Redirect => forward(seam, call, deadline).await,
        RetiredPolicy::Refuse => {
            let hint = call.operation.replaced_by.map(|id| format!("; {id} took over")).unwrap_or_default();
            Err(Error::new(ErrorKind::Retired, format!("the service has removed this operation{hint}")))
        }
        RetiredPolicy::TryFirst => {
            let reply = seam.exchange(call.clone(), deadline).await?;
            // 404 and 405 from a service without the route, 410 from one that keeps the route to say so; 400 and 404
            // also from one that has the route but no such cluster any more. What took over knows better.
            match reply.status {
                StatusCode::GONE
                | StatusCode::NOT_FOUND
                | StatusCode::METHOD_NOT_ALLOWED
                | StatusCode::NOT_ACCEPTABLE
                | StatusCode::BAD_REQUEST => forward(seam, call, deadline).await,
                _ => Ok(reply),
            }
        }
    }
}

async fn forward(seam: &BindingTransport, call: Call, deadline: Instant) -> Result<Reply> {
    let tier = flex_form::FormerTier::of(call.operation);
    let body = match &call.body {
        Some(body) => Some(
            serde_json::from_slice::<Value>(body)
                .map_err(|source| Error::new(ErrorKind::Encode, "the request's body is no JSON").with_source(source))?,
        ),
        None => None,
    };
    let (target, body) = match (body, tier) {
        (Some(body), Some(tier)) => {
            let request = flex_form::restore_request(call.operation, tier, &body)?;
            (request.operation_id.or(call.operation.replaced_by), Some(request.body))
        }
        (body, _) => (call.operation.replaced_by, body),
    };
    let (Some(target), Some(tier)) = (target.and_then(operations::find), tier) else {
        return Err(Error::new(ErrorKind::Retired, "the service has removed this operation and nothing took over"));
    };
    let values = path_values(call.operation.path, &call.path)
        .ok_or_else(|| Error::new(ErrorKind::InvalidInput, format!("{:?} is no path of the operation", call.path)))?;
    let cluster = values.iter().find(|(name, _)| *name == "clusterName").map(|(_, value)| (*value).to_owned());
    let mut query: Vec<_> =
        call.query.into_iter().filter(|(name, _)| target.parameters.iter().any(|p| p.name == *name)).collect();
    if target.paged && !call.operation.paged {
        // The old list was whole; the largest page holds several times what a flex cluster keeps.
        query.push(("itemsPerPage", "500".to_owned()));
    }
    let rewritten = Call {
        operation: target,
        version: target.newest(),
        path: fill(target.path, &values),
        query,
        body: body.map(|body| Bytes::from(body.to_string())),
    };
    tracing::debug!(retired = call.operation.id, operation = target.id, "sent to what took over");
    let mut reply = seam.exchange(rewritten, deadline).await?;
    if reply.status.is_success() {
        let delivery = reply.extensions.get_or_insert_default::<Delivery>();
        delivery.served_by = Some(target.id);
        reply.body = flex_form::answer(call.operation, tier, cluster.as_deref(), &reply.body);
    }
    Ok(reply)
}

/// Fills a flex template: it calls the cluster `name` and the restore `restoreJobId`.
fn fill(template: &str, values: &[(&'static str, &str)]) -> String {
    values.iter().fold(template.to_owned(), |path, (name, value)| {
        let name = match *name {
            "clusterName" => "name",
            "restoreId" => "restoreJobId",
            other => other,
        };
        path.replace(&format!("{{{name}}}"), value)
    })
}
