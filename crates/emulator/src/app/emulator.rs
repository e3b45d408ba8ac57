//! The emulator as a value: configured by a builder, listening until it is dropped.

use std::{
    error::Error as StdError,
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use chrono::{DateTime, TimeZone, Utc};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

#[cfg(feature = "mongo")]
use crate::mongo::{access, endpoints::Endpoints};
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

/// A running emulator. Dropping it stops it. [`stop`](Self::stop) also waits until it has stopped.
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
    #[cfg(feature = "mongo")]
    endpoints: Option<Arc<Endpoints>>,
}

impl Emulator {
    /// An emulator of an empty organization on a port that the kernel chooses. It needs no credentials.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL to use instead of `https://cloud.mongodb.com`, without a trailing slash.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Its clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.instance.clock
    }

    /// The data of the cluster with this name in this project, to read and change.
    ///
    /// # Errors
    /// Returns an error if the cluster does not exist now.
    pub fn data(&self, project: &str, cluster: &str) -> Result<ClusterData<'_>, DataError> {
        ClusterData::find(&self.instance.store, &self.instance.clock, project, cluster)
    }

    /// Makes the next job of this kind fail after its normal duration. Two calls make the next two jobs fail.
    pub fn fail_next(&self, kind: JobKind) {
        // Callers that need it saved can call `flush`.
        let ((), _saved_later) = self.instance.store.write(|state| job_failures::order(state, kind));
    }

    /// Allows disabling the compliance policy of a project, as the service's support does on request. Returns whether
    /// the project has a policy.
    pub fn clear_compliance_policy(&self, project: &str) -> bool {
        let Ok(project) = project.parse() else { return false };
        let (cleared, _saved_later) = self.instance.store.write(|state| compliance::allow_disabling(state, project));
        cleared
    }

    /// The whole state, including the clock's time, as one JSON document.
    #[must_use]
    pub fn export_state(&self) -> serde_json::Value {
        document::export(&self.instance.store, &self.instance.clock)
    }

    /// Replaces the whole state, including the clock's time, with the result of [`export_state`](Self::export_state).
    /// The clock's scale is kept. With a data folder the state is saved when this returns.
    ///
    /// # Errors
    /// Returns an error that names the path of the first invalid value. The state is then unchanged.
    pub async fn import_state(&self, document: serde_json::Value) -> Result<(), ImportError> {
        let ticket = document::import(&self.instance.store, &self.instance.clock, document)?;
        self.instance.store.saved(ticket).await.map_err(ImportError::save_failed)
    }

    /// Resets the state to `seed` at the current time: without faults, with full rate limits and an empty request
    /// record. With a data folder the state is saved when this returns.
    ///
    /// # Errors
    /// Returns an error if the state cannot be saved or an exported state is invalid.
    pub async fn reset(&self, seed: &Seed) -> Result<(), Error> {
        self.instance.reset(seed).map_err(|error| Error(Kind::Seed(error)))?;
        self.flush().await
    }

    /// Waits until all changes are saved. Needed after a step of the clock, which has no response to wait for.
    ///
    /// # Errors
    /// Returns an error if the state cannot be saved.
    pub async fn flush(&self) -> Result<(), Error> {
        self.instance.store.flush().await.map_err(|error| Error(Kind::SaveError(error)))
    }

    /// Injects a fault from now on and returns its id.
    ///
    /// # Errors
    /// Returns an error if the operation does not exist or a number is out of range.
    pub fn inject(&self, fault: Fault) -> Result<u64, Error> {
        self.instance.faults.add(self.instance.document, fault).map_err(|reason| Error(Kind::Fault(reason)))
    }

    /// The active faults, in the order they were injected. A fault whose count is used up is not listed.
    #[must_use]
    pub fn faults(&self) -> Vec<ActiveFault> {
        self.instance.faults.list()
    }

    /// Clears one fault. Requests that it delays are executed. Returns whether it was active.
    pub fn clear_fault(&self, id: u64) -> bool {
        self.instance.faults.clear(Some(id)) > 0
    }

    /// Clears all faults. Requests that they delay are executed.
    pub fn clear_faults(&self) {
        self.instance.faults.clear(None);
    }

    /// Stops listening, waits until responses in progress are complete, and releases the data folder.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            // The server may have ended already. Then the signal has no receiver.
            let _ended = stop.send(());
        }
        if let Err(error) = (&mut self.server).await {
            tracing::error!(%error, "server task failed");
        }
        #[cfg(feature = "mongo")]
        if let Some(endpoints) = &self.endpoints {
            endpoints.close().await;
        }
        self.instance.store.close().await;
    }
}

