//! The transfer of one archive: requests for its bytes in order, resumed after interruptions.
//!
//! After an interruption only the missing bytes are requested, on condition that the archive is unchanged. Without a
//! validator, or if the validator has changed, the transfer starts again. The output is always bytes of an archive. The
//! requests carry no credentials and no headers of the caller.

use std::time::SystemTime;

use bytes::Bytes;
use chrono::DateTime;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::{
    archive::{
        checksum::Checksum,
        origin::{ArchiveLocation, Origin, find, is_trusted},
        refusal,
    },
    http::{
        retry::{Safety, instant_after},
        wire::{Body, Outgoing, StreamedResponse},
    },
    model::{
        error::{Error, Result},
        error_kind::ErrorKind,
        meta,
    },
};
use atlas_backup_runtime::Reply;

/// Maximum number of redirects per response.
const MAX_REDIRECTS: usize = 5;
/// The first bytes of every gzip file.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// State of a transfer, enough to resume it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct State {
    /// Number of received bytes.
    pub(super) at: u64,
    pub(super) total: Option<u64>,
    /// The validator of the archive: a strong `ETag` or a `Last-Modified`.
    pub(super) validator: Option<HeaderValue>,
    /// When it was made.
    pub(super) modified: Option<SystemTime>,
    pub(super) checksum: Option<Checksum>,
}

impl State {
    /// Adds what a response says about the whole archive.
    fn learn(&mut self, headers: &HeaderMap, is_whole: bool) {
        let modified = meta::text(headers, "last-modified").and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        self.modified = modified.map(Into::into).or(self.modified);
        self.checksum = Checksum::stated(headers, is_whole).or(self.checksum.take());
    }
}

/// What comes next.
pub(super) enum Event {
    /// The following bytes start at this position. Bytes beyond it are discarded.
    Begins(State),
    Bytes(Bytes),
    /// The archive is complete.
    End,
}

pub(super) struct Transfer {
    origin: Origin,
    /// The archive's position in the job, and its name.
    number: usize,
    name: String,
    url: Url,
    deadline: Instant,
    any_content: bool,
    state: State,
    /// The furthest position of this attempt.
    furthest: u64,
    /// Number of failures since the last progress.
    failures: u32,
    body: Option<Body>,
}

/// A failed request, and what to do next.
enum TransferFailure {
    /// It is final.
    Final(Error),
    /// Retry, after a wait if it happens often.
    Retry(Result<Reply>),
    /// The URL is no longer accepted.
    ExpiredUrl(Result<Reply>),
}

impl Transfer {
    pub(super) fn new(origin: Origin, place: &ArchiveLocation, deadline: Instant, any_content: bool) -> Self {
        let (number, name, url, state) = (place.number, place.name.clone(), place.url.clone(), State::default());
        Transfer { origin, number, name, url, deadline, any_content, state, furthest: 0, failures: 0, body: None }
    }

    /// Continues at the state of an earlier attempt.
    pub(super) fn resume(&mut self, state: State) {
        self.furthest = state.at;
        self.state = state;
    }

    pub(super) fn state(&self) -> &State {
        &self.state
    }

    pub(super) fn received(&self) -> u64 {
        self.state.at
    }

    pub(super) fn total(&self) -> Option<u64> {
        self.state.total
    }

