//! Where archives are: the URLs of a job, which change and expire, and which of them may be called at all.
//!
//! A URL is a secret while it lasts: it stands in no error, no note and no log.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use tokio::time::Instant;
use url::Url;

use crate::{
    call::client::Client,
    model::{
        error::{Error, Result},
        error_kind::ErrorKind,
    },
};

type FindUrls = Pin<Box<dyn Future<Output = Result<Vec<String>>> + Send>>;

/// Where archives come from.
#[derive(Clone)]
pub(crate) struct Origin {
    pub(crate) client: Client,
    /// What the archives are of, so that no two are mixed up.
    pub(crate) of: String,
    /// Where they are now; waits until there are any: not longer than the first, asking again after the second.
    pub(crate) find: Arc<dyn Fn(Duration, Duration) -> FindUrls + Send + Sync>,
    /// How long to wait before asking again.
    pub(crate) interval: Duration,
}

/// Where the archives are, once there are any.
pub(super) async fn find(origin: &Origin, deadline: Instant) -> Result<Vec<Url>> {
    let found = (origin.find)(deadline.saturating_duration_since(Instant::now()), origin.interval).await?;
    // What is wrong with a URL is not told with the URL, which is a secret while it lasts.
    let refused =
        |why| Error::new(ErrorKind::Decode, format!("the service names a place to download from that is {why}"));
    let url = |text: &String| match text.parse::<Url>() {
        Ok(url) if is_trusted(&url, &origin.client) => Ok(url),
        Ok(_) => Err(refused("not https")),
        Err(_) => Err(refused("no URL")),
    };
    let urls: Vec<Url> = found.iter().filter(|text| !text.is_empty()).map(url).collect::<Result<_>>()?;
    match urls.is_empty() {
        true => Err(Error::new(ErrorKind::Decode, "the job is done but names nothing to download")),
        false => Ok(urls),
    }
}

/// Whether a place may serve archives: over https, or this machine, or the one that the client calls in the clear.
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

/// The last part of a URL's path, if it can be a file's name here and in no other folder.
pub(super) fn file_name(url: &Url, archive: usize) -> String {
    let last = url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
    let is_plain = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
            && name.len() <= 200
    };
    if is_plain(last) { last.to_owned() } else { format!("archive-{archive}.tar.gz") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archive_name_from_service_stays_in_folder() {
        let name = |url: &str| file_name(&url.parse().expect("a URL"), 2);
        assert_eq!(name("https://host/a/restore-67.tar.gz?signature=x/y"), "restore-67.tar.gz");
        for odd in
            ["https://host/", "https://host/a/..%2f..%2fetc", "https://host/.profile", "https://host/a%00b", "data:x"]
        {
            assert_eq!(name(odd), "archive-2.tar.gz", "{odd}");
        }
    }
}
