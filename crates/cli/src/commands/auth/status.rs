//! `auth status`: the source of the credentials, and whether a call with them succeeds.

use atlas_backup::ATLAS;
use chrono::Utc;
use serde::Serialize;

use crate::{
    context::{
        credentials::CredentialSource,
        global::Global,
        session::{self, Session},
    },
    ui::{
        exit::{Failure, Outcome},
        output::{
            columns::{Cell, Column, Document},
            printer::Printer,
        },
    },
};

/// The credentials, without secrets.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    source: String,
    kind: Option<&'static str>,
    id: Option<String>,
    base_url: String,
    project: Option<String>,
    works: bool,
    reason: Option<String>,
}

/// Prints the status. Fails if the credentials are damaged or rejected, after printing it.
pub(super) async fn show(global: &Global) -> Outcome {
    let CredentialSource { source, credentials, profile } = CredentialSource::find(global)?;
    let (kind, id, damage) = match credentials {
        Ok(credentials) => (Some(credentials.describe()), credentials.id().map(str::to_owned), None),
        Err(error) => (None, None, Some(Failure::without_hint(error))),
    };
    let status = |failure: Option<&Failure>, calls: String, project: Option<&str>| Status {
        source,
        kind,
        id,
        base_url: calls,
        project: project.map(str::to_owned),
        works: failure.is_none(),
        reason: failure.map(|failure| match failure {
            Failure::Call { error, .. } => error.to_string(),
            other => other.to_string(),
        }),
    };
    if let Some(failure) = damage {
        let profile = profile.as_ref();
        let of_source = match profile {
            Some(profile) => profile.base_url().map(str::to_owned),
            None => session::base_url(),
        };
        let calls = global.base_url.clone().or(of_source).unwrap_or_else(|| ATLAS.to_owned());
        let project = global.project.as_deref().or_else(|| profile?.project_id());
        Printer::new(&global.output, Utc::now()).one(&status(Some(&failure), calls, project)).await?;
        return Err(failure);
    }
    let session = Session::open(global).await?;
    // The cheapest call that all credentials are allowed to make.
    let outcome = session.client().projects().list().items_per_page(1).items().next().await.transpose();
    let outcome = outcome.map(drop).map_err(Failure::from);
    let status = status(outcome.as_ref().err(), session.client().base_url(), session.project_id());
    session.printer().one(&status).await?;
    outcome
}

impl Document for Status {
    const PLURAL: &'static str = "credentials";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("SOURCE", |status, _| Cell::text(Some(&status.source))),
        Column::new("KIND", |status, _| Cell::text(status.kind)),
        Column::new("ID", |status, _| Cell::text(status.id.as_ref())),
        Column::new("CALLS", |status, _| Cell::text(Some(&status.base_url))),
        Column::new("PROJECT", |status, _| Cell::text(status.project.as_ref())),
        Column::new("WORKS", |status, _| Cell::yes_no(Some(status.works))),
    ];
}
