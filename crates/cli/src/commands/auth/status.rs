//! Who is calling, as far as the environment and the profiles say, and whether the service agrees.

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

/// What is known of the credentials; nothing secret.
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

/// The variables that credentials come from, in the order in which they count.
const VARIABLES: [&str; 4] = [
    "MONGODB_ATLAS_CLIENT_ID",
    "MONGODB_ATLAS_PUBLIC_API_KEY",
    "MONGODB_ATLAS_PUBLIC_KEY",
    "MONGODB_ATLAS_ACCESS_TOKEN",
];

/// Where credentials are from, and what they are; or what is wrong with them there.
struct CredentialSource {
    source: String,
    credentials: Result<Credentials, Error>,
    profile: Option<Profile>,
}

/// Prints the status. Credentials that don't work, or are damaged, are shown, and the run fails.
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
    // The cheapest call that any credentials may make.
    let outcome = session.client().projects().list().items_per_page(1).items().next().await.transpose();
    let outcome = outcome.map(drop).map_err(Failure::from);
    let status = status(outcome.as_ref().err(), session.client().base_url(), session.project_id());
    session.printer().one(&status).await?;
    outcome
}

/// Where the credentials are from, in the order in which a session looks for them.
///
/// # Errors
/// There are none anywhere, or the file of profiles can't be read.
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
        return Ok(none("the emulator, which asks for none"));
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
