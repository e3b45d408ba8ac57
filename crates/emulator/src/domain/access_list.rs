//! Addresses from which the clusters of a project accept connections.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{
    ids::ObjectId,
    record::{Checks, Record},
};

/// An entry of a project's access list.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AccessListEntry {
    pub(crate) id: ObjectId,
    pub(crate) source: ConnectionSource,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) comment: Option<String>,
    /// Time of its automatic deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<DateTime<Utc>>,
}

/// Source of the connections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ConnectionSource {
    /// Addresses in CIDR notation. A single address has the longest prefix.
    Addresses(String),
    /// An AWS security group.
    SecurityGroup(String),
}

impl ConnectionSource {
    /// An address or a range. `None` for other text.
    pub(crate) fn addresses(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: std::net::IpAddr = address.parse().ok()?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Some(longest), |prefix| prefix.parse().ok().filter(|bits| *bits <= longest))?;
        Some(Self::Addresses(format!("{address}/{prefix}")))
    }

    /// Its name in paths and requests.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let group = text.rsplit('/').next().is_some_and(|name| name.starts_with("sg-"));
        if group { Some(Self::SecurityGroup(text.to_owned())) } else { Self::addresses(text) }
    }

    /// The address, if it is a single one.
    pub(crate) fn address(&self) -> Option<&str> {
        let Self::Addresses(range) = self else { return None };
        let (address, prefix) = range.split_once('/')?;
        let longest = if address.contains(':') { "128" } else { "32" };
        (prefix == longest).then_some(address)
    }
}

impl AccessListEntry {
    pub(crate) fn is_there(&self, now: DateTime<Utc>) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }
}

impl Record for AccessListEntry {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        self.expires.into_iter().for_each(|moment| checks.moment("expires", moment));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_range_with_the_longest_prefix() {
        assert_eq!(ConnectionSource::parse("192.0.2.1"), ConnectionSource::parse("192.0.2.1/32"));
        assert_eq!(ConnectionSource::parse("192.0.2.1").unwrap().address(), Some("192.0.2.1"));
        assert_eq!(ConnectionSource::parse("2001:db8::/58").unwrap().address(), None);
        for odd in ["192.0.2.1/33", "192.0.2", "localhost", "192.0.2.1/"] {
            assert_eq!(ConnectionSource::parse(odd), None, "{odd}");
        }
    }
}
