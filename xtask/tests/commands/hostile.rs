//! Documents made to do harm: each command answers within its time and memory, and never by a panic.
//!
//! Most of them must be refused by one clear error; those that are merely odd may also be taken. The limits, ten seconds
//! of processor time and a gigabyte, are set where the system can set them for a child process: a busy machine does not
//! make a command slower than it is.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::project::{copy_curation, fixture, output_text, root, xtask};

const HEAD: &str =
    "openapi: 3.0.1\ninfo: {title: a, version: '1'}\nservers: [{url: 'https://example.com'}]\nsecurity: []\n";

/// A document with one operation of the fixture's tag that answers the schema `A`, and these schemas.
fn document(schemas: &str) -> String {
    let operation = operation("/a", "getA");
    format!("{HEAD}paths:\n{operation}components:\n  schemas:\n    Thing: {{type: object}}\n{schemas}")
}

fn operation(path: &str, id: &str) -> String {
    format!(
        "  {path}:\n    get: {{operationId: {id}, tags: [Kept], responses: {{'200': {{content: \
         {{application/vnd.atlas.2023-01-01+json: {{schema: {{$ref: '#/components/schemas/A'}}}}}}}}}}}}\n"
    )
}

/// The program under limits of memory and processor time, where the system can set them.
fn limited(arguments: &[&str], folder: &Path) -> Output {
    if cfg!(not(target_os = "linux")) {
        return xtask(arguments, folder).output().unwrap();
    }
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v 1048576; ulimit -t 10; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_xtask")]);
    command.args(arguments).current_dir(folder).env("RUST_BACKTRACE", "0").output().unwrap()
}

/// Runs every command that reads a document; returns the exit code and output of each, having checked that each ended well.
fn run_every_command_on(name: &str, document: &[u8]) -> Vec<(i32, String)> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, document).unwrap();
    let file = file.to_str().unwrap();
    let path = |name: &str| -> PathBuf { folder.path().join(name) };
    let (out, crate_) = (path("out"), path("coverage"));
    let (curation, root, project) = (fixture("spec"), root(), path("project"));
    copy_curation(&curation, &project.join("spec"));
    let commands: [&[&str]; 4] = [
        &[
            "curate",
            "--allow-missing",
            "--upstream",
            file,
            "--curation",
            curation.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
        ],
        &["diff", file, file],
        &["regenerate", "--no-test", "--allow-missing", "--upstream", file],
        &["coverage", "--no-compile", "--upstream", file, "--out", crate_.to_str().unwrap()],
    ];
    let results = commands.map(|arguments| {
        let output = limited(arguments, if arguments[0] == "regenerate" { &project } else { &root });
        let text = output_text(&output);
        let short: String = text.chars().take(600).collect();
        assert!(!text.contains("panicked"), "{name}, {}: {short}", arguments[0]);
        let code = output.status.code().unwrap_or_else(|| panic!("{name}, {}: killed: {short}", arguments[0]));
        assert!(code <= 2, "{name}, {}: {code}: {short}", arguments[0]);
        (code, text)
    });
    results.into()
}

/// Every command refuses it with an error that says this.
fn refused(name: &str, document: &[u8], because: &str) {
    for (code, text) in run_every_command_on(name, document) {
        let short: String = text.chars().take(600).collect();
        assert!(code == 2 && text.contains(because) && text.contains(name), "{name}: {code}: {short}");
    }
}

#[test]
fn circular_references_terminate() {
    let reference = |name: &str| format!("{{$ref: '#/components/schemas/{name}'}}");
    let (a, b) = (reference("A"), reference("B"));
    for (name, schemas) in [
        ("circle.yaml", format!("    A: {b}\n    B: {a}\n")),
        (
            "base.yaml",
            format!("    A: {{allOf: [{b}], properties: {{a: {a}}}}}\n    B: {{allOf: [{a}], type: object}}\n"),
        ),
        ("union.yaml", format!("    A: {{oneOf: [{b}, {a}]}}\n    B: {{allOf: [{a}], type: object}}\n")),
        ("items.yaml", format!("    A: {{type: array, items: {a}}}\n")),
        ("map.yaml", format!("    A: {{type: object, additionalProperties: {a}}}\n")),
    ] {
        run_every_command_on(name, document(&schemas).as_bytes());
    }
}

#[test]
fn nesting_of_ten_thousand_levels_is_refused() {
    let nested = format!("{{\"a\":{}{{}}{}", "{\"a\":".repeat(10_000), "}".repeat(10_001));
    let json = format!(
        "{{\"openapi\":\"3.0.1\",\"info\":{{}},\"servers\":[],\"security\":[],\"paths\":{{}},\"components\":{nested}}}"
    );
    refused("deep.json", json.as_bytes(), "is not valid YAML or JSON");
    let list = format!("{HEAD}paths: {{}}\ncomponents: {}{}\n", "[".repeat(10_000), "]".repeat(10_000));
    refused("deep.yaml", list.as_bytes(), "is not valid YAML or JSON");
}

#[test]
fn reference_chain_of_ten_thousand_schemas_is_refused() {
    let row = |schema: &dyn Fn(usize) -> String| {
        let schemas: String = (1..10_000).map(|at| format!("    A{at}: {}\n", schema(at))).collect();
        document(&format!("    A: {{$ref: '#/components/schemas/A1'}}\n{schemas}    A10000: {{type: object}}\n"))
    };
    let next = |at: usize| format!("{{$ref: '#/components/schemas/A{}'}}", at + 1);
    let because = "through a chain of more than";
    refused("references.yaml", row(&next).as_bytes(), because);
    refused("bases.yaml", row(&|at| format!("{{allOf: [{}, {{type: object}}]}}", next(at))).as_bytes(), because);
    refused("fields.yaml", row(&|at| format!("{{properties: {{a: {}}}}}", next(at))).as_bytes(), because);
}

