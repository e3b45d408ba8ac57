//! Converts documents of the retired tiers from and to flex documents, and old requests to flex requests.
//!
//! [`fields`](super::fields) has the table. This module applies it to typed documents, and to the bodies of requests
//! and responses of forwarded calls.

use atlas_backup_generated::types;
use atlas_backup_runtime::{AnyJson, Operation};
use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::{
    call::flex_fields::Kind,
    model::{
        entity::value_of,
        error::{Error, Result},
        error_kind::ErrorKind,
        sealed::{self, Sealed},
    },
};

/// A document of a retired operation and its flex counterpart, each converted from the other.
///
/// A field that the other document does not define is kept in `extra` under its name, so a round trip loses nothing. A
/// field without counterpart is absent and never invented. [`compat`](crate::compat) has the table.
///
/// ```
/// use atlas_backup::{compat::FlexForm, types::{FlexBackupSnapshot, ServerlessBackupSnapshot}};
///
/// # fn main() -> atlas_backup::Result<()> {
/// # let read = |text| serde_json::from_str::<FlexBackupSnapshot>(text).expect("a snapshot");
/// let flex = read(r#"{"id": "5f3e8e7d9b1c2a0012345678", "status": "COMPLETED", "mongoDBVersion": "8.0.4"}"#);
/// let old = ServerlessBackupSnapshot::from_flex(&flex)?;
/// assert_eq!(old.status.as_ref().map(|s| s.as_str()), Some("completed"));
/// assert_eq!(old.mongod_version.as_deref(), Some("8.0.4"));
/// assert_eq!(old.storage_size_bytes, None);
/// assert_eq!(old.to_flex()?, flex);
/// # Ok(())
/// # }
/// ```
pub trait FlexForm: Sealed<sealed::FlexForm> + Sized {
    /// The flex document.
    type Flex;

    /// The old document of a flex one.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if a value does not fit the old document.
    fn from_flex(flex: &Self::Flex) -> Result<Self>;

    /// The flex document of an old one.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if a value does not fit the flex document.
    fn to_flex(&self) -> Result<Self::Flex>;
}

macro_rules! flex_forms {
    ($($old:ident is $flex:ident by $kind:ident),* $(,)?) => {$(
        impl Sealed<sealed::FlexForm> for types::$old {}

        impl FlexForm for types::$old {
            type Flex = types::$flex;

            fn from_flex(flex: &Self::Flex) -> Result<Self> {
                converted(flex, |document| Kind::$kind.to_old(document))
            }

            fn to_flex(&self) -> Result<Self::Flex> {
                converted(self, |document| Kind::$kind.to_flex(document))
            }
        }
    )*};
}

flex_forms!(
    BackupTenantSnapshot is FlexBackupSnapshot by SharedSnapshot,
    TenantRestore is FlexBackupRestoreJob by SharedRestore,
    ServerlessBackupSnapshot is FlexBackupSnapshot by ServerlessSnapshot,
    ServerlessBackupRestoreJob is FlexBackupRestoreJob by ServerlessRestore,
);

fn converted<T: DeserializeOwned>(document: &impl Serialize, convert: impl Fn(&mut Map<String, Value>)) -> Result<T> {
    let mut value = value_of(document);
    value.as_object_mut().into_iter().for_each(convert);
    // Decoded like a response: a value of another type is kept in `extra`.
    atlas_backup_runtime::decode(value.to_string().as_bytes()).map_err(|source| {
        Error::new(ErrorKind::Decode, "the document has no counterpart").with_source(source).with_item(value)
    })
}

/// The former tier of a flex cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormerTier {
    Shared,
    Serverless,
}

impl FormerTier {
    pub(crate) fn of(operation: &Operation) -> Option<Self> {
        if operation.path.contains("/backup/tenant/") {
            Some(FormerTier::Shared)
        } else if operation.path.contains("/serverless/") {
            Some(FormerTier::Serverless)
        } else {
            None
        }
    }

    const fn snapshot(self) -> Kind {
        match self {
            FormerTier::Shared => Kind::SharedSnapshot,
            FormerTier::Serverless => Kind::ServerlessSnapshot,
        }
    }

