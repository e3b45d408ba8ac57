//! Signs with credentials from a provider. They are kept, with their nonce or token, until they expire or the service
//! refuses them.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use secrecy::ExposeSecret as _;
use tokio::time::{Instant, timeout_at};

use crate::{
    http::{
        auth::{
            shared::shared,
            signer::{Signer, TokenContext, is_refused},
        },
        base::BaseUrl,
        wire::{Exchange, Outgoing},
    },
    model::{
        credentials::{Credentials, Scheme},
        credentials_provider::CredentialsProvider,
        error::{Error, Result},
        error_kind::ErrorKind,
        meta::Delivery,
        redaction::Secrets,
    },
};
use atlas_backup_runtime::Reply;

/// How long before its expiry a token is no longer used, at most. A short-lived token is used for seven eighths of its
/// lifetime.
const MARGIN: Duration = Duration::from_secs(10);

pub(crate) struct Provided {
    provider: Arc<dyn CredentialsProvider>,
    base: BaseUrl,
    /// The folder that tokens of service accounts are kept in, if any.
    tokens: Option<PathBuf>,
    state: Mutex<State>,
    /// Held by the one task that asks the provider.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    current: Option<Arc<Current>>,
    /// How often the provider was asked.
    asked: u64,
    /// The error of the last time.
    failure: Option<Arc<Error>>,
}

/// What the provider returned last.
struct Current {
    credentials: Credentials,
    signer: Arc<Signer>,
    secrets: Secrets,
    unusable_at: Option<Instant>,
}

impl Current {
    /// Notes on a response which secrets an error must not show.
    fn noted(&self, mut reply: Reply) -> Reply {
        reply.extensions.get_or_insert_default::<Delivery>().secrets.configure(&self.secrets);
        reply
    }
}

impl Provided {
    pub(crate) fn new(provider: Arc<dyn CredentialsProvider>, base: BaseUrl, tokens: Option<PathBuf>) -> Self {
        Provided { provider, base, tokens, state: Mutex::default(), asking: tokio::sync::Mutex::new(()) }
    }

