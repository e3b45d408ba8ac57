//! `cargo xtask surface`: lists the public items of the hand-written libraries, as `generate` does for the bindings.
//!
//! Lists types with their public fields and variants, methods, functions, constants, and implemented traits. A lint
//! (`unreachable_pub`) ensures that a `pub` item is reachable, so nothing must be resolved. Items of macros are listed
//! by the public signatures in the macro and by its uses. Generated files are skipped, because the specification
//! decides them. Names are listed without private modules, so that moving an item inside a crate changes no inventory.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, anyhow};
use syn::{
    Attribute, Fields, ImplItem, Item, ItemFn, ItemImpl, ItemMacro, Meta, Signature, TraitItem, Type, UseTree,
    Visibility, parse_quote,
};

use crate::files::generated;

/// Each crate with its source folder and its inventory. `generate` writes the inventory of the bindings.
const CRATES: [(&str, &str, Option<&str>); 3] = [
    ("atlas-backup", "crates/ergonomic/src", Some("tests/surface-library.txt")),
    ("atlas-backup-generated", "crates/generated/src", None),
    ("atlas-backup-runtime", "crates/runtime/src", Some("tests/surface-runtime.txt")),
];

/// The list of third-party types and traits in the public surfaces.
const EXTERNAL: &str = "tests/external-types.txt";

/// Flags of `cargo xtask surface`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing; list every stale inventory and exit with 1
    #[arg(long)]
    pub(crate) check: bool,
}

/// Runs the command.
///
/// # Errors
/// Returns an error if a source cannot be read or parsed, or an inventory cannot be written.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut files = BTreeMap::new();
    let mut external =
        String::from("Third-party types and traits in the public surface. Written by `cargo xtask surface`.\n");
    for (krate, sources, file) in CRATES {
        let Inventory { text, external: paths } = inventory(krate, Path::new(sources))?;
        files.extend(file.map(|file| (PathBuf::from(file), text)));
        external += &format!("\n{krate}\n");
        paths.iter().for_each(|path| external += &format!("  {path}\n"));
    }
    files.insert(PathBuf::from(EXTERNAL), external);
    if arguments.check { generated::check(&[], &files, "surface") } else { generated::write(&[], &files) }
}

/// The lines for each name, in order.
type Surface = BTreeMap<String, BTreeSet<String>>;

/// What is public in a crate.
struct Inventory {
    text: String,
    /// The paths of third-party types and traits in it.
    external: BTreeSet<String>,
}

/// The inventory of a crate, from the sources in `folder`.
fn inventory(krate: &str, folder: &Path) -> Result<Inventory> {
    let mut parsed = Vec::new();
    for file in generated::present(folder)? {
        let inner = file.strip_prefix(folder)?;
        let is_tests = |part: &std::path::Component<'_>| {
            ["generated", "tests", "tests.rs"].iter().any(|name| part.as_os_str() == *name)
        };
        if file.extension().is_none_or(|ending| ending != "rs") || inner.components().any(|part| is_tests(&part)) {
            continue;
        }
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let source = syn::parse_file(&text).map_err(|error| anyhow!("{}: {error}", file.display()))?;
        parsed.push((module(inner), source));
    }
    let mut surface = Surface::new();
    let root = parsed.iter().find(|(module, _)| module.is_empty()).context("no lib.rs")?;
    let seen: BTreeSet<String> = root.1.items.iter().filter_map(public_module).collect();
    for (module, file) in &parsed {
        let shown = if module.split("::").next().is_some_and(|first| seen.contains(first)) { module } else { "" };
        file.items.iter().for_each(|item| definition(shown, module.is_empty(), item, &mut surface));
    }
    let types: BTreeSet<String> = surface.keys().cloned().collect();
    for (_, file) in &parsed {
        file.items.iter().for_each(|item| implementation(item, &types, &mut surface));
    }
    let crates = dependencies(folder)?;
    let mut external = BTreeSet::new();
    for (module, file) in &parsed {
        // A name means what this file imports under it.
        let mut own = Surface::new();
        file.items.iter().for_each(|item| definition("", module.is_empty(), item, &mut own));
        file.items.iter().for_each(|item| implementation(item, &types, &mut own));
        external.append(&mut external_types(&own, &types, &imported(file, &crates)));
    }
    let mut text = format!("The public surface of {krate}. Written by `cargo xtask surface`.\n");
    for (name, lines) in surface {
        text += &format!("\n{name}\n");
        lines.iter().for_each(|line| text += &format!("  {line}\n"));
    }
    Ok(Inventory { text, external })
}

