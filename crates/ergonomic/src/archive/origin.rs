//! Locations of archives: the URLs of a job, which change and expire, and the check of which hosts may be called.
//!
//! A URL is a secret while it lasts: no error, note or log contains it.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use tokio::time::Instant;
use url::Url;

use crate::{
    call::client::Client,
    model::{
        error::{Error, Result},
        error_kind::ErrorKind,
        subject::Subject,
    },
};

type FindArchives = Pin<Box<dyn Future<Output = Result<Vec<Offer>>> + Send>>;

/// An archive that a job names.
pub(crate) struct Offer {
    pub(crate) url: String,
    /// The replica set that the archive is of, if the job says so.
    pub(crate) shard: Option<String>,
}

/// How to ask a job for its archives.
#[derive(Clone)]
pub(crate) struct Query {
    /// How long to wait for them.
    pub(crate) patience: Duration,
    /// How long to wait between polls. `None`: the interval of the client's policy.
    pub(crate) interval: Option<Duration>,
    /// The private endpoint whose URLs to take, in place of the public ones.
    pub(crate) endpoint: Option<String>,
}

/// Where archives come from.
#[derive(Clone)]
pub(crate) struct Origin {
    pub(crate) client: Client,
    /// The job, for errors.
    pub(crate) subject: Subject,
    /// The snapshot that the archives are of. A partial file of another snapshot is not resumed.
    pub(crate) of: String,
    /// Asks where they are, and waits until there are any.
    pub(crate) find: Arc<dyn Fn(Query) -> FindArchives + Send + Sync>,
    pub(crate) query: Query,
}

/// An archive, and what its file is called in a folder.
pub(super) struct ArchiveLocation {
    /// Its position in the job, counted from 0.
    pub(super) number: usize,
    pub(super) url: Url,
    pub(super) shard: Option<String>,
    pub(super) name: String,
}

/// All archives of the job, in its order, once there are any. Each has another name, even where names that differ in
/// case only are the same.
pub(super) async fn find(origin: &Origin, deadline: Instant) -> Result<Vec<ArchiveLocation>> {
    let patience = deadline.saturating_duration_since(Instant::now());
    let offers = (origin.find)(Query { patience, ..origin.query.clone() }).await?;
    // The message leaves the URL out, which is a secret while it lasts.
    let refused = |why| {
        let message = format!("the job of snapshot {} names a delivery URL that is not {why}", origin.of);
        Error::new(ErrorKind::Decode, message)
    };
    let mut places: Vec<ArchiveLocation> = Vec::with_capacity(offers.len());
    for Offer { url, shard } in offers.into_iter().filter(|offer| !offer.url.is_empty()) {
        let url: Url = url.parse().map_err(|_| refused("a URL"))?;
        if !is_trusted(&url, &origin.client) {
            return Err(refused("https"));
        }
        let number = places.len();
        let mut name = file_name(&url, shard.as_deref(), number);
        while places.iter().any(|other| other.name.eq_ignore_ascii_case(&name)) {
            name = format!("{number}-{name}");
        }
        places.push(ArchiveLocation { number, url, shard, name });
    }
    match places.is_empty() {
        true => {
            let message = format!("the job of snapshot {} is done but names no delivery URL", origin.of);
            Err(Error::new(ErrorKind::Decode, message))
        }
        false => Ok(places),
    }
}

/// Whether a URL may serve archives: over https, or over http from this machine or from the host that the client itself
/// calls over http.
pub(super) fn is_trusted(url: &Url, client: &Client) -> bool {
    let is_local = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    };
    let is_base =
        || client.base_url().parse().is_ok_and(|base: Url| base.scheme() == "http" && base.host() == url.host());
    url.scheme() == "https" || (url.scheme() == "http" && (is_local || is_base()))
}

/// The last segment of a URL's path, after the name of the shard, if it is a safe file name.
fn file_name(url: &Url, shard: Option<&str>, number: usize) -> String {
    let last = url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
    let is_plain = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
            && name.len() <= 100
    };
    let last = if is_plain(last) { last.to_owned() } else { format!("archive-{number}.tar.gz") };
    match shard.filter(|shard| is_plain(shard) && !last.contains(shard)) {
        Some(shard) => format!("{shard}-{last}"),
        None => last,
    }
}

/// A name without the endings of an archive.
#[cfg(feature = "verify")]
pub(super) fn stem(name: &str) -> &str {
    [".tar.gz", ".tgz", ".gz"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_name_is_that_of_shard_and_url_within_its_folder() {
        let name = |url: &str, shard| file_name(&url.parse().expect("a URL"), shard, 2);
        assert_eq!(name("https://host/a/restore-67.tar.gz?signature=x/y", None), "restore-67.tar.gz");
        assert_eq!(name("https://host/a/restore-67.tar.gz?signature=x/y", Some("sh0")), "sh0-restore-67.tar.gz");
        assert_eq!(name("https://host/a/sh0.tar.gz", Some("sh0")), "sh0.tar.gz");
        for odd in
            ["https://host/", "https://host/a/..%2f..%2fetc", "https://host/.profile", "https://host/a%00b", "data:x"]
        {
            assert_eq!(name(odd, None), "archive-2.tar.gz", "{odd}");
            assert_eq!(name(odd, Some("../up")), "archive-2.tar.gz", "{odd}");
        }
    }
}
