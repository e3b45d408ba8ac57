//! An archive as a stream of bytes, for callers that do not want a file.
//!
//! The bytes are in order and without gaps even if the transfer was interrupted. Two archives are never mixed.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_core::Stream;

use crate::{
    archive::{
        download::{DownloadProgress, Observer},
        transfer::{Event, Transfer},
    },
    model::{
        error::{Error, Result},
        error_kind::ErrorKind,
    },
};

struct Reading {
    archive: usize,
    transfer: Transfer,
    observer: Option<Observer>,
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        let before = self.transfer.received();
        loop {
            match self.transfer.next().await? {
                Event::Begins(state) if state.at != before => {
                    let message = "the archive changed while it was read";
                    return Err(Error::new(ErrorKind::Connection, message));
                }
                Event::Begins(_) => {}
                Event::End => return Ok(None),
                Event::Bytes(bytes) => {
                    if let Some(observer) = &mut self.observer {
                        let (received, total) = (self.transfer.received(), self.transfer.total());
                        observer(&DownloadProgress { archive: self.archive, received, total });
                    }
                    return Ok(Some(bytes));
                }
            }
        }
    }
}

/// An archive as a stream of its bytes, in order and without gaps. The stream ends after an error. The archive is
/// complete only if it ends without one.
#[must_use = "streams do nothing unless polled"]
pub struct DownloadStream {
    bytes: Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>,
    total: Option<u64>,
}

impl DownloadStream {
    /// The stream of `transfer`, which has started.
    pub(super) fn new(archive: usize, transfer: Transfer, observer: Option<Observer>) -> Self {
        let total = transfer.total();
        let reading = Reading { archive, transfer, observer };
        let bytes = futures_util::stream::try_unfold(reading, |mut reading| async move {
            let bytes = reading.next().await?;
            Ok(bytes.map(|bytes| (bytes, reading)))
        });
        DownloadStream { bytes: Box::pin(bytes), total }
    }

    /// How long the archive is, where the service says so.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// The next bytes, `None` after the last ones.
    ///
    /// # Errors
    /// As [`Download::save_to`](crate::Download::save_to).
    pub async fn try_next(&mut self) -> Result<Option<Bytes>> {
        std::future::poll_fn(|context| self.bytes.as_mut().poll_next(context)).await.transpose()
    }
}

impl Stream for DownloadStream {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.bytes.as_mut().poll_next(context)
    }
}

impl fmt::Debug for DownloadStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DownloadStream").field("total", &self.total).finish_non_exhaustive()
    }
}
