//! The emulator as a value: configured by a builder, listening while it lives.

use std::{
    error::Error as StdError,
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use chrono::{DateTime, TimeZone, Utc};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{
    api::handlers,
    domain::{
        job_kind::JobKind,
        rate_limits::{RateLimit, RateLimits},
        roles::Access,
        secret::Secret,
    },
    engine::{compliance, job_failures},
    files::{archive_cache::ArchiveCache, exporter::Exporter},
    http::{
        auth::credentials::Auth,
        execute::Executor,
        faults::fault::{ActiveFault, Fault, Faults},
        instance::Instance,
        limits::Limits,
        recorder::Recorder,
        server,
        service::Service,
    },
    openapi::document::Document,
    seed::seeds::Seed,
    store::{
        clock::{Clock, Pace},
        cluster_data::{ClusterData, DataError},
        document,
        error::{ImportError, OpenError, SaveError},
        shared_state::Store,
    },
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
    instance: Arc<Instance>,
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
        &self.instance.clock
    }

    /// What the cluster with this name in this project holds, to be read and changed.
    ///
    /// # Errors
    /// There is no such cluster now.
    pub fn data(&self, project: &str, cluster: &str) -> Result<ClusterData<'_>, DataError> {
        ClusterData::find(&self.instance.store, &self.instance.clock, project, cluster)
    }

    /// Makes the next job of this kind fail: it takes its time and ends badly. Ordered twice, the next two do.
    pub fn fail_next(&self, kind: JobKind) {
        // Whoever wants to know that it is saved can flush.
        let ((), _saved_later) = self.instance.store.write(|state| job_failures::order(state, kind));
    }

    /// Lets the compliance policy of a project be disabled, as the service's support does on request. Tells whether the
    /// project has one.
    pub fn clear_compliance_policy(&self, project: &str) -> bool {
        let Ok(project) = project.parse() else { return false };
        let (cleared, _saved_later) = self.instance.store.write(|state| compliance::allow_disabling(state, project));
        cleared
    }

    /// Everything it remembers, the clock's time included, as one JSON document.
    #[must_use]
    pub fn export_state(&self) -> serde_json::Value {
        document::export(&self.instance.store, &self.instance.clock)
    }

    /// Puts what [`export_state`](Self::export_state) gave in the place of everything it remembers, the clock's time
    /// included; how the clock runs stays as it is. With a data folder it is saved when this returns.
    ///
    /// # Errors
    /// Names the place of the first thing that is wrong; then nothing has changed.
    pub async fn import_state(&self, document: serde_json::Value) -> Result<(), ImportError> {
        let ticket = document::import(&self.instance.store, &self.instance.clock, document)?;
        self.instance.store.saved(ticket).await.map_err(ImportError::save_failed)
    }

    /// Begins again with `seed`, at the time that it is: with no faults, full rate limits and nothing recorded. With a
    /// data folder it is saved when this returns.
    ///
    /// # Errors
    /// It can't be saved, or an exported state is wrong.
    pub async fn reset(&self, seed: &Seed) -> Result<(), Error> {
        self.instance.reset(seed).map_err(|error| Error(Kind::Seed(error)))?;
        self.flush().await
    }

    /// Waits until everything that has happened is saved, for a step of the clock has no answer to wait for.
    ///
    /// # Errors
    /// It can't be saved.
    pub async fn flush(&self) -> Result<(), Error> {
        self.instance.store.flush().await.map_err(|error| Error(Kind::SaveError(error)))
    }

    /// Lets requests go wrong from now on, and gives the fault's id.
    ///
    /// # Errors
    /// There is no such operation, or a number is out of range.
    pub fn inject(&self, fault: Fault) -> Result<u64, Error> {
        self.instance.faults.add(self.instance.document, fault).map_err(|reason| Error(Kind::Fault(reason)))
    }

    /// The faults in force, in the order they were injected. One that has struck as often as it may is gone.
    #[must_use]
    pub fn faults(&self) -> Vec<ActiveFault> {
        self.instance.faults.list()
    }

    /// Ends one fault; a request that it holds up is executed. Whether it was in force.
    pub fn clear_fault(&self, id: u64) -> bool {
        self.instance.faults.clear(Some(id)) > 0
    }

    /// Ends all faults; a request that one holds up is executed.
    pub fn clear_faults(&self) {
        self.instance.faults.clear(None);
    }

    /// Stops listening, waits until the answers under way are finished and lets go of the data folder.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            // The server may have ended already; then there is nobody to tell.
            let _ended = stop.send(());
        }
        if let Err(error) = (&mut self.server).await {
            tracing::error!(%error, "the server ended badly");
        }
        self.instance.store.close().await;
    }
}

