//! A small project that stands for this one: its official document and its curation.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// A file or folder of the small project.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/commands/fixture").join(name)
}

/// The root of this project.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Copies a folder like `spec` and its descriptions.
pub(crate) fn copy_curation(from: &Path, to: &Path) {
    for below in ["", "descriptions"] {
        fs::create_dir_all(to.join(below)).unwrap();
        for path in fs::read_dir(from.join(below)).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_file() {
                fs::copy(&path, to.join(below).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
}

/// The program, about to be run in a folder.
pub(crate) fn xtask(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(arguments).current_dir(folder).env("RUST_BACKTRACE", "0");
    command
}

/// Everything that a run printed.
pub(crate) fn output_text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The folder of the official documents, where the machine has it.
pub(crate) fn official() -> Option<PathBuf> {
    let folder = std::env::var_os("ATLAS_BACKUP_UPSTREAM").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: ATLAS_BACKUP_UPSTREAM names no folder with official documents");
    }
    folder
}
