//! `man`: the manual pages.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::{Args, Command};

use crate::ui::{
    atomic_file,
    exit::{Failure, Outcome},
    messages,
};

/// Where to write the manual pages.
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Write one page per command into this folder instead of one page to standard output.
    #[arg(long, value_name = "PATH")]
    directory: Option<PathBuf>,
}

/// Prints the manual page of the program, or writes one page per command.
pub(crate) fn man(man: &Man, mut command: Command) -> Outcome {
    command.build();
    let Some(directory) = &man.directory else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page)?;
        let mut out = io::stdout().lock();
        out.write_all(&page)?;
        out.flush()?;
        return Ok(());
    };
    let problem =
        |source: io::Error| Failure::local(format!("cannot write manual pages to {}", directory.display()), source);
    fs::create_dir_all(directory).map_err(problem)?;
    let count = pages(command, directory)?;
    messages::note(format_args!("wrote {count} manual pages to {}", directory.display()));
    Ok(())
}

/// Writes the page of `command` and of its subcommands. Omits the operations of `api`, which are too many for a manual;
/// they have `--help`.
fn pages(command: Command, directory: &Path) -> Outcome<usize> {
    let mut count = 1;
    if command.get_name() != "api" {
        for below in command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help") {
            count += pages(below.clone(), directory)?;
        }
    }
    let (man, mut page) = (clap_mangen::Man::new(command), Vec::new());
    man.render(&mut page)?;
    atomic_file::write(&directory.join(man.get_filename()), &page)?;
    Ok(count)
}
