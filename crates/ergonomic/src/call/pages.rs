//! Walks a list: streams of its pages and its items.
//!
//! While the caller works on a page, the next page is fetched, at most one ahead. Requests belong to the stream and end
//! with it. A dropped future is resumed, so a page is never requested twice.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    vec,
};

use futures_core::Stream;

use crate::{
    call::{
        background::Background,
        paging::{DEFAULT_PAGE, FetchFuture, FetchedPage, LARGEST_PAGE, List},
    },
    model::{
        error::{Error, Result},
        error_kind::ErrorKind,
        meta::Meta,
    },
};

/// One page of a list.
#[derive(Debug)]
#[non_exhaustive]
pub struct Page<E> {
    /// Its number, counted from 1.
    pub number: u32,
    /// Its items in order; an item that can't be decoded is an error that holds it as JSON.
    pub items: Vec<Result<E>>,
    /// How many items all pages have together, where the service counted them.
    pub total_count: Option<u64>,
    /// Metadata of the response.
    pub meta: Arc<Meta>,
}

/// The stream of a list's pages. It ends after an error.
///
/// Dropping it, or a future of [`next`](Self::next), at any time loses only the request in progress.
#[must_use = "streams do nothing unless polled"]
pub struct Pages<E> {
    list: List<E>,
    /// The number of the page to ask for, `None` after the last one.
    next: Option<i64>,
    in_flight: Option<Background<FetchedPage<E>>>,
    /// The items of the pages up to the current one.
    seen: i64,
    /// How many items may still come.
    left: Option<usize>,
    /// The fingerprint of the last page, and how often it was repeated.
    last: Option<(u64, u32)>,
}

impl<E: Send + 'static> Pages<E> {
    pub(super) fn new(mut list: List<E>) -> Self {
        // The page size changes the meaning of a page number, so it is kept if the caller names a number.
        if let (Some(limit), None, None) = (list.limit, list.query.items_per_page, list.query.page_num) {
            let size = i64::try_from(limit).unwrap_or(LARGEST_PAGE).clamp(1, LARGEST_PAGE);
            list.query.items_per_page = Some(size).filter(|size| *size != DEFAULT_PAGE);
        }
        let left = list.limit;
        let first = list.query.page_num.unwrap_or(1);
        let seen = first.saturating_sub(1).saturating_mul(list.query.items_per_page.unwrap_or(DEFAULT_PAGE));
        let next = Some(first).filter(|_| left != Some(0));
        Pages { list, next, in_flight: None, seen, left, last: None }
    }

    /// The next page, `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<Page<E>>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    fn start(&self, number: i64) -> Result<FetchFuture<E>> {
        match self.list.query.items_per_page {
            Some(items) if !(1..=LARGEST_PAGE).contains(&items) => Err(Error::new(
                ErrorKind::InvalidInput,
                format!("invalid page size {items}: expected 1 to {LARGEST_PAGE}"),
            )),
            _ if number < 1 => {
                Err(Error::new(ErrorKind::InvalidInput, "invalid page number: pages are counted from 1"))
            }
            _ => Ok(self.list.fetch(number)),
        }
    }

    /// Whether the service has more pages. With `includeCount=false` the service omits the next link even on a full
    /// page, so a full page means that there may be more. With a count, the count decides, however short the page is.
    fn has_more(&mut self, fetched: &FetchedPage<E>) -> bool {
        let held = i64::try_from(fetched.items.len()).unwrap_or(i64::MAX);
        let size = self.list.query.items_per_page.unwrap_or(DEFAULT_PAGE);
        self.seen = self.seen.saturating_add(held);
        let counts_more = fetched.total_count.is_some_and(|total| total > self.seen);
        let may_have_more = if self.is_counted() { counts_more } else { held >= size };
        fetched.origin.operation().paged && held > 0 && (fetched.has_next || may_have_more)
    }

    /// Whether the same page was returned again and again, which would never end. A single repetition is allowed,
    /// because items may be added in front of it meanwhile.
    fn is_repeating(&mut self, fetched: &FetchedPage<E>) -> bool {
        let fingerprint = fetched.fingerprint;
        let again = self.last.filter(|(last, _)| *last == fingerprint).map_or(0, |(_, again)| again + 1);
        self.last = Some((fingerprint, again));
        again > 1
    }

    fn is_counted(&self) -> bool {
        self.list.query.include_count != Some(false)
    }
}