/// The crates outside the workspace that the crate of `folder` depends on, as they are written in paths.
fn dependencies(folder: &Path) -> Result<BTreeSet<String>> {
    let manifest = folder.with_file_name("Cargo.toml");
    let text = fs::read_to_string(&manifest).with_context(|| format!("reading {}", manifest.display()))?;
    let manifest: toml::Table = text.parse().with_context(|| format!("reading {}", manifest.display()))?;
    let names = manifest.get("dependencies").and_then(toml::Value::as_table).context("no dependencies")?.keys();
    Ok(names.filter(|name| !name.starts_with("atlas-backup")).map(|name| name.replace('-', "_")).collect())
}

/// The paths under which a file imports names from `crates`, by name. The crates themselves are in it too, as a path of one
/// segment.
fn imported(file: &syn::File, crates: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = crates.iter().map(|name| (name.clone(), name.clone())).collect();
    for item in &file.items {
        let Item::Use(item) = item else { continue };
        // A public import of this crate may begin with a module that is called like a dependency.
        if !matches!(item.vis, Visibility::Public(_)) || item.leading_colon.is_some() {
            import(&item.tree, "", crates, &mut found);
        }
    }
    found
}

fn import(tree: &UseTree, before: &str, crates: &BTreeSet<String>, found: &mut BTreeMap<String, String>) {
    let mut add = |name: String, path: String| {
        if crates.contains(path.split("::").next().unwrap_or_default()) {
            found.insert(name, path);
        }
    };
    match tree {
        UseTree::Path(path) => import(&path.tree, &format!("{before}{}::", path.ident), crates, found),
        UseTree::Group(group) => group.items.iter().for_each(|tree| import(tree, before, crates, found)),
        UseTree::Name(item) if item.ident == "self" => {}
        UseTree::Name(item) => add(item.ident.to_string(), format!("{before}{}", item.ident)),
        UseTree::Rename(item) => add(item.rename.to_string(), format!("{before}{}", item.ident)),
        UseTree::Glob(_) => {}
    }
}

/// The paths of third-party types and traits that the lines of an inventory name. `types` are the crate's own.
fn external_types(
    surface: &Surface,
    types: &BTreeSet<String>,
    imported: &BTreeMap<String, String>,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in surface.values().flatten() {
        for path in line.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':') {
            let (first, rest) = path.trim_matches(':').split_once("::").unwrap_or((path.trim_matches(':'), ""));
            let is_type = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
            let is_named = is_type(first) || (rest.rsplit("::").next().is_some_and(is_type));
            if !is_named || (rest.is_empty() && types.contains(first)) {
                continue;
            }
            if let Some(path) = imported.get(first) {
                let is_whole = rest.is_empty() || is_type(first);
                found.insert(if is_whole { path.clone() } else { format!("{path}::{rest}") });
            }
        }
    }
    found
}

/// The module of the file, empty for the crate's root.
fn module(inner: &Path) -> String {
    let path = inner.with_extension("");
    let names: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    names.join("::").trim_end_matches("::mod").trim_start_matches("lib").to_owned()
}

fn public_module(item: &Item) -> Option<String> {
    let Item::Mod(item) = item else { return None };
    is_public(&item.vis, &item.attrs).then(|| item.ident.to_string())
}

/// The names that a `use` imports, without their paths.
fn names(tree: &UseTree, of: &str, found: &mut Vec<String>) {
    let name = |ident: &syn::Ident| if ident == "self" { of.to_owned() } else { ident.to_string() };
    match tree {
        UseTree::Path(path) => names(&path.tree, &path.ident.to_string(), found),
        UseTree::Group(group) => group.items.iter().for_each(|tree| names(tree, of, found)),
        UseTree::Name(item) => found.push(name(&item.ident)),
        UseTree::Rename(item) => found.push(format!("{} as {}", name(&item.ident), item.rename)),
        UseTree::Glob(_) => found.push(format!("{of}::*")),
    }
}

fn is_public(visibility: &Visibility, attributes: &[Attribute]) -> bool {
    matches!(visibility, Visibility::Public(_)) && !is_test(attributes)
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|a| a.path().is_ident("cfg") && plain(&a.meta).contains("test") && !plain(&a.meta).contains("testing"))
}

