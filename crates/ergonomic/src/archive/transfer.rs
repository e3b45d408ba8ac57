//! One archive on its way: the requests that bring its bytes in order, however often they break.
//!
//! After a break only what is missing is asked for, on condition that the archive is the same still; without a mark to
//! tell that by, or when the mark has changed, all of it is asked for again. Nothing but an archive's bytes comes out
//! here. The requests carry no credentials and no headers of the caller's.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::{
    archive::origin::{Origin, find, is_trusted},
    http::{
        retry::{Safety, after},
        wire::{Body, Opened, Outgoing},
    },
    model::{
        error::{Error, Result},
        error_kind::ErrorKind,
        meta,
    },
};
use atlas_backup_runtime::Reply;

/// How much of a refusal is kept for the error.
const KEPT_OF_REFUSAL: usize = 8 * 1024;
/// How many redirects are followed for one answer.
const REDIRECTS: usize = 5;
/// What every gzip file begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What is known of an archive, enough to go on with it later.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct State {
    /// How many of its bytes there are.
    pub(super) at: u64,
    pub(super) total: Option<u64>,
    /// What tells it from another one: a strong `ETag` or a `Last-Modified`.
    pub(super) mark: Option<HeaderValue>,
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
    archive: usize,
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
enum Setback {
    /// It can't be mended.
    Final(Error),
    /// Try again, after a wait if it happens often.
    Again(Result<Reply>),
    /// The URL is no longer accepted.
    Stale(Result<Reply>),
}

impl Transfer {
    pub(super) fn new(origin: Origin, archive: usize, url: Url, deadline: Instant, any_content: bool) -> Self {
        let state = State::default();
        Transfer { origin, archive, url, deadline, any_content, state, furthest: 0, failures: 0, body: None }
    }

    /// Goes on where another try ended.
    pub(super) fn resume(&mut self, state: State) {
        self.furthest = state.at;
        self.state = state;
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
        let late = |_| Err(Error::new(ErrorKind::Timeout, "the download was not done in time"));
        timeout_at(deadline, self.advance()).await.unwrap_or_else(late)
    }

    async fn advance(&mut self) -> Result<Event> {
        loop {
            let setback = match &mut self.body {
                None => match self.begin().await {
                    Ok(event) => return Ok(event),
                    Err(setback) => setback,
                },
                Some(body) => match body.chunk().await {
                    Ok(Some(bytes)) if bytes.is_empty() => continue,
                    Ok(Some(bytes)) => return self.take(bytes).map(Event::Bytes),
                    Ok(None) if self.state.total.is_none_or(|total| self.state.at >= total) => {
                        return self.end().map(|()| Event::End);
                    }
                    Ok(None) => Setback::Again(Err(broken("it ended early"))),
                    Err(error) => Setback::Again(Err(error)),
                },
            };
            self.body = None;
            self.recover(setback).await?;
        }
    }

    /// Takes bytes that came, if they can be of an archive.
    fn take(&mut self, bytes: Bytes) -> Result<Bytes> {
        for (offset, expected) in GZIP.iter().enumerate() {
            let here = u64::try_from(offset).ok().and_then(|offset| offset.checked_sub(self.state.at));
            let found = here.and_then(|index| bytes.get(usize::try_from(index).ok()?));
            if !self.any_content && found.is_some_and(|byte| byte != expected) {
                return Err(no_archive("does not begin like a gzip file"));
            }
        }
        self.state.at += bytes.len() as u64;
        if self.state.total.is_some_and(|total| self.state.at > total) {
            return Err(no_archive("is longer than it was said to be"));
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
        Err(no_archive("is empty"))
    }

    /// Asks for what is missing.
    async fn begin(&mut self) -> Result<Event, Setback> {
        let resumed = self.state.at > 0 && self.state.mark.is_some();
        let Opened { status, headers, body } = self.ask(resumed).await?;
        match status {
            StatusCode::OK => {
                self.check_content(&headers).map_err(Setback::Final)?;
                let total = meta::text(&headers, "content-length").and_then(|length| length.parse().ok());
                self.state = State { at: 0, total, mark: mark(&headers) };
            }
            StatusCode::PARTIAL_CONTENT if resumed && self.continues(&headers) => {}
            // Bytes of something else, or from somewhere else: none of them is taken.
            StatusCode::PARTIAL_CONTENT => return Err(self.anew("an answer with other bytes than those asked for")),
            StatusCode::RANGE_NOT_SATISFIABLE if resumed => {
                let length = meta::text(&headers, "content-range")
                    .and_then(|range| range.strip_prefix("bytes */")?.parse().ok());
                if length != Some(self.state.at) {
                    return Err(self.anew("there is less of the archive than was received"));
                }
                // All of it was there already. The answer's own body is of no interest.
                self.state.total = length;
                self.body = Some(Body::Whole(None));
                return Ok(Event::Begins(self.state.clone()));
            }
            _ => return Err(refused(status, headers, body).await),
        }
        self.body = Some(body);
        Ok(Event::Begins(self.state.clone()))
    }

    /// Forgets what there is.
    fn anew(&mut self, why: &'static str) -> Setback {
        self.state = State::default();
        Setback::Again(Err(broken(why)))
    }

    async fn ask(&self, resumed: bool) -> Result<Opened, Setback> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        // Ranges and lengths are those of the archive as it is.
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if let (true, Some(mark), Ok(range)) =
            (resumed, &self.state.mark, HeaderValue::try_from(format!("bytes={}-", self.state.at)))
        {
            headers.insert(header::RANGE, range);
            headers.insert(header::IF_RANGE, mark.clone());
        }
        let mut url = self.url.clone();
        for _ in 0..=REDIRECTS {
            let request = Outgoing { method: Method::GET, url: url.clone(), headers: headers.clone(), body: None };
            let opened = self.origin.client.core().wire.open(request).await;
            let opened = opened.map_err(|error| match error.kind() {
                ErrorKind::Tls => Setback::Final(error),
                _ => Setback::Again(Err(error)),
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
                    return Err(Setback::Final(no_archive("is said to be elsewhere, where nothing is taken from")));
                }
            }
        }
        Err(Setback::Final(no_archive("is behind too many redirects")))
    }

