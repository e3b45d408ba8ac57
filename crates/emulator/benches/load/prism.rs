//! A stateless mock of the same document for comparison: Prism, from npm.

use std::{
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{Options, PROJECT, Row, client::Load, program::Program};

const PACKAGE: &str = "@stoplight/prism-cli@5";

pub(crate) fn row(name: &'static str, options: &Options) -> Row {
    let Some(script) = installed() else {
        return Row {
            name,
            what: "skipped: npm or Node is missing, or the registry is unreachable".to_owned(),
            target: None,
        };
    };
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/src/embedded/atlas-backup.openapi.json");
    // It cannot select a free port.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = Command::new("node");
    command.arg(script).args(["mock", "--host", "127.0.0.1", "--port", &address.port().to_string(), document]);
    let begun = Instant::now();
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while TcpStream::connect(address).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(120), "Prism does not start");
        std::thread::sleep(Duration::from_millis(5));
    }
    let program = Program::other(child, address.to_string(), begun.elapsed());
    // Its paths come from the document, its responses are examples generated from the schemas.
    let path = format!("{PROJECT}/clusters/Cluster0/backup/snapshots/664858b561b103615fb1940e");
    // It requires a token and accepts any.
    let load = Load { header: "authorization: Bearer any\r\n", ..Load::get(&path, options.seconds) };
    let measured = load.run(&program.address);
    let (started, resident) = (program.started_in.as_secs_f64(), program.megabytes("VmHWM"));
    let what = format!("{measured}, {}, {resident:.0} MB at most, start {started:.1} s", program.cpu_of(&measured));
    Row { name, what, target: None }
}

/// The script that npm has installed into the target folder, now or earlier.
fn installed() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("prism");
    let script = folder.join("node_modules/@stoplight/prism-cli/dist/index.js");
    if !script.exists() {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--silent", "--prefix"]).arg(&folder).arg(PACKAGE);
        npm.status().ok().filter(|status| status.success())?;
    }
    script.exists().then_some(script)
}
