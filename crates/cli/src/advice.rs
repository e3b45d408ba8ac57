//! What to do about an error: one clause for each failure that a person can act on.
//!
//! Advice names a command that can be typed as it stands or a setting that can be changed; where there is nothing better
//! to say than the service said, it says nothing.

use atlas_backup::{Error, ErrorCode, ErrorKind};

/// The answer to a run without credentials. It is the first thing a new user sees, so it says every way on.
pub(crate) const NO_CREDENTIALS: &str = "\
no credentials: set those of a service account or an API key, or try it on the emulator
  service account  export MONGODB_ATLAS_CLIENT_ID=… MONGODB_ATLAS_CLIENT_SECRET=…
  API key          export MONGODB_ATLAS_PUBLIC_API_KEY=… MONGODB_ATLAS_PRIVATE_API_KEY=…
                   (both are made in Atlas under the organization's or the project's Applications)
  profile          atlas-backup auth login   (stores either for later runs)
  emulator         atlas-backup --emulator snapshots list Cluster0";

/// What to do about `error`, whatever the command was.
pub(crate) fn general(error: &Error) -> Option<String> {
    let advice = match error.code() {
        Some(ErrorCode::ClusterNotFound) => "`atlas-backup clusters list` shows the project's clusters",
        Some(ErrorCode::GroupNotFound) => "`atlas-backup projects list` shows the projects these credentials may see",
        Some(ErrorCode::CannotUseFlexClusterInClusterApi) => "`atlas-backup flex --help` shows what there is for it",
        Some(ErrorCode::CannotUseNonFlexClusterInFlexApi) => "`atlas-backup snapshots list` has its snapshots",
        _ => return by_kind(error),
    };
    Some(advice.to_owned())
}

fn by_kind(error: &Error) -> Option<String> {
    let advice = match error.kind() {
        ErrorKind::Unauthorized => {
            "check the key or service account, and that its access list has the address you call from"
        }
        ErrorKind::Authentication => {
            "check the id and the secret: `atlas-backup auth status` tells where they come from"
        }
        ErrorKind::Forbidden => "ask for the role, or use credentials that have it",
        ErrorKind::RateLimited => return Some(after(error)),
        ErrorKind::Connect => "check the network, the proxy (HTTPS_PROXY) and the base URL",
        ErrorKind::Tls => "check the base URL, and the certificates this machine trusts",
        ErrorKind::Server => "the service is at fault; try again later",
        _ => return None,
    };
    Some(advice.to_owned())
}

fn after(error: &Error) -> String {
    match error.retry_after() {
        Some(wait) => format!("try again in {} s", wait.as_secs().max(1)),
        None => "try again in a minute".to_owned(),
    }
}