/// Derives and other attributes of the public interface of a type.
fn promises(attributes: &[Attribute]) -> String {
    let kept = attributes
        .iter()
        .filter(|a| ["derive", "non_exhaustive", "must_use", "deprecated"].iter().any(|name| a.path().is_ident(name)));
    kept.map(|attribute| match &attribute.meta {
        Meta::NameValue(value) if value.path.is_ident("must_use") => "#[must_use] ".to_owned(),
        meta => format!("#[{}] ", plain(meta)),
    })
    .collect()
}

fn definition(module: &str, of_root: bool, item: &Item, surface: &mut Surface) {
    let mut add = |name: &str, line: String| {
        surface.entry(name.to_owned()).or_default().insert(line);
    };
    match item {
        Item::Struct(item) if is_public(&item.vis, &item.attrs) => {
            let generics = plain(&item.generics);
            add(&item.ident.to_string(), format!("{}struct{generics}", promises(&item.attrs)));
            for (at, field) in fields(&item.fields).enumerate().filter(|(_, field)| is_public(&field.vis, &field.attrs))
            {
                let name = field.ident.as_ref().map_or_else(|| at.to_string(), ToString::to_string);
                add(&item.ident.to_string(), format!("field {name}: {}", plain(&field.ty)));
            }
        }
        Item::Enum(item) if is_public(&item.vis, &item.attrs) => {
            add(&item.ident.to_string(), format!("{}enum{}", promises(&item.attrs), plain(&item.generics)));
            for variant in &item.variants {
                add(&item.ident.to_string(), format!("variant {}{}", variant.ident, plain(&variant.fields)));
            }
        }
        Item::Trait(item) if is_public(&item.vis, &item.attrs) => {
            let above =
                if item.supertraits.is_empty() { String::new() } else { format!(": {}", plain(&item.supertraits)) };
            add(&item.ident.to_string(), format!("trait{}{above}", plain(&item.generics)));
            for member in &item.items {
                let line = match member {
                    TraitItem::Fn(function) => signature(&function.sig),
                    other => plain(other),
                };
                add(&item.ident.to_string(), line);
            }
        }
        Item::Type(item) if is_public(&item.vis, &item.attrs) => {
            add(&item.ident.to_string(), format!("type = {}", plain(&item.ty)));
        }
        Item::Const(item) if is_public(&item.vis, &item.attrs) => {
            add(&item.ident.to_string(), format!("const: {}", plain(&item.ty)));
        }
        Item::Fn(item) if is_public(&item.vis, &item.attrs) => {
            let name = if module.is_empty() { String::new() } else { format!("{module}::") };
            add(&format!("{name}{}", item.sig.ident), format!("{}{}", promises(&item.attrs), signature(&item.sig)));
        }
        Item::Use(item) if is_public(&item.vis, &item.attrs) && of_root => {
            let mut found = Vec::new();
            names(&item.tree, "", &mut found);
            found.into_iter().for_each(|name| add("the crate", format!("use {name}")));
        }
        Item::Mod(item) if is_public(&item.vis, &item.attrs) && (of_root || !module.is_empty()) => {
            add("the crate", format!("mod {module}{}{}", if module.is_empty() { "" } else { "::" }, item.ident));
        }
        Item::Macro(item) if !is_test(&item.attrs) => made_by_macro(item, &mut add),
        _ => {}
    }
}

/// Public items of a macro: its public signatures where it is defined, its arguments where it is used.
fn made_by_macro(item: &ItemMacro, add: &mut impl FnMut(&str, String)) {
    let tokens = item.mac.tokens.to_string();
    match &item.ident {
        Some(name) => {
            for part in tokens.split("pub fn ").skip(1) {
                let end = part.find('{').unwrap_or(part.len());
                add(&format!("macro {name}"), format!("fn {}", tight(&part[..end])));
            }
        }
        None => {
            let name = plain(&item.mac.path);
            let tokens = without_prose(&tokens);
            // A long list is easier to read and compare item by item.
            let at = if tokens.len() < 200 || tokens.contains(';') { ';' } else { ',' };
            for words in tokens.split(at).map(str::trim).filter(|words| !words.is_empty()) {
                add(&format!("macro {name}"), format!("for {}", tight(words)));
            }
        }
    }
}

/// Tokens without documentation.
fn without_prose(tokens: &str) -> String {
    const BEGINNING: &str = "[doc = ";
    let mut parts = tokens.split(BEGINNING);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.truncate(text.trim_end().trim_end_matches('#').len());
        text += part.split_once("\"]").map_or("", |(_prose, rest)| rest);
    }
    text
}