    /// Sends one request signed. After a refusal the provider is called again, and the request is repeated if it
    /// returns other credentials.
    pub(crate) fn send<'a>(&'a self, request: &'a Outgoing, context: TokenContext<'a>) -> Exchange<'a> {
        Box::pin(async move {
            let current = self.current(None, context.deadline).await?;
            let reply = current.noted(current.signer.send(request, context).await?);
            if !is_refused(&reply) {
                return Ok(reply);
            }
            let renewed = self.current(Some(&current), context.deadline).await?;
            match Arc::ptr_eq(&renewed.signer, &current.signer) {
                true => Ok(reply),
                false => Ok(renewed.noted(renewed.signer.send(request, context).await?)),
            }
        })
    }

    /// The signer in use, if the provider was asked already.
    pub(crate) fn signer(&self) -> Option<Arc<Signer>> {
        self.state().current.as_ref().map(|current| current.signer.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The credentials to use, other than `refused` if the provider has others.
    async fn current(&self, refused: Option<&Arc<Current>>, deadline: Instant) -> Result<Arc<Current>> {
        let (usable, asked) = {
            let state = self.state();
            (state.usable(refused), state.asked)
        };
        if let Some(current) = usable {
            return Ok(current);
        }
        let _asking = self.asking.lock().await;
        {
            let state = self.state();
            if let Some(current) = state.usable(refused) {
                return Ok(current);
            }
            // Another task asked in the meantime: its result is for all that waited.
            if state.asked != asked {
                match (&state.failure, &state.current) {
                    (Some(failure), _) => return Err(shared(failure.clone())),
                    (None, Some(current)) => return Ok(current.clone()),
                    (None, None) => {}
                }
            }
        }
        let answered = self.ask(refused, deadline).await;
        let mut state = self.state();
        state.asked += 1;
        match answered {
            Ok(current) => {
                (state.current, state.failure) = (Some(current.clone()), None);
                Ok(current)
            }
            Err(error) => {
                let error = Arc::new(error);
                // A deadline of that task does not concern tasks with more time.
                state.failure = (error.kind() != ErrorKind::Timeout).then(|| error.clone());
                Err(shared(error))
            }
        }
    }

    async fn ask(&self, refused: Option<&Arc<Current>>, deadline: Instant) -> Result<Arc<Current>> {
        let asked = self.provider.credentials(refused.map(|refused| &refused.credentials));
        let credentials = match timeout_at(deadline, asked).await {
            Ok(Ok(credentials)) => credentials,
            Ok(Err(source)) => {
                let kind = source.downcast_ref::<Error>().map_or(ErrorKind::Authentication, Error::kind);
                return Err(Error::new(kind, "the credentials provider failed").with_source(source).final_after(0));
            }
            Err(_) => {
                let message = "no credentials from the provider before the deadline";
                return Err(Error::new(ErrorKind::Timeout, message).final_after(0));
            }
        };
        let held = self.state().current.clone().filter(|held| is_same(&held.credentials, &credentials));
        let signer = match held {
            Some(held) => held.signer.clone(),
            None => Arc::new(Signer::new(credentials.0.clone(), &self.base, self.tokens.as_deref())?),
        };
        let unusable_at = match &credentials.0 {
            Scheme::Bearer { expires: Some(expires), .. } => {
                let left = (*expires - chrono::Utc::now()).to_std().unwrap_or_default();
                Instant::now().checked_add(left.saturating_sub(MARGIN.min(left / 8)))
            }
            _ => None,
        };
        let secrets = Secrets::new(credentials.0.secrets());
        Ok(Arc::new(Current { credentials, signer, secrets, unusable_at }))
    }
}

impl State {
    fn usable(&self, refused: Option<&Arc<Current>>) -> Option<Arc<Current>> {
        let current = self.current.as_ref()?;
        let is_expired = current.unusable_at.is_some_and(|at| at <= Instant::now());
        let is_refused = refused.is_some_and(|refused| Arc::ptr_eq(refused, current));
        (!is_expired && !is_refused).then(|| current.clone())
    }
}

/// Whether both are signed in the same way, so that a nonce or a token of the one is good for the other.
fn is_same(one: &Credentials, other: &Credentials) -> bool {
    match (&one.0, &other.0) {
        (Scheme::None, Scheme::None) => true,
        (Scheme::Bearer { token, .. }, Scheme::Bearer { token: other, .. }) => {
            token.expose_secret() == other.expose_secret()
        }
        (Scheme::ApiKey { public, private }, Scheme::ApiKey { public: other, private: secret }) => {
            public == other && private.expose_secret() == secret.expose_secret()
        }
        (Scheme::ServiceAccount { id, secret }, Scheme::ServiceAccount { id: other, secret: other_secret }) => {
            id == other && secret.expose_secret() == other_secret.expose_secret()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use serde_json::json;

    use super::*;
    use crate::{
        Client, CredentialsFuture, Project,
        testing::{CannedResponse, CannedService},
    };

    /// Returns what `supply` makes of the number of questions before, after a minute.
    struct Vault<F> {
        supply: F,
        asked: AtomicUsize,
    }

    impl<F: Fn(usize) -> Result<Credentials, std::io::Error> + Send + Sync> CredentialsProvider for Vault<F> {
        fn credentials<'a>(&'a self, _refused: Option<&'a Credentials>) -> CredentialsFuture<'a> {
            Box::pin(async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Ok((self.supply)(self.asked.fetch_add(1, SeqCst))?)
            })
        }
    }

    fn vault<F>(supply: F) -> Arc<Vault<F>>
    where
        F: Fn(usize) -> Result<Credentials, std::io::Error> + Send + Sync,
    {
        Arc::new(Vault { supply, asked: AtomicUsize::new(0) })
    }

    /// A service that accepts only the bearer token that `valid` names, and a client of it.
    fn guarded(
        valid: &Arc<Mutex<&'static str>>,
        provider: impl CredentialsProvider + 'static,
    ) -> (Project, CannedService) {
        let valid = valid.clone();
        let service = CannedService::respond_with(move |request, _| {
            let expected = format!("Bearer {}", valid.lock().expect("not poisoned"));
            match request.headers.get("authorization").is_some_and(|value| value.as_bytes() == expected.as_bytes()) {
                true => CannedResponse::from(json!({ "id": "32b6e34b3d91647abb20e7b8" })),
                false => CannedResponse::status(401),
            }
        });
        let client = Client::builder().credentials_provider(provider).build_over(service.clone());
        (client.project("32b6e34b3d91647abb20e7b8").expect("an ID"), service)
    }

    #[tokio::test(start_paused = true)]
    async fn refused_token_is_replaced_without_rebuilding_the_client() {
        let vault = vault(|asked| Ok(Credentials::bearer(if asked == 0 { "first" } else { "second" })));
        let valid = Arc::new(Mutex::new("first"));
        let (project, service) = guarded(&valid, vault.clone());
        for _ in 0..3 {
            project.get().await.expect("the first token");
        }
        *valid.lock().expect("not poisoned") = "second";
        for _ in 0..3 {
            project.get().await.expect("the second token");
        }
        assert_eq!((vault.asked.load(SeqCst), service.sent().len()), (2, 7));
    }

    #[tokio::test(start_paused = true)]
    async fn expiring_token_is_replaced_before_it_is_refused() {
        let begun = Instant::now();
        let expires = chrono::Utc::now() + chrono::TimeDelta::seconds(100);
        let vault = vault(move |asked| match asked {
            0 => Ok(Credentials::bearer_until("first", expires)),
            _ => Ok(Credentials::bearer("second")),
        });
        let valid = Arc::new(Mutex::new("first"));
        let (project, service) = guarded(&valid, vault);
        project.get().await.expect("the first token");
        tokio::time::sleep_until(begun + Duration::from_secs(95)).await;
        *valid.lock().expect("not poisoned") = "second";
        project.get().await.expect("the second token");
        assert_eq!(service.sent().len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn provider_is_asked_once_for_all_tasks_also_if_it_fails() {
        let valid = Arc::new(Mutex::new("first"));
        for fails in [false, true] {
            let vault = vault(move |_| match fails {
                false => Ok(Credentials::bearer("first")),
                true => Err(std::io::Error::other("the vault is sealed")),
            });
            let (project, _) = guarded(&valid, vault.clone());
            let ended = futures_util::future::join_all((0..10).map(|_| project.get())).await;
            assert_eq!(vault.asked.load(SeqCst), 1);
            for ended in ended {
                assert_eq!(ended.is_err(), fails);
                let Err(error) = ended else { continue };
                assert_eq!(error.kind(), ErrorKind::Authentication);
                let cause = std::error::Error::source(&error).expect("a cause");
                assert!(cause.to_string().contains("sealed"), "{cause}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn credentials_are_providers_of_themselves() {
        let valid = Arc::new(Mutex::new("first"));
        let (project, service) = guarded(&valid, Credentials::bearer("first"));
        project.get().await.expect("accepted");
        *valid.lock().expect("not poisoned") = "second";
        assert_eq!(project.get().await.expect_err("refused").kind(), ErrorKind::Unauthorized);
        assert_eq!(service.sent().len(), 2, "the same token is not sent twice");
    }

    #[tokio::test(start_paused = true)]
    async fn provider_that_hangs_ends_the_call_at_its_deadline() {
        struct Hangs;
        impl CredentialsProvider for Hangs {
            fn credentials<'a>(&'a self, _refused: Option<&'a Credentials>) -> CredentialsFuture<'a> {
                Box::pin(std::future::pending())
            }
        }
        let (project, _) = guarded(&Arc::default(), Hangs);
        let (begun, error) = (Instant::now(), project.with_timeout(Duration::from_secs(7)).get().await);
        assert_eq!((error.expect_err("it hangs").kind(), begun.elapsed().as_secs()), (ErrorKind::Timeout, 7));
    }
}
