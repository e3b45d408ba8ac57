//! An archive as a response body. The next chunk is computed when the connection can accept it.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::HttpBody;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use crate::data::archive::Archive;

/// The remaining chunks of an archive and their size.
pub(crate) struct ArchiveBody {
    archive: Archive,
    left: u64,
}

impl ArchiveBody {
    pub(crate) fn new(archive: Archive, length: u64) -> Self {
        Self { archive, left: length }
    }
}

impl HttpBody for ArchiveBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let piece = self.archive.next();
        if let Some(Ok(bytes)) = &piece {
            self.left = self.left.saturating_sub(bytes.len() as u64);
        }
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
