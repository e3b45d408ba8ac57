//! The client: a handle on one connection pool, one set of credentials and one set of options.
//!
//! Cloning is cheap and shares all of that. A derived client (another timeout, a pin, a header) also shares the pool,
//! the nonce and the token. A client caches no data of the service. It only records the deprecations that responses
//! announce.

use std::{
    fmt,
    sync::{Arc, PoisonError},
    time::Duration,
};

use atlas_backup_runtime::{Call, Operation, Pending, Reply, Response, Transport, Version};
use http::{HeaderName, HeaderValue, Method};

use crate::{
    call::{binding::finish, path_call::PathCall, raw::Raw},
    http::{
        pipeline::{BindingTransport, Core, Options, PathRequest, is_reserved},
        retry::instant_after,
    },
    model::{
        error::{Error, Result},
        error_kind::ErrorKind,
        meta::Deprecation,
        operations,
        retired::RetiredPolicy,
        version::ApiVersion,
        wait_policy::WaitPolicy,
    },
};

/// A client of the Atlas Admin API.
///
/// See the [crate's documentation](crate) for a first call.
#[derive(Clone)]
pub struct Client {
    seam: Arc<BindingTransport>,
    bindings: atlas_backup_generated::Client,
}

impl Client {
    pub(crate) fn new(core: Arc<Core>, options: Options) -> Self {
        let seam = Arc::new(BindingTransport { core, options });
        let bindings = atlas_backup_generated::Client::new(seam.clone());
        Client { seam, bindings }
    }

