//! Who ran a drill, and with which command. Neither contains a secret.

use std::ffi::OsString;

use crate::{
    context::{credentials::CredentialSource, session::Session},
    drill::{options::DrillOptions, program, record::MadeBy},
    ui::{exit::Outcome, hints::shell_quote},
};

/// The credentials of the session.
///
/// # Errors
/// The credentials cannot be read again.
pub(super) fn made_by(session: &Session) -> Outcome<MadeBy> {
    let credentials = CredentialSource::find(session.global())?.credentials?;
    Ok(MadeBy {
        credentials: credentials.describe(),
        id: credentials.id().map(str::to_owned),
        service: without_password(&session.client().base_url()),
    })
}

/// The command line, without passwords in URLs and without the arguments of the verify command, which may contain
/// secrets.
pub(super) fn command_line(command: &DrillOptions, arguments: impl Iterator<Item = OsString>) -> String {
    let verify = command.verify_command.as_deref().map(|verify| (verify, format!("{} …", program::name(verify))));
    let shown = arguments.skip(1).map(|argument| {
        let argument = argument.to_string_lossy();
        let Some((verify, program)) = &verify else { return shell_quote(&without_password(&argument)) };
        match argument.strip_suffix(verify) {
            Some("") => shell_quote(program),
            Some("--verify-command=") => format!("--verify-command={}", shell_quote(program)),
            _ => shell_quote(&without_password(&argument)),
        }
    });
    let words: Vec<String> = std::iter::once("atlas-backup".to_owned()).chain(shown).collect();
    words.join(" ")
}

/// A URL without user name and password. Other text is unchanged.
fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
    format!("{scheme}://{}", &rest[host..])
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Example {
        #[command(flatten)]
        options: DrillOptions,
    }

    #[test]
    fn command_line_contains_no_secrets() {
        for (verify, shown) in [
            (vec!["--verify-command", "/bin/check --password hunter2"], "--verify-command '/bin/check …'"),
            (vec!["--verify-command=/bin/check hunter2"], "--verify-command='/bin/check …'"),
            (vec!["--verify-command", "/bin/check"], "--verify-command '/bin/check …'"),
        ] {
            let words = [vec!["drill", "Cluster0", "--download"], verify].concat();
            let options = Example::try_parse_from(&words).expect("a command").options;
            let mut words: Vec<OsString> = words.into_iter().map(OsString::from).collect();
            words.insert(1, "--base-url=https://me:hunter2@proxy.example.com/a@b".into());
            let line = command_line(&options, words.into_iter());
            let url = "'--base-url=https://proxy.example.com/a@b'";
            assert_eq!(line, format!("atlas-backup {url} Cluster0 --download {shown}"));
        }
    }
}
