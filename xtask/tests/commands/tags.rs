//! `generate --tags`: a crate for any tags of any document.

use std::{fs, path::Path};

use crate::project::{output_text, root, xtask};

/// A document with foreign texts, odd shapes, and two tags.
const DOCUMENT: &str = r##"{
  "openapi": "3.0.3",
  "info": {"title": "Parks", "version": "1"},
  "servers": [{"url": "https://example.com"}],
  "security": [],
  "paths": {
    "/trees": {
      "get": {
        "operationId": "listTrees", "tags": ["Trees"], "summary": "OFFICIAL SUMMARY", "description": "OFFICIAL TEXT",
        "parameters": [
          {"name": "kinds", "in": "query", "required": true, "description": "OFFICIAL TEXT",
           "schema": {"type": "array", "items": {"type": "string", "enum": ["OAK", "ELM"]}}},
          {"name": "pageNum", "in": "query", "schema": {"type": "integer"}},
          {"name": "itemsPerPage", "in": "query", "schema": {"type": "integer"}}],
        "responses": {"200": {"description": "OFFICIAL TEXT", "content": {"application/vnd.atlas.2023-01-01+json":
          {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}}}}
      },
      "post": {
        "operationId": "createTrees", "tags": ["Trees"],
        "requestBody": {"required": true, "content": {"application/vnd.atlas.2023-01-01+json":
          {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}}},
        "responses": {"204": {"description": "OFFICIAL TEXT", "content": {"application/vnd.atlas.2023-01-01+json": {}}}}
      }
    },
    "/ponds/{id}": {
      "get": {
        "operationId": "getPond", "tags": ["Ponds"],
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {"200": {"description": "OFFICIAL TEXT", "content": {"application/vnd.atlas.2023-01-01+json":
          {"schema": {"$ref": "#/components/schemas/Pond"}}}}}
      }
    }
  },
  "components": {"schemas": {
    "Tree": {"type": "object", "description": "OFFICIAL TEXT", "properties": {"height": {"type": "number"}}},
    "Pond": {"type": "object", "properties": {"depth": {"type": "number"}}}
  }}
}"##;

fn generate(tags: &str, name: &str, folder: &Path) -> (Option<i32>, String) {
    fs::write(folder.join("parks.json"), DOCUMENT).unwrap();
    let (document, out) = (folder.join("parks.json"), folder.join("out"));
    let arguments = ["generate", "--tags", tags, "--upstream", document.to_str().unwrap()];
    let output = xtask(&arguments, &root()).args(["--crate", name, "--out"]).arg(out).output().unwrap();
    (output.status.code(), output_text(&output))
}

/// Every file of the crate with its text.
fn files(folder: &Path) -> Vec<(String, String)> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(below) = folders.pop() {
        for path in fs::read_dir(below).unwrap().map(|entry| entry.unwrap().path()) {
            match path.is_dir() {
                true => folders.push(path),
                false => found.push((path.display().to_string(), fs::read_to_string(&path).unwrap())),
            }
        }
    }
    found.sort();
    found
}

#[test]
fn generate_tags_writes_whole_crate_without_foreign_text() {
    let folder = tempfile::tempdir().unwrap();
    let (code, printed) = generate("Trees", "atlas-trees", folder.path());
    assert_eq!(code, Some(0), "{printed}");
    let out = folder.path().join("out");
    for file in ["Cargo.toml", "README.md", "surface.txt", "src/lib.rs", "src/operations.rs", "tests/bindings/main.rs"]
    {
        assert!(out.join(file).is_file(), "{file}");
    }
    let written = files(&out);
    for (path, text) in &written {
        assert!(!text.contains("OFFICIAL"), "{path}");
        assert!(!text.contains("atlas_backup_generated"), "{path}");
    }
    let text: String = written.iter().map(|(_, text)| text.as_str()).collect();
    assert!(text.contains("pub struct Tree ") && !text.contains("struct Pond"), "only what the tag needs");
    assert!(text.contains("kinds: &[types::"), "a list of enum values in the query is a slice");
    assert!(text.contains("operation-listtrees"), "the address of the official page");
    // A second run changes nothing, and another tag replaces the first.
    assert_eq!(generate("Trees", "atlas-trees", folder.path()).0, Some(0));
    assert_eq!(files(&out), written);
    assert_eq!(generate("Ponds", "atlas-trees", folder.path()).0, Some(0));
    assert!(!files(&out).iter().any(|(path, _)| path.ends_with("trees.rs")), "files of the first tag are removed");
}

