//! The scratch crates to measure.
//!
//! Their calls are read from the generated client, so that no operation is missing. Arguments come from `any()`, which
//! the compiler cannot evaluate. Nothing is sent.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use syn::{FnArg, ImplItem, Item};

/// The binding that the small program calls.
const ONE: &str = "list_group_cluster_backup_snapshots";

pub(super) const DEPENDENCIES: &str = r#"
reqwest = { version = "0.13", default-features = false, features = ["http2", "rustls-no-provider"] }
rustls = { version = "0.23", default-features = false, features = ["logging", "ring", "std", "tls12"] }
serde = { version = "1", features = ["derive"] }
serde_json = "1"
tokio = { version = "1", features = ["macros", "rt", "sync", "time"] }
"#;

const ANY: &str = r"
#[inline(never)]
fn any<T>() -> T {
    match std::hint::black_box(None) {
        Some(value) => value,
        None => std::process::exit(1),
    }
}
";

/// A consumer without an HTTP client, to measure only the calls.
const NOWHERE: &str = r#"
struct Nowhere;

impl Transport for Nowhere {
    fn send(&self, call: Call) -> Exchange<'_> {
        std::hint::black_box(call);
        Box::pin(async { Err("nothing is sent".into()) })
    }
}

fn main() {
    let client = Client::new(Arc::new(Nowhere));
    let mut calls = std::pin::pin!(calls(&client));
    let mut context = Context::from_waker(Waker::noop());
    while let Poll::Pending = calls.as_mut().poll(&mut context) {}
}
"#;

/// A small program with a hand-written request.
const WITHOUT: &str = r#"
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let http = reqwest::Client::builder().tls_backend_preconfigured(tls()).build()?;
    let request = http.get(any::<String>()).header("accept", "application/vnd.atlas.2023-01-01+json");
    let answer: serde_json::Value = serde_json::from_slice(&request.send().await?.bytes().await?)?;
    println!("{}", answer["results"]);
    Ok(())
}
"#;

/// The same with the bindings.
const WITH: &str = r#"
struct Wire(reqwest::Client);

