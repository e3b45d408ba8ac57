//! Programs that must not compile. Runs if `CI` or `TRYBUILD` is set, because it compiles all dependencies again. The compiler's
//! words differ from version to version and from feature to feature, so they are compared under the version that wrote
//! them and in a test of the whole workspace: `TRYBUILD=overwrite cargo test --workspace --test compile_fail` renews them.

#![allow(clippy::print_stdout, reason = "a test that is skipped says so")]

const WRITTEN_BY: &str = "1.95.";

#[test]
fn invalid_programs_do_not_compile() {
    if ["CI", "TRYBUILD"].iter().all(|name| std::env::var_os(name).is_none()) {
        println!("skipped: set CI to compile what must not compile");
        return;
    }
    let version = std::process::Command::new("rustc").arg("--version").output().expect("rustc runs");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    if !version.contains(WRITTEN_BY) {
        println!("skipped: the messages are those of rustc {WRITTEN_BY}x, and this is {version}");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
