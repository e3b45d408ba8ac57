//! Help of every command, one snapshot per noun, and the manual.

use std::{collections::BTreeSet, fs};

use crate::support::run;

/// The names below "Commands" in a help text.
pub(crate) fn below(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

/// Adds the help of `command` and its subcommands. Operations of `api` come from a table; one has its own test.
fn helps(command: &str, page: &mut String) {
    let help = run(command).argument("--help").prints();
    // Omit the global options, which are the same for every command.
    let own = help.find("\nGlobal options:\n").map_or(&*help, |global| &help[..global]);
    let examples = help.find("\nExamples:\n").map_or("", |examples| &help[examples..]);
    page.push_str(&format!("──── atlas-backup {command}\n{}\n{}\n\n", own.trim_end(), examples.trim_end()));
    if command != "api" {
        for name in below(&help) {
            helps(format!("{command} {name}").trim(), page);
        }
    }
}

#[test]
fn help_of_every_command_matches_snapshot() {
    let program = run("").argument("--help").prints();
    insta::with_settings!({omit_expression => true}, { insta::assert_snapshot!("help", program.trim_end()) });
    for noun in below(&program) {
        let mut page = String::new();
        helps(&noun, &mut page);
        insta::with_settings!({omit_expression => true}, { insta::assert_snapshot!(format!("help_{noun}"), page.trim_end()) });
    }
}

#[test]
fn man_writes_page_for_every_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let ended = run("man --directory").argument(&folder.path().display().to_string()).ends();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let pages = fs::read_dir(folder.path()).expect("a folder").map(|page| page.expect("a page").file_name());
    let pages: BTreeSet<String> = pages.map(|name| name.to_string_lossy().into_owned()).collect();
    let list: Vec<_> = pages.iter().map(String::as_str).collect();
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a page");
    insta::with_settings!({omit_expression => true}, {
        insta::assert_snapshot!("man_pages", list.join("\n"));
        insta::assert_snapshot!("man_snapshots_take", read("atlas-backup-snapshots-take.1"));
    });
}