    /// Where calls go.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.seam.core.base.to_string()
    }

    /// The generated bindings over this client: every operation in every version, with this client's credentials,
    /// headers and retries.
    #[must_use]
    pub fn bindings(&self) -> &atlas_backup_generated::Client {
        &self.bindings
    }

    /// The way of this client's calls to the service as a transport for bindings of other parts of the API, such as `cargo
    /// xtask generate --tags` writes. Their calls share this client's credentials, headers, pin, retries and limits; pass the
    /// pending call to [`finish`](Self::finish) for this crate's error.
    ///
    /// ```no_run
    /// # async fn example(atlas: atlas_backup::Client) -> atlas_backup::Result<()> {
    /// // Here the bindings of this crate stand for those of another crate.
    /// use atlas_backup::generated as alerts;
    ///
    /// let bindings = alerts::Client::new(atlas.transport());
    /// let project = atlas_backup::Client::finish(bindings.get_group("32b6e34b3d91647abb20e7b8")).await?;
    /// println!("{:?}", project.value.name);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn transport(&self) -> Arc<dyn Transport> {
        self.seam.clone()
    }

    /// Awaits a call of any bindings over [`transport`](Self::transport) and turns its failure into this crate's error.
    ///
    /// # Errors
    /// As every call.
    pub async fn finish<T>(pending: Pending<'_, T>) -> Result<Response<T>> {
        finish(pending).await
    }

    /// Calls a generated binding and turns its failure into this crate's error.
    ///
    /// ```no_run
    /// # async fn example(atlas: atlas_backup::Client) -> atlas_backup::Result<()> {
    /// let compliance =
    ///     atlas.call(|api| api.get_group_backup_compliance_policy("32b6e34b3d91647abb20e7b8")).await?;
    /// println!("{:?} {:?}", compliance.status, compliance.value.state);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As every call.
    pub async fn call<'a, T>(
        &'a self,
        binding: impl FnOnce(&'a atlas_backup_generated::Client) -> Pending<'a, T>,
    ) -> Result<Response<T>> {
        finish(binding(&self.bindings)).await
    }

    /// Any operation by its name (id, short name or former name), with JSON in and out.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if no operation has this name.
    pub fn operation(&self, name: &str) -> Result<Raw> {
        let unknown = || Error::new(ErrorKind::InvalidInput, format!("unknown operation {name:?}"));
        Ok(Raw::new(self.clone(), operations::find(name).ok_or_else(unknown)?))
    }

    /// Any path of the API by method, with JSON in and out, including operations that this crate does not know.
    ///
    /// ```no_run
    /// # async fn example(atlas: atlas_backup::Client) -> atlas_backup::Result<()> {
    /// use atlas_backup::Method;
    ///
    /// let version = "2023-01-01".parse()?;
    /// let alerts = atlas.path(Method::GET, "/api/atlas/v2/groups/32b6e34b3d91647abb20e7b8/alerts").version(version).await?;
    /// println!("{}", alerts.json()?["totalCount"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn path(&self, method: Method, path: impl Into<String>) -> PathCall {
        PathCall::new(self.clone(), method, path.into())
    }

    /// Revokes the access token of a service account, in memory, in the [token store](crate::Builder::token_store) and
    /// at the service. Returns whether there was one: other credentials have none. The next call obtains a new one.
    ///
    /// # Errors
    /// [`ErrorKind::Authentication`] if the service refuses to revoke it; [`ErrorKind::DryRun`] in a dry run; otherwise
    /// as every call.
    pub async fn revoke_token(&self) -> Result<bool> {
        let core = &*self.seam.core;
        if let (true, Some(request)) = (self.is_dry_run(), core.signer.revocation()) {
            return Err(request.dry_run(None));
        }
        core.signer.revoke(core.token_context(instant_after(self.seam.options.deadline))).await
    }

    /// A client like this one whose calls may take `timeout` in total.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        self.with_options(|options| options.deadline = timeout)
    }

    /// A client like this one that is pinned to `version`: see [`Builder::pin`](crate::Builder::pin).
    #[must_use]
    pub fn with_pin(&self, version: ApiVersion) -> Self {
        self.with_options(|options| options.pin = Some(version))
    }

    /// A client like this one with another policy for retired operations.
    #[must_use]
    pub fn with_retired(&self, policy: RetiredPolicy) -> Self {
        self.with_options(|options| options.retired = policy)
    }

    /// A client like this one with another policy for waits.
    #[must_use]
    pub fn with_wait_policy(&self, policy: WaitPolicy) -> Self {
        self.with_options(|options| options.wait = policy)
    }

    /// The policy for waits.
    #[must_use]
    pub fn wait_policy(&self) -> &WaitPolicy {
        &self.seam.options.wait
    }

    /// A client like this one for the polls of a wait.
    pub(crate) fn for_polls(&self) -> Self {
        self.with_options(|options| options.polls = true)
    }

    /// A client like this one that sends a further header with each call.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if the name or value is not valid in a header, or the client sets this header
    /// itself: `Accept`, `Accept-Encoding`, `Authorization`, `Connection`, `Content-Length`, `Content-Type`, `Host`,
    /// `Range`, `Transfer-Encoding`, `User-Agent`.
    pub fn with_header(&self, name: &str, value: &str) -> Result<Self> {
        let invalid = || Error::new(ErrorKind::InvalidInput, format!("invalid header {name:?} with this value"));
        let (name, value) = match (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            (Ok(name), Ok(value)) => (name, value),
            _ => return Err(invalid()),
        };
        if is_reserved(&name) {
            return Err(Error::new(ErrorKind::InvalidInput, format!("cannot set header {name}: the client sets it")));
        }
        Ok(self.with_options(|options| {
            options.headers.insert(name, value);
        }))
    }

    /// A client like this one that changes nothing. It sends read-only calls (GET, HEAD). Every other call ends with
    /// [`ErrorKind::DryRun`] and the request that [would have been sent](crate::Error::dry_run_request). Everything
    /// before sending is the same: IDs, documents, the pin, the replacement of retired operations.
    ///
    /// ```no_run
    /// # async fn example(cluster: atlas_backup::Cluster) -> atlas_backup::Result<()> {
    /// use atlas_backup::{ErrorKind, Retention};
    ///
    /// let dry = cluster.with_dry_run();
    /// let taken = dry.snapshots().take("before migration", Retention::days(7)).await;
    /// if let Some(request) = taken.unwrap_err().dry_run_request() {
    ///     println!("{request}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_dry_run(&self) -> Self {
        self.with_options(|options| options.dry_run = true)
    }

    /// Whether calls are a dry run.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        self.seam.options.dry_run
    }

    /// The version that calls are pinned to.
    #[must_use]
    pub fn pin(&self) -> Option<ApiVersion> {
        self.seam.options.pin
    }

    /// Deprecations of versions that responses have announced, by operation and version, for all clients derived from
    /// one another. Versions without an announcement are not included.
    ///
    /// ```no_run
    /// # fn example(atlas: atlas_backup::Client) {
    /// for version in atlas.deprecations() {
    ///     println!("{} of {} ends {:?}", version.operation, version.version, version.sunset);
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn deprecations(&self) -> Vec<Deprecation> {
        let announced = self.seam.core.announced.lock().unwrap_or_else(PoisonError::into_inner);
        announced.values().cloned().collect()
    }

    /// A client like this one that keeps the envelope on responses, which only raw calls can use.
    pub(crate) fn with_envelope(&self) -> Self {
        self.with_options(|options| options.wrapped = true)
    }

    /// State shared with the clients from which it was derived.
    pub(crate) fn core(&self) -> &Core {
        &self.seam.core
    }

    fn with_options(&self, change: impl FnOnce(&mut Options)) -> Self {
        let mut options = self.seam.options.clone();
        change(&mut options);
        Client::new(self.seam.core.clone(), options)
    }

    /// Sends a request to a path. A status outside 2xx becomes an error.
    pub(crate) async fn send_path(&self, request: PathRequest) -> Result<Reply> {
        let (method, path, version) = (request.method.clone(), request.path.clone(), request.version.to_string());
        let operation = request.operation;
        let reply = self.seam.call_path(request).await?;
        if reply.status.is_success() {
            return Ok(reply);
        }
        let error = Error::from_reply(reply);
        let error = match operation {
            Some(operation) => error.on_call(operation, operation.version(&version), Some(&path)),
            None => error,
        };
        Err(error.on_path(&method, &path, version))
    }

    /// Sends a call. A status outside 2xx becomes an error.
    pub(crate) async fn send(&self, call: Call) -> Result<Reply> {
        let (operation, version): (&'static Operation, &'static Version) = (call.operation, call.version);
        let path = call.path.clone();
        let reply = self.seam.call(call).await?;
        match reply.status.is_success() {
            true => Ok(reply),
            false => Err(Error::from_reply(reply).on_call(operation, Some(version), Some(&path))),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.base_url()).field("pin", &self.pin()).finish_non_exhaustive()
    }
}