impl Transport for Wire {
    fn send(&self, call: Call) -> Exchange<'_> {
        Box::pin(async move {
            let url = format!("https://cloud.mongodb.com{}", call.path);
            let method = call.operation.method.as_str().parse()?;
            let request = self.0.request(method, url).header("accept", call.version.accept);
            let request = request.body(call.body.unwrap_or_default());
            let answer = request.send().await?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            Ok(Reply { status, headers, body: answer.bytes().await? })
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let http = reqwest::Client::builder().tls_backend_preconfigured(tls()).build()?;
    calls(&Client::new(Arc::new(Wire(http)))).await;
    Ok(())
}
"#;

const TLS: &str = r#"
fn tls() -> rustls::ClientConfig {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring speaks the default versions")
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}
"#;

/// Writes the scratch workspace to `folder`. Returns the number of operation versions.
pub(super) fn write(root: &Path, folder: &Path) -> Result<usize> {
    let bindings = bindings(root)?;
    ensure!(bindings.iter().any(|binding| binding.name == ONE), "no binding {ONE}");
    let path = |krate: &str| format!("{{ path = {:?} }}\n", root.join("crates").join(krate).display().to_string());
    let generated = format!("atlas-backup-generated = {}", path("generated"));
    let library = format!("atlas-backup = {}", path("ergonomic"));
    let aws_lc = library.replace(" }", ", default-features = false, features = [\"aws-lc\"] }");
    let imports = "#![allow(deprecated, unused_imports)]\nuse std::{future::Future, sync::Arc, task::{Context, Poll, \
                   Waker}};\nuse atlas_backup_generated::{Client, runtime::{Call, Reply, transport::{Exchange, Transport}}};\n";
    let every = calls(bindings.iter());
    let one = calls(bindings.iter().filter(|binding| binding.name == ONE));
    let crates: [(&str, String, String); 7] = [
        ("consumer", generated.clone(), format!("{imports}{ANY}{every}{NOWHERE}")),
        ("bare", DEPENDENCIES.to_owned(), "fn main() {}\n".to_owned()),
        ("with-ring", library, "fn main() {}\n".to_owned()),
        ("with-aws-lc", aws_lc, "fn main() {}\n".to_owned()),
        ("without", DEPENDENCIES.to_owned(), format!("{ANY}{TLS}{WITHOUT}")),
        ("one", format!("{generated}{DEPENDENCIES}"), format!("{imports}{ANY}{TLS}{one}{WITH}")),
        ("every", format!("{generated}{DEPENDENCIES}"), format!("{imports}{ANY}{TLS}{every}{WITH}")),
    ];
    let crates = crates.map(|(name, dependencies, source)| (name, dependencies, Source::Text(source)));
    workspace(root, folder, crates.into())?;
    Ok(bindings.len())
}

/// The program of a scratch crate.
pub(super) enum Source {
    Text(String),
    /// A file of the workspace.
    File(&'static str),
}

/// Writes a scratch workspace: of each crate its name, its dependencies and its program.
pub(super) fn workspace(root: &Path, folder: &Path, crates: Vec<(&str, String, Source)>) -> Result<()> {
    let put = |path: PathBuf, text: String| {
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    let names: Vec<&str> = crates.iter().map(|(name, ..)| *name).collect();
    put(folder.join("Cargo.toml"), format!("[workspace]\nresolver = \"3\"\nmembers = {names:?}\n"))?;
    put(folder.join("Cargo.lock"), fs::read_to_string(root.join("Cargo.lock"))?)?;
    for (name, dependencies, source) in crates {
        let program = match source {
            Source::Text(text) => {
                put(folder.join(name).join("src/main.rs"), text)?;
                PathBuf::from("src/main.rs")
            }
            Source::File(path) => root.join(path),
        };
        let manifest = format!(
            "[package]\nname = {name:?}\nedition = \"2024\"\n\n[[bin]]\nname = {name:?}\npath = {:?}\n\n[dependencies]\n{dependencies}",
            program.display().to_string()
        );
        put(folder.join(name).join("Cargo.toml"), manifest)?;
    }
    Ok(())
}

/// A method of the generated client.
struct Binding {
    name: String,
    arguments: usize,
}

fn bindings(root: &Path) -> Result<Vec<Binding>> {
    let folder = root.join("crates/generated/src/client");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|file| !file.ends_with("mod.rs"));
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let parsed = syn::parse_file(&text).with_context(|| format!("cannot parse {}", file.display()))?;
        let blocks = parsed.items.iter().filter_map(|item| match item {
            Item::Impl(block) => Some(block),
            _ => None,
        });
        for item in blocks.flat_map(|block| &block.items) {
            if let ImplItem::Fn(method) = item {
                let arguments = method.sig.inputs.iter().filter(|input| matches!(input, FnArg::Typed(_))).count();
                found.push(Binding { name: method.sig.ident.to_string(), arguments });
            }
        }
    }
    Ok(found)
}

/// A function that awaits each binding in a separate function, as a program would.
fn calls<'a>(bindings: impl Iterator<Item = &'a Binding>) -> String {
    let (mut each, mut all) = (String::new(), String::new());
    for Binding { name, arguments } in bindings {
        let any = vec!["any()"; *arguments].join(", ");
        let _ = writeln!(each, "async fn {name}(client: &Client) -> bool {{ client.{name}({any}).await.is_ok() }}");
        let _ = writeln!(all, "    done += usize::from({name}(client).await);");
    }
    format!(
        "{each}\nasync fn calls(client: &Client) {{\n    let mut done = 0;\n{all}    \
         println!(\"{{done}} calls answered\");\n}}\n"
    )
}
