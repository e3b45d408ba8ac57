//! What the process is told from outside: variables, and where the user's folders are.
//!
//! Variables are looked up through a function, so that tests need not change the process's own. An empty variable
//! counts as unset.

use std::path::PathBuf;

/// The environment.
#[derive(Clone, Copy)]
pub(crate) struct Variables<'a>(&'a dyn Fn(&str) -> Option<String>);

impl<'a> Variables<'a> {
    pub(crate) fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Variables(lookup)
    }

    pub(crate) fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    /// Where to call.
    pub(crate) fn base_url(&self) -> Option<String> {
        self.get("MONGODB_ATLAS_OPS_MANAGER_URL").or_else(|| self.get("MONGODB_ATLAS_BASE_URL"))
    }

    /// Where programs keep their settings.
    pub(crate) fn config_folder(&self) -> Option<PathBuf> {
        let home = |below: &str| Some(PathBuf::from(self.get("HOME")?).join(below));
        match () {
            () if cfg!(windows) => self.get("APPDATA").map(PathBuf::from),
            () if cfg!(target_os = "macos") => home("Library/Application Support"),
            () => self.get("XDG_CONFIG_HOME").map(PathBuf::from).or_else(|| home(".config")),
        }
    }

    /// Where programs keep what they can do without.
    pub(crate) fn cache_folder(&self) -> Option<PathBuf> {
        let home = |below: &str| Some(PathBuf::from(self.get("HOME")?).join(below));
        match () {
            () if cfg!(windows) => self.get("LOCALAPPDATA").map(PathBuf::from),
            () if cfg!(target_os = "macos") => home("Library/Caches"),
            () => self.get("XDG_CACHE_HOME").map(PathBuf::from).or_else(|| home(".cache")),
        }
    }
}

/// A folder of this user for [`Builder::token_store`](crate::Builder::token_store): `atlas-backup/tokens` where the
/// platform keeps caches. `None` when the environment names no home.
#[must_use]
pub fn token_folder() -> Option<PathBuf> {
    let lookup = |name: &str| std::env::var(name).ok();
    Some(Variables::new(&lookup).cache_folder()?.join("atlas-backup").join("tokens"))
}
