//! Tokens kept across processes: one small file for each service account and base URL, readable by its owner only.
//!
//! The file is replaced atomically, never written in place, so a reader sees the old or the new token. A lock file
//! makes concurrent processes request one token. Errors here never fail a call: a file that cannot be read, written or
//! locked causes a token request and a warning.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use crate::{http::auth::token::MAX_LIFETIME, model::atomic_file};

/// How long to wait for the lock of another process.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);
/// Interval of lock attempts.
const LOCK_RETRY_INTERVAL: Duration = Duration::from_millis(20);
/// Maximum size of a token file.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// The file of one account at one base URL.
#[derive(Debug)]
pub(crate) struct Store {
    file: PathBuf,
    account: String,
    base: String,
}

/// A stored token.
pub(crate) struct Stored {
    pub(crate) token: SecretString,
    /// Its total lifetime in seconds.
    pub(crate) lifetime: u64,
    /// Its remaining lifetime.
    pub(crate) left: Duration,
}

impl Stored {
    /// A new token.
    pub(crate) fn new(token: SecretString, lifetime: u64) -> Self {
        Stored { token, lifetime, left: Duration::from_secs(lifetime) }
    }
}

/// Content of the file.
#[derive(Serialize, Deserialize)]
struct Content<'a> {
    base_url: std::borrow::Cow<'a, str>,
    client_id: std::borrow::Cow<'a, str>,
    access_token: std::borrow::Cow<'a, str>,
    /// Seconds since 1970.
    expires_at: u64,
    lifetime: u64,
}

/// Held while a token is requested. Other processes wait for it.
pub(crate) struct Lock(#[expect(dead_code, reason = "closing the file releases the lock")] File);

impl Store {
    /// The file in `folder` for `account` at `base`. Its name is a hash of both.
    pub(crate) fn new(folder: &Path, base: &str, account: &str) -> Self {
        let hash = Sha256::digest(format!("{base}\n{account}"));
        let name = hash.iter().take(16).fold(String::new(), |name, byte| name + &format!("{byte:02x}"));
        Store { file: folder.join(name + ".json"), account: account.to_owned(), base: base.to_owned() }
    }

    /// Waits for the lock. `None` if it cannot be acquired.
    pub(crate) async fn lock(&self, deadline: Instant) -> Option<Lock> {
        let until = deadline.min(Instant::now() + LOCK_TIMEOUT);
        let lock = self.file.with_extension("lock");
        let file = self.prepare().and_then(|()| atomic_file::open(&lock, OpenOptions::new().write(true).create(true)));
        let file = file.inspect_err(|error| self.warn("lock", error)).ok()?;
        loop {
            match file.try_lock() {
                Ok(()) => return Some(Lock(file)),
                Err(TryLockError::WouldBlock) if Instant::now() < until => {
                    tokio::time::sleep(LOCK_RETRY_INTERVAL).await
                }
                Err(TryLockError::WouldBlock) => {
                    self.warn("lock", &io::Error::from(io::ErrorKind::TimedOut));
                    return None;
                }
                Err(TryLockError::Error(error)) => {
                    self.warn("lock", &error);
                    return None;
                }
            }
        }
    }

    /// The unexpired token in the file, if any.
    pub(crate) fn read(&self) -> Option<Stored> {
        let text = match self.text() {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                self.warn("read", &error);
                return None;
            }
        };
        let Ok(content) = serde_json::from_str::<Content<'_>>(text.expose_secret()) else {
            // The parser's message may quote the file.
            self.warn("read", &io::Error::new(io::ErrorKind::InvalidData, "it is damaged"));
            return None;
        };
        if content.base_url != self.base || content.client_id != self.account {
            return None;
        }
        // No longer lifetime is ever written. An expiry further away means that the clock was set back.
        let lifetime = Some(content.lifetime).filter(|lifetime| *lifetime <= MAX_LIFETIME)?;
        let left = content.expires_at.checked_sub(now()?).filter(|left| *left <= lifetime)?;
        Some(Stored {
            token: SecretString::from(content.access_token.into_owned()),
            lifetime,
            left: Duration::from_secs(left),
        })
    }

    /// Replaces the file by `token`.
    pub(crate) fn write(&self, token: &Stored) {
        if let Err(error) = self.replace(token) {
            self.warn("write", &error);
        }
    }

    /// Removes the file.
    pub(crate) fn clear(&self) {
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => self.warn("remove", &error),
            _ => {}
        }
    }

    fn text(&self) -> io::Result<SecretString> {
        #[cfg(unix)]
        if let Some(folder) = self.file.parent() {
            require_private(&fs::metadata(folder)?, 0o022, "other users can change its folder")?;
        }
        let file = atomic_file::open(&self.file, OpenOptions::new().read(true))?;
        #[cfg(unix)]
        require_private(&file.metadata()?, 0o077, "other users can read it")?;
        let mut text = String::new();
        file.take(MAX_FILE_BYTES).read_to_string(&mut text)?;
        Ok(text.into())
    }

    fn replace(&self, token: &Stored) -> io::Result<()> {
        self.prepare()?;
        let expires_at = now().unwrap_or_default().saturating_add(token.left.as_secs());
        let content = Content {
            base_url: self.base.as_str().into(),
            client_id: self.account.as_str().into(),
            access_token: token.token.expose_secret().into(),
            expires_at,
            lifetime: token.lifetime,
        };
        let text = SecretString::from(serde_json::to_string(&content)?);
        atomic_file::write(&self.file, text.expose_secret().as_bytes())
    }

    /// Creates the folder for its owner only. In a folder that others can change, a file may be anybody's.
    fn prepare(&self) -> io::Result<()> {
        let Some(folder) = self.file.parent() else { return Ok(()) };
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(folder)?;
        #[cfg(unix)]
        require_private(&fs::metadata(folder)?, 0o022, "other users can change its folder")?;
        Ok(())
    }

    fn warn(&self, what: &str, error: &io::Error) {
        tracing::warn!(file = %self.file.display(), %error, "cannot {what} token file");
    }
}

