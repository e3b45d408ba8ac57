//! Who is calling, as far as the environment and the profiles say, and whether the service agrees.

use std::env;

use atlas_backup::{Credentials, Error, Profile};
use serde::Serialize;

use crate::{
    args::Global,
    exit::{Failure, Outcome},
    output::{Column, Document, cell::Cell},
    session::Session,
};

/// What is known of the credentials; nothing secret.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    source: String,
    kind: &'static str,
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

/// Prints the status. Credentials that don't work are shown, and the run fails.
pub(super) async fn show(global: &Global) -> Outcome {
    let (source, credentials) = found(global).map_err(|error| Failure::Call { error, advice: None })?;
    let session = Session::open(global).await?;
    // The cheapest call that any credentials may make.
    let outcome = session.client().projects().list().items_per_page(1).items().next().await.transpose();
    let status = Status {
        source,
        kind: credentials.describe(),
        id: credentials.id().map(str::to_owned),
        base_url: session.client().base_url(),
        project: session.project_id().map(str::to_owned),
        works: outcome.is_ok(),
        reason: outcome.as_ref().err().map(Error::to_string),
    };
    session.printer().one(&status).await?;
    outcome.map(drop).map_err(Failure::from)
}

/// Where the credentials are from, in the order in which a session looks for them.
fn found(global: &Global) -> Result<(String, Credentials), Error> {
    if global.emulator {
        return Ok(("the emulator, which asks for none".to_owned(), Credentials::none()));
    }
    if global.no_auth {
        return Ok(("--no-auth".to_owned(), Credentials::none()));
    }
    if let Some(profile) = global.profile.as_deref().map(|name| Profile::load(Some(name))).transpose()?.flatten() {
        return Ok((format!("profile {}", profile.name()), profile.credentials()?));
    }
    let credentials = Credentials::from_env()?;
    let variable = VARIABLES.into_iter().find(|name| env::var_os(name).is_some_and(|value| !value.is_empty()));
    let source = match variable {
        Some(name) => format!("the environment ({name})"),
        None => Profile::load(None)?.map_or_else(String::new, |profile| format!("profile {}", profile.name())),
    };
    Ok((source, credentials))
}

impl Document for Status {
    const PLURAL: &'static str = "credentials";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("SOURCE", |status, _| Cell::text(Some(&status.source))),
        Column::new("KIND", |status, _| Cell::text(Some(status.kind))),
        Column::new("ID", |status, _| Cell::text(status.id.as_ref())),
        Column::new("CALLS", |status, _| Cell::text(Some(&status.base_url))),
        Column::new("PROJECT", |status, _| Cell::text(status.project.as_ref())),
        Column::new("WORKS", |status, _| Cell::yes_no(Some(status.works))),
    ];
}
