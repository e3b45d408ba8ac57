//! The blocking face of the ergonomic crate, made from its source: whatever is public there and waits, is public here and
//! blocks. It has no list of its own, so it can't fall behind.
//!
//! A type is mirrored when it has something to wait for (an `async` method, a stream, a future), or a method that
//! gives a mirrored type. Everything else is used as it is. Nothing is decided here about what a method does.

mod emit;
mod resolve;
mod source;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use syn::visit::Visit;

use self::source::Source;

/// Where the ergonomic crate's source lies.
const ERGONOMIC: &str = "crates/ergonomic/src";

/// The blocking face; `None` in a tree that has no ergonomic crate. `generated` are the crate's generated files, which
/// are taken from here and not from the disk.
///
/// # Errors
/// When the source can't be read or has something that can't be mirrored.
pub(crate) fn module(generated: &BTreeMap<PathBuf, String>) -> Result<Option<String>> {
    if !Path::new(ERGONOMIC).join("lib.rs").is_file() {
        return Ok(None);
    }
    let mut files = BTreeMap::new();
    read(Path::new(ERGONOMIC), &mut files)?;
    for (path, text) in
        generated.iter().filter(|(path, _)| path.starts_with(ERGONOMIC) && path.extension() == Some("rs".as_ref()))
    {
        files.insert(path.strip_prefix(ERGONOMIC)?.to_owned(), text.clone());
    }
    let source = Source::parse(&files)?;
    let mirrored = mirrored(&source);
    super::emit::format_tokens(emit::module(&source, &mirrored)?).map(Some)
}

/// Reads the files that are written by hand and are no tests, by their path below the folder.
fn read(folder: &Path, files: &mut BTreeMap<PathBuf, String>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && !["generated", "tests"].contains(&name) {
            read(&path, files)?;
        } else if name.ends_with(".rs") && name != "tests.rs" && name != "blocking.rs" {
            let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            files.insert(path.strip_prefix(ERGONOMIC)?.to_owned(), text);
        }
    }
    Ok(())
}

/// The types that have a blocking counterpart.
fn mirrored(source: &Source) -> BTreeSet<String> {
    let waits = |name: &String| {
        source.streams.contains_key(name)
            || source.futures.contains_key(name)
            || source.methods_of(name).any(|method| method.item.sig.asyncness.is_some())
    };
    let mut mirrored: BTreeSet<String> = source.types.keys().filter(|name| waits(name)).cloned().collect();
    loop {
        let gives = |name: &&String| source.methods_of(name).any(|method| mentions(&method.item.sig.output, &mirrored));
        let more: Vec<String> =
            source.types.keys().filter(|name| !mirrored.contains(*name)).filter(gives).cloned().collect();
        if more.is_empty() {
            return mirrored;
        }
        mirrored.extend(more);
    }
}

/// Whether a signature's answer holds one of the types.
fn mentions(output: &syn::ReturnType, names: &BTreeSet<String>) -> bool {
    struct Search<'a>(&'a BTreeSet<String>, bool);
    impl<'a> Visit<'a> for Search<'_> {
        fn visit_path(&mut self, path: &'a syn::Path) {
            self.1 |= resolve::is_own(path, self.0).is_some();
            syn::visit::visit_path(self, path);
        }
    }
    let mut search = Search(names, false);
    search.visit_return_type(output);
    search.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_mirrored_with_all_that_leads_there_and_nothing_else() {
        let lib = "pub use a::{Client, Handle, Plain, Things, Waiting};";
        let a = r#"
            use std::future::{Future, IntoFuture};
            use crate::error::Result;
            use super::ids::Id;
            /// A client.
            #[derive(Debug, Clone)]
            pub struct Client { x: u8 }
            pub struct Plain;
            struct Hidden;
            /// A handle.
            #[derive(Clone)]
            pub struct Handle { client: Client }
            pub struct Waiting<E>(E);
            pub struct Things<E: Clone>(E);
            impl Plain { pub fn new(client: &Client) -> Self { Plain } }
            impl Client {
                /// A handle.
                ///
                /// ```
                /// client.handle().await
                /// ```
                ///
                /// # Errors
                /// None.
                pub fn handle(&self, id: impl Into<Id>) -> Result<Handle> { self.kept() }
                pub(crate) fn own(&self) {}
            }
            impl Handle {
                pub async fn get(&self, other: &Handle, mut plain: Plain) -> Result<Plain> { self.kept() }
                pub fn client(&self) -> &Client { &self.client }
                pub fn wait(&self) -> Waiting<Plain> { self.kept() }
            }
            impl<E> Waiting<E> { pub fn patient(mut self) -> Self { self } }
            impl<E: Send> IntoFuture for Waiting<E> { type Output = Result<E>; type IntoFuture = X; fn into_future(self) -> X { self.kept() } }
            impl<E: Clone> Things<E> { pub async fn next(&mut self) -> Option<Result<E>> { None } }
            impl<E: Clone> Stream for Things<E> { type Item = Result<E>; fn poll_next() {} }
        "#;
        let files = [("lib.rs", lib), ("a.rs", a)].map(|(path, text)| (PathBuf::from(path), text.to_owned()));
        let source = Source::parse(&files.into()).expect("it parses");
        let mirrored = mirrored(&source);
        assert_eq!(mirrored.iter().map(String::as_str).collect::<Vec<_>>(), ["Client", "Handle", "Things", "Waiting"]);
        let tokens = emit::module(&source, &mirrored).expect("it can be mirrored");
        insta::assert_snapshot!(super::super::emit::format_tokens(tokens).expect("it parses"));
    }

    #[test]
    fn an_async_method_that_can_not_be_refused_is_an_error() {
        let files =
            [("lib.rs", "pub use a::A;"), ("a.rs", "pub struct A; impl A { pub async fn f(&self) -> u8 { 0 } }")];
        let files = files.map(|(path, text)| (PathBuf::from(path), text.to_owned()));
        let source = Source::parse(&files.into()).expect("it parses");
        let refused = emit::module(&source, &mirrored(&source)).expect_err("there is no error to return");
        assert!(refused.to_string().contains("A::f"), "{refused}");
    }
}
