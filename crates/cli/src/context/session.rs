//! Where a command's calls go: Atlas with the credentials of the environment, or an emulator that lives for one run.
//!
//! With `--emulator` nothing of the environment counts, neither credentials nor project nor base URL: a command that is
//! meant for the demo must never reach a real project.

use std::{env, time::Duration};

use atlas_backup::{Builder, Client, Credentials, Profile, Project, token_folder};
use atlas_backup_emulator::{DEMO_PROJECT, Emulator, Seed};
use chrono::{DateTime, SubsecRound as _, Utc};

use super::{global::Global, interruption::Interruption};
use crate::ui::{
    exit::{Failure, Outcome},
    hints::{Command, Hint, Invocation},
    output::printer::Printer,
};

/// Time runs this fast in the throw-away emulator: a snapshot takes seconds, not a minute.
const DEMO_TIME_SCALE: f64 = 20.0;

/// A client and what must live as long as its calls.
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
    /// A session with the usual client.
    pub(crate) async fn open(global: &Global) -> Outcome<Self> {
        Self::open_with(global, |builder| builder).await
    }

    /// A session whose client is adjusted by `adjust`.
    pub(crate) async fn open_with(global: &Global, adjust: impl FnOnce(Builder) -> Builder) -> Outcome<Self> {
        let builder = Client::builder().user_agent(concat!("atlas-backup-cli/", env!("CARGO_PKG_VERSION")));
        let builder = adjust(builder.dry_run(global.dry_run));
        if global.emulator {
            let emulator = Emulator::builder().seed(Seed::Demo).time_scale(DEMO_TIME_SCALE).start().await;
            let emulator = emulator.map_err(|source| Failure::local("the emulator did not start", source))?;
            let client = builder.base_url(emulator.base_url()).credentials(Credentials::none()).build()?;
            let project = global.project.clone().unwrap_or_else(|| DEMO_PROJECT.to_owned());
            return Ok(Session::new(global, client, Some(project), Some(emulator)));
        }
        // What is wrong with a profile is more telling than that nobody says who is calling.
        let named = || global.project.clone().or_else(|| variable("MONGODB_ATLAS_PROJECT_ID"));
        let profile = match Profile::load(global.profile.as_deref()) {
            _ if global.no_auth => None,
            Ok(profile) => profile,
            // Where the environment says it all, nobody has asked for a profile.
            Err(_) if global.profile.is_none() && Credentials::from_env().is_ok() && named().is_some() => None,
            Err(error) => return Err(Failure::without_hint(error)),
        };
        let builder = match (global.no_auth, &global.profile, &profile) {
            (true, ..) => base_url().into_iter().fold(builder.credentials(Credentials::none()), Builder::base_url),
            (false, Some(_), Some(profile)) => builder.profile(profile).map_err(Failure::without_hint)?,
            (false, ..) => builder.from_env()?,
        };
        let builder = global.base_url.iter().fold(builder, Builder::base_url);
        // Each run is a process of its own, and the service gives out only so many tokens a minute.
        let builder = token_folder().into_iter().fold(builder, Builder::token_store);
        let project = named().or_else(|| profile?.project_id().map(str::to_owned));
        Ok(Session::new(global, builder.build()?, project, None))
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

    /// The same session in a run that is interrupted by `interruption`.
    pub(crate) fn interrupted_by(self, interruption: &Interruption) -> Self {
        Session { interruption: interruption.clone(), ..self }
    }

    /// The flags that every command takes.
    pub(crate) fn global(&self) -> &Global {
        &self.global
    }

    /// What an interruption needs to know.
    pub(crate) fn interruption(&self) -> &Interruption {
        &self.interruption
    }

    /// The client.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The project that the command is about.
    ///
    /// # Errors
    /// None is named, or what is named is no id.
    pub(crate) fn project(&self) -> Outcome<Project> {
        match &self.project {
            Some(id) => Ok(self.client.project(id.as_str())?),
            None => Err(Failure::usage(
                "no project is named",
                Command::new("projects list")
                    .without_project()
                    .hint(" shows the ids")
                    .preceded_by("add --project ID or set MONGODB_ATLAS_PROJECT_ID; "),
            )),
        }
    }

    /// A printer for what the calls bring.
    pub(crate) fn printer(&self) -> Printer {
        Printer::new(&self.global.output, self.now())
    }

    /// The present time by the clock of whoever answers, in whole seconds as the service writes it: an emulator's runs
    /// ahead.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.emulator.as_ref().map_or_else(Utc::now, |emulator| emulator.clock().now()).trunc_subsecs(0)
    }

    /// A hint as it can be followed to call the same service and project.
    pub(crate) fn render(&self, hint: &Hint) -> String {
        hint.render(&self.invocation)
    }

    /// A command as it can be typed to call the same service and project.
    pub(crate) fn render_command(&self, command: &Command) -> String {
        command.render(&self.invocation)
    }

    /// Whether everything is gone when the command ends.
    pub(crate) fn uses_temporary_emulator(&self) -> bool {
        self.emulator.is_some()
    }

    /// How often to ask while waiting, where that is not for the library to say.
    pub(crate) fn poll_interval(&self) -> Option<Duration> {
        self.uses_temporary_emulator().then_some(Duration::from_millis(250))
    }

    /// The id of the project that the command is about, where one is known.
    pub(crate) fn project_id(&self) -> Option<&str> {
        self.project.as_deref()
    }
}

/// Where the environment says to call.
pub(crate) fn base_url() -> Option<String> {
    variable("MONGODB_ATLAS_OPS_MANAGER_URL").or_else(|| variable("MONGODB_ATLAS_BASE_URL"))
}

/// A variable of the environment; an empty one is none.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
