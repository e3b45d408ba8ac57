//! Taking a new document in, as it is run: all of it or nothing, and nothing twice.
//!
//! A small workspace stands for the project: its curation and its changelog. The bindings' own tests are left out here.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use crate::project::{copy_curation, fixture, official, output_text, root, xtask};

fn upstream() -> String {
    fs::read_to_string(fixture("upstream.yaml")).unwrap()
}

/// A workspace that has taken the fixture in.
fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy_curation(&fixture("spec"), &folder.path().join("spec"));
    fs::write(
        folder.path().join("CHANGELOG.md"),
        "# Changelog\n\n## Unreleased\n\n- The first.\n\n## 0.1.0\n\n- Old.\n",
    )
    .unwrap();
    let first = regenerate(folder.path(), &upstream(), &[], None);
    assert!(first.status.success(), "{}", output_text(&first));
    folder
}

fn run(workspace: &Path, arguments: &[&str], abort_at: Option<usize>) -> Output {
    let mut command = xtask(arguments, workspace);
    if let Some(step) = abort_at {
        command.env("ATLAS_BACKUP_XTASK_ABORT_AT", step.to_string());
    }
    command.output().unwrap()
}

fn regenerate(workspace: &Path, upstream: &str, flags: &[&str], abort_at: Option<usize>) -> Output {
    fs::create_dir_all(workspace.join("target")).unwrap();
    fs::write(workspace.join("target/upstream-2026-02-03.yaml"), upstream).unwrap();
    let mut arguments = vec!["regenerate", "--no-test", "--upstream", "target/upstream-2026-02-03.yaml"];
    arguments.extend(flags);
    run(workspace, &arguments, abort_at)
}