fn implementation(item: &Item, types: &BTreeSet<String>, surface: &mut Surface) {
    let Item::Impl(ItemImpl { self_ty, trait_, items, generics, attrs, .. }) = item else { return };
    let Some(name) = type_name(self_ty).filter(|name| types.contains(name) && !is_test(attrs)) else { return };
    let lines = surface.entry(name).or_default();
    if let Some((path, _)) = trait_ {
        let last = path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        let foreign = ["Debug", "Display", "Deref", "Default", "Clone", "PartialEq", "Eq", "Error", "From", "TryFrom"];
        let foreign = [&foreign[..], &["FromStr", "IntoFuture", "Serialize", "Stream", "Transport", "Unpin"]].concat();
        if types.contains(&last) || foreign.contains(&last.as_str()) {
            lines.insert(format!("impl{} {} for {}", plain(generics), plain(path), plain(self_ty)));
        }
        return;
    }
    for member in items {
        match member {
            ImplItem::Fn(function) if is_public(&function.vis, &function.attrs) => {
                lines.insert(format!("{}{}", promises(&function.attrs), signature(&function.sig)));
            }
            ImplItem::Const(constant) if is_public(&constant.vis, &constant.attrs) => {
                lines.insert(format!("const {}: {}", constant.ident, plain(&constant.ty)));
            }
            _ => {}
        }
    }
}

fn fields(fields: &Fields) -> impl Iterator<Item = &syn::Field> {
    fields.iter()
}

fn type_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        Type::Reference(reference) => type_name(&reference.elem),
        _ => None,
    }
}

/// A signature on one line, as written.
fn signature(signature: &Signature) -> String {
    let function: ItemFn = parse_quote!(#signature {});
    let text = prettyplease::unparse(&syn::File {
        shebang: None,
        frontmatter: None,
        attrs: Vec::new(),
        items: vec![Item::Fn(function)],
    });
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    without_crate(&text.trim_end_matches("{}").trim_end().replace("( ", "(").replace(", )", ")").replace(", >", ">"))
}

fn plain(tokens: &impl quote::ToTokens) -> String {
    tight(&tokens.to_token_stream().to_string())
}

/// Tokens without unusual spaces, and without paths of the crate.
fn tight(text: &str) -> String {
    let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (wide, narrow) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" < ", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        ("& ", "&"),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        (" :", ":"),
        (" ;", ";"),
        ("$ ", "$"),
        ("' ", "'"),
        (" !", "!"),
    ] {
        text = text.replace(wide, narrow);
    }
    without_crate(text.trim().trim_end_matches(';'))
}

/// `ApiVersion` for `crate::model::version::ApiVersion`.
fn without_crate(text: &str) -> String {
    let mut parts = text.split("crate::");
    let mut whole = parts.next().unwrap_or_default().trim_end_matches('$').to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').unwrap_or(part.len());
        let (path, rest) = part.split_at(end);
        whole += path.rsplit("::").next().unwrap_or_default();
        whole += rest.trim_end_matches('$');
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn third_party_types_of_the_surface_are_listed_with_their_paths() {
        let source = r#"
            use std::fmt::Debug;

            use bytes::{Buf as _, Bytes};
            use chrono::{DateTime, Utc};
            use http::HeaderMap;

            pub struct Answer {
                pub body: Bytes,
                hidden: Value,
            }

            impl Answer {
                pub fn at(&self, zone: Utc) -> Option<DateTime<Utc>> {}
                pub fn status(&self) -> http::StatusCode {}
                fn headers(&self) -> &HeaderMap {}
            }

            impl From<secrecy::SecretString> for Answer {}
        "#;
        let file = syn::parse_file(source).expect("Rust");
        let mut surface = Surface::new();
        file.items.iter().for_each(|item| definition("", true, item, &mut surface));
        let types: BTreeSet<String> = surface.keys().cloned().collect();
        file.items.iter().for_each(|item| implementation(item, &types, &mut surface));
        let crates = ["bytes", "chrono", "http", "secrecy"].map(str::to_owned).into();
        let found = external_types(&surface, &types, &imported(&file, &crates));
        let expected = ["bytes::Bytes", "chrono::DateTime", "chrono::Utc", "http::StatusCode", "secrecy::SecretString"];
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
    }
}
