//! Builds the `api` subcommands from the operations table: one command per tag, one subcommand per operation, one flag
//! per parameter.
//!
//! Flags have the spelling of the wire (`--groupId`) and the usual one (`--group-id`). Values are checked for their
//! type, so a mistake costs no request. Enum values are shown but not enforced, because the service adds values.

use std::path::PathBuf;

use atlas_backup::{
    Operation,
    runtime::{Kind, Parameter},
};
use clap::{Arg, ArgAction, ArgMatches, Command, builder::PossibleValuesParser, value_parser};
use clap_complete::ArgValueCompleter;

use super::catalog::{self, NamedOperation, Tag};
use crate::context::completion_cache;

/// A parsed call.
#[derive(Debug)]
pub(crate) struct ApiCall {
    pub(crate) operation: &'static Operation,
    pub(crate) parameters: Vec<(&'static str, String)>,
    pub(crate) version: Option<String>,
    pub(crate) file: Option<PathBuf>,
    pub(crate) envelope: bool,
    pub(crate) pretty: bool,
    /// Whether to print status and headers.
    pub(crate) include: bool,
    /// Whether to read all pages.
    pub(crate) paginate: bool,
}

/// Adds a subcommand for each tag.
pub(crate) fn augment(command: Command) -> Command {
    catalog::tags().into_iter().fold(command, |command, tag| command.subcommand(tag_command(tag)))
}

/// Reads the call of an operation of `tag`.
pub(crate) fn read(tag: &str, matches: &ArgMatches) -> Option<ApiCall> {
    let (name, matches) = matches.subcommand()?;
    let operation = catalog::lookup(Some(tag), name)?;
    let mut parameters = Vec::new();
    for parameter in operation.parameters {
        let values = matches.get_raw(&flag_id(parameter)).into_iter().flatten();
        parameters.extend(values.map(|value| (parameter.name, value.to_string_lossy().into_owned())));
    }
    Some(ApiCall {
        operation,
        parameters,
        version: matches.get_one::<String>("version").cloned(),
        file: matches.get_one::<PathBuf>("file").cloned(),
        envelope: matches.get_flag("envelope"),
        pretty: matches.get_flag("pretty"),
        include: matches.get_flag("include"),
        paginate: operation.paged && matches.get_flag("paginate"),
    })
}

fn tag_command(tag: Tag) -> Command {
    let command = Command::new(tag.name)
        .about(format!("Operations of {}", tag.title))
        .subcommand_value_name("OPERATION")
        .subcommand_help_heading("Operations")
        .subcommand_required(true)
        .arg_required_else_help(true);
    tag.operations.into_iter().fold(command, |command, named| command.subcommand(operation_command(named)))
}

fn operation_command(named: NamedOperation) -> Command {
    let operation = named.operation;
    let command = Command::new(named.name)
        .about(about(operation))
        .after_help(after_help(operation))
        .aliases(named.aliases)
        .args(operation.parameters.iter().map(flag))
        .arg(
            Arg::new("version")
                .long("version")
                .value_name("DATE")
                .value_parser(PossibleValuesParser::new(operation.versions.iter().map(|version| version.date)))
                .help("Resource version to call [default: the newest]"),
        )
        .arg(switch("envelope", "Ask the service to wrap status and response in one document"))
        .arg(switch("pretty", "Ask the service for an indented response"))
        .arg(switch("include", "Print the status line and headers before the response").short('i'));
    let command = match operation.paged {
        true => command.arg(
            switch(
                "paginate",
                "Read all pages and print one page with all results; with -o ndjson, one result per line",
            )
            .conflicts_with_all(["envelope", "pretty", "include"]),
        ),
        false => command,
    };
    let takes_body = operation.versions.iter().any(|version| version.content_type.is_some());
    let file = Arg::new("file")
        .long("file")
        .value_name("PATH")
        .value_parser(value_parser!(PathBuf))
        .hide(!takes_body)
        .help("JSON file with the request body; without it, or with `-`, standard input");
    command.arg(file)
}

fn about(operation: &Operation) -> String {
    let mark = match (operation.retired, operation.deprecated) {
        (true, _) => " (removed; served by the flex API)",
        (false, true) => " (deprecated)",
        (false, false) => "",
    };
    format!("{}{mark}", operation.summary)
}

fn after_help(operation: &Operation) -> String {
    let mut text = format!("{} {}\n", operation.method, operation.path);
    if operation.id != operation.short_name {
        text.push_str(&format!("Alias: {}\n", operation.id));
    }
    text.push_str(&format!("Documentation: {}", operation.docs_url));
    text
}

fn switch(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

fn flag_id(parameter: &Parameter) -> String {
    format!("parameter {}", parameter.name)
}

fn flag(parameter: &'static Parameter) -> Arg {
    // The project has a default, which is known only at the time of the call.
    let required = parameter.required && parameter.name != "groupId";
    let mut help = parameter.description.to_owned();
    if !parameter.values.is_empty() && parameter.kind != Kind::Boolean {
        help.push_str(&format!(" [values: {}]", parameter.values.join(", ")));
    }
    if parameter.name == "groupId" && parameter.required {
        help.push_str(" [default: --project]");
    }
    let arg = Arg::new(flag_id(parameter)).long(parameter.name).required(required).help(help);
    let kebab = kebab(parameter.name);
    let arg = if kebab == parameter.name { arg } else { arg.alias(kebab) };
    match parameter.kind {
        Kind::Boolean => arg
            .value_name("true|false")
            .num_args(0..=1)
            .default_missing_value("true")
            .value_parser(value_parser!(bool))
            .hide_possible_values(true),
        Kind::Integer => arg.value_name("N").value_parser(value_parser!(i64)).allow_negative_numbers(true),
        Kind::Number => arg.value_name("N").value_parser(value_parser!(f64)).allow_negative_numbers(true),
        Kind::DateTime => arg.value_name("TIME"),
        Kind::List => arg.value_name("TEXT").action(ArgAction::Append),
        Kind::Text => with_completion(arg.value_name("TEXT"), parameter.name),
    }
}

/// Adds completion with cached names where they fit the parameter.
fn with_completion(arg: Arg, parameter: &str) -> Arg {
    match parameter {
        "groupId" => arg.add(ArgValueCompleter::new(completion_cache::projects)),
        "clusterName" => arg.add(ArgValueCompleter::new(completion_cache::clusters)),
        _ => arg,
    }
}

/// `pageNum` as `page-num`.
fn kebab(name: &str) -> String {
    let mut kebab = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(c.to_ascii_lowercase());
    }
    kebab
}

#[cfg(test)]
mod tests {
    use atlas_backup::{generated::operations::ALL, runtime::Kind};
    use clap::{CommandFactory, FromArgMatches};

