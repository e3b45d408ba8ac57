//! Forwards calls of retired operations to their replacements.
//!
//! This happens in the transport, below the bindings, so that typed calls, lists and raw calls are treated alike. The
//! converted call is checked, signed and retried like any other. A request that the replacement cannot express is
//! refused and never sent incompletely.

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

/// Handles a call of a retired operation according to the client's policy.
async fn answer(seam: &BindingTransport, call: Call, deadline: Instant) -> Result<Reply> {
    match seam.options.retired {
        RetiredPolicy::Redirect => forward(seam, call, deadline).await,
        RetiredPolicy::Refuse => {
            let hint = call.operation.replaced_by.map(|id| format!("; use {id} instead")).unwrap_or_default();
            Err(Error::new(ErrorKind::Retired, format!("the service has removed this operation{hint}")))
        }
        RetiredPolicy::TryFirst => {
            let reply = seam.exchange(call.clone(), deadline).await?;
            // 404 and 405 come from a service without the route, 410 from one that has kept it for the error. 400 and
            // 404 also come from a service whose route no longer finds the cluster. The replacement decides.
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
                .map_err(|source| Error::new(ErrorKind::Encode, "the request body is not JSON").with_source(source))?,
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
        return Err(Error::new(ErrorKind::Retired, "the service has removed this operation without a replacement"));
    };
    let values = path_values(call.operation.path, &call.path).ok_or_else(|| {
        Error::new(ErrorKind::InvalidInput, format!("{:?} is not a path of the operation", call.path))
    })?;
    let cluster = values.iter().find(|(name, _)| *name == "clusterName").map(|(_, value)| (*value).to_owned());
    let mut query: Vec<_> =
        call.query.into_iter().filter(|(name, _)| target.parameters.iter().any(|p| p.name == *name)).collect();
    if target.paged && !call.operation.paged {
        // The old list was not paged. The largest page contains several times the number of a flex cluster's snapshots.
        query.push(("itemsPerPage", "500".to_owned()));
    }
    let rewritten = Call {
        operation: target,
        version: target.newest(),
        path: fill(target.path, &values),
        query,
        body: body.map(|body| Bytes::from(body.to_string())),
    };
    tracing::debug!(retired = call.operation.id, operation = target.id, "forwarded to the replacement");
    let mut reply = seam.exchange(rewritten, deadline).await?;
    if reply.status.is_success() {
        let delivery = reply.extensions.get_or_insert_default::<Delivery>();
        delivery.served_by = Some(target.id);
        reply.body = flex_form::answer(call.operation, tier, cluster.as_deref(), &reply.body)?;
    }
    Ok(reply)
}

/// Fills a flex template, which names the cluster `name` and the restore `restoreJobId`.
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
