//! Hints: the next step, with a command that can be pasted into a shell.
//!
//! A command is a value. It is rendered once, at the end, with the flags of this run (base URL, credentials, project),
//! so that it works unchanged.

use std::{borrow::Cow, fmt};

use atlas_backup::{Error, ErrorCode, ErrorKind};

/// The error of a run without credentials. New users see it first, so it lists all alternatives.
pub(crate) const NO_CREDENTIALS: &str = "\
missing credentials: use a service account or an API key, or try the emulator
  service account  export MONGODB_ATLAS_CLIENT_ID=… MONGODB_ATLAS_CLIENT_SECRET=…
  API key          export MONGODB_ATLAS_PUBLIC_API_KEY=… MONGODB_ATLAS_PRIVATE_API_KEY=…
                   (create either in Atlas, in Applications of the organization or project)
  profile          atlas-backup auth login   (stores either in a profile)
  emulator         atlas-backup --emulator snapshots list Cluster0";

/// The flags of this run that select service, credentials and project.
#[derive(Debug, Clone, Default)]
pub(crate) struct Invocation {
    flags: String,
    project: Option<String>,
}

impl Invocation {
    /// An invocation with these switches, flags with values, and project.
    pub(crate) fn new<'a>(
        switches: impl IntoIterator<Item = &'a str>,
        flags: impl IntoIterator<Item = (&'a str, &'a str)>,
        project: Option<&str>,
    ) -> Self {
        let switches = switches.into_iter().map(|name| format!(" {name}"));
        let flags = flags.into_iter().map(|(name, value)| format!(" {name} {}", shell_quote(value)));
        Invocation { flags: switches.chain(flags).collect(), project: project.map(str::to_owned) }
    }

    /// The same invocation for another project.
    pub(crate) fn for_project(self, project: &str) -> Self {
        Invocation { project: Some(project.to_owned()), ..self }
    }
}

/// A command of this program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    words: Vec<String>,
    /// Whether the command needs the project of the run.
    in_project: bool,
}

impl Command {
    /// A command such as `snapshots list` in the project of the run.
    pub(crate) fn new(names: &str) -> Self {
        Command { words: names.split(' ').map(str::to_owned).collect(), in_project: true }
    }

    /// Marks the command as independent of the project of the run.
    pub(crate) fn without_project(self) -> Self {
        Command { in_project: false, ..self }
    }

    /// Adds an argument.
    pub(crate) fn arg(mut self, argument: impl ToString) -> Self {
        self.words.push(argument.to_string());
        self
    }

    /// Adds arguments.
    pub(crate) fn args<A: ToString>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.words.extend(arguments.into_iter().map(|argument| argument.to_string()));
        self
    }

    /// A hint with this command, followed by the text `after`.
    pub(crate) fn hint(self, after: impl Into<Cow<'static, str>>) -> Hint {
        Hint { before: Cow::Borrowed(""), command: Some(self), after: after.into() }
    }

    /// The command for a shell, with the flags of `invocation`.
    pub(crate) fn render(&self, invocation: &Invocation) -> String {
        let mut text = format!("atlas-backup{}", invocation.flags);
        if let Some(project) = invocation.project.as_deref().filter(|_| self.in_project) {
            text.push_str(&format!(" --project {}", shell_quote(project)));
        }
        self.words.iter().for_each(|word| text.push_str(&format!(" {}", shell_quote(word))));
        text
    }
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hint {
    before: Cow<'static, str>,
    command: Option<Command>,
    after: Cow<'static, str>,
}

impl Hint {
    /// The same hint after `text`.
    pub(crate) fn preceded_by(self, text: impl fmt::Display) -> Self {
        Hint { before: format!("{text}{}", self.before).into(), ..self }
    }

    /// The text, with the flags of `invocation` in its command.
    pub(crate) fn render(&self, invocation: &Invocation) -> String {
        let command = self.command.as_ref().map(|command| format!("`{}`", command.render(invocation)));
        format!("{}{}{}", self.before, command.unwrap_or_default(), self.after)
    }
}

impl From<&'static str> for Hint {
    fn from(text: &'static str) -> Self {
        Hint { before: text.into(), command: None, after: Cow::Borrowed("") }
    }
}

impl From<String> for Hint {
    fn from(text: String) -> Self {
        Hint { before: text.into(), command: None, after: Cow::Borrowed("") }
    }
}

/// The hint for `error`, independent of the command. `None` if the message of the service suffices.
pub(crate) fn for_error(error: &Error) -> Option<Hint> {
    // These errors contain the next step.
    if error.outcome_unknown() || error.code().is_some_and(ErrorCode::is_access_list) {
        return None;
    }
    Some(match error.code() {
        Some(ErrorCode::ClusterNotFound) => Command::new("clusters list").hint(" lists the clusters of the project"),
        Some(ErrorCode::GroupNotFound) => {
            Command::new("projects list").without_project().hint(" lists the projects of these credentials")
        }
        Some(ErrorCode::CannotUseFlexClusterInClusterApi) => {
            Command::new("flex --help").hint(" lists the commands for flex clusters")
        }
        Some(ErrorCode::CannotUseNonFlexClusterInFlexApi) => {
            Command::new("snapshots list").hint(" lists its snapshots")
        }
        _ => return for_kind(error),
    })
}

fn for_kind(error: &Error) -> Option<Hint> {
    Some(Hint::from(match error.kind() {
        ErrorKind::Unauthorized => "check the credentials, and that their access list includes your IP address",
        ErrorKind::Authentication => {
            let status = Command::new("auth status").hint(" shows their source");
            return Some(status.preceded_by("check the ID and the secret; "));
        }
        ErrorKind::Forbidden => "ask an owner for the role, or use credentials with it",
        ErrorKind::RateLimited => match error.retry_after() {
            Some(wait) => return Some(format!("try again in {} s", wait.as_secs().max(1)).into()),
            None => "try again in a minute",
        },
        ErrorKind::Connect => "check the network, the proxy (HTTPS_PROXY) and the base URL",
        ErrorKind::Tls => "check the base URL and the trusted certificates of this machine",
        ErrorKind::Server => "the service failed; try again later",
        _ => return None,
    }))
}

/// Quotes `text` for a shell where needed.
pub(crate) fn shell_quote(text: &str) -> String {
    match !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "/._-:=".contains(c)) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_quote_quotes_special_characters() {
        assert_eq!(shell_quote("/tmp/atlas-backup-drill-x1"), "/tmp/atlas-backup-drill-x1");
        assert_eq!(shell_quote("/a b/c'd; rm -rf ~"), r"'/a b/c'\''d; rm -rf ~'");
        assert_eq!(shell_quote(""), "''");
    }

    #[test]
    fn command_renders_flags_of_invocation() {
        let invocation = Invocation::new(["--no-auth"], [("--profile", "a b")], Some("p1"));
        let list = Command::new("projects list");
        assert_eq!(list.render(&invocation), "atlas-backup --no-auth --profile 'a b' --project p1 projects list");
        let hint = list.without_project().hint(" shows them").preceded_by("wrong id; ");
        assert_eq!(
            hint.render(&invocation),
            "wrong id; `atlas-backup --no-auth --profile 'a b' projects list` shows them"
        );
        assert_eq!(hint.render(&Invocation::default()), "wrong id; `atlas-backup projects list` shows them");
    }
}
