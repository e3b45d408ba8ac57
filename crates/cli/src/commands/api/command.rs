//! The subcommands of `api`.

use clap::{
    Arg, ArgMatches, Command, FromArgMatches, Subcommand,
    builder::StyledStr,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::{
    arguments::{self, ApiCall},
    call, catalog, describe,
};

use crate::{context::global::Global, ui::exit::Outcome};

/// Improves the error for an unknown operation: suggests its tag, or similar names.
pub(crate) fn explain(mut error: clap::Error) -> clap::Error {
    let typed = match (error.kind(), error.get(ContextKind::InvalidSubcommand)) {
        (ErrorKind::InvalidSubcommand, Some(ContextValue::String(typed))) => typed.clone(),
        _ => return error,
    };
    if let Some(operation) = catalog::lookup(None, &typed) {
        let tip = format!("use `atlas-backup api {} {typed}`", operation.tag_name());
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
        error.remove(ContextKind::SuggestedSubcommand);
    } else if let Some(ContextValue::Strings(similar)) = error.get(ContextKind::SuggestedSubcommand) {
        // The nearest name is last. All former names would be too many suggestions.
        let nearest = similar.iter().rev().take(3).cloned().collect();
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(nearest));
    }
    error
}

/// Subcommands of `api`.
#[derive(Debug)]
pub(crate) enum ApiCommand {
    /// Lists the operations of one tag or of all tags.
    List { tag: Option<String> },
    /// Describes an operation, by name or by tag and name.
    Describe { name: Vec<String> },
    /// A call.
    Call(Box<ApiCall>),
}

pub(crate) async fn run(command: ApiCommand, global: &Global) -> Outcome {
    match command {
        ApiCommand::List { tag } => describe::list(tag.as_deref(), global).await,
        ApiCommand::Describe { name } => describe::describe(&name, global).await,
        ApiCommand::Call(call) => call::call(*call, global).await,
    }
}

// Implemented by hand, because the subcommands come from the operations table.
impl Subcommand for ApiCommand {
    fn augment_subcommands(command: Command) -> Command {
        let list = Command::new("list")
            .about("List the operations of one tag or of all tags")
            .visible_alias("ls")
            .arg(Arg::new("tag").value_name("TAG").help("Tag, such as cloudBackups"));
        let describe =
            Command::new("describe").about("Show names, versions, parameters and roles of an operation").arg(
                Arg::new("name")
                    .value_name("[TAG] OPERATION")
                    .num_args(1..=2)
                    .required(true)
                    .help("Current or former name of the operation, optionally with its tag"),
            );
        let command = command.subcommand_value_name("TAG").subcommand_help_heading("Tags");
        arguments::augment(command.subcommand(list).subcommand(describe))
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(_name: &str) -> bool {
        true
    }
}

impl FromArgMatches for ApiCommand {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let missing =
            || clap::Error::raw(ErrorKind::MissingSubcommand, "missing operation: pass a tag and an operation\n");
        match matches.subcommand().ok_or_else(missing)? {
            ("list", matches) => Ok(ApiCommand::List { tag: matches.get_one("tag").cloned() }),
            ("describe", matches) => {
                let name = matches.get_many("name").into_iter().flatten().cloned().collect();
                Ok(ApiCommand::Describe { name })
            }
            (tag, matches) => {
                arguments::read(tag, matches).map(|call| ApiCommand::Call(Box::new(call))).ok_or_else(missing)
            }
        }
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
