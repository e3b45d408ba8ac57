//! `auth status`: the source of the credentials, and whether a call with them succeeds.

use std::env;

use atlas_backup::{ATLAS, Credentials, Error, Profile};
use chrono::Utc;
use serde::Serialize;

use crate::{
    context::{
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

/// The variables that credentials come from, by precedence.
const VARIABLES: [&str; 4] = [
    "MONGODB_ATLAS_CLIENT_ID",
    "MONGODB_ATLAS_PUBLIC_API_KEY",
    "MONGODB_ATLAS_PUBLIC_KEY",
    "MONGODB_ATLAS_ACCESS_TOKEN",
];

/// The source of the credentials, and the credentials or the error of reading them.
struct CredentialSource {
    source: String,
    credentials: Result<Credentials, Error>,
    profile: Option<Profile>,
}

/// Prints the status. Fails if the credentials are damaged or rejected, after printing it.
pub(super) async fn show(global: &Global) -> Outcome {
    let CredentialSource { source, credentials, profile } = find_credentials(global)?;
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

/// Finds the credentials in the order of a session.
///
/// # Errors
/// No credentials are configured, or the profiles file cannot be read.
fn find_credentials(global: &Global) -> Outcome<CredentialSource> {
    let none = |source: &str| CredentialSource {
        source: source.to_owned(),
        credentials: Ok(Credentials::none()),
        profile: None,
    };
    let of_profile = |profile: Profile| CredentialSource {
        source: format!("profile {}", profile.name()),
        credentials: profile.credentials(),
        profile: Some(profile),
    };
    if global.emulator {
        return Ok(none("none (the emulator needs none)"));
    }
    if global.no_auth {
        return Ok(none("--no-auth"));
    }
    if let Some(name) = &global.profile
        && let Some(profile) = Profile::load(Some(name)).map_err(Failure::without_hint)?
    {
        return Ok(of_profile(profile));
    }
    let variable = VARIABLES.into_iter().find(|name| env::var_os(name).is_some_and(|value| !value.is_empty()));
    if let Some(name) = variable {
        let source = format!("the environment ({name})");
        return Ok(CredentialSource { source, credentials: Credentials::from_env(), profile: None });
    }
    match Profile::load(None).map_err(Failure::without_hint)? {
        Some(profile) => Ok(of_profile(profile)),
        None => Err(Failure::NoCredentials),
    }
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
