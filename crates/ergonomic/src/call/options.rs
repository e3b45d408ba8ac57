//! Options for single calls on every handle (a timeout, a pin, a header, a dry run), and the project and cluster that a handle
//! names.
//!
//! A handle with other options is another handle over the same connections. The original stays as it is.

use crate::{call::client::Client, model::subject::Subject};

/// A handle that calls through a client.
pub(crate) trait HasClient {
    fn client_mut(&mut self) -> &mut Client;

    /// The project and the cluster that the handle names.
    fn subject(&self) -> Subject {
        Subject::default()
    }
}

impl HasClient for Client {
    fn client_mut(&mut self) -> &mut Client {
        self
    }
}

/// Gives a handle the options of a call. `$field` is the field through which it calls, `$parameter` the path parameter that its
/// field `$id` holds.
macro_rules! call_options {
    ($handle:ty, $field:ident $(, $parameter:literal: $id:ident)?) => {
        impl crate::call::options::HasClient for $handle {
            fn client_mut(&mut self) -> &mut crate::call::client::Client {
                crate::call::options::HasClient::client_mut(&mut self.$field)
            }

            fn subject(&self) -> crate::model::subject::Subject {
                crate::call::options::HasClient::subject(&self.$field)$(.with($parameter, self.$id.as_str()))?
            }
        }

        impl $handle {
            /// The same, whose calls may take `timeout` in total.
            #[must_use]
            pub fn with_timeout(&self, timeout: std::time::Duration) -> Self {
                self.with_client_options(|client| client.with_timeout(timeout))
            }

            /// The same, pinned to `version`: see [`Builder::pin`](crate::Builder::pin).
            #[must_use]
            pub fn with_pin(&self, version: crate::model::version::ApiVersion) -> Self {
                self.with_client_options(|client| client.with_pin(version))
            }

            /// The same, which changes nothing: see [`Client::with_dry_run`](crate::Client::with_dry_run).
            #[must_use]
            pub fn with_dry_run(&self) -> Self {
                self.with_client_options(crate::call::client::Client::with_dry_run)
            }

            /// The same, which sends a further header with each call.
            ///
            /// # Errors
            /// As [`Client::with_header`](crate::Client::with_header).
            pub fn with_header(&self, name: &str, value: &str) -> crate::model::error::Result<Self> {
                let mut handle = self.clone();
                let client = crate::call::options::HasClient::client_mut(&mut handle);
                *client = client.with_header(name, value)?;
                Ok(handle)
            }

            fn with_client_options(
                &self,
                change: impl FnOnce(&crate::call::client::Client) -> crate::call::client::Client,
            ) -> Self {
                let mut handle = self.clone();
                let client = crate::call::options::HasClient::client_mut(&mut handle);
                *client = change(client);
                handle
            }
        }
    };
}

pub(crate) use call_options;