/// Refuses a file or folder of another user, and one that others may use in the ways of `mode`.
#[cfg(unix)]
fn require_private(found: &fs::Metadata, mode: u32, problem: &str) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    // Root may change any file.
    let is_trusted = found.uid() == rustix::process::geteuid().as_raw() || (found.is_dir() && found.uid() == 0);
    let problem = match is_trusted {
        false => "it belongs to another user",
        true if found.mode() & mode != 0 => problem,
        true => return Ok(()),
    };
    Err(io::Error::new(io::ErrorKind::PermissionDenied, problem))
}

fn now() -> Option<u64> {
    Some(SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn fifo_in_place_of_token_file_or_lock_does_not_block() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::new(folder.path(), "https://cloud.mongodb.com/", "account");
        for file in [store.file.clone(), store.file.with_extension("lock")] {
            let mode = rustix::fs::Mode::from_raw_mode(0o600);
            rustix::fs::mknodat(rustix::fs::CWD, &file, rustix::fs::FileType::Fifo, mode, 0).expect("a FIFO");
        }
        assert!(store.read().is_none());
        assert!(store.lock(Instant::now() + LOCK_TIMEOUT).await.is_none());
        store.write(&Stored::new(SecretString::from("token"), 60));
        assert!(store.read().is_none(), "the FIFO was replaced");
    }

    #[test]
    fn token_that_others_can_read_replace_or_have_written_is_not_used() {
        use std::os::unix::fs::{PermissionsExt as _, chown};

        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::new(folder.path(), "https://cloud.mongodb.com/", "account");
        let token = Stored::new(SecretString::from("token"), 60);
        let set_mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
        store.write(&token);
        assert!(store.read().is_some());
        set_mode(&store.file, 0o640);
        assert!(store.read().is_none(), "others can read the file");
        set_mode(&store.file, 0o600);
        set_mode(folder.path(), 0o770);
        assert!(store.read().is_none(), "others can replace the file");
        store.clear();
        store.write(&token);
        assert!(!store.file.exists(), "others could replace the file");
        set_mode(folder.path(), 0o755);
        store.write(&token);
        assert!(store.read().is_some());
        // Only root can give a file away.
        if rustix::process::geteuid().is_root() {
            chown(&store.file, Some(1), None).expect("another owner");
            assert!(store.read().is_none(), "the file belongs to another user");
        }
    }
}