/// Configuration of an emulator.
#[derive(Debug)]
#[must_use]
pub struct Builder {
    listen: SocketAddr,
    seed: Seed,
    auth: Auth,
    limits: RateLimits,
    pace: Pace,
    /// Start time of the clock. Default: the wall clock's time.
    start: Option<DateTime<Utc>>,
    data: Option<PathBuf>,
    exports: Option<PathBuf>,
    recorder: Option<Recorder>,
    strict: bool,
    control: bool,
    connections: usize,
    #[cfg(feature = "mongo")]
    mongo: bool,
    #[cfg(feature = "mongo")]
    mongo_users: Vec<(String, Secret)>,
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
            #[cfg(feature = "mongo")]
            mongo: false,
            #[cfg(feature = "mongo")]
            mongo_users: Vec::new(),
        }
    }
}

impl Builder {
    /// Address to listen on. Default: a free port of `127.0.0.1`.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// The initial state.
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }

    /// Stores the state in `folder`, which is created if missing and locked by one emulator at a time. Existing state
    /// is continued, including the clock. The seed applies only to a new folder.
    pub fn data_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data = Some(folder.into());
        self
    }

    /// Writes finished exports into `folder`, with a subfolder for each bucket. Without it, exports go to `exports` in
    /// the data folder. Without a data folder, exports pass through their states and write no files.
    pub fn export_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.exports = Some(folder.into());
        self
    }

    /// Adds an API key with all permissions. Once any credentials are configured, calls without credentials are
    /// refused.
    pub fn api_key(self, public: impl Into<String>, private: impl Into<String>) -> Self {
        self.api_key_with(public, private, Access::default())
    }

    /// Adds an API key with the given roles.
    pub fn api_key_with(mut self, public: impl Into<String>, private: impl Into<String>, access: Access) -> Self {
        self.auth.digest.add(public.into(), Secret::new(private), access);
        self
    }

    /// Adds a service account with all permissions. Once any credentials are configured, calls without credentials are
    /// refused.
    pub fn service_account(self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.service_account_with(id, secret, Access::default())
    }

    /// Adds a service account with the given roles.
    pub fn service_account_with(mut self, id: impl Into<String>, secret: impl Into<String>, access: Access) -> Self {
        self.auth.tokens.add(id.into(), Secret::new(secret), access);
        self
    }

    /// Adds a bearer token that never expires. Once any credentials are configured, calls without credentials are
    /// refused.
    pub fn bearer_token(mut self, token: impl Into<String>, access: Access) -> Self {
        self.auth.add_bearer(Secret::new(token), access);
        self
    }

    /// Maximum number of concurrent connections. Default: 1024. Further connections wait.
    pub fn connections(mut self, most: usize) -> Self {
        self.connections = most.clamp(1, tokio::sync::Semaphore::MAX_PERMITS);
        self
    }

    /// Serves the control API under `/control/`, to this machine only and without credentials. It records the last
    /// thousand requests unless a [`recorder`](Self::recorder) records all.
    pub fn control(mut self, control: bool) -> Self {
        self.control = control;
        self
    }

    /// Serves each cluster to MongoDB drivers, on a port of `127.0.0.1` that the kernel chooses and that is kept with
    /// the state. The cluster's connection strings lead there. Default: off.
    #[cfg(feature = "mongo")]
    pub fn mongo(mut self, mongo: bool) -> Self {
        self.mongo = mongo;
        self
    }

    /// Creates a database user with the role `atlasAdmin` in every project that exists at the start, and adds `127.0.0.1`
    /// to their access lists. A user of this name is replaced. Implies [`mongo`](Self::mongo).
    #[cfg(feature = "mongo")]
    pub fn mongo_user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.mongo_users.push((name.into(), Secret::new(password)));
        self.mongo(true)
    }

    /// Whether a response that does not conform to the curated document becomes a 500 with the code
    /// `EMULATOR_UNDOCUMENTED_ANSWER`. Default: on where debug assertions are on.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Runs the emulator's clock `scale` times as fast as the wall clock.
    pub fn time_scale(mut self, scale: f64) -> Self {
        self.pace = Pace::scaled(scale);
        self
    }

    /// Starts the emulator's clock at `start` instead of now. An existing data folder continues at its own time.
    pub fn start_at(mut self, start: DateTime<Utc>) -> Self {
        self.start = Some(start);
        self
    }

    /// Stops the emulator's clock at 1 September 2026, noon UTC, until [`Clock::advance`] moves it.
    pub fn stepped_clock(self) -> Self {
        let start = Utc.with_ymd_and_hms(2026, 9, 1, 12, 0, 0).single().unwrap_or_default();
        self.stepped_clock_at(start)
    }

    /// Stops the emulator's clock at `start` until [`Clock::advance`] moves it.
    pub fn stepped_clock_at(mut self, start: DateTime<Utc>) -> Self {
        self.pace = Pace::Standing;
        self.start_at(start)
    }

    /// Sets the rate limit of an endpoint set, which has the name of its tag, for example `Cloud Backups`.
    pub fn rate_limit(mut self, endpoint_set: impl Into<String>, limit: RateLimit) -> Self {
        self.limits.chosen.insert(endpoint_set.into(), limit);
        self
    }

    /// Grants every request and sends no rate limit headers.
    pub fn no_rate_limits(mut self) -> Self {
        self.limits.enforced = false;
        self
    }

    /// Records all requests in `recorder`.
    pub fn recorder(mut self, recorder: &Recorder) -> Self {
        self.recorder = Some(recorder.clone());
        self
    }

    /// Starts listening, on the tokio runtime of the caller.
    ///
    /// # Errors
    /// Returns an error if it cannot listen on the address, the data folder cannot be used, or an exported state is
    /// invalid.
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
            // Callers that need it saved wait for the store's latest ticket.
            move |record| {
                let ((), _saved_later) = store.write(|state| state.meta.clock = Some(record));
            }
        };
        let clock = Arc::new(Clock::resume(known.as_ref(), self.pace, Some(start), keep));
        let exporter = exports.map(|folder| Arc::new(Exporter::new(folder, Arc::clone(&store), Arc::clone(&clock))));
        let document = Document::embedded();
        for (role, operation) in &document.unknown_roles {
            tracing::warn!("the document assigns unknown role {role:?} to {operation}; no key can have it");
        }
        let instance = Arc::new(Instance {
            document,
            store,
            clock,
            faults: Faults::default(),
            limits: Limits::new(self.limits),
            recorder: self.recorder.or_else(|| self.control.then(Recorder::bounded)),
        });
        #[cfg(feature = "mongo")]
        let endpoints =
            self.mongo.then(|| Arc::new(Endpoints::new(Arc::clone(&instance.store), Arc::clone(&instance.clock))));
        #[cfg(feature = "mongo")]
        if let Some(endpoints) = &endpoints {
            let ((), granted) = instance.store.write(|state| {
                for (name, password) in &self.mongo_users {
                    access::grant(state, name, password.expose(), instance.clock.now());
                }
            });
            instance.store.saved(granted).await.map_err(|error| Error(Kind::SaveError(error)))?;
            endpoints.update().await;
        }
        let service = Arc::new(Service {
            instance: Arc::clone(&instance),
            router: handlers::router(),
            executor: Executor {
                instance: Arc::clone(&instance),
                handlers: handlers::all(document),
                strict: self.strict,
                base_url: base_url.clone(),
                #[cfg(feature = "mongo")]
                serves_drivers: endpoints.is_some(),
                #[cfg(not(feature = "mongo"))]
                serves_drivers: false,
            },
            auth: self.auth,
            downloads: ArchiveCache::default(),
            exporter: exporter.clone(),
            control: self.control,
            #[cfg(feature = "mongo")]
            endpoints: endpoints.clone(),
        });
        let (stop, stopped) = oneshot::channel();
        let until = async {
            // Dropping the emulator stops it.
            let _told_or_dropped = stopped.await;
        };
        let serving = server::serve(listener, self.connections, service, until);
        let server = tokio::spawn(async move {
            match exporter {
                Some(exporter) => tokio::select! { () = serving => {}, () = exporter.watch() => {} },
                None => serving.await,
            }
        });
        Ok(Emulator {
            address,
            base_url,
            instance,
            stop: Some(stop),
            server,
            #[cfg(feature = "mongo")]
            endpoints,
        })
    }
}

/// Why an emulator did not start, cannot continue, or did not execute a command.
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
            Kind::Unexpected(_) => f.write_str("cannot read data folder; it was left unchanged"),
            Kind::Fault(reason) => write!(f, "invalid fault: {reason}"),
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
