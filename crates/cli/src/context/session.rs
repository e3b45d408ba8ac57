//! A session: the client, with the credentials of the environment or a profile, or a temporary emulator.
//!
//! With `--emulator` the environment is ignored (credentials, project and base URL), so a demo command never reaches a
//! real project.

use std::{env, time::Duration};

use atlas_backup::{Builder, Client, Credentials, Profile, Project, ProjectId, token_folder};
use atlas_backup_emulator::{DEMO_PROJECT, Emulator, Seed};
use chrono::{DateTime, SubsecRound as _, Utc};

use super::{global::Global, interruption::Interruption};
use crate::ui::{
    exit::{Exit, Failure, Outcome},
    hints::{Command, Hint, Invocation},
    output::printer::Printer,
};

/// Clock speed of the temporary emulator: a snapshot takes seconds instead of a minute.
const DEMO_TIME_SCALE: f64 = 20.0;

/// The default time limit of the library for one attempt of a call.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);

/// A client and its environment.
#[derive(Debug)]
pub(crate) struct Session {
    global: Global,
    invocation: Invocation,
    interruption: Interruption,
    client: Client,
    project: Option<String>,
    /// Stops when the session is dropped.
    emulator: Option<Emulator>,
}

impl Session {
    /// A session with the default client.
    pub(crate) async fn open(global: &Global) -> Outcome<Self> {
        Self::open_with(global, |builder| builder).await
    }

    /// A session whose client builder is changed by `adjust`.
    pub(crate) async fn open_with(global: &Global, adjust: impl FnOnce(Builder) -> Builder) -> Outcome<Self> {
        let builder = Client::builder().user_agent(concat!("atlas-backup-cli/", env!("CARGO_PKG_VERSION")));
        let builder = adjust(builder.dry_run(global.dry_run));
        let builder = match global.request_timeout {
            Some(limit) => builder.timeout(limit).attempt_timeout(limit.min(ATTEMPT_TIMEOUT)),
            None => builder,
        };
        if global.emulator {
            let emulator = Emulator::builder().seed(Seed::Demo).time_scale(DEMO_TIME_SCALE).start().await;
            let emulator = emulator.map_err(|source| Failure::local("cannot start the emulator", source))?;
            let client = builder.base_url(emulator.base_url()).credentials(Credentials::none()).build()?;
            let project = global.project.clone().unwrap_or_else(|| DEMO_PROJECT.to_owned());
            return Session::new(global, client, Some(project), Some(emulator)).with_project_id().await;
        }
        // Report a damaged profile before missing credentials.
        let named = || global.project.clone().or_else(|| variable("MONGODB_ATLAS_PROJECT_ID"));
        let profile = match Profile::load(global.profile.as_deref()) {
            _ if global.no_auth => None,
            Ok(profile) => profile,
            // A profile is unused if the environment has credentials and project.
            Err(_) if global.profile.is_none() && Credentials::from_env().is_ok() && named().is_some() => None,
            Err(error) => return Err(Failure::without_hint(error)),
        };
        let builder = match (global.no_auth, &global.profile, &profile) {
            (true, ..) => base_url().into_iter().fold(builder.credentials(Credentials::none()), Builder::base_url),
            (false, Some(_), Some(profile)) => builder.profile(profile).map_err(Failure::without_hint)?,
            (false, ..) => builder.from_env()?,
        };
        let builder = global.base_url.iter().fold(builder, Builder::base_url);
        // Processes share tokens, because the service limits token requests per minute.
        let builder = token_folder().into_iter().fold(builder, Builder::token_store);
        let project = named().or_else(|| profile?.project_id().map(str::to_owned));
        Session::new(global, builder.build()?, project, None).with_project_id().await
    }

    /// Replaces the name of the project by its ID.
    async fn with_project_id(mut self) -> Outcome<Self> {
        if let Some(project) = self.project.take() {
            self.project = Some(self.find_project(&project).await?);
        }
        Ok(self)
    }

    /// The ID of a project that is named by its ID or its name.
    ///
    /// # Errors
    /// No project, or more than one, has this name.
    pub(crate) async fn find_project(&self, project: &str) -> Outcome<String> {
        // A name cannot be told from an ID that has the wrong length.
        if project.parse::<ProjectId>().is_ok() {
            return Ok(project.to_owned());
        }
        let mut projects = self.client.projects().list().items();
        let mut found = Vec::new();
        while let Some(known) = projects.try_next().await? {
            found.extend((known.name.as_deref() == Some(project)).then(|| known.id.clone()));
        }
        let list = Command::new("projects list").without_project().hint(" lists the projects of these credentials");
        match found.as_slice() {
            [id] => Ok(id.to_string()),
            [] => Err(Failure::Status {
                exit: Exit::NotFound,
                message: format!("no project has the ID or name {project:?}"),
                hint: Some(list),
            }),
            several => Err(Failure::usage(
                format!("{} projects are named {project:?}", several.len()),
                list.preceded_by("pass the ID; "),
            )),
        }
    }

    fn new(global: &Global, client: Client, project: Option<String>, emulator: Option<Emulator>) -> Self {
        Session {
            invocation: global.invocation(),
            global: global.clone(),
            interruption: Interruption::default(),
            client,
            project,
            emulator,
        }
    }

    /// Sets the interruption state of the run.
    pub(crate) fn interrupted_by(self, interruption: &Interruption) -> Self {
        Session { interruption: interruption.clone(), ..self }
    }

    /// The global flags.
    pub(crate) fn global(&self) -> &Global {
        &self.global
    }

    /// The interruption state of the run.
    pub(crate) fn interruption(&self) -> &Interruption {
        &self.interruption
    }

    /// The client.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The project of the command.
    ///
    /// # Errors
    /// The project is missing, or its ID is invalid.
    pub(crate) fn project(&self) -> Outcome<Project> {
        match &self.project {
            Some(id) => Ok(self.client.project(id.as_str())?),
            None => Err(Failure::usage(
                "missing project",
                Command::new("projects list")
                    .without_project()
                    .hint(" lists their IDs")
                    .preceded_by("pass `--project` with its ID or name, or set MONGODB_ATLAS_PROJECT_ID; "),
            )),
        }
    }

    /// A printer in the selected format.
    pub(crate) fn printer(&self) -> Printer {
        Printer::new(&self.global.output, self.now())
    }

    /// The current time in whole seconds. With a temporary emulator, its clock, which runs faster.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.emulator.as_ref().map_or_else(Utc::now, |emulator| emulator.clock().now()).trunc_subsecs(0)
    }

    /// Renders a hint with the flags of this run.
    pub(crate) fn render(&self, hint: &Hint) -> String {
        hint.render(&self.invocation)
    }

    /// Renders a command with the flags of this run.
    pub(crate) fn render_command(&self, command: &Command) -> String {
        command.render(&self.invocation)
    }

    /// Whether the session uses an emulator that ends with the command.
    pub(crate) fn uses_temporary_emulator(&self) -> bool {
        self.emulator.is_some()
    }

    /// The poll interval, if it differs from the default of the library.
    pub(crate) fn poll_interval(&self) -> Option<Duration> {
        self.uses_temporary_emulator().then_some(Duration::from_millis(250))
    }

    /// The project ID of the command, if known.
    pub(crate) fn project_id(&self) -> Option<&str> {
        self.project.as_deref()
    }
}

/// The base URL of the environment.
pub(crate) fn base_url() -> Option<String> {
    variable("MONGODB_ATLAS_OPS_MANAGER_URL").or_else(|| variable("MONGODB_ATLAS_BASE_URL"))
}

/// An environment variable; an empty value counts as unset.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