    /// Whether an answer brings the very bytes that were asked for.
    fn continues(&self, headers: &HeaderMap) -> bool {
        let range = meta::text(headers, "content-range").and_then(|range| {
            let (first_and_last, total) = range.strip_prefix("bytes ")?.split_once('/')?;
            let (first, _) = first_and_last.split_once('-')?;
            Some((first.parse::<u64>().ok()?, total.parse::<u64>().ok()))
        });
        // A service that names its mark here must name the one that was asked for.
        let same = mark(headers).is_none_or(|mark| Some(&mark) == self.state.mark.as_ref());
        same && matches!(range, Some((first, total)) if first == self.state.at && (total.is_none() || self.state.total.is_none() || total == self.state.total))
    }

    /// An error page may come with a good status; its content type gives it away.
    fn check_content(&self, headers: &HeaderMap) -> Result<()> {
        let media = meta::text(headers, "content-type").unwrap_or_default().to_ascii_lowercase();
        let page = ["text/html", "application/xhtml", "application/json", "application/xml", "text/xml"];
        match page.iter().any(|kind| media.starts_with(kind)) && !self.any_content {
            true => Err(no_archive("is a page of text, not an archive")),
            false => Ok(()),
        }
    }

    /// Waits before the next try, or gives up.
    async fn recover(&mut self, setback: Setback) -> Result<()> {
        let (outcome, is_stale) = match setback {
            Setback::Final(error) => return Err(error),
            Setback::Again(outcome) => (outcome, false),
            Setback::Stale(outcome) => (outcome, true),
        };
        self.failures += 1;
        let retry = &self.origin.client.core().retry;
        // What refuses a stale URL is nothing that the policy would repeat; a fresh one may do.
        let judged = match is_stale {
            true => retry.wait(Safety::Read, &Err(broken("a stale URL")), self.failures),
            false => retry.wait(Safety::Read, &outcome, self.failures),
        };
        let Some(wait) = judged.filter(|wait| after(*wait) < self.deadline) else {
            let error = outcome.map_or_else(|error| error, Error::answered);
            return Err(error.after_attempts(self.failures));
        };
        tracing::debug!(failures = self.failures, received = self.state.at, is_stale, ?wait, "the download goes on");
        let before = self.url.clone();
        if is_stale {
            let fresh = find(&self.origin, self.deadline).await?.into_iter().nth(self.archive);
            self.url = fresh.ok_or_else(|| no_archive("is no longer offered"))?;
        }
        // A fresh URL is tried at once.
        if !is_stale || self.url == before {
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }
}

/// What an answer without an archive means.
async fn refused(status: StatusCode, headers: HeaderMap, mut body: Body) -> Setback {
    let mut kept = Vec::new();
    while let Ok(Some(bytes)) = body.chunk().await {
        kept.extend_from_slice(&bytes[..bytes.len().min(KEPT_OF_REFUSAL - kept.len())]);
        if kept.len() == KEPT_OF_REFUSAL {
            break;
        }
    }
    let reply = Reply::new(status, headers, kept.into());
    match status.as_u16() {
        // Storage services answer an expired signature with any of these.
        400 | 401 | 403 | 404 | 410 => Setback::Stale(Ok(reply)),
        _ => Setback::Again(Ok(reply)),
    }
}

/// What tells an archive from another one of the same URL. A weak `ETag` does not.
fn mark(headers: &HeaderMap) -> Option<HeaderValue> {
    let is_strong = |mark: &&HeaderValue| !mark.as_bytes().starts_with(b"W/");
    headers.get(header::ETAG).filter(is_strong).or_else(|| headers.get(header::LAST_MODIFIED)).cloned()
}

fn broken(message: &'static str) -> Error {
    Error::new(ErrorKind::Connection, message)
}

fn no_archive(why: &str) -> Error {
    Error::new(ErrorKind::Decode, format!("what was to be downloaded {why}"))
}
