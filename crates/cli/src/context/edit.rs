//! Changes a whole document, from a file or in an editor.
//!
//! Typed text is never lost: if it is invalid, the file stays and the error names it. Unknown fields are rejected,
//! because the service would silently drop a misspelt one.

use std::{
    cell::RefCell,
    env, fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
};

use clap::Args;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::ui::{
    child,
    exit::{Failure, Outcome},
    messages, prompts,
};

/// Where the change comes from: a file or an editor.
#[derive(Debug, Args)]
pub(crate) struct ChangeSource {
    /// Read the fields to change from a JSON file; `-` is standard input.
    #[arg(short, long, value_name = "PATH", conflicts_with = "edit")]
    file: Option<PathBuf>,
    /// Edit the current document in the editor of VISUAL or EDITOR.
    #[arg(long)]
    edit: bool,
}

/// The fields to set, each with its complete value.
pub(crate) type Fields = Map<String, Value>;

impl ChangeSource {
    /// No source: only flags change the document.
    pub(crate) const fn none() -> Self {
        ChangeSource { file: None, edit: false }
    }

    /// The fields to set. An editor shows `current` without the fields `hidden`, in a file named after `what`.
    ///
    /// # Errors
    /// The file cannot be read or is not a JSON object, or the editor fails.
    pub(crate) async fn fields(self, what: &str, current: impl Serialize, hidden: &[&str]) -> Outcome<Option<Fields>> {
        match (self.file, self.edit) {
            (Some(path), _) => read(path).await.map(Some),
            (None, true) => {
                let mut shown = serde_json::to_value(current).unwrap_or_default();
                if let Value::Object(fields) = &mut shown {
                    fields.retain(|name, _| !hidden.contains(&name.as_str()));
                }
                let what = what.to_owned();
                let edited = tokio::task::spawn_blocking(move || edit(&what, &shown)).await;
                edited.unwrap_or_else(|panicked| Err(Failure::local("cannot run the editor", panicked))).map(Some)
            }
            (None, false) => Ok(None),
        }
    }
}

/// Sets `fields` in `document`.
///
/// # Errors
/// A field is unknown, or its value has the wrong type.
fn apply<D>(document: &D, fields: Fields) -> Outcome<D>
where
    D: Serialize + DeserializeOwned + Extra,
{
    let mut value = serde_json::to_value(document).unwrap_or_default();
    for (name, new) in fields {
        if let Value::Object(target) = &mut value {
            target.insert(name.clone(), new);
        }
        let refused = |problem: &dyn fmt::Display| {
            Failure::usage(format!("cannot set {name}: {problem}"), "`get -o json` shows the fields")
        };
        let changed: D = serde_json::from_value(value.clone()).map_err(|problem| refused(&problem))?;
        if changed.extra().contains_key(&name) && !document.extra().contains_key(&name) {
            return Err(refused(&"unknown field"));
        }
    }
    serde_json::from_value(value).map_err(|source| Failure::local("cannot apply the fields to the document", source))
}

/// An update whose change may fail. Nothing is sent then.
#[derive(Debug, Default)]
pub(crate) struct Update {
    failure: RefCell<Option<Failure>>,
}

impl Update {
    /// Applies `fields`, then `change`. If either fails, the document stays unchanged.
    pub(crate) fn change<D>(
        &self,
        fields: Option<Fields>,
        change: impl FnOnce(&mut D) -> Outcome,
    ) -> impl FnOnce(&mut D)
    where
        D: Serialize + DeserializeOwned + Extra + Clone,
    {
        move |document| {
            let changed = fields.map_or_else(|| Ok(document.clone()), |fields| apply(document, fields));
            match changed.and_then(|mut changed| change(&mut changed).map(|()| changed)) {
                Ok(changed) => *document = changed,
                Err(failure) => drop(self.failure.replace(Some(failure))),
            }
        }
    }

    /// The update, if its change has not failed so far.
    ///
    /// # Errors
    /// The change failed.
    pub(crate) fn checked(self) -> Outcome<Self> {
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => Ok(self),
        }
    }

    /// The outcome of the update. Prints a note if nothing changed and no request was sent.
    ///
    /// # Errors
    /// The change or the update failed.
    pub(crate) fn outcome<R, D: PartialEq>(
        self,
        updated: atlas_backup::Result<R>,
        before: &D,
        document: fn(&R) -> &D,
    ) -> Outcome<R> {
        if let Some(failure) = self.failure.into_inner() {
            return Err(failure);
        }
        let updated = updated?;
        if before == document(&updated) {
            messages::note(format_args!("no changes"));
        }
        Ok(updated)
    }
}

/// A document that keeps undocumented fields.
pub(crate) trait Extra {
    fn extra(&self) -> &Map<String, Value>;
}

async fn read(path: PathBuf) -> Outcome<Fields> {
    let name = if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
    let text = prompts::text_file(path).await;
    let text = text.map_err(|source| Failure::local(format!("cannot read {name}"), source))?;
    parse(&text).map_err(|problem| {
        Failure::usage(format!("cannot read {name}: expected a JSON object: {problem}"), "fix the JSON and try again")
    })
}

fn parse(text: &str) -> Result<Fields, String> {
    serde_json::from_str(text).map_err(|problem| problem.to_string())
}

fn edit(what: &str, shown: &Value) -> Outcome<Fields> {
    let local = |source: io::Error| Failure::local("cannot use the temporary file of the editor", source);
    let editor = ["VISUAL", "EDITOR"].into_iter().find_map(|name| env::var(name).ok().filter(|text| !text.is_empty()));
    let editor = editor.ok_or_else(|| Failure::usage("missing editor", "set EDITOR, or use `--file`"))?;
    let prefix = format!("{what}-");
    let mut file = tempfile::Builder::new().prefix(&prefix).suffix(".json").tempfile().map_err(local)?;
    let before = serde_json::to_string_pretty(shown).unwrap_or_default() + "\n";
    file.write_all(before.as_bytes()).map_err(local)?;
    // Through a shell, because the variable may contain flags: `code --wait`.
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("{editor} \"$1\"")).arg("sh").arg(file.path());
    let status = child::without_credentials(&mut shell).status();
    let status = status.map_err(|source| Failure::local(format!("cannot run {editor}"), source))?;
    if !status.success() {
        return Err(Failure::usage(format!("{editor} exited with {status}"), "nothing was changed"));
    }
    let after = fs::read_to_string(file.path()).map_err(local)?;
    let whole =
        |edited: Fields| match shown.as_object().and_then(|all| all.keys().find(|name| !edited.contains_key(*name))) {
            Some(removed) => Err(format!("cannot remove field {removed}: fields can only be changed")),
            None => Ok(edited),
        };
    let edited = parse(&after).map_err(|problem| format!("expected a JSON object: {problem}")).and_then(whole);
    edited.map_err(|problem| {
        let kept = file.keep().map(|(_, path)| path.display().to_string()).unwrap_or_default();
        Failure::usage(problem, format!("your text is in {kept}; fix it and pass `--file {kept}`"))
    })
}
