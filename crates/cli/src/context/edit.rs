//! Changing a document as a whole: from a file, or in an editor.
//!
//! What was typed is never lost: if it can't be used, the file stays and is named. A field that the document does not
//! have is refused, because the service would drop a misspelt one without a word.

use std::{
    cell::RefCell,
    env, fmt, fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process::Command,
};

use clap::Args;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::ui::{
    exit::{Failure, Outcome},
    messages,
};

/// Where the change comes from.
#[derive(Debug, Args)]
pub(crate) struct ChangeSource {
    /// Takes the fields to change from a JSON file; `-` is standard input.
    #[arg(short, long, value_name = "PATH", conflicts_with = "edit")]
    file: Option<PathBuf>,
    /// Opens the current document in the editor that VISUAL or EDITOR names.
    #[arg(long)]
    edit: bool,
}

/// The fields to set, each whole.
pub(crate) type Fields = Map<String, Value>;

impl ChangeSource {
    /// Nowhere: the flags say it all.
    pub(crate) const fn none() -> Self {
        ChangeSource { file: None, edit: false }
    }

    /// The fields to set. `current` is what an editor shows, without the fields `hidden`; `what` names it.
    ///
    /// # Errors
    /// The file can't be read, or is no JSON object; the editor fails.
    pub(crate) async fn fields(self, what: &str, current: impl Serialize, hidden: &[&str]) -> Outcome<Option<Fields>> {
        match (self.file, self.edit) {
            (Some(path), _) => read(&path).map(Some),
            (None, true) => {
                let mut shown = serde_json::to_value(current).unwrap_or_default();
                if let Value::Object(fields) = &mut shown {
                    fields.retain(|name, _| !hidden.contains(&name.as_str()));
                }
                let what = what.to_owned();
                let edited = tokio::task::spawn_blocking(move || edit(&what, &shown)).await;
                edited.unwrap_or_else(|panicked| Err(Failure::local("the editor could not be run", panicked))).map(Some)
            }
            (None, false) => Ok(None),
        }
    }
}

/// Sets `fields` in `document`.
///
/// # Errors
/// There is no field of such a name, or its value is of another type.
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
            Failure::usage(format!("{name} can not be set so: {problem}"), "see the fields with `get -o json`")
        };
        let changed: D = serde_json::from_value(value.clone()).map_err(|problem| refused(&problem))?;
        if changed.extra().contains_key(&name) && !document.extra().contains_key(&name) {
            return Err(refused(&"there is no such field"));
        }
    }
    serde_json::from_value(value).map_err(|source| Failure::local("the document does not fit", source))
}

/// An update of a document, whose change may fail: then nothing is sent.
#[derive(Debug, Default)]
pub(crate) struct Update {
    failure: RefCell<Option<Failure>>,
}

impl Update {
    /// The change to make: `fields`, then `change`. If one of them fails, the document stays as it was.
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

    /// The outcome of the update. Prints a note if nothing changed, and so nothing was sent.
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
            messages::note(format_args!("that is how it is already; nothing was sent"));
        }
        Ok(updated)
    }
}

/// A document that keeps the fields that nobody documented.
pub(crate) trait Extra {
    fn extra(&self) -> &Map<String, Value>;
}

fn read(path: &Path) -> Outcome<Fields> {
    let name = if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
    let text = match path == Path::new("-") {
        true => {
            let mut text = String::new();
            io::stdin().lock().read_to_string(&mut text).map(|_| text)
        }
        false => fs::read_to_string(path),
    };
    let text = text.map_err(|source| Failure::local(format!("{name} could not be read"), source))?;
    parse(&text).map_err(|problem| Failure::usage(format!("{name} is no JSON object: {problem}"), "mend it"))
}

fn parse(text: &str) -> Result<Fields, String> {
    serde_json::from_str(text).map_err(|problem| problem.to_string())
}

fn edit(what: &str, shown: &Value) -> Outcome<Fields> {
    let local = |source: io::Error| Failure::local("the editor's file could not be used", source);
    let editor = ["VISUAL", "EDITOR"].into_iter().find_map(|name| env::var(name).ok().filter(|text| !text.is_empty()));
    let editor = editor.ok_or_else(|| Failure::usage("no editor is named", "set EDITOR, or use `--file`"))?;
    let prefix = format!("{what}-");
    let mut file = tempfile::Builder::new().prefix(&prefix).suffix(".json").tempfile().map_err(local)?;
    let before = serde_json::to_string_pretty(shown).unwrap_or_default() + "\n";
    file.write_all(before.as_bytes()).map_err(local)?;
    // Through a shell, because the variable may hold flags: `code --wait`.
    let status = Command::new("sh").arg("-c").arg(format!("{editor} \"$1\"")).arg("sh").arg(file.path()).status();
    let status = status.map_err(|source| Failure::local(format!("{editor} could not be run"), source))?;
    if !status.success() {
        return Err(Failure::usage(format!("{editor} ended with {status}"), "nothing was changed"));
    }
    let after = fs::read_to_string(file.path()).map_err(local)?;
    let whole =
        |edited: Fields| match shown.as_object().and_then(|all| all.keys().find(|name| !edited.contains_key(*name))) {
            Some(removed) => Err(format!("{removed} is gone, but a field can only be changed")),
            None => Ok(edited),
        };
    let edited = parse(&after).map_err(|problem| format!("that is no JSON object: {problem}")).and_then(whole);
    edited.map_err(|problem| {
        let kept = file.keep().map(|(_, path)| path.display().to_string()).unwrap_or_default();
        Failure::usage(problem, format!("your text is in {kept}: mend it and use `--file {kept}`"))
    })
}
