//! The emulator as a value: configured by a builder, listening while it lives.

use std::{
    collections::HashMap,
    error::Error as StdError,
    fmt,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use chrono::{DateTime, TimeZone, Utc};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{
    app::App,
    auth::{Auth, Secret},
    clock::Clock,
    data::{ClusterData, DataError},
    document::Document,
    limits::{Limits, RateLimit},
    recorder::Recorder,
    router::Router,
    seed::Seed,
    server,
    state::Store,
};

/// A running emulator. Dropping it stops it; [`stop`](Self::stop) also waits for that.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use atlas_backup_emulator::{Emulator, Seed};
///
/// let emulator = Emulator::builder().seed(Seed::Demo).api_key("public", "private").start().await?;
/// assert!(emulator.base_url().starts_with("http://127.0.0.1:"));
/// emulator.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    base_url: String,
    clock: Arc<Clock>,
    app: Arc<App>,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

impl Emulator {
    /// An emulator of an empty organization on a port of the kernel's choice, open to everybody on this machine.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL that stands for `https://cloud.mongodb.com`, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Its time.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What the cluster with this name in this project holds, to be read and changed.
    ///
    /// # Errors
    /// There is no such cluster now.
    pub fn data(&self, project: &str, cluster: &str) -> Result<ClusterData<'_>, DataError> {
        ClusterData::find(&self.app.store, &self.clock, project, cluster)
    }

    /// Stops listening and waits until the answers under way are finished.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            // The server may have ended already; then there is nobody to tell.
            let _ended = stop.send(());
        }
        if let Err(error) = (&mut self.server).await {
            tracing::error!(%error, "the server ended badly");
        }
    }
}

/// How an emulator is to be.
#[derive(Debug)]
#[must_use]
pub struct Builder {
    listen: SocketAddr,
    seed: Seed,
    auth: Auth,
    limits: HashMap<String, RateLimit>,
    clock: ClockKind,
    recorder: Option<Recorder>,
}

#[derive(Debug)]
enum ClockKind {
    Scaled(f64),
    Stepped(DateTime<Utc>),
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: Seed::default(),
            auth: Auth::default(),
            limits: HashMap::new(),
            clock: ClockKind::Scaled(1.0),
            recorder: None,
        }
    }
}

impl Builder {
    /// Where to listen; by default on a free port of `127.0.0.1`.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// What there is at the start.
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }

    /// Adds an API key. With any credentials given, calls without them are refused.
    pub fn api_key(mut self, public: impl Into<String>, private: impl Into<String>) -> Self {
        self.auth.digest.add(public.into(), Secret::new(private));
        self
    }

    /// Adds a service account. With any credentials given, calls without them are refused.
    pub fn service_account(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.auth.tokens.add(id.into(), Secret::new(secret));
        self
    }

    /// Lets the emulator's time run `scale` times as fast as the wall clock's.
    pub fn time_scale(mut self, scale: f64) -> Self {
        self.clock = ClockKind::Scaled(if scale.is_finite() { scale.max(0.0) } else { 1.0 });
        self
    }

    /// Lets the emulator's time stand at 1 September 2026, noon UTC, until [`Clock::advance`] moves it.
    pub fn stepped_clock(self) -> Self {
        let start = Utc.with_ymd_and_hms(2026, 9, 1, 12, 0, 0).single().unwrap_or_default();
        self.stepped_clock_at(start)
    }

    /// Lets the emulator's time stand at `start` until [`Clock::advance`] moves it.
    pub fn stepped_clock_at(mut self, start: DateTime<Utc>) -> Self {
        self.clock = ClockKind::Stepped(start);
        self
    }

    /// Sets the rate limit of an endpoint set, which is named like its tag, e.g. `Cloud Backups`.
    pub fn rate_limit(mut self, endpoint_set: impl Into<String>, limit: RateLimit) -> Self {
        self.limits.insert(endpoint_set.into(), limit);
        self
    }

    /// Keeps a log of all requests in `recorder`.
    pub fn recorder(mut self, recorder: &Recorder) -> Self {
        self.recorder = Some(recorder.clone());
        self
    }

    /// Starts to listen, on the tokio runtime this is called from.
    ///
    /// # Errors
    /// The address can't be listened on.
    pub async fn start(self) -> Result<Emulator, Error> {
        let listening = async {
            let listener = TcpListener::bind(self.listen).await?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) = listening.await.map_err(|source| Error { address: self.listen, source })?;
        let base_url = format!("http://{address}");
        let clock = Arc::new(match self.clock {
            ClockKind::Scaled(scale) => Clock::scaled(scale),
            ClockKind::Stepped(start) => Clock::stepped(start),
        });
        let document = Document::embedded();
        let app = App {
            document,
            router: Router::embedded(),
            handlers: App::handlers(document),
            auth: self.auth,
            limits: Limits::new(self.limits),
            store: Store::new(self.seed.state(clock.now())),
            clock: Arc::clone(&clock),
            recorder: self.recorder,
            base_url: base_url.clone(),
        };
        let (stop, stopped) = oneshot::channel();
        let until = async {
            // A dropped emulator stops like one that is told to.
            let _told_or_dropped = stopped.await;
        };
        let app = Arc::new(app);
        let server = tokio::spawn(server::serve(listener, Arc::clone(&app), until));
        Ok(Emulator { address, base_url, clock, app, stop: Some(stop), server })
    }
}

/// Why an emulator did not start.
#[derive(Debug)]
pub struct Error {
    address: SocketAddr,
    source: std::io::Error,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot listen on {}", self.address)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.source)
    }
}
