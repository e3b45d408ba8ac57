//! What is different on a terminal: colour, width and progress. `script` lends the terminal; without it the tests say
//! so and pass.

use std::process::{Command, Stdio};

/// Runs the binary on a terminal of `columns`; what the terminal got, standard error included.
fn on_terminal(columns: u16, environment: &[(&str, &str)], arguments: &str) -> Option<String> {
    let script = format!("stty rows 40 cols {columns}; exec {} {arguments}", env!("CARGO_BIN_EXE_atlas-backup"));
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new("script");
    command.env_clear().env("PATH", path).env("TERM", "xterm-256color").envs(environment.iter().copied());
    let output = command.args(["-qec", &script, "/dev/null"]).stdin(Stdio::null()).output();
    match output {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Some(String::from_utf8(output.stdout).expect("UTF-8"))
        }
        Err(error) => {
            eprintln!("skipped: no terminal to be had from script: {error}");
            None
        }
    }
}

#[test]
fn colour_is_for_terminals_that_want_it() {
    let list = "--emulator exports list Cluster0";
    let Some(coloured) = on_terminal(200, &[], list) else { return };
    assert!(coloured.contains("\u{1b}[32mSuccessful\u{1b}[0m"), "{coloured:?}");
    for (environment, arguments) in [(vec![("NO_COLOR", "1")], list.to_owned()), (vec![], format!("{list} --no-color"))]
    {
        let plain = on_terminal(200, &environment, &arguments).expect("a terminal");
        assert!(plain.contains("Successful") && !plain.contains('\u{1b}'), "{plain:?}");
    }
    assert!(!crate::support::run(list).prints().contains('\u{1b}'));
}

#[test]
fn a_narrow_terminal_loses_columns_and_is_told_so() {
    let Some(narrow) = on_terminal(60, &[("NO_COLOR", "1")], "--emulator snapshots list Cluster0 --limit 2") else {
        return;
    };
    let lines: Vec<&str> = narrow.lines().collect();
    assert_eq!(lines[0], "note: the terminal is too narrow to show: created, expires, size");
    assert!(lines.iter().skip(1).all(|line| line.chars().count() <= 60), "{narrow}");
}

#[test]
fn waiting_shows_a_bar_with_state_and_time_on_a_terminal_only() {
    let Some(terminal) = on_terminal(120, &[], "--emulator snapshots take Cluster0 --wait") else { return };
    for shown in ["━", "queued", "inProgress", "0s", "completed after"] {
        assert!(terminal.contains(shown), "{shown} in {terminal:?}");
    }
    let piped = crate::support::run("--emulator snapshots take Cluster0 --wait").ends();
    assert_eq!(piped.stderr.lines().count(), 1, "{}", piped.stderr);
    assert!(piped.stderr.starts_with("note: completed after"), "{}", piped.stderr);
}
