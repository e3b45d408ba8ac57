//! Logins with SCRAM-SHA-256 (RFC 7677), as `saslStart` and `saslContinue` carry them.

use base64::{Engine, engine::general_purpose::STANDARD};
use bson::{Binary, Bson, Document, doc, spec::BinarySubtype};

use crate::{
    domain::{database_users::ScramKeys, ids::ObjectId, secret::random_hex},
    mongo::{access, endpoint::Endpoint},
    query::error::{AUTHENTICATION_FAILED, CommandError, Result},
};

/// A login in progress.
#[derive(Debug)]
pub(crate) struct Conversation {
    user: ObjectId,
    keys: ScramKeys,
    /// Channel binding flags of the client.
    header: String,
    /// Both first messages, as the proof covers them.
    exchange: String,
    nonce: String,
    /// The client wants no empty message after the signature of the server.
    short: bool,
    verified: bool,
}

const MECHANISM: &str = "SCRAM-SHA-256";
const ID: i32 = 1;

fn failed() -> CommandError {
    CommandError::new(AUTHENTICATION_FAILED, "Authentication failed.")
}

/// The mechanisms of a user, as `hello` lists them.
pub(crate) fn mechanisms(endpoint: &Endpoint, user: &str) -> Option<Vec<&'static str>> {
    let (database, name) = user.split_once('.')?;
    find(endpoint, database, name).map(|_| vec![MECHANISM])
}

fn find(endpoint: &Endpoint, database: &str, name: &str) -> Option<(ObjectId, ScramKeys)> {
    endpoint.read(|state, now| {
        let user = access::user(state, endpoint.cluster, database, name, now)?;
        Some((user.id, user.keys.clone()?))
    })
}

/// Begins a login.
pub(crate) fn start(endpoint: &Endpoint, database: &str, command: &Document) -> Result<(Conversation, Document)> {
    if command.get_str("mechanism").ok() != Some(MECHANISM) {
        return Err(failed());
    }
    let first = payload(command)?;
    // GS2 header, then the message itself.
    let header_end = first.match_indices(',').nth(1).map(|(place, _)| place + 1).ok_or_else(failed)?;
    let (header, bare) = first.split_at(header_end);
    if header.starts_with('p') {
        return Err(failed());
    }
    let mut attributes = bare.split(',');
    let name = attributes.next().and_then(|name| name.strip_prefix("n=")).ok_or_else(failed)?;
    let nonce = attributes.next().and_then(|nonce| nonce.strip_prefix("r=")).ok_or_else(failed)?;
    let name = name.replace("=2C", ",").replace("=3D", "=");
    let (user, keys) = find(endpoint, database, &name).ok_or_else(failed)?;
    let nonce = format!("{nonce}{}", random_hex(24).map_err(|_| failed())?);
    let answer = format!("r={nonce},s={},i={}", keys.salt, keys.iterations);
    let short =
        command.get_document("options").is_ok_and(|options| options.get_bool("skipEmptyExchange").unwrap_or(false));
    let exchange = format!("{bare},{answer}");
    let header = header.to_owned();
    let reply = message(&answer, false);
    Ok((Conversation { user, keys, header, exchange, nonce, short, verified: false }, reply))
}

impl Conversation {
    /// Continues a login. Returns the reply, and the user once it is logged in.
    pub(crate) fn advance(&mut self, command: &Document) -> Result<(Document, Option<ObjectId>)> {
        if command.get("conversationId") != Some(&Bson::Int32(ID)) {
            return Err(failed());
        }
        let last = payload(command)?;
        if self.verified {
            return if last.is_empty() { Ok((message("", true), Some(self.user))) } else { Err(failed()) };
        }
        let (without_proof, proof) = last.rsplit_once(",p=").ok_or_else(failed)?;
        let mut attributes = without_proof.split(',');
        let binding = attributes.next().and_then(|binding| binding.strip_prefix("c="));
        let nonce = attributes.next().and_then(|nonce| nonce.strip_prefix("r="));
        if binding != Some(STANDARD.encode(&self.header).as_str()) || nonce != Some(self.nonce.as_str()) {
            return Err(failed());
        }
        let exchange = format!("{},{without_proof}", self.exchange);
        let signature = self.keys.verify(exchange.as_bytes(), proof).ok_or_else(failed)?;
        self.verified = true;
        Ok((message(&format!("v={signature}"), self.short), self.short.then_some(self.user)))
    }
}

fn payload(command: &Document) -> Result<String> {
    let bytes = match command.get("payload") {
        Some(Bson::Binary(binary)) => binary.bytes.clone(),
        Some(Bson::String(text)) => STANDARD.decode(text).map_err(|_| failed())?,
        _ => return Err(failed()),
    };
    String::from_utf8(bytes).map_err(|_| failed())
}

fn message(text: &str, done: bool) -> Document {
    let payload = Binary { subtype: BinarySubtype::Generic, bytes: text.as_bytes().to_vec() };
    doc! {"conversationId": ID, "done": done, "payload": payload}
}