impl<E: Send + 'static> Stream for Pages<E> {
    type Item = Result<Page<E>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(number) = self.next else { return Poll::Ready(None) };
        let mut in_flight = match self.in_flight.take() {
            Some(in_flight) => in_flight,
            None => match self.start(number) {
                Ok(fetching) if self.list.in_background => Background::start(fetching),
                Ok(fetching) => Background::Here(fetching),
                Err(error) => {
                    self.next = None;
                    return Poll::Ready(Some(Err(error)));
                }
            },
        };
        let Poll::Ready(outcome) = Pin::new(&mut in_flight).poll(context) else {
            self.in_flight = Some(in_flight);
            return Poll::Pending;
        };
        self.next = None;
        let size = self.list.query.items_per_page.unwrap_or(DEFAULT_PAGE);
        let before = (number - 1).saturating_mul(size);
        let mut fetched = match outcome.and_then(|page| page.require_items(number, before)) {
            Ok(fetched) => fetched,
            Err(error) => return Poll::Ready(Some(Err(error))),
        };
        let has_more = self.has_more(&fetched);
        if has_more && self.is_repeating(&fetched) {
            let message = format!("the service keeps sending the same page, for page {number} too");
            return Poll::Ready(Some(Err(fetched.error(message))));
        }
        if let Some(left) = &mut self.left {
            fetched.items.truncate(*left);
            *left -= fetched.items.len();
        }
        if has_more && self.left != Some(0) {
            self.next = Some(number + 1);
            if self.list.ahead {
                self.in_flight = self.start(number + 1).ok().map(Background::start);
            }
        }
        // Without counting the service returns a count of 0.
        let counted = self.is_counted();
        Poll::Ready(Some(Ok(Page {
            number: u32::try_from(number).unwrap_or(u32::MAX),
            items: fetched.items,
            total_count: fetched.total_count.filter(|_| counted).and_then(|count| u64::try_from(count).ok()),
            meta: fetched.meta,
        })))
    }
}

impl<E> fmt::Debug for Pages<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("list", &self.list).field("next", &self.next).finish_non_exhaustive()
    }
}

/// The stream of a list's items over all its pages.
///
/// An item that cannot be decoded is an error after which the stream continues. It ends after any other error.
#[must_use = "streams do nothing unless polled"]
pub struct Items<E> {
    pages: Pages<E>,
    current: vec::IntoIter<Result<E>>,
}

impl<E: Send + 'static> Items<E> {
    pub(super) fn new(pages: Pages<E>) -> Self {
        Items { pages, current: Vec::new().into_iter() }
    }

    /// The next item, `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<E>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The next item, `None` after the last one.
    ///
    /// # Errors
    /// Metadata of the item or the page.
    pub async fn try_next(&mut self) -> Result<Option<E>> {
        self.next().await.transpose()
    }
}

impl<E: Send + 'static> Stream for Items<E> {
    type Item = Result<E>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.current.next() {
                return Poll::Ready(Some(item));
            }
            match ready!(Pin::new(&mut self.pages).poll_next(context)) {
                Some(Ok(page)) => self.current = page.items.into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

// Neither is ever pinned: requests in progress are boxed.
impl<E> Unpin for Pages<E> {}
impl<E> Unpin for Items<E> {}

impl<E> fmt::Debug for Items<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("pages", &self.pages).finish_non_exhaustive()
    }
}
