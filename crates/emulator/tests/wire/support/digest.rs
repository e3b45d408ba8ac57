//! A digest client for tests, which can also make errors.

use md5::{Digest as _, Md5};

/// Fields of a challenge needed for a response.
#[derive(Debug, Clone)]
pub(crate) struct Challenge {
    pub(crate) nonce: String,
    pub(crate) stale: bool,
}

impl Challenge {
    pub(crate) fn parse(header: &str) -> Self {
        let nonce = header.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        Self { nonce, stale: header.contains("stale=true") }
    }

    /// The `Authorization` header of one request.
    pub(crate) fn answer(&self, (public, private): (&str, &str), method: &str, uri: &str, count: u32) -> String {
        let realm = "MMS Public API";
        let user = md5(&format!("{public}:{realm}:{private}"));
        let request = md5(&format!("{method}:{uri}"));
        let nonce = &self.nonce;
        let response = md5(&format!("{user}:{nonce}:{count:08x}:0a4f:auth:{request}"));
        format!(
            "Digest username=\"{public}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", algorithm=MD5, \
             response=\"{response}\", qop=auth, nc={count:08x}, cnonce=\"0a4f\""
        )
    }
}

fn md5(text: &str) -> String {
    Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