#[test]
fn generate_tags_refuses_unknown_tag_bad_name_and_other_content() {
    let folder = tempfile::tempdir().unwrap();
    for (tags, name, expected) in [
        ("Bushes", "atlas-bushes", "no operation has the tag \"Bushes\"; the document has: Ponds, Trees"),
        ("Trees", "Atlas Trees", "invalid crate name \"Atlas Trees\""),
    ] {
        let (code, printed) = generate(tags, name, folder.path());
        assert!(code != Some(0) && printed.contains(expected), "{printed}");
        assert!(!folder.path().join("out").exists());
    }
    let own = folder.path().join("out/src/main.rs");
    fs::create_dir_all(own.parent().unwrap()).unwrap();
    fs::write(&own, "fn main() {}\n").unwrap();
    let (code, printed) = generate("Trees", "atlas-trees", folder.path());
    assert!(code != Some(0) && printed.contains("is not a generated file"), "{printed}");
    assert_eq!(fs::read_to_string(&own).unwrap(), "fn main() {}\n");
}

#[test]
fn operation_without_id_is_named_and_ambiguous_one_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let answer = r#"{"204": {"description": "", "content": {"application/vnd.atlas.2023-01-01+json": {}}}}"#;
    let parameter = |name: &str, place: &str| {
        format!(r#"{{"name": "{name}", "in": "{place}", "required": true, "schema": {{"type": "string"}}}}"#)
    };
    let (path, query) = (parameter("id", "path"), parameter("id", "query"));
    let paths = format!(
        r#""/trees": {{"get": {{"tags": ["Trees"], "responses": {answer}}}}},
           "/ponds": {{"get": {{"tags": ["Ponds"], "responses": {answer}}}}},
           "/trees/{{id}}": {{"get": {{"operationId": "getTree", "tags": ["Trees"], "parameters": [{path}, {query}],
                              "responses": {answer}}}}}"#
    );
    let document = format!(
        r#"{{"openapi": "3.0.3", "info": {{"title": "Parks", "version": "1"}}, "servers": [], "security": [],
            "paths": {{{paths}}}, "components": {{"schemas": {{}}}}}}"#
    );
    let (file, out) = (folder.path().join("parks.json"), folder.path().join("out"));
    fs::write(&file, document).unwrap();
    let arguments = ["coverage", "--no-compile", "--upstream", file.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let output = xtask(&arguments, &root()).output().unwrap();
    let printed = output_text(&output);
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(
        printed.contains("failed: getTree: /paths/~1trees~1{id}/get/parameters: two of them are called \"id\""),
        "{printed}"
    );
    assert!(!printed.contains("panicked"), "{printed}");
    let text: String = files(&out.join("src")).into_iter().map(|(_, text)| text).collect();
    assert!(text.contains("pub fn get_trees(") && text.contains("pub fn get_ponds("), "{text}");
    assert!(printed.contains("2 of 3 operations"), "{printed}");
    // An operation without an id belongs to its tag only.
    let arguments = ["generate", "--tags", "Ponds", "--upstream", file.to_str().unwrap(), "--crate", "ponds", "--out"];
    let ponds = folder.path().join("ponds");
    let output = xtask(&arguments, &root()).arg(&ponds).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", output_text(&output));
    let text: String = files(&ponds.join("src")).into_iter().map(|(_, text)| text).collect();
    assert!(text.contains("pub fn get_ponds(") && !text.contains("pub fn get_trees("), "{text}");
}

