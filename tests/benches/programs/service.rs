//! The service of the benchmark `client`, as a program. It prints its address, and ends with its standard input.

#[path = "../client/server.rs"]
#[allow(dead_code, reason = "the benchmark starts it itself")]
mod server;

#[path = "../decode/page.rs"]
mod page;

/// The ID of everything that it has.
pub(crate) const ID: &str = "5f3e8e7d9b1c2a0012345678";

fn main() -> std::process::ExitCode {
    std::thread::spawn(|| {
        let _ended = std::io::stdin().read_line(&mut String::new());
        std::process::exit(0);
    });
    // No latency, one project, 500 snapshots, no archive.
    server::run(&["0", "1", "500", "0"].map(str::to_owned))
}
