//! Pipeline commands.
fn main() {}
