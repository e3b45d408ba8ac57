//! One archive on its way: the requests that bring its bytes in order, however often they break.
//!
//! After a break only what is missing is requested, on condition that the archive is still the same. Without a mark to
//! tell that by, or when the mark has changed, all of it is requested again. Nothing but an archive's bytes comes out
//! here. The requests carry no credentials and no headers of the caller's.

use std::time::SystemTime;

use bytes::Bytes;
use chrono::DateTime;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::{
    archive::{
        checksum::Checksum,
        origin::{Origin, Place, find, is_trusted},
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

/// How many redirects are followed for one answer.
const MAX_REDIRECTS: usize = 5;
/// What every gzip file begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What is known of an archive, enough to go on with it later.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct State {
    /// How many of its bytes there are.
    pub(super) at: u64,
    pub(super) total: Option<u64>,
    /// What tells it from another one: a strong `ETag` or a `Last-Modified`.
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
    /// The bytes that follow begin where this says; whatever was there beyond is of no use any more.
    Begins(State),
    Bytes(Bytes),
    /// All of it has come.
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
    /// How far it ever came, in this try.
    furthest: u64,
    /// How many failures there were since the last byte that had not come before.
    failures: u32,
    body: Option<Body>,
}

/// What to do after an answer that brought nothing.
enum TransferFailure {
    /// It can't be mended.
    Final(Error),
    /// Try again, after a wait if it happens often.
    Retry(Result<Reply>),
    /// The URL is no longer accepted.
    ExpiredUrl(Result<Reply>),
}

impl Transfer {
    pub(super) fn new(origin: Origin, place: &Place, deadline: Instant, any_content: bool) -> Self {
        let (number, name, url, state) = (place.number, place.name.clone(), place.url.clone(), State::default());
        Transfer { origin, number, name, url, deadline, any_content, state, furthest: 0, failures: 0, body: None }
    }

    /// Goes on where another try ended.
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

    /// What comes next. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Result<Event> {
        let deadline = self.deadline;
        match timeout_at(deadline, self.advance()).await {
            Ok(event) => event,
            Err(_) => Err(Error::new(ErrorKind::Timeout, format!("{} did not arrive in time", self.name))),
        }
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
                    Ok(None) => TransferFailure::Retry(Err(interrupted("it ended early"))),
                    Err(error) => TransferFailure::Retry(Err(error)),
                },
            };
            self.body = None;
            self.recover(failure).await?;
        }
    }

    /// Takes bytes that came, if they can be of an archive.
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
            return Err(invalid_archive("is longer than it was said to be"));
        }
        if self.state.at > self.furthest {
            (self.furthest, self.failures) = (self.state.at, 0);
        }
        Ok(bytes)
    }

    /// What is shorter than a gzip file's beginning has passed every check of it, and is worth nothing.
    fn end(&mut self) -> Result<()> {
        if self.any_content || self.state.at >= GZIP.len() as u64 {
            return Ok(());
        }
        self.state = State::default();
        Err(invalid_archive("is empty"))
    }

    /// Asks for what is missing.
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
            // Bytes of something else, or from somewhere else: none of them is taken.
            StatusCode::PARTIAL_CONTENT => return Err(self.restart("an answer with other bytes than those asked for")),
            StatusCode::RANGE_NOT_SATISFIABLE if resumed => {
                let length = meta::text(&headers, "content-range")
                    .and_then(|range| range.strip_prefix("bytes */")?.parse().ok());
                if length != Some(self.state.at) {
                    return Err(self.restart("there is less of the archive than was received"));
                }
                // All of it was there already. The answer's own body is of no interest.
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

    /// Forgets what there is.
    fn restart(&mut self, why: &'static str) -> TransferFailure {
        self.state = State::default();
        TransferFailure::Retry(Err(interrupted(why)))
    }

    async fn ask(&self, resumed: bool) -> Result<StreamedResponse, TransferFailure> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        // Ranges and lengths are those of the archive as it is.
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
                // Not from https to this machine: what listens here is nobody's business there.
                Some(Ok(next))
                    if is_trusted(&next, &self.origin.client)
                        && (next.scheme() == "https" || url.scheme() == "http") =>
                {
                    url = next;
                }
                Some(_) => {
                    return Err(TransferFailure::Final(invalid_archive(
                        "is said to be elsewhere, where nothing is taken from",
                    )));
                }
            }
        }
        Err(TransferFailure::Final(invalid_archive("is behind too many redirects")))
    }

    /// Whether an answer brings the very bytes that were asked for.
    fn is_requested_range(&self, headers: &HeaderMap) -> bool {
        let range = meta::text(headers, "content-range").and_then(|range| {
            let (first_and_last, total) = range.strip_prefix("bytes ")?.split_once('/')?;
            let (first, _) = first_and_last.split_once('-')?;
            Some((first.parse::<u64>().ok()?, total.parse::<u64>().ok()))
        });
        // A service that names its mark here must name the one that was asked for.
        let same = validator(headers).is_none_or(|validator| Some(&validator) == self.state.validator.as_ref());
        same && matches!(range, Some((first, total)) if first == self.state.at && (total.is_none() || self.state.total.is_none() || total == self.state.total))
    }

    /// An error page may come with a good status; its content type gives it away.
    fn check_content(&self, headers: &HeaderMap) -> Result<()> {
        let media = meta::text(headers, "content-type").unwrap_or_default().to_ascii_lowercase();
        let page = ["text/html", "application/xhtml", "application/json", "application/xml", "text/xml"];
        match page.iter().any(|kind| media.starts_with(kind)) && !self.any_content {
            true => Err(invalid_archive("is a page of text, not an archive")),
            false => Ok(()),
        }
    }

    /// Waits before the next try, or gives up.
    async fn recover(&mut self, failure: TransferFailure) -> Result<()> {
        let (outcome, is_stale) = match failure {
            TransferFailure::Final(error) => return Err(error),
            TransferFailure::Retry(outcome) => (outcome, false),
            TransferFailure::ExpiredUrl(outcome) => (outcome, true),
        };
        self.failures += 1;
        let retry = &self.origin.client.core().retry;
        // What refuses a stale URL is nothing that the policy would repeat; a fresh one may do.
        let judged = match is_stale {
            true => retry.wait(Safety::Read, &Err(interrupted("a stale URL")), self.failures),
            false => retry.wait(Safety::Read, &outcome, self.failures),
        };
        let Some(wait) = judged.filter(|wait| instant_after(*wait) < self.deadline) else {
            let error = outcome.map_or_else(|error| error, |reply| refusal::error(reply, &self.name, &self.url));
            return Err(error.after_attempts(self.failures));
        };
        tracing::debug!(failures = self.failures, received = self.state.at, is_stale, ?wait, "the download goes on");
        let before = self.url.clone();
        if is_stale {
            let fresh = find(&self.origin, self.deadline).await?.into_iter().nth(self.number);
            self.url = fresh.map(|place| place.url).ok_or_else(|| invalid_archive("is no longer offered"))?;
        }
        // A fresh URL is tried at once.
        if !is_stale || self.url == before {
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }
}

/// What a response without an archive means.
fn classify(reply: Reply) -> TransferFailure {
    match reply.status.as_u16() {
        // Storage services answer an expired signature with any of these.
        400 | 401 | 403 | 404 | 410 => TransferFailure::ExpiredUrl(Ok(reply)),
        _ => TransferFailure::Retry(Ok(reply)),
    }
}

/// What tells an archive from another one of the same URL. A weak `ETag` does not.
fn validator(headers: &HeaderMap) -> Option<HeaderValue> {
    let is_strong = |validator: &&HeaderValue| !validator.as_bytes().starts_with(b"W/");
    headers.get(header::ETAG).filter(is_strong).or_else(|| headers.get(header::LAST_MODIFIED)).cloned()
}

fn interrupted(message: &'static str) -> Error {
    Error::new(ErrorKind::Connection, message)
}

fn invalid_archive(why: &str) -> Error {
    Error::new(ErrorKind::Decode, format!("what was to be downloaded {why}"))
}
