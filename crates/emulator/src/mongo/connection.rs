//! One connection of a driver: reads commands, runs them, and writes their replies.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use bson::{Bson, Document, doc};
use tokio::{io::AsyncReadExt, net::TcpStream, task::spawn_blocking, time::timeout};

use crate::{
    domain::ids::ObjectId,
    mongo::{
        access,
        commands::{
            command::Command,
            handshake,
            table::{find_row, is_authorized},
        },
        endpoint::Endpoint,
        login::{self, Conversation},
        message::{self, MAX_BEFORE_LOGIN, MAX_MESSAGE, Request},
        retries::WriteId,
    },
    query::error::{AUTHENTICATION_FAILED, COMMAND_NOT_FOUND, CommandError, OUT_OF_DISK_SPACE, Result, UNAUTHORIZED},
    store::journal::Ticket,
};

/// Time without a message after which a connection is closed. Drivers keep pooled connections open.
const IDLE_TIMEOUT: Duration = Duration::from_secs(3600);
/// Time for the rest of a message, and for a client to read a reply.
const TRANSFER_TIMEOUT: Duration = Duration::from_secs(60);

/// The state of a connection.
struct Session {
    id: i32,
    peer: SocketAddr,
    endpoint: Arc<Endpoint>,
    user: Option<ObjectId>,
    conversation: Option<Conversation>,
}

/// Serves a connection until it ends.
pub(crate) async fn serve(mut stream: TcpStream, peer: SocketAddr, id: i32, endpoint: Arc<Endpoint>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut session = Session { id, peer, endpoint, user: None, conversation: None };
    loop {
        let mut size = [0; 4];
        match timeout(IDLE_TIMEOUT, stream.read_exact(&mut size)).await? {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            read => read?,
        };
        let most = if session.user.is_some() { MAX_MESSAGE } else { MAX_BEFORE_LOGIN };
        let size = message::size(size, most)?;
        let bytes = timeout(TRANSFER_TIMEOUT, message::read(&mut stream, size)).await??;
        let request = message::parse(&bytes)?;
        drop(bytes);
        let reply = session.answer(&request).await.map_err(io::Error::other)?;
        if request.wants_reply {
            timeout(TRANSFER_TIMEOUT, message::reply(&mut stream, &request, &reply)).await??;
        }
    }
}

impl Session {
    /// The reply to a command.
    ///
    /// # Errors
    /// The cluster no longer serves the client, and the connection has to be closed.
    async fn answer(&mut self, request: &Request) -> std::result::Result<Document, &'static str> {
        let endpoint = Arc::clone(&self.endpoint);
        endpoint.store.run_schedules(endpoint.clock.now()).await;
        endpoint.read(|state, now| access::admit(state, endpoint.cluster, self.peer.ip(), now).map(drop))?;
        Ok(match self.run(&request.body).await {
            Ok(mut reply) => {
                reply.insert("ok", 1.0);
                reply
            }
            Err(error) => {
                tracing::debug!(peer = %self.peer, code = error.code, message = error.message, "command refused");
                doc! {"ok": 0.0, "errmsg": &error.message, "code": error.code, "codeName": error.name()}
            }
        })
    }

    async fn run(&mut self, body: &Document) -> Result<Document> {
        let database = match body.get("$db") {
            Some(Bson::String(database)) => database.as_str(),
            _ => return Err(CommandError::new(40571, "OP_MSG requests require a $db argument")),
        };
        let name = body.keys().next().map(String::as_str).unwrap_or_default();
        match name {
            "hello" | "isMaster" | "ismaster" => return self.hello(name, body),
            "saslStart" => return self.start_login(database, body),
            "saslContinue" => return self.continue_login(body),
            "logout" => {
                self.user = None;
                return Ok(Document::new());
            }
            _ => {}
        }
        if let Some(reply) = handshake::open(&self.endpoint, self.user.is_some(), name) {
            return Ok(reply);
        }
        let row = find_row(name);
        let row = row.filter(|row| {
            row.on_sharded || !self.endpoint.read(|state, _| handshake::is_sharded(state, self.endpoint.cluster))
        });
        let row = row.ok_or_else(|| CommandError::new(COMMAND_NOT_FOUND, format!("no such command: '{name}'")))?;
        let user = self
            .user
            .ok_or_else(|| CommandError::new(UNAUTHORIZED, format!("Command {name} requires authentication")))?;
        is_authorized(&self.endpoint, user, row, database, body)?;
        let write = if row.retryable { WriteId::of(body)? } else { WriteId::of(body)?.filter(|_| false) };
        if let Some(write) = &write
            && let Some(reply) = self.endpoint.retries.reply(write)?
        {
            return Ok(reply);
        }
        let (endpoint, body, database) = (Arc::clone(&self.endpoint), body.clone(), database.to_owned());
        let peer = self.peer;
        // A command may read a whole collection.
        let ran = spawn_blocking(move || {
            let command = Command {
                endpoint: &endpoint,
                user,
                peer,
                row,
                body: &body,
                database: &database,
                ticket: AtomicU64::new(0),
            };
            (command.run(), command.ticket.into_inner())
        });
        let (reply, ticket) = ran.await.map_err(|_| CommandError::new(1, "the emulator failed to run the command"))?;
        let reply = reply?;
        if ticket > 0 {
            let saved = self.endpoint.store.saved(Ticket(ticket)).await;
            saved.map_err(|error| CommandError::new(OUT_OF_DISK_SPACE, error.to_string()))?;
        }
        if let Some(write) = write {
            self.endpoint.retries.remember(write, reply.clone());
        }
        Ok(reply)
    }

    fn hello(&mut self, name: &str, body: &Document) -> Result<Document> {
        let mut reply = handshake::hello(&self.endpoint, self.id, name)?;
        if let Ok(user) = body.get_str("saslSupportedMechs")
            && let Some(mechanisms) = login::mechanisms(&self.endpoint, user)
        {
            reply.insert("saslSupportedMechs", mechanisms);
        }
        // A failure shows when the client begins a login of its own.
        if let Ok(speculative) = body.get_document("speculativeAuthenticate")
            && let Ok(database) = speculative.get_str("db")
            && let Ok(started) = self.start_login(database, speculative)
        {
            reply.insert("speculativeAuthenticate", started);
        }
        Ok(reply)
    }

    fn start_login(&mut self, database: &str, command: &Document) -> Result<Document> {
        self.user = None;
        let (conversation, reply) = login::start(&self.endpoint, database, command)?;
        self.conversation = Some(conversation);
        Ok(reply)
    }

    fn continue_login(&mut self, command: &Document) -> Result<Document> {
        let failed = || CommandError::new(AUTHENTICATION_FAILED, "No SASL session state found");
        let mut conversation = self.conversation.take().ok_or_else(failed)?;
        let (reply, user) = conversation.advance(command)?;
        match user {
            Some(user) => self.user = Some(user),
            None => self.conversation = Some(conversation),
        }
        Ok(reply)
    }
}
