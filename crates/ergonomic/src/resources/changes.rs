//! The body of an update: the top-level fields that differ after a change, each complete.
//!
//! The service replaces the fields that it receives and keeps the others. Read-only and unchanged fields are not sent,
//! so that nothing is set by accident and no concurrent change is reverted.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::model::{
    entity::{convert_document, value_of},
    error::{Error, Result},
    error_kind::ErrorKind,
};

/// The fields of `after` to send, `None` if there are none. Undocumented fields are included.
pub(super) fn difference<T: Serialize + DeserializeOwned>(
    what: &str,
    read_only: &[&str],
    before: &T,
    after: &T,
) -> Result<Option<T>> {
    let (before, mut fields) = (value_of(before), value_of(after));
    let Value::Object(changed) = &mut fields else { return Ok(None) };
    let is_sent = |name: &str| !read_only.contains(&name);
    let known = || before.as_object().into_iter().flatten();
    let removed: Vec<_> =
        known().map(|(name, _)| name.as_str()).filter(|name| is_sent(name) && !changed.contains_key(*name)).collect();
    if !removed.is_empty() {
        let message = format!("the fields of {what} cannot be removed, only changed: {}", removed.join(", "));
        return Err(Error::new(ErrorKind::InvalidInput, message));
    }
    changed.retain(|name, value| is_sent(name) && before.get(name) != Some(value));
    match changed.is_empty() {
        true => Ok(None),
        false => convert_document(&fields).map(Some),
    }
}
