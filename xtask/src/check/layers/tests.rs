//! Small source trees, each with its expected findings.

use std::fs;

use super::{
    rules::{self, Report},
    table::Row,
};

const ROOT: &str = "mod a; mod b; mod c;";

fn report(uses: &str, files: &[(&str, &str)]) -> Report {
    report_of(&format!("[uses]\n{uses}"), files)
}

fn report_of(rest: &str, files: &[(&str, &str)]) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let path = folder.path().join("src").join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }
    let row =
        format!("source = \"src\"\nlibrary = \"house\"\nenforced = true\nlayers = [[\"a\"], [\"b\", \"c\"]]\n{rest}");
    let row: Row = toml::from_str(&row).expect("a row");
    rules::check(folder.path(), &row).expect("the source is read")
}

/// Checks the findings of a tree with the layers a, then b and c as siblings.
fn finds(files: &[(&str, &str)], expected: &[&str]) {
    let found = report("", files).findings;
    let all_match = found.len() == expected.len() && found.iter().zip(expected).all(|(f, e)| f.starts_with(e));
    assert!(all_match, "found {found:#?}, not {expected:#?}");
}

#[test]
fn forbidden_import_is_reported_with_file_line_and_item() {
    let forbidden = "src/a/low.rs:2: layer a may not use layer b (crate::b::high::High)";
    for import in [
        "use crate::b::high::High;",
        "use super::super::b::{high::{High as Other}};",
        "fn f(_: crate::b::high::High) {}",
        "fn f() { let _ = crate::b::high::High::new(1); }",
        "fn f() { println!(\"{:?}\", crate::b::high::High); }",
        "macro_rules! m { ($a:expr) => { crate::b::high::High::new($a) } }",
        "#[serde(with = \"crate::b::high::High\")] struct S;",
    ] {
        let files = [
            ("lib.rs", ROOT),
            ("a/mod.rs", "mod low;"),
            ("a/low.rs", &format!("\n{import}")),
            ("b.rs", "pub mod high;"),
            ("b/high.rs", "pub struct High;"),
            ("c.rs", "use crate::a; use crate::b as other_crate;"),
        ];
        let sibling = "src/c.rs:1: layer c may not use layer b (crate::b)";
        finds(&files, &[forbidden, sibling]);
    }
}

#[test]
fn import_is_attributed_to_the_file_that_defines_the_item() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c; pub use b::High; pub use serde::Deserialize;"),
        ("a.rs", "pub struct Low; pub use inner::*; mod inner { pub struct Inner; }"),
        ("b/mod.rs", "mod high; pub use self::high::*; pub(crate) use super::a::Inner;"),
        ("b/high.rs", "pub struct High; use super::Inner;"),
        ("c.rs", "use crate::{High, Deserialize};\nuse crate::a::*; fn f(_: Low) {}"),
    ];
    let high = "src/c.rs:1: layer c may not use layer b (crate::b::high::High)";
    let root = "imported through the crate's root; import crate::b::high::High";
    finds(&files, &["src/c.rs:1: crate::Deserialize belongs to another crate", &format!("src/c.rs:1: {root}"), high]);
}

#[test]
fn sibling_layer_is_refused_unless_table_allows_it() {
    let files = [("lib.rs", ROOT), ("a.rs", ""), ("b.rs", "use crate::c::C;"), ("c.rs", "pub struct C;")];
    finds(&files, &["src/b.rs:1: layer b may not use layer c (crate::c::C)"]);
    assert_eq!(report("b = [\"c\"]", &files).findings, Vec::<String>::new());
}

#[test]
fn independent_layer_modules_may_not_use_each_other() {
    let files = [
        ("lib.rs", ROOT),
        ("a/mod.rs", "mod one; mod two; pub use one::One;"),
        ("a/one.rs", "pub struct One;"),
        ("a/two.rs", "use super::One;"),
        ("b.rs", "use crate::a::One;"),
        ("c.rs", ""),
    ];
    let found = report_of("independent = [\"a\"]", &files).findings;
    assert_eq!(found, ["src/a/two.rs:1: a::two may not use its sibling (crate::a::one::One)"]);
}

#[test]
fn cycle_is_reported_when_it_crosses_folders() {
    let tree = |back: &'static str| {
        [
            ("lib.rs", ROOT),
            ("a/mod.rs", "mod one; mod two; mod sub;"),
            ("a/one.rs", "pub struct One; use super::two::Two;"),
            ("a/two.rs", back),
            ("a/sub/mod.rs", "pub mod three;"),
            ("a/sub/three.rs", "pub struct Three; use crate::a::one::One;"),
            ("b.rs", ""),
            ("c.rs", ""),
        ]
    };
    let within = report("", &tree("pub struct Two; use super::one::One;"));
    assert_eq!((within.findings.len(), within.cycles, within.in_cycles, within.across), (0, 1, 2, 0));
    let across = report("", &tree("pub struct Two; use super::sub::three::Three;"));
    assert_eq!((across.cycles, across.in_cycles, across.across), (1, 3, 3));
    let [finding] = &across.findings[..] else { panic!("{:?}", across.findings) };
    assert!(
        finding.contains("import cycle of 3 files")
            && finding.contains("a/two.rs:1 imports crate::a::sub::three::Three")
    );
}

#[test]
fn item_defined_in_a_map_module_is_reported() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c;\npub fn shared() {}"),
        ("a/mod.rs", "mod low;\npub struct Shared;\nstruct Private;"),
        ("a/low.rs", "use super::Shared;"),
        ("b.rs", "fn f() { crate::shared() }"),
        ("c.rs", ""),
    ];
    finds(&files, &["src/a/mod.rs:2: Shared is defined in a map", "src/lib.rs:2: shared is defined in a map"]);
}

#[test]
fn test_code_is_exempt() {
    let files = [
        ("lib.rs", ROOT),
        ("a/mod.rs", "#[cfg(test)] mod tests; mod low; #[cfg(all(test, unix))] use crate::b::B;"),
        ("a/low.rs", "#[cfg(test)] mod inner { use crate::b::B; } #[test] fn f(_: crate::b::B) {}"),
        ("b.rs", "pub struct B;"),
        ("c.rs", ""),
    ];
    finds(&files, &[]);
}

#[test]
fn module_outside_the_table_and_stated_paths_are_seen() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c; mod odd;"),
        ("a.rs", "#[path = \"made/low.rs\"] mod low;"),
        ("made/low.rs", "use crate::b::B;"),
        ("b.rs", "pub struct B;"),
        ("c.rs", ""),
        ("odd.rs", ""),
    ];
    finds(
        &files,
        &["src/made/low.rs:1: layer a may not use layer b", "src/odd.rs:1: module odd is missing from the table"],
    );
}

#[test]
fn macro_in_textual_scope_is_an_import_of_its_file() {
    let files = [
        ("lib.rs", "#[macro_use] mod b; mod a; mod c;"),
        ("a.rs", "make!(x);"),
        ("b/mod.rs", "#[macro_use] mod making;"),
        ("b/making.rs", "macro_rules! make { ($x:ident) => { struct $x; } }"),
        ("c.rs", ""),
    ];
    finds(&files, &["src/a.rs:1: layer a may not use layer b (crate::b::making::make)"]);
}
