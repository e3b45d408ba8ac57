//! Listens, and bounds what a connection may cost before a request is even read.
//!
//! Headers arrive within a time and a size, connections are counted, and a stop lets running answers finish, but not
//! for ever.

use std::{future::Future, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, sync::Semaphore, time::timeout};

use crate::app::App;

const CONNECTIONS: usize = 1024;
const HEADERS_WITHIN: Duration = Duration::from_secs(15);
const HEADER_BYTES: usize = 64 * 1024;
const HEADER_COUNT: usize = 100;
/// How long running answers may take after a stop.
const FAREWELL: Duration = Duration::from_secs(5);

/// Serves until `stop` ends.
pub(crate) async fn serve(listener: TcpListener, app: Arc<App>, stop: impl Future<Output = ()>) {
    let router = Router::new().fallback(move |request| {
        let app = Arc::clone(&app);
        async move { app.answer(request).await }
    });
    let service = TowerToHyperService::new(router);
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(HEADER_BYTES)
        .max_headers(HEADER_COUNT)
        .title_case_headers(true);
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    tokio::pin!(stop);
    loop {
        let place = Arc::clone(&places).acquire_owned();
        let accepted = async { (place.await, listener.accept().await) };
        let (place, accepted) = tokio::select! {
            () = &mut stop => break,
            next = accepted => next,
        };
        match accepted {
            Ok((stream, _)) => {
                // Small answers must not wait for each other's acknowledgements.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "no TCP_NODELAY");
                }
                let connection = builder.serve_connection(TokioIo::new(stream), service.clone());
                let connection = graceful.watch(connection);
                tokio::spawn(async move {
                    if let Err(error) = connection.await {
                        tracing::debug!(%error, "connection ended");
                    }
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    if timeout(FAREWELL, graceful.shutdown()).await.is_err() {
        tracing::warn!("some connections did not end in time");
    }
}
