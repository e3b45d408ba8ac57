//! The trait through which a program supplies credentials that change while a client lives.

use std::{error::Error as StdError, future::Future, pin::Pin, sync::Arc};

use crate::model::credentials::Credentials;

/// The error of a provider. An [`Error`](crate::Error) in it keeps its kind; anything else is
/// [`ErrorKind::Authentication`](crate::ErrorKind::Authentication).
pub type ProviderError = Box<dyn StdError + Send + Sync>;

/// The future of [`CredentialsProvider::credentials`].
pub type CredentialsFuture<'a> = Pin<Box<dyn Future<Output = Result<Credentials, ProviderError>> + Send + 'a>>;

/// Supplies the credentials of a client, such as tokens from a vault or an identity federation.
///
/// The client keeps what it gets and asks again when the token [expires](Credentials::bearer_until) and when the service
/// answers 401. One task asks at a time and the others share the result. Credentials that are equal to the former ones keep
/// their nonce or token.
///
/// ```
/// use atlas_backup::{Client, Credentials, CredentialsFuture, CredentialsProvider};
///
/// struct Vault;
///
/// impl CredentialsProvider for Vault {
///     fn credentials<'a>(&'a self, refused: Option<&'a Credentials>) -> CredentialsFuture<'a> {
///         Box::pin(async move {
///             // After a refusal, bypass any cache.
///             let (token, expires) = read_from_vault(refused.is_some()).await?;
///             Ok(Credentials::bearer_until(token, expires))
///         })
///     }
/// }
/// # async fn read_from_vault(_: bool) -> Result<(String, chrono::DateTime<chrono::Utc>), std::io::Error> {
/// #     Ok((String::new(), chrono::Utc::now()))
/// # }
///
/// let atlas = Client::builder().credentials_provider(Vault).build()?;
/// # let _ = atlas;
/// # Ok::<(), atlas_backup::Error>(())
/// ```
pub trait CredentialsProvider: Send + Sync {
    /// Returns the credentials to use from now on. `refused` are those that the service has just refused with 401, if that is why
    /// the client asks.
    fn credentials<'a>(&'a self, refused: Option<&'a Credentials>) -> CredentialsFuture<'a>;
}

/// Credentials that never change.
impl CredentialsProvider for Credentials {
    fn credentials<'a>(&'a self, _refused: Option<&'a Credentials>) -> CredentialsFuture<'a> {
        Box::pin(std::future::ready(Ok(self.clone())))
    }
}

impl<P: CredentialsProvider + ?Sized> CredentialsProvider for Arc<P> {
    fn credentials<'a>(&'a self, refused: Option<&'a Credentials>) -> CredentialsFuture<'a> {
        (**self).credentials(refused)
    }
}