    use crate::{
        app::tree::{Cli, Command as Noun},
        commands::api::ApiCommand,
    };

    #[test]
    fn operation_flags_do_not_collide() {
        // In a debug build clap checks every flag, alias and name of the whole tree.
        Cli::command().debug_assert();
    }

    #[test]
    fn every_operation_parses_by_every_name_with_all_parameters() {
        let mut command = Cli::command();
        for operation in ALL.iter().copied() {
            let names = [operation.id, operation.short_name].into_iter().chain(operation.former_ids.iter().copied());
            for name in names {
                let mut typed =
                    vec!["atlas-backup".to_owned(), "api".to_owned(), operation.tag_name(), name.to_owned()];
                for parameter in operation.parameters {
                    let value = match parameter.kind {
                        Kind::Integer | Kind::Number => "7",
                        Kind::Boolean => "false",
                        Kind::Text | Kind::List | Kind::DateTime => "text",
                    };
                    typed.push(format!("--{}={value}", parameter.name));
                }
                typed.push(format!("--version={}", operation.versions[0].date));
                let matches = command.try_get_matches_from_mut(&typed).unwrap_or_else(|error| panic!("{error}"));
                match Cli::from_arg_matches(&matches).map(|cli| cli.command) {
                    Ok(Noun::Api(ApiCommand::Call(call))) => {
                        // A former name may have been given to another operation of the tag since.
                        assert!(call.operation.id == operation.id || name != operation.id, "{typed:?}");
                        assert_eq!(call.parameters.len(), operation.parameters.len(), "{typed:?}");
                    }
                    other => panic!("{typed:?} is {other:?}"),
                }
            }
        }
    }

    #[test]
    fn camel_case_becomes_kebab_case() {
        assert_eq!(super::kebab("itemsPerPage"), "items-per-page");
        assert_eq!(super::kebab("name"), "name");
    }
}