    const fn restore(self) -> Kind {
        match self {
            FormerTier::Shared => Kind::SharedRestore,
            FormerTier::Serverless => Kind::ServerlessRestore,
        }
    }
}

/// Fields of a flex request for a download, and for a restore.
const DOWNLOAD: &[&str] = &["snapshotId"];
const RESTORE: &[&str] = &["snapshotId", "targetDeploymentItemName", "targetProjectId"];
/// Fields of a serverless request for a point in time, which a flex request cannot express.
const MOMENT: [&str; 4] = ["desiredTimestamp", "oplogInc", "oplogTs", "pointInTimeUTCSeconds"];

/// A request converted to flex.
#[derive(Debug, PartialEq)]
pub(crate) struct Request {
    /// The operation to call, if it depends on the request.
    pub(crate) operation_id: Option<&'static str>,
    pub(crate) body: Value,
}

/// The flex request for an old request to restore or download.
pub(crate) fn restore_request(operation: &Operation, tier: FormerTier, body: &Value) -> Result<Request> {
    let request = |operation_id, names: &[&'static str]| {
        let given = |name: &'static str| body.get(tier.restore().old_name(name)).filter(|value| !value.is_null());
        let fields = names.iter().filter_map(|name| Some(((*name).to_owned(), given(name)?.clone())));
        Ok(Request { operation_id, body: Value::Object(fields.collect()) })
    };
    let refused =
        |what: String| Err(Error::new(ErrorKind::InvalidInput, format!("flex clusters have no counterpart of {what}")));
    if tier == FormerTier::Shared {
        return request(None, if operation.path.ends_with("/download") { DOWNLOAD } else { RESTORE });
    }
    if let Some(name) = MOMENT.into_iter().find(|name| body.get(*name).is_some_and(|value| !value.is_null())) {
        return refused(format!("a restore to a moment, which {name} asks for"));
    }
    match body.get("deliveryType").and_then(Value::as_str) {
        Some("automated") => request(None, RESTORE),
        // Serverless downloads were restore jobs. Flex has a separate operation for them.
        Some("download") => request(Some("downloadGroupFlexClusterBackup"), DOWNLOAD),
        other => refused(format!("the delivery type {}", other.unwrap_or("(none)"))),
    }
}

/// Converts the body of a flex response to the old operation. A body that is not JSON is passed through.
///
/// # Errors
/// When the document takes too much memory, as [`decode`](atlas_backup_runtime::decode) says.
pub(crate) fn answer(operation: &Operation, tier: FormerTier, cluster: Option<&str>, body: &Bytes) -> Result<Bytes> {
    let kind = if operation.path.contains("/snapshots") { tier.snapshot() } else { tier.restore() };
    if kind == Kind::SharedSnapshot || body.trim_ascii().is_empty() {
        return Ok(body.clone());
    }
    let mut document = match atlas_backup_runtime::decode(body) {
        Ok(AnyJson(document)) => document,
        Err(source) if source.is_data() => {
            return Err(Error::new(ErrorKind::Decode, "unexpected response").with_source(source));
        }
        Err(_) => return Ok(body.clone()),
    };
    let convert = |fields: &mut Map<String, Value>| {
        kind.to_old(fields);
        if let (Kind::ServerlessSnapshot, Some(cluster)) = (kind, cluster) {
            fields.insert("serverlessInstanceName".to_owned(), json!(cluster));
        }
    };
    match document.get_mut("results").and_then(Value::as_array_mut) {
        Some(items) => items.iter_mut().filter_map(Value::as_object_mut).for_each(convert),
        None => {
            // A kept envelope has the document under `content`.
            let wrapped = document.get("status").is_some_and(Value::is_number);
            let document = if wrapped { document.get_mut("content") } else { Some(&mut document) };
            document.and_then(Value::as_object_mut).into_iter().for_each(convert);
        }
    }
    Ok(Bytes::from(document.to_string()))
}

#[cfg(test)]
mod tests;