/// A document without servers, security, versions and components of its own besides the schema `T`: one operation whose
/// parts are given.
fn small(parameters: &str, body: &str, schema: &str) -> String {
    format!(
        r##"{{"openapi": "3.0.3", "info": {{"title": "Parks", "version": "1"}}, "paths": {{"/trees/{{id}}": {{
            "parameters": [{{"name": "id", "in": "path", "required": true, "schema": {{"type": "string"}}}}],
            "post": {{"operationId": "plantTree", "tags": ["Trees"], "parameters": [{parameters}], {body}
                "responses": {{"200": {{"description": "", "content": {{"application/json": {{"schema":
                    {{"$ref": "#/components/schemas/T"}}}}}}}}}}}}}}}}, "components": {{"schemas": {{"T": {schema}}}}}}}"##
    )
}

#[test]
fn coverage_reports_every_construct_that_bindings_lack() {
    let field = |schema: &str| format!(r#"{{"type": "object", "properties": {{"a": {schema}}}}}"#);
    let plain = field(r#"{"type": "string"}"#);
    let values = |list: &str| field(&format!(r#"{{"type": "string", "nullable": true, "enum": [{list}]}}"#));
    let names = r#"{"type": "object", "properties": {"id": {"type": "string"}, "ID": {"type": "string"}}}"#;
    let parameter =
        |name: &str, place: &str| format!(r#"{{"name": "{name}", "in": "{place}", "schema": {{"type": "string"}}}}"#);
    let body = |media: &str, required: bool| {
        format!(
            r##""requestBody": {{"required": {required}, "content": {{{media}: {{"schema": {{"$ref": "#/components/schemas/T"}}}}}}}},"##
        )
    };
    let graph = r#""application/graphql""#;
    let cases = [
        ("plain", small("", "", &plain), "1 of 1 operations, 0 with a fallback"),
        ("symbols", small("", "", &values(r#""=", "<""#)), "1 of 1 operations, 0 with a fallback"),
        ("values", small("", "", &values(r#""foo", "_foo""#)), "1 of 1 operations, 0 with a fallback"),
        ("only null", small("", "", &values("null")), "1 of 1 operations, 0 with a fallback"),
        ("fields", small("", "", names), "1 of 1 operations, 0 with a fallback"),
        (
            "no such path parameter",
            small(r#"{"name": "age", "in": "path", "schema": {"type": "string"}}"#, "", &plain),
            "the path has no parameter \"age\"",
        ),
        ("header", small(&parameter("X-Trace", "header"), "", &plain), "do not send the header parameter \"X-Trace\""),
        ("cookie", small(&parameter("sid", "cookie"), "", &plain), "do not send the cookie parameter \"sid\""),
        (
            "query",
            small(&parameter("id", "query"), "", &plain),
            "query parameter \"id\" has the name of a path parameter",
        ),
        ("optional body", small("", &body(graph, false), &plain), "so they send none of this optional body"),
        (
            "body",
            small("", &body(graph, true), &plain),
            "failed: plantTree: /paths/~1trees~1{id}/post: its request body is",
        ),
    ];
    for (name, document, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        let (file, out) = (folder.path().join("parks.json"), folder.path().join("out"));
        fs::write(&file, document).unwrap();
        let arguments =
            ["coverage", "--no-compile", "--upstream", file.to_str().unwrap(), "--out", out.to_str().unwrap()];
        let output = xtask(&arguments, &root()).output().unwrap();
        let printed = output_text(&output);
        assert_eq!(output.status.code(), Some(i32::from(name == "body")), "{name}: {printed}");
        assert!(printed.contains(expected) && !printed.contains("panicked"), "{name}: {printed}");
        let text: String = files(&out.join("src")).into_iter().map(|(_, text)| text).collect();
        assert_eq!(text.contains("pub fn plant_tree("), name != "body", "{name}: {text}");
        if name == "plain" {
            assert!(text.contains("\"application/json\"") && text.contains("id: &str"), "{text}");
        }
    }
}

#[test]
fn operations_that_only_fail_together_leave_the_others() {
    let answer = r#"{"204": {"description": ""}}"#;
    let operation = |path: &str, id: &str| {
        format!(r#""/{path}": {{"get": {{"operationId": "{id}", "tags": ["Trees"], "responses": {answer}}}}}"#)
    };
    let mut paths: Vec<String> = (0..9).map(|at| operation(&format!("{at}"), &format!("getTree{at}"))).collect();
    paths.push(operation("x", "getOak"));
    paths.push(operation("y", "get_oak"));
    let document = format!(
        r#"{{"openapi": "3.0.3", "info": {{"title": "Parks", "version": "1"}}, "paths": {{{}}}}}"#,
        paths.join(", ")
    );
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("parks.json"), folder.path().join("out"));
    fs::write(&file, document).unwrap();
    let arguments = ["coverage", "--no-compile", "--upstream", file.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let output = xtask(&arguments, &root()).output().unwrap();
    let printed = output_text(&output);
    assert!(printed.contains("would both be named get_oak") && printed.contains("10 of 11 operations"), "{printed}");
}

#[test]
fn parameter_in_other_style_is_left_out_with_its_operation_if_required() {
    let folder = tempfile::tempdir().unwrap();
    let parameter = |name: &str, required: bool, form: &str| {
        format!(r#"{{"name": "{name}", "in": "query", "required": {required}, {form}}}"#)
    };
    let deep = r#""style": "deepObject", "schema": {"type": "object"}"#;
    let content = r#""content": {"application/json": {"schema": {"type": "object"}}}"#;
    let operation = |id: &str, parameters: &[String]| {
        let parameters = parameters.join(", ");
        let answer = r#"{"204": {"description": ""}}"#;
        format!(r#"{{"operationId": "{id}", "tags": ["Trees"], "parameters": [{parameters}], "responses": {answer}}}"#)
    };
    let trees = operation("listTrees", &[parameter("expand", false, deep), parameter("where", false, content)]);
    let felled = operation("fellTrees", &[parameter("range", true, deep)]);
    let document = format!(
        r#"{{"openapi": "3.0.3", "info": {{"title": "Parks", "version": "1"}},
            "paths": {{"/trees": {{"get": {trees}, "delete": {felled}}}}}}}"#
    );
    let (file, out) = (folder.path().join("parks.json"), folder.path().join("out"));
    fs::write(&file, document).unwrap();
    let arguments = ["coverage", "--no-compile", "--upstream", file.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let printed = output_text(&xtask(&arguments, &root()).output().unwrap());
    for expected in [
        "failed: fellTrees: /paths/~1trees/delete: bindings do not send the required query parameter \"range\", which is \
         in the style deepObject",
        "left out at /paths/~1trees/get/parameters/0: bindings do not send the query parameter \"expand\", which is in the \
         style deepObject",
        "left out at /paths/~1trees/get/parameters/1: bindings do not send the query parameter \"where\", which is a \
         document of its own (`content`)",
        "1 of 2 operations",
    ] {
        assert!(printed.contains(expected), "{expected} in {printed}");
    }
}

/// Operations that each fail in the emitter, and one shared large type: each is named without a search.
#[test]
fn many_failing_operations_are_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<String> = (0..60)
        .map(|at| {
            let parameters = r#"[{"name": "query", "in": "query", "required": true, "schema": {"type": "string"}},
                                 {"name": "more", "in": "query", "schema": {"type": "string"}}]"#;
            let parameters = if at % 2 == 0 { parameters } else { "[]" };
            format!(
                r##""/trees/{at}": {{"get": {{"operationId": "get{at}", "tags": ["Trees"], "parameters": {parameters},
                    "responses": {{"200": {{"description": "", "content": {{"application/json": {{"schema":
                    {{"$ref": "#/components/schemas/Tree"}}}}}}}}}}}}}}"##
            )
        })
        .collect();
    let document = format!(
        r#"{{"openapi": "3.0.3", "info": {{"title": "Parks", "version": "1"}}, "paths": {{{}}},
            "components": {{"schemas": {{"Tree": {{"type": "object", "properties": {{"height": {{"type": "number"}}}}}}}}}}}}"#,
        paths.join(", ")
    );
    let (file, out) = (folder.path().join("parks.json"), folder.path().join("out"));
    fs::write(&file, document).unwrap();
    let arguments = ["coverage", "--no-compile", "--upstream", file.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let printed = output_text(&xtask(&arguments, &root()).output().unwrap());
    assert!(printed.contains("30 of 60 operations"), "{printed}");
    let reason = "get: a parameter is named query, like the optional arguments";
    assert_eq!(printed.matches(reason).count(), 30, "{printed}");
    assert!(!printed.contains("or another of"), "{printed}");
}

/// A parameter without a schema makes the whole document invalid for the generator, which does not name it.
#[test]
fn search_for_failing_operations_finds_one_and_is_bounded_for_many() {
    for (count, failing) in [(40, 1), (300, 150)] {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<String> = (0..count)
            .map(|at| {
                let parameters = if at % (count / failing) == 7 % (count / failing) { r#"{"name": "a", "in": "query"}"# } else { "" };
                format!(
                    r#""/trees/{at}": {{"get": {{"operationId": "get{at}", "tags": ["Trees"], "parameters": [{parameters}],
                        "responses": {{"204": {{"description": ""}}}}}}}}"#
                )
            })
            .collect();
        let paths = paths.join(", ");
        let document =
            format!(r#"{{"openapi": "3.0.3", "info": {{"title": "Parks", "version": "1"}}, "paths": {{{paths}}}}}"#);
        let (file, out) = (folder.path().join("parks.json"), folder.path().join("out"));
        fs::write(&file, document).unwrap();
        let arguments =
            ["coverage", "--no-compile", "--upstream", file.to_str().unwrap(), "--out", out.to_str().unwrap()];
        let printed = output_text(&xtask(&arguments, &root()).output().unwrap());
        assert!(printed.matches("failed: ").count() >= failing, "{printed}");
        assert_eq!(printed.contains("or another of"), failing > 1, "{printed}");
        assert!(failing > 1 || printed.contains("39 of 40 operations"), "{printed}");
    }
}

#[test]
fn shared_bodies_with_several_media_types_are_sent_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let schema = r##"{"schema": {"$ref": "#/components/schemas/Tree"}}"##;
    let contents =
        format!(r#"{{"description": "", "content": {{"text/plain": {schema}, "application/json": {schema}}}}}"#);
    let document = format!(
        r##"{{"openapi": "3.0.3", "info": {{"title": "Parks", "version": "1"}}, "paths": {{"/trees": {{"post": {{
            "operationId": "plantTree", "tags": ["Trees"], "requestBody": {{"$ref": "#/components/requestBodies/Tree"}},
            "responses": {{"200": {{"$ref": "#/components/responses/Tree"}}}}}}}}}},
            "components": {{"requestBodies": {{"Tree": {contents}}}, "responses": {{"Tree": {contents}}},
            "schemas": {{"Tree": {{"type": "object", "properties": {{"height": {{"type": "number"}}}}}}}}}}}}"##
    );
    let (file, out) = (folder.path().join("parks.json"), folder.path().join("out"));
    fs::write(&file, document).unwrap();
    let arguments = ["coverage", "--no-compile", "--upstream", file.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let printed = output_text(&xtask(&arguments, &root()).output().unwrap());
    assert!(printed.contains("1 of 1 operations"), "{printed}");
    let left_out = "left out at /paths/~1trees/post/requestBody/content/text~1plain";
    assert!(printed.contains(left_out), "{printed}");
    let text = fs::read_to_string(out.join("src/client/trees.rs")).unwrap();
    assert!(text.contains("body: &types::Tree") && text.contains("Pending<'_, types::Tree>"), "{text}");
}