/// Without an alias, and not one node over the parser's limit.
#[test]
fn document_over_a_size_limit_is_refused() {
    let count = 480_000;
    let many = |of: usize, item: &dyn Fn(usize) -> String| (0..count / of).map(item).collect::<String>();
    let object = |properties: &str| format!("    A: {{type: object, properties: {{{properties}}}}}\n");
    let values = object(&format!("a: {{type: string, enum: [{}]}}", many(1, &|at| format!("v{at},"))));
    refused("values.yaml", document(&values).as_bytes(), "/components/schemas/A has a list of 480000");
    let fields = object(&many(4, &|at| format!("p{at}: {{type: string}}, ")));
    refused("fields.yaml", document(&fields).as_bytes(), "/components/schemas/A has a list of 120000");
    let schemas = many(12, &|at| format!("    S{at}: {{type: object, properties: {{x: {{type: string}}}}}}\n"));
    refused("schemas.yaml", document(&schemas).as_bytes(), "schemas are more than any specification has");
    let operations = many(24, &|at| operation(&format!("/a{at}"), &format!("getA{at}")));
    let operations = document("    A: {type: object}\n").replace("paths:\n", &format!("paths:\n{operations}"));
    refused("operations.yaml", operations.as_bytes(), "operations are more than any specification has");
    let nodes = object(&many(1, &|at| format!("p{at}: {{type: string}}, ")));
    refused("nodes.yaml", document(&nodes).as_bytes(), "is not valid YAML or JSON");
}

#[test]
fn sixty_megabytes_are_read_within_time_limit() {
    let text = format!("    A: {{type: object, description: {}}}\n", "x".repeat(60_000_000));
    for (code, text) in run_every_command_on("text.yaml", document(&text).as_bytes()) {
        assert_eq!(code, 0, "{text}");
    }
}

#[test]
fn names_invalid_in_rust_are_mapped_or_reported() {
    let schemas = "    A: {$ref: '#/components/schemas/type'}\n    type: {type: object, properties: {self: {$ref: '#/components/schemas/a~1b'}, \
        crate: {type: string}, fn: {$ref: '#/components/schemas/Self'}, '': {type: string}, '1': {type: integer}}}\n    \
        a/b: {type: object, properties: {x: {type: string}}}\n    Self: {type: object, properties: {y: {type: string}}}\n";
    let results = run_every_command_on("names.yaml", document(schemas).as_bytes());
    assert_eq!(results[1].0, 0, "{}", results[1].1);
}

#[test]
fn duplicate_operation_id_is_reported() {
    let twice = document("    A: {type: object}\n")
        .replace("components:\n", &format!("{}components:\n", operation("/b", "getA")));
    let results = run_every_command_on("twice.yaml", twice.as_bytes());
    for (code, text) in [&results[0], &results[2]] {
        assert!(*code == 2 && text.contains("getA is the id of two operations: GET /a and GET /b"), "{text}");
    }
    assert!(results[3].0 == 1 && results[3].1.contains("two of them are called \"getA\""), "{}", results[3].1);
}

#[test]
fn input_that_is_not_utf8_is_refused() {
    refused("bytes.yaml", &[HEAD.as_bytes(), b"paths: {a: \xff\xfe}\n"].concat(), "is not UTF-8 text");
}

#[test]
fn yaml_aliases_cannot_expand_document() {
    let levels: String =
        (1..12).map(|level| format!("a{level}: &a{level} [{}]\n", format!("*a{},", level - 1).repeat(10))).collect();
    let bomb = format!("{HEAD}a0: &a0 [{}]\n{levels}paths: {{}}\ncomponents: {{}}\n", "lol,".repeat(10));
    refused("levels.yaml", bomb.as_bytes(), "is not valid YAML or JSON");
    let wide = format!(
        "{HEAD}a: &a [{}]\nb: [{}]\npaths: {{}}\ncomponents: {{}}\n",
        "lol,".repeat(100_000),
        "*a,".repeat(900)
    );
    refused("wide.yaml", wide.as_bytes(), "is not valid YAML or JSON");
    let many = format!("{HEAD}a: &a {{b: 1}}\nb: [{}]\npaths: {{}}\ncomponents: {{}}\n", "*a,".repeat(70_000_000));
    refused("many.yaml", many.as_bytes(), "more than any specification");
    let fewer = &many[..60_000_000];
    refused("fewer.yaml", fewer.as_bytes(), "is not valid YAML or JSON");
}

#[cfg(unix)]
#[test]
fn command_ends_quietly_when_its_reader_leaves() {
    // Every new operation is a line of the output.
    let paths: String = (0..900).map(|number| operation(&format!("/a{number}"), &format!("getA{number}"))).collect();
    let document = |paths: &str| format!("{HEAD}paths:\n{paths}components:\n  schemas:\n    A: {{type: object}}\n");
    let folder = tempfile::tempdir().unwrap();
    let (before, after) = (folder.path().join("before.yaml"), folder.path().join("after.yaml"));
    fs::write(&before, document(&operation("/a", "getA"))).unwrap();
    fs::write(&after, document(&paths)).unwrap();
    let mut command = xtask(&["diff", before.to_str().unwrap(), after.to_str().unwrap()], &root());
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(141), ""));
}