/// Every file of the workspace but what lies under target/.
fn tree(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path != root.join("target") {
                folders.push(path);
            } else if path.is_file() {
                found.insert(path.strip_prefix(root).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn text(workspace: &Path, name: &str) -> String {
    fs::read_to_string(workspace.join(name)).unwrap()
}

#[test]
fn second_run_changes_nothing() {
    let folder = workspace();
    let before = tree(folder.path());
    let names: Vec<String> = before.keys().map(|path| path.display().to_string()).collect();
    for name in ["spec/atlas-backup.openapi.json", "crates/generated/src/operations.rs", "tests/surface.txt"] {
        assert!(names.iter().any(|found| found == name), "{name} is missing of {names:?}");
    }
    let second = regenerate(folder.path(), &upstream(), &[], None);
    assert!(second.status.success() && output_text(&second).contains("no changes"), "{}", output_text(&second));
    assert!(before == tree(folder.path()), "the second run changed something");
}

#[test]
fn breaking_change_is_refused_unless_allowed() {
    let folder = workspace();
    let before = tree(folder.path());
    let breaking = upstream().replace("name: kind,", "name: sort,");
    assert_ne!(breaking, upstream());
    let refused = regenerate(folder.path(), &breaking, &[], None);
    assert_eq!(refused.status.code(), Some(1), "{}", output_text(&refused));
    assert!(
        output_text(&refused).contains("request-parameter-removed listThings: query parameter kind removed"),
        "{}",
        output_text(&refused)
    );
    assert!(before == tree(folder.path()), "a refused document changed something");
    let accepted_run = regenerate(folder.path(), &breaking, &["--allow-breaking", "--allow-missing"], None);
    assert!(accepted_run.status.success(), "{}", output_text(&accepted_run));
    let changelog = text(folder.path(), "CHANGELOG.md");
    let entry = changelog.split("## 0.1.0").next().unwrap();
    assert!(entry.contains("- The first.") && entry.contains("specification of 2026-02-03"), "{changelog}");
    assert!(text(folder.path(), "spec/atlas-backup.openapi.json").contains("\"sort\""));
}

#[test]
fn renamed_operation_is_followed_and_former_name_kept() {
    let folder = workspace();
    let renamed = upstream().replace("operationId: listThings", "operationId: listAllTheThings");
    let output = regenerate(folder.path(), &renamed, &[], None);
    assert!(output.status.success(), "{}", output_text(&output));
    assert!(output_text(&output).contains("listThings is now listAllTheThings"), "{}", output_text(&output));
    let names = text(folder.path(), "spec/former-names.toml");
    assert!(
        names.contains("[listAllTheThings]\nformer = [\"returnThings\", \"listAllThings\", \"listThings\"]"),
        "{names}"
    );
    let table = text(folder.path(), "crates/generated/src/operations.rs");
    assert!(table.contains("\"listThings\""), "the former name is not in the table");
}

/// Adds an operation with a path parameter to the fixture, described by its id and by its path.
fn with_thing(folder: &Path) -> String {
    let spec = folder.join("spec");
    let operation = "  /things/{thingId}:\n    get:\n      operationId: getThing\n      tags: [Kept]\n      parameters: \
                     [{in: path, name: thingId, required: true, schema: {type: string}}]\n      responses: {200: \
                     {description: Their., content: {application/vnd.atlas.2023-01-01+json: {schema: {$ref: \
                     '#/components/schemas/Thing'}}}}}\n";
    let descriptions = "  - target: $.paths['/things/{thingId}'].get\n    update: {summary: Get one thing., description: Gets \
                        one.}\n  - target: $.paths.*[?@.operationId == 'getThing'].parameters[?@.name == 'thingId']\n    \
                        update: {description: Which one.}\n";
    let file = spec.join("descriptions/kept.yaml");
    fs::write(&file, fs::read_to_string(&file).unwrap() + descriptions).unwrap();
    fs::write(spec.join("methods.toml"), "# Methods.\ngetThing = [\"Things::get\"]\n").unwrap();
    fs::write(
        spec.join("ids.toml"),
        "[ThingId]\nwhat = \"thing ID\"\nabout = \"One.\"\nparameters = [{ name = \"thingId\", argument = \"thing\" }]\n",
    )
    .unwrap();
    let retired = fs::read_to_string(spec.join("retired.yaml")).unwrap();
    fs::write(spec.join("retired.yaml"), retired.replace("tags: [Old]", "tags:\n        - Kept")).unwrap();
    let upstream = upstream().replace("  /others:\n", &format!("{operation}  /others:\n"));
    let accepted_run = regenerate(folder, &upstream, &[], None);
    assert!(accepted_run.status.success(), "{}", output_text(&accepted_run));
    assert!(!output_text(&accepted_run).contains("descriptions"), "{}", output_text(&accepted_run));
    upstream
}

#[test]
fn curation_follows_names_paths_parameters_and_tags() {
    // Name, edits of the document, the point of the review, and the file and its content that follow.
    let cases = [
        (
            "id",
            vec![("operationId: getThing", "operationId: readThing")],
            "- getThing is now readThing;",
            "methods.toml",
            "# Methods.\nreadThing = [",
        ),
        (
            "path",
            vec![("  /things/{thingId}:", "  /v2/things/{thingId}:")],
            "- getThing moved from GET /things/{thingId} to GET /v2/things/{thingId}",
            "descriptions/kept.yaml",
            "$.paths['/v2/things/{thingId}'].get",
        ),
        (
            "parameter",
            vec![("/things/{thingId}:", "/things/{key}:"), ("name: thingId", "name: key")],
            "- getThing: the path parameter thingId is now called key",
            "ids.toml",
            "{ name = \"key\", argument = \"thing\" }",
        ),
        (
            "tag",
            vec![("tags: [Kept]", "tags: [Renamed]")],
            "- the tag \"Kept\" is now \"Renamed\" for listThings, getThing",
            "subset.toml",
            "tags.\"Renamed\" = \"what the test is about\"",
        ),
        (
            "one of a tag",
            vec![("getThing\n      tags: [Kept]", "getThing\n      tags: [Other]")],
            "- the tag \"Kept\" is now \"Other\" for getThing",
            "subset.toml",
            "operations.getThing = \"what the test is about\"",
        ),
    ];
    for (name, edits, message, file, content) in cases {
        let folder = workspace();
        let mut changed = with_thing(folder.path());
        for (old, new) in edits {
            assert!(changed.contains(old), "{name}: {changed}");
            changed = changed.replace(old, new);
        }
        let output = regenerate(folder.path(), &changed, &["--allow-breaking"], None);
        assert!(output.status.success(), "{name}: {}", output_text(&output));
        assert!(output_text(&output).contains(message), "{name}: {message} is missing of {}", output_text(&output));
        assert!(
            !output_text(&output).contains("descriptions ("),
            "{name}: lost a description: {}",
            output_text(&output)
        );
        assert!(text(folder.path(), &format!("spec/{file}")).contains(content), "{name}: {file}");
        let tag = if name == "tag" { "tags:\n        - Renamed\n" } else { "tags:\n        - Kept\n" };
        assert!(text(folder.path(), "spec/retired.yaml").contains(tag), "{name}: tag of the retired operation");
        let document = text(folder.path(), "spec/atlas-backup.openapi.json");
        assert!(document.contains("Gets one.") && document.contains("Which one."), "{name}: {document}");
        let again = regenerate(folder.path(), &changed, &[], None);
        assert!(output_text(&again).contains("no changes"), "{name}: {}", output_text(&again));
    }
}

#[test]
fn removed_operation_is_reported_and_can_be_retired() {
    let folder = workspace();
    let second = "  /others:\n    get: {operationId: listOthers, tags: [Kept], responses: {200: {description: Their., content: {application/vnd.atlas.2023-01-01+json: {schema: {$ref: '#/components/schemas/Other'}}}}}}\n";
    let schema = "  schemas:\n    Other: {type: object, properties: {name: {type: string}}}\n";
    let without = upstream();
    let with = without.replace("  /others:\n", second).replace("  schemas:\n", schema);
    let accepted_run = regenerate(folder.path(), &with, &[], None);
    assert!(accepted_run.status.success(), "{}", output_text(&accepted_run));
    let refused = regenerate(folder.path(), &without, &[], None);
    assert_eq!(refused.status.code(), Some(1), "{}", output_text(&refused));
    assert!(
        output_text(&refused).contains("listOthers") && output_text(&refused).contains("--retire"),
        "{}",
        output_text(&refused)
    );
    let retired = regenerate(folder.path(), &without, &["--retire"], None);
    assert!(retired.status.success(), "{}", output_text(&retired));
    let yaml = text(folder.path(), "spec/retired.yaml");
    assert!(yaml.contains("listOthers") && yaml.contains("Other:") && yaml.contains("listOldThings"), "{yaml}");
    assert!(text(folder.path(), "spec/atlas-backup.openapi.json").contains("listOthers"));
    let again = regenerate(folder.path(), &without, &["--retire"], None);
    assert!(output_text(&again).contains("no changes"), "{}", output_text(&again));
}

#[test]
fn killed_run_leaves_old_or_new_tree() {
    let changed = upstream().replace("name: kind,", "name: sort,");
    let whole = workspace();
    let before = tree(whole.path());
    assert!(regenerate(whole.path(), &changed, &["--allow-breaking", "--allow-missing"], None).status.success());
    let after = tree(whole.path());
    assert_ne!(before, after);
    let (mut old, mut new, mut split) = (0, 0, 0);
    for step in 0.. {
        let folder = workspace();
        let output = regenerate(folder.path(), &changed, &["--allow-breaking", "--allow-missing"], Some(step));
        if output.status.success() {
            break;
        }
        assert_eq!(output.status.code(), None, "not killed: {}", output_text(&output));
        let killed = tree(folder.path());
        split += usize::from(killed != before && killed != after);
        // A second kill, while the first one is being made good.
        run(folder.path(), &["diff", "--describe", "target"], Some(step / 2));
        let next = run(folder.path(), &["diff", "--describe", "target"], None);
        assert!(next.status.success(), "{}", output_text(&next));
        let recovered = tree(folder.path());
        old += usize::from(recovered == before);
        new += usize::from(recovered == after);
        assert!(recovered == before || recovered == after, "killed at step {step}: the tree is half of each");
    }
    assert!(old >= 1 && new >= 4 && split >= 2, "{old} undone, {new} finished, {split} met half way");
}

#[test]
fn dry_run_prints_changes_and_review_and_writes_nothing() {
    let folder = workspace();
    let before = tree(folder.path());
    let breaking = upstream().replace("name: kind,", "name: sort,");
    let dry = regenerate(folder.path(), &breaking, &["--dry-run"], None);
    assert_eq!(dry.status.code(), Some(1), "a document that would be refused: {}", output_text(&dry));
    let accepted = regenerate(folder.path(), &breaking, &["--dry-run", "--allow-breaking", "--allow-missing"], None);
    assert!(accepted.status.success(), "{}", output_text(&accepted));
    for output in [&dry, &accepted] {
        let text = output_text(output);
        for part in ["query parameter kind removed", "## To review", "## Files", "- crates/generated/src/operations.rs"]
        {
            assert!(text.contains(part), "{part} is missing of {text}");
        }
    }
    assert!(before == tree(folder.path()), "a dry run changed something");
}

#[test]
fn regenerate_refuses_entries_without_a_match_unless_allowed() {
    let folder = workspace();
    let spec = folder.path().join("spec");
    let add = |name: &str, text: &str| {
        let old = fs::read_to_string(spec.join(name)).unwrap_or_default();
        fs::write(spec.join(name), format!("{old}{text}")).unwrap();
    };
    add("former-names.toml", "[listLost]\nformer = ['lost']\n");
    add("subset.toml", "\n[[accept]]\npointer = '/nowhere'\nreason = 'why'\n");
    add("methods.toml", "# Methods.\nlistGone = ['Gone::list']\n");
    add("names.toml", "Gone = 'Lost'\n");
    let before = tree(folder.path());
    let refused = regenerate(folder.path(), &upstream(), &[], None);
    assert_eq!(refused.status.code(), Some(1), "{}", output_text(&refused));
    let entries = [
        "former-names.toml:6: unknown operation \"listLost\"",
        "subset.toml:5: accepts /nowhere, which is not a residue",
        "methods.toml:2: the bindings have no operation \"listGone\"",
        "names.toml:1: the bindings have no type \"Gone\"",
    ];
    for entry in entries {
        assert!(output_text(&refused).contains(entry), "{entry} is missing of {}", output_text(&refused));
    }
    assert!(before == tree(folder.path()), "a refused run changed something");
    let allowed = regenerate(folder.path(), &upstream(), &["--allow-missing"], None);
    assert!(allowed.status.success() && output_text(&allowed).contains(entries[0]), "{}", output_text(&allowed));
}

/// The curation of this project with one edit a kind, checked against its bindings.
#[test]
fn check_reports_entries_without_a_match_and_edited_lock() {
    let folder = tempfile::tempdir().unwrap();
    let spec = folder.path();
    copy_curation(&root().join("spec"), spec);
    let append = |name: &str, added: &str| {
        let old = fs::read_to_string(spec.join(name)).unwrap();
        fs::write(spec.join(name), format!("{old}{added}")).unwrap();
        format!("{name}:{}: ", old.lines().count() + 1)
    };
    let mut expected = vec![
        append("overlay.yaml", "  - target: $.components.schemas.Gone\n    x-reason: why\n    remove: true\n"),
        append("methods.toml", "listGone = ['Gone::list']\n"),
        append("former-names.toml", "[listLost]\nformer = ['lost']\n"),
        append("names.toml", "GoneView = 'Gone'\n"),
        append("descriptions/teams.yaml", "  - target: $.components.schemas.Lost\n    update: {description: why}\n"),
    ];
    let line = append("subset.toml", "[[accept]]\npointer = '/nowhere'\nreason = 'why'\n");
    let number: usize = line.split(':').nth(1).unwrap().parse().unwrap();
    expected.push(format!("subset.toml:{}: accepts /nowhere", number + 1));
    let lock = fs::read_to_string(spec.join("upstream.lock.json")).unwrap();
    let edited = lock.replace("\"sha256\": \"", "\"sha256\": \"0");
    assert_ne!(edited, lock);
    fs::write(spec.join("upstream.lock.json"), edited).unwrap();
    expected.push("`checksum` does not match the other entries".to_owned());
    let check = run(&root(), &["check", "--spec", spec.to_str().unwrap()], None);
    assert_eq!(check.status.code(), Some(1), "{}", output_text(&check));
    for finding in expected {
        assert!(output_text(&check).contains(&finding), "{finding} is missing of {}", output_text(&check));
    }
}

/// The project's own curation, forward to the newer document, back to the older one, and forward again.
#[test]
fn regenerating_forth_and_back_restores_the_tree() {
    let Some(upstream) = official() else { return };
    let folder = tempfile::tempdir().unwrap();
    copy_curation(&root().join("spec"), &folder.path().join("spec"));
    let take = |name: &str, flags: &[&str]| {
        let path = upstream.join(name);
        let arguments = [&["regenerate", "--no-test", "--upstream", path.to_str().unwrap()], flags].concat();
        run(folder.path(), &arguments, None)
    };
    let (older, newer) = ("openapi-v2-2026-01-08.yaml", "openapi-v2-2026-08-21.yaml");
    assert!(take(newer, &["--allow-breaking"]).status.success());
    let before = tree(folder.path());
    let refused = take(older, &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        output_text(&refused).contains("api-path-removed-without-deprecation listRateLimits"),
        "{}",
        output_text(&refused)
    );
    assert!(before == tree(folder.path()));
    let incomplete = take(older, &["--allow-breaking"]);
    assert_eq!(incomplete.status.code(), Some(1));
    assert!(output_text(&incomplete).contains("unknown operation \"listRateLimits\""), "{}", output_text(&incomplete));
    assert!(before == tree(folder.path()));
    assert!(take(older, &["--allow-breaking", "--allow-missing"]).status.success());
    assert!(before != tree(folder.path()));
    assert!(take(newer, &["--allow-breaking"]).status.success());
    assert!(before == tree(folder.path()), "forth and back is not where it began");
}

#[test]
fn curate_and_generate_ignore_syntax_errors_in_hand_written_crates() {
    let workspace = workspace();
    for file in
        ["runtime/src/lib.rs", "generated/src/lib.rs", "ergonomic/src/lib.rs", "emulator/src/lib.rs", "cli/src/main.rs"]
    {
        let file = workspace.path().join("crates").join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "pub fn broken( {").unwrap();
    }
    for arguments in [&["curate", "--upstream", "target/upstream-2026-02-03.yaml"][..], &["generate"]] {
        let output = run(workspace.path(), arguments, None);
        assert!(output.status.success(), "{}", output_text(&output));
    }
    let check = run(workspace.path(), &["generate", "--check"], None);
    assert!(check.status.success(), "{}", output_text(&check));
}
