//! A small driver: frames, and a login with SCRAM-SHA-256.

use std::{collections::BTreeMap, sync::Mutex};

use base64::{Engine, engine::general_purpose::STANDARD};
use bson::{Binary, Document, RawDocumentBuf, doc, spec::BinarySubtype};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Bench, NEWEST, demo};

pub(crate) const PASSWORD: &str = "long enough, really";

pub(crate) struct Driver {
    pub(crate) stream: TcpStream,
}

/// Creates the user `tester` with a role, and the entry of the access list.
pub(crate) async fn prepare(bench: &Bench, role: &str) {
    let user = json!({
        "databaseName": "admin", "username": "tester", "password": PASSWORD, "groupId": atlas_backup_emulator::DEMO_PROJECT,
        "roles": [{"roleName": role, "databaseName": "admin"}],
    });
    bench.send_json(http::Method::POST, &demo("/databaseUsers"), NEWEST, user).await.documented(201);
    let entries = json!([{"ipAddress": "127.0.0.1"}]);
    bench.send_json(http::Method::POST, &demo("/accessList"), NEWEST, entries).await.documented(200);
}

/// The standard connection string of a cluster.
pub(crate) async fn address(bench: &Bench, cluster: &str) -> String {
    let kind = if cluster.starts_with("Flex") { "flexClusters" } else { "clusters" };
    let cluster = bench.get_as(&demo(&format!("/{kind}/{cluster}")), NEWEST).await.documented(200).json;
    cluster["connectionStrings"]["standard"].as_str().unwrap().to_owned()
}

fn mac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// The salted password. Kept, because it takes a tenth of a second.
fn salted(password: &str, salt: &[u8], iterations: u32) -> [u8; 32] {
    static KNOWN: Mutex<BTreeMap<String, [u8; 32]>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap();
    let salted = known.entry(format!("{password} {}", STANDARD.encode(salt)));
    *salted.or_insert_with(|| pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(password.as_bytes(), salt, iterations))
}

fn payload(text: &str) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes: text.as_bytes().to_vec() }
}

fn text(reply: &Document) -> String {
    String::from_utf8(reply.get_binary_generic("payload").unwrap().clone()).unwrap()
}

impl Driver {
    pub(crate) async fn connect(bench: &Bench, cluster: &str) -> Self {
        let address = address(bench, cluster).await;
        let host = address.strip_prefix("mongodb://").unwrap().split('/').next().unwrap();
        Self { stream: TcpStream::connect(host).await.unwrap() }
    }

    /// A connection that is logged in as `tester`.
    pub(crate) async fn logged_in(bench: &Bench, cluster: &str) -> Self {
        let mut driver = Self::connect(bench, cluster).await;
        let reply = driver.log_in("tester", PASSWORD).await;
        assert_eq!(reply.get_bool("done").ok(), Some(true), "{reply}");
        driver
    }

    /// The last reply of a login.
    pub(crate) async fn log_in(&mut self, user: &str, password: &str) -> Document {
        let bare = format!("n={user},r=abcdefgh");
        let command = doc! {
            "saslStart": 1, "mechanism": "SCRAM-SHA-256", "payload": payload(&format!("n,,{bare}")),
            "options": {"skipEmptyExchange": true}, "$db": "admin",
        };
        let started = self.run(command).await;
        if started.get_f64("ok").ok() != Some(1.0) {
            return started;
        }
        let first = text(&started);
        let attribute = |name: &str| first.split(',').find_map(|part| part.strip_prefix(name)).unwrap();
        let salt = STANDARD.decode(attribute("s=")).unwrap();
        let iterations = attribute("i=").parse().unwrap();
        let salted = salted(password, &salt, iterations);
        let without_proof = format!("c=biws,r={}", attribute("r="));
        let exchange = format!("{bare},{first},{without_proof}");
        let key = mac(&salted, b"Client Key");
        let signature = mac(&Sha256::digest(key), exchange.as_bytes());
        let proof: Vec<u8> = key.iter().zip(signature).map(|(key, signed)| key ^ signed).collect();
        let last = format!("{without_proof},p={}", STANDARD.encode(proof));
        let command = doc! {"saslContinue": 1, "conversationId": 1, "payload": payload(&last), "$db": "admin"};
        let reply = self.run(command).await;
        if reply.get_f64("ok").ok() == Some(1.0) {
            let expected = STANDARD.encode(mac(&mac(&salted, b"Server Key"), exchange.as_bytes()));
            assert_eq!(text(&reply), format!("v={expected}"));
        }
        reply
    }

    /// Sends a command and returns the reply, whatever it says.
    pub(crate) async fn run(&mut self, command: Document) -> Document {
        self.try_run(command).await.unwrap()
    }

    pub(crate) async fn try_run(&mut self, command: Document) -> std::io::Result<Document> {
        let document = RawDocumentBuf::try_from(&command).unwrap().into_bytes();
        self.stream.write_all(&message(&[&[0; 5], document.as_slice()].concat())).await?;
        self.reply().await
    }

    pub(crate) async fn reply(&mut self) -> std::io::Result<Document> {
        let mut header = [0; 21];
        self.stream.read_exact(&mut header).await?;
        let size = i32::from_le_bytes(header[..4].try_into().unwrap());
        let mut body = vec![0; usize::try_from(size).unwrap() - header.len()];
        self.stream.read_exact(&mut body).await?;
        Ok(Document::from_reader(body.as_slice()).unwrap())
    }

    /// The reply to a command on the database `shop`, which has to succeed.
    pub(crate) async fn shop(&mut self, mut command: Document) -> Document {
        command.insert("$db", "shop");
        let reply = self.run(command).await;
        assert_eq!((reply.get_f64("ok").ok(), reply.get("writeErrors")), (Some(1.0), None), "{reply}");
        reply
    }

    /// The code of the error that a command on the database `shop` gets.
    pub(crate) async fn refused(&mut self, mut command: Document) -> i32 {
        command.insert("$db", "shop");
        let reply = self.run(command).await;
        let error = reply.get_array("writeErrors").ok().map_or(&reply, |errors| errors[0].as_document().unwrap());
        error.get_i32("code").unwrap_or_else(|_| panic!("not refused: {reply}"))
    }

    /// All documents of a collection in the database `shop`.
    pub(crate) async fn find(&mut self, collection: &str, filter: Document) -> Vec<Document> {
        let reply = self.shop(doc! {"find": collection, "filter": filter, "batchSize": 1_000_000}).await;
        let cursor = reply.get_document("cursor").unwrap();
        assert_eq!(cursor.get_i64("id").ok(), Some(0));
        cursor.get_array("firstBatch").unwrap().iter().map(|item| item.as_document().unwrap().clone()).collect()
    }
}

/// A message of the kind `OP_MSG` with this content.
pub(crate) fn message(content: &[u8]) -> Vec<u8> {
    let size = i32::try_from(16 + content.len()).unwrap();
    let mut bytes: Vec<u8> = [size, 1, 0, 2013].iter().flat_map(|number| number.to_le_bytes()).collect();
    bytes.extend(content);
    bytes
}