/// How an emulator is to be.
#[derive(Debug)]
#[must_use]
pub struct Builder {
    listen: SocketAddr,
    seed: Seed,
    auth: Auth,
    limits: RateLimits,
    pace: Pace,
    /// Where the clock starts; with the wall clock if nothing is said.
    start: Option<DateTime<Utc>>,
    data: Option<PathBuf>,
    exports: Option<PathBuf>,
    recorder: Option<Recorder>,
    strict: bool,
    control: bool,
    connections: usize,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: Seed::default(),
            auth: Auth::default(),
            limits: RateLimits::default(),
            pace: Pace::Scaled(1.0),
            start: None,
            data: None,
            exports: None,
            recorder: None,
            strict: cfg!(debug_assertions),
            control: false,
            connections: server::CONNECTIONS,
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

    /// Keeps its state in `folder`, which is made if it is not there and belongs to one emulator at a time. What is there
    /// already goes on as it was, clock and all; the seed only counts for a new folder.
    pub fn data_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data = Some(folder.into());
        self
    }

    /// Writes exports that end into `folder`, in it a folder for each bucket. Without this, and without a data folder, in
    /// which it would be `exports`, exports go through their states and leave nothing behind.
    pub fn export_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.exports = Some(folder.into());
        self
    }

    /// Adds an API key that may do everything. With any credentials given, calls without them are refused.
    pub fn api_key(self, public: impl Into<String>, private: impl Into<String>) -> Self {
        self.api_key_with(public, private, Access::default())
    }

    /// Adds an API key with certain roles.
    pub fn api_key_with(mut self, public: impl Into<String>, private: impl Into<String>, access: Access) -> Self {
        self.auth.digest.add(public.into(), Secret::new(private), access);
        self
    }

    /// Adds a service account that may do everything. With any credentials given, calls without them are refused.
    pub fn service_account(self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.service_account_with(id, secret, Access::default())
    }

    /// Adds a service account with certain roles.
    pub fn service_account_with(mut self, id: impl Into<String>, secret: impl Into<String>, access: Access) -> Self {
        self.auth.tokens.add(id.into(), Secret::new(secret), access);
        self
    }

    /// Adds a bearer token that never expires. With any credentials given, calls without them are refused.
    pub fn bearer_token(mut self, token: impl Into<String>, access: Access) -> Self {
        self.auth.add_bearer(Secret::new(token), access);
        self
    }

    /// How many connections are served at once, 1024 by default; more wait until one ends.
    pub fn connections(mut self, most: usize) -> Self {
        self.connections = most.clamp(1, tokio::sync::Semaphore::MAX_PERMITS);
        self
    }

    /// Lets the control API answer under `/control/`, to this machine only and without credentials. It keeps the last
    /// thousand requests, where no [`recorder`](Self::recorder) keeps them all.
    pub fn control(mut self, control: bool) -> Self {
        self.control = control;
        self
    }

    /// Whether an answer that the curated document does not provide for becomes a 500 with the code
    /// `EMULATOR_UNDOCUMENTED_ANSWER`; so by default where debug assertions are on.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Lets the emulator's time run `scale` times as fast as the wall clock's.
    pub fn time_scale(mut self, scale: f64) -> Self {
        self.pace = Pace::scaled(scale);
        self
    }

    /// Lets the emulator's time begin at `start` instead of now. A data folder that is there already goes on from its own
    /// time.
    pub fn start_at(mut self, start: DateTime<Utc>) -> Self {
        self.start = Some(start);
        self
    }

    /// Lets the emulator's time stand at 1 September 2026, noon UTC, until [`Clock::advance`] moves it.
    pub fn stepped_clock(self) -> Self {
        let start = Utc.with_ymd_and_hms(2026, 9, 1, 12, 0, 0).single().unwrap_or_default();
        self.stepped_clock_at(start)
    }

    /// Lets the emulator's time stand at `start` until [`Clock::advance`] moves it.
    pub fn stepped_clock_at(mut self, start: DateTime<Utc>) -> Self {
        self.pace = Pace::Standing;
        self.start_at(start)
    }

    /// Sets the rate limit of an endpoint set, which is named like its tag, e.g. `Cloud Backups`.
    pub fn rate_limit(mut self, endpoint_set: impl Into<String>, limit: RateLimit) -> Self {
        self.limits.chosen.insert(endpoint_set.into(), limit);
        self
    }

    /// Grants every request, and says nothing of limits in its answers.
    pub fn no_rate_limits(mut self) -> Self {
        self.limits.enforced = false;
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
    /// The address can't be listened on, the data folder can't be used, or an exported state is wrong.
    pub async fn start(self) -> Result<Emulator, Error> {
        let listening = async {
            let listener = TcpListener::bind(self.listen).await?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) = listening.await.map_err(|source| Error(Kind::Listen(self.listen, source)))?;
        let base_url = format!("http://{address}");
        let exports = self.exports.or_else(|| self.data.as_ref().map(|folder| folder.join("exports")));
        let (seed, start) = (self.seed, self.start.unwrap_or_else(Utc::now));
        let store = match self.data {
            None => Store::in_memory(seed.state(start).map_err(|error| Error(Kind::Seed(error)))?),
            Some(folder) => {
                let opened = tokio::task::spawn_blocking(move || Store::on_disk(&folder, || seed.state(start)));
                let opened = opened.await.map_err(|error| Error(Kind::Unexpected(error)))?;
                opened.map_err(|error| Error(Kind::Data(error)))?
            }
        };
        let store = Arc::new(store);
        let known = store.read(|state| state.meta.clock.clone());
        let keep = {
            let store = Arc::clone(&store);
            // Whoever has to know that it is saved asks for the store's latest ticket.
            move |record| {
                let ((), _saved_later) = store.write(|state| state.meta.clock = Some(record));
            }
        };
        let clock = Arc::new(Clock::resume(known.as_ref(), self.pace, Some(start), keep));
        let exporter = exports.map(|folder| Arc::new(Exporter::new(folder, Arc::clone(&store), Arc::clone(&clock))));
        let document = Document::embedded();
        for (role, operation) in &document.unknown_roles {
            tracing::warn!("the document gives {operation} to the role {role:?}, which no key can hold");
        }
        let instance = Arc::new(Instance {
            document,
            store,
            clock,
            faults: Faults::default(),
            limits: Limits::new(self.limits),
            recorder: self.recorder.or_else(|| self.control.then(Recorder::bounded)),
        });
        let service = Arc::new(Service {
            instance: Arc::clone(&instance),
            router: handlers::router(),
            executor: Executor {
                instance: Arc::clone(&instance),
                handlers: handlers::all(document),
                strict: self.strict,
                base_url: base_url.clone(),
            },
            auth: self.auth,
            downloads: ArchiveCache::default(),
            exporter: exporter.clone(),
            control: self.control,
        });
        let (stop, stopped) = oneshot::channel();
        let until = async {
            // A dropped emulator stops like one that is told to.
            let _told_or_dropped = stopped.await;
        };
        let serving = server::serve(listener, self.connections, service, until);
        let server = tokio::spawn(async move {
            match exporter {
                Some(exporter) => tokio::select! { () = serving => {}, () = exporter.watch() => {} },
                None => serving.await,
            }
        });
        Ok(Emulator { address, base_url, instance, stop: Some(stop), server })
    }
}

/// Why an emulator did not start, can't go on, or did not do what it was told to.
#[derive(Debug)]
pub struct Error(Kind);

#[derive(Debug)]
enum Kind {
    Listen(SocketAddr, std::io::Error),
    Seed(ImportError),
    Data(OpenError),
    SaveError(SaveError),
    Unexpected(tokio::task::JoinError),
    Fault(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Listen(address, _) => write!(f, "cannot listen on {address}"),
            Kind::Seed(error) => write!(f, "cannot start with the given state: {error}"),
            Kind::Data(error) => error.fmt(f),
            Kind::SaveError(error) => error.fmt(f),
            Kind::Unexpected(_) => f.write_str("the data folder could not be read; it was left as it is"),
            Kind::Fault(reason) => write!(f, "this fault makes no sense: {reason}"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0 {
            Kind::Listen(_, source) => Some(source),
            Kind::Unexpected(source) => Some(source),
            Kind::Seed(_) | Kind::Data(_) | Kind::SaveError(_) | Kind::Fault(_) => None,
        }
    }
}
