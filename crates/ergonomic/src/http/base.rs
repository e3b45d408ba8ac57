//! The base URL. Every URL of this crate is created here, so no link from the service and no path value can send a
//! request and its credentials to another origin.

use std::fmt;

use url::{Host, Url};

use crate::model::{
    error::{Error, Result},
    error_kind::ErrorKind,
};

/// An https origin, or http on this machine or an allowed host, with an optional path prefix.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct BaseUrl(Url);

impl BaseUrl {
    /// Parses a base URL. `cleartext` are other hosts that may be called without TLS.
    pub(crate) fn parse(text: &str, cleartext: &[String]) -> Result<Self> {
        // Do not repeat parts that may contain a secret: before an `@` and after a `?`.
        let harmless = text.split(['?', '#']).next().filter(|text| !text.contains('@'));
        let shown = harmless.map(|text| format!(" {text:?}")).unwrap_or_default();
        let refuse = |why: &str| Error::new(ErrorKind::InvalidInput, format!("invalid base URL{shown}: it {why}"));
        let url = Url::parse(text).map_err(|source| refuse("is not a URL").with_source(source))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("must not contain credentials"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("must have no query and no fragment"));
        }
        let loopback = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        };
        let allowed = url.host_str().is_some_and(|host| cleartext.iter().any(|name| name.eq_ignore_ascii_case(host)));
        match url.scheme() {
            "https" => {}
            "http" if loopback || allowed => {}
            "http" => {
                return Err(refuse("must be https; http is only for this machine and allowed hosts"));
            }
            _ => return Err(refuse("must be https")),
        }
        Ok(BaseUrl(url))
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The URL of `path`, which is percent-encoded and begins with a slash, with `query`, which is not encoded.
    pub(crate) fn join<'a>(&self, path: &str, query: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Url> {
        let full = format!("{}{path}", self.0.path().trim_end_matches('/'));
        let mut url = self.0.clone();
        url.set_path(&full);
        // If the parser resolved `..` or moved `?`, the meaning of the path has changed.
        if url.path() != full {
            return Err(Error::new(ErrorKind::InvalidInput, format!("invalid path {path:?}: not a path of the API")));
        }
        let mut query = query.into_iter().peekable();
        if query.peek().is_some() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_limited_to_loopback() {
        for good in [
            "https://cloud.mongodb.com",
            "https://cloud.mongodbgov.com/",
            "http://127.0.0.1:8080",
            "http://[::1]:1",
            "http://localhost:27",
        ] {
            assert!(BaseUrl::parse(good, &[]).is_ok(), "{good}");
        }
        for bad in ["http://cloud.mongodb.com", "ftp://127.0.0.1", "cloud.mongodb.com", "", "http://127.0.0.1.evil.com"]
        {
            assert_eq!(BaseUrl::parse(bad, &[]).err().map(|e| e.kind()), Some(ErrorKind::InvalidInput), "{bad}");
        }
    }

    #[test]
    fn plain_http_is_used_only_for_allowed_host() {
        let allowed = ["atlas.test".to_owned()];
        assert!(BaseUrl::parse("http://Atlas.test:8080", &allowed).is_ok());
        for other in ["http://atlas.test.evil.com", "http://evil.com", "http://evil.com/atlas.test", "ftp://atlas.test"]
        {
            assert!(BaseUrl::parse(other, &allowed).is_err(), "{other}");
        }
    }

    #[test]
    fn credentials_in_base_url_are_refused_without_echo() {
        for base in [
            "https://user:hunter2@cloud.mongodb.com",
            "https://user:hunter2@cloud mongodb.com",
            "https://user:hunter2@cloud.mongodb.com:port",
            "//user:hunter2@cloud.mongodb.com",
            "https://cloud.mongodb.com/?token=hunter2",
            "http://user:hunter2@[::1",
        ] {
            let error = BaseUrl::parse(base, &[]).err().expect("refused");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
    }

    #[test]
    fn base_url_keeps_its_path() {
        let base = BaseUrl::parse("https://example.com/proxy/", &[]).expect("a base");
        let url = base.join("/api/atlas/v2/groups/a%2Fb", [("pageNum", "1"), ("name", "a&b c")]).expect("a URL");
        assert_eq!(url.as_str(), "https://example.com/proxy/api/atlas/v2/groups/a%2Fb?pageNum=1&name=a%26b+c");
        for changed in ["/api/../etc", "/api/%2e%2E/etc", "/api/a?b", "/api/a#b", "/a b"] {
            assert!(base.join(changed, []).is_err(), "{changed}");
        }
        assert_eq!(base.join("//evil.com/x", []).expect("a URL").origin(), base.0.origin());
    }
}