    /// The next event. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Result<Event> {
        let deadline = self.deadline;
        let event = match timeout_at(deadline, self.advance()).await {
            Ok(event) => event,
            Err(_) => Err(Error::new(ErrorKind::Timeout, format!("{} did not arrive before the deadline", self.name))),
        };
        event.map_err(|error| error.about(&self.origin.subject))
    }

    async fn advance(&mut self) -> Result<Event> {
        loop {
            let failure = match &mut self.body {
                None => match self.begin().await {
                    Ok(event) => return Ok(event),
                    Err(failure) => failure,
                },
                Some(body) => match body.chunk().await {
                    Ok(Some(bytes)) if bytes.is_empty() => continue,
                    Ok(Some(bytes)) => return self.take(bytes).map(Event::Bytes),
                    Ok(None) if self.state.total.is_none_or(|total| self.state.at >= total) => {
                        return self.end().map(|()| Event::End);
                    }
                    Ok(None) => TransferFailure::Retry(Err(interrupted("the body ended early"))),
                    Err(error) => TransferFailure::Retry(Err(error)),
                },
            };
            self.body = None;
            self.recover(failure).await?;
        }
    }

    /// Accepts bytes if they can belong to an archive.
    fn take(&mut self, bytes: Bytes) -> Result<Bytes> {
        for (offset, expected) in GZIP.iter().enumerate() {
            let here = u64::try_from(offset).ok().and_then(|offset| offset.checked_sub(self.state.at));
            let found = here.and_then(|index| bytes.get(usize::try_from(index).ok()?));
            if !self.any_content && found.is_some_and(|byte| byte != expected) {
                return Err(invalid_archive("does not begin like a gzip file"));
            }
        }
        self.state.at += bytes.len() as u64;
        if self.state.total.is_some_and(|total| self.state.at > total) {
            return Err(invalid_archive("is longer than stated"));
        }
        if self.state.at > self.furthest {
            (self.furthest, self.failures) = (self.state.at, 0);
        }
        Ok(bytes)
    }

    /// Content shorter than the gzip header has passed every check so far, so refuse it here.
    fn end(&mut self) -> Result<()> {
        if self.any_content || self.state.at >= GZIP.len() as u64 {
            return Ok(());
        }
        self.state = State::default();
        Err(invalid_archive("is empty"))
    }

    /// Requests the missing bytes.
    async fn begin(&mut self) -> Result<Event, TransferFailure> {
        let resumed = self.state.at > 0 && self.state.validator.is_some();
        let StreamedResponse { status, headers, body } = self.ask(resumed).await?;
        match status {
            StatusCode::OK => {
                self.check_content(&headers).map_err(TransferFailure::Final)?;
                let total = meta::text(&headers, "content-length").and_then(|length| length.parse().ok());
                self.state = State { total, validator: validator(&headers), ..State::default() };
                self.state.learn(&headers, true);
            }
            StatusCode::PARTIAL_CONTENT if resumed && self.is_requested_range(&headers) => {
                self.state.learn(&headers, false)
            }
            // Bytes of another archive or range: none of them is used.
            StatusCode::PARTIAL_CONTENT => {
                return Err(self.restart("the response has a different range than requested"));
            }
            StatusCode::RANGE_NOT_SATISFIABLE if resumed => {
                let length = meta::text(&headers, "content-range")
                    .and_then(|range| range.strip_prefix("bytes */")?.parse().ok());
                if length != Some(self.state.at) {
                    return Err(self.restart("the archive is shorter than what was received"));
                }
                // The archive is already complete. The body of the response is not needed.
                self.state.total = length;
                self.state.learn(&headers, false);
                self.body = Some(Body::Whole(None));
                return Ok(Event::Begins(self.state.clone()));
            }
            _ => return Err(classify(refusal::read(status, headers, body).await)),
        }
        self.body = Some(body);
        Ok(Event::Begins(self.state.clone()))
    }

    /// Discards the state and starts again.
    fn restart(&mut self, why: &'static str) -> TransferFailure {
        self.state = State::default();
        TransferFailure::Retry(Err(interrupted(why)))
    }

    async fn ask(&self, resumed: bool) -> Result<StreamedResponse, TransferFailure> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        // Ranges and lengths apply to the archive as stored.
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if let (true, Some(validator), Ok(range)) =
            (resumed, &self.state.validator, HeaderValue::try_from(format!("bytes={}-", self.state.at)))
        {
            headers.insert(header::RANGE, range);
            headers.insert(header::IF_RANGE, validator.clone());
        }
        let mut url = self.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let request =
                Outgoing { method: Method::GET, url: url.clone(), headers: headers.clone(), body: None, is_sent: None };
            let opened = self.origin.client.core().wire.open(request).await;
            let opened = opened.map_err(|error| match error.kind() {
                ErrorKind::Tls => TransferFailure::Final(error),
                _ => TransferFailure::Retry(Err(error)),
            })?;
            let location = meta::text(&opened.headers, "location").filter(|_| opened.status.is_redirection());
            match location.map(|location| url.join(location)) {
                None => return Ok(opened),
                // No redirect from https to http on this machine: an external host must not reach local services.
                Some(Ok(next))
                    if is_trusted(&next, &self.origin.client)
                        && (next.scheme() == "https" || url.scheme() == "http") =>
                {
                    url = next;
                }
                Some(_) => {
                    return Err(TransferFailure::Final(invalid_archive("redirects to a host that is not trusted")));
                }
            }
        }
        Err(TransferFailure::Final(invalid_archive("redirects too often")))
    }

    /// Whether a response contains the requested range.
    fn is_requested_range(&self, headers: &HeaderMap) -> bool {
        let range = meta::text(headers, "content-range").and_then(|range| {
            let (first_and_last, total) = range.strip_prefix("bytes ")?.split_once('/')?;
            let (first, _) = first_and_last.split_once('-')?;
            Some((first.parse::<u64>().ok()?, total.parse::<u64>().ok()))
        });
        // If the response names a validator, it must be the requested one.
        let same = validator(headers).is_none_or(|validator| Some(&validator) == self.state.validator.as_ref());
        same && matches!(range, Some((first, total)) if first == self.state.at && (total.is_none() || self.state.total.is_none() || total == self.state.total))
    }

    /// An error page may have a success status. Its content type shows it.
    fn check_content(&self, headers: &HeaderMap) -> Result<()> {
        let media = meta::text(headers, "content-type").unwrap_or_default().to_ascii_lowercase();
        let page = ["text/html", "application/xhtml", "application/json", "application/xml", "text/xml"];
        match page.iter().any(|kind| media.starts_with(kind)) && !self.any_content {
            true => Err(invalid_archive("is a text page, not an archive")),
            false => Ok(()),
        }
    }

    /// Waits before the next attempt, or returns the error.
    async fn recover(&mut self, failure: TransferFailure) -> Result<()> {
        let (outcome, is_stale) = match failure {
            TransferFailure::Final(error) => return Err(error),
            TransferFailure::Retry(outcome) => (outcome, false),
            TransferFailure::ExpiredUrl(outcome) => (outcome, true),
        };
        self.failures += 1;
        let retry = &self.origin.client.core().retry;
        // A refused URL is not retried by the policy, but a new URL is.
        let judged = match is_stale {
            true => retry.wait(Safety::Read, &Err(interrupted("an expired URL")), self.failures),
            false => retry.wait(Safety::Read, &outcome, self.failures),
        };
        let Some(wait) = judged.filter(|wait| instant_after(*wait) < self.deadline) else {
            let error = outcome.map_or_else(|error| error, |reply| refusal::error(reply, &self.name, &self.url));
            return Err(error.after_attempts(self.failures));
        };
        tracing::debug!(failures = self.failures, received = self.state.at, is_stale, ?wait, "resuming the download");
        let before = self.url.clone();
        if is_stale {
            let fresh = find(&self.origin, self.deadline).await?.into_iter().nth(self.number);
            self.url = fresh.map(|place| place.url).ok_or_else(|| invalid_archive("is no longer offered"))?;
        }
        // A new URL is tried at once.
        if !is_stale || self.url == before {
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }
}

/// What a response without an archive means.
fn classify(reply: Reply) -> TransferFailure {
    match reply.status.as_u16() {
        // Storage services respond to an expired signature with any of these.
        400 | 401 | 403 | 404 | 410 => TransferFailure::ExpiredUrl(Ok(reply)),
        _ => TransferFailure::Retry(Ok(reply)),
    }
}

/// The validator of an archive, to distinguish archives of the same URL. A weak `ETag` is not sufficient.
fn validator(headers: &HeaderMap) -> Option<HeaderValue> {
    let is_strong = |validator: &&HeaderValue| !validator.as_bytes().starts_with(b"W/");
    headers.get(header::ETAG).filter(is_strong).or_else(|| headers.get(header::LAST_MODIFIED)).cloned()
}

fn interrupted(message: &'static str) -> Error {
    Error::new(ErrorKind::Connection, message)
}

fn invalid_archive(why: &str) -> Error {
    Error::new(ErrorKind::Decode, format!("the download {why}"))
}
