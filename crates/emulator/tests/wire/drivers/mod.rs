//! Clusters served to drivers.

mod client;
mod model;

use atlas_backup_emulator::{DEMO_PROJECT, Emulator, Seed};
use bson::{Bson, Document, doc};
use http::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use self::client::{Driver, PASSWORD, address, message, prepare};
use crate::support::{Bench, NEWEST, demo};

async fn served() -> Bench {
    let bench = Bench::with(Emulator::builder().seed(Seed::Demo).stepped_clock().mongo(true)).await;
    prepare(&bench, "atlasAdmin").await;
    bench
}

#[tokio::test]
async fn user_of_the_builder_logs_in_to_every_cluster() {
    let builder = Emulator::builder().seed(Seed::Demo).stepped_clock().mongo_user("tester", PASSWORD);
    let bench = Bench::with(builder).await;
    for cluster in ["Cluster0", "Sharded0", "Flex0"] {
        let mut driver = Driver::logged_in(&bench, cluster).await;
        assert_eq!(driver.find("orders", doc! {}).await.len(), 400, "{cluster}");
    }
    let users = bench.get_as(&demo("/databaseUsers"), NEWEST).await.documented(200).json;
    assert_eq!(users["results"][0]["username"], "tester");
}

#[tokio::test]
async fn listeners_survive_a_reset_of_the_state() {
    let bench = served().await;
    let before = address(&bench, "Cluster0").await;
    let mut driver = Driver::logged_in(&bench, "Cluster0").await;
    driver.shop(doc! {"insert": "notes", "documents": [{}]}).await;
    bench.emulator.reset(&Seed::Demo).await.unwrap();
    assert_eq!(address(&bench, "Cluster0").await, before);
    assert!(driver.try_run(doc! {"ping": 1, "$db": "admin"}).await.is_err(), "the access list is empty again");
    prepare(&bench, "readAnyDatabase").await;
    let mut driver = Driver::logged_in(&bench, "Cluster0").await;
    assert!(driver.find("notes", doc! {}).await.is_empty());
}

/// Whether the emulator closes the connection without a reply.
async fn is_closed(driver: &mut Driver) -> bool {
    let mut byte = [0];
    matches!(driver.stream.read(&mut byte).await, Ok(0) | Err(_))
}

#[tokio::test]
async fn connection_strings_lead_to_the_emulator_only_if_served() {
    let bench = served().await;
    for (cluster, end) in [("Cluster0", "&replicaSet=Cluster0"), ("Sharded0", ""), ("Flex0", "&replicaSet=Flex0")] {
        let address = address(&bench, cluster).await;
        let rest = address.strip_prefix("mongodb://127.0.0.1:").unwrap();
        assert!(rest.ends_with(&format!("/?authSource=admin{end}")), "{address}");
    }
    let bench = Bench::demo().await;
    assert_eq!(address(&bench, "Cluster0").await, "mongodb://cluster0.example.net:27017/?ssl=true");
}

#[tokio::test]
async fn login_needs_user_password_and_access_list() {
    let bench = Bench::with(Emulator::builder().seed(Seed::Demo).stepped_clock().mongo(true)).await;
    assert!(is_closed(&mut Driver::connect(&bench, "Cluster0").await).await, "no entry in the access list");
    prepare(&bench, "readAnyDatabase").await;
    let mut driver = Driver::connect(&bench, "Cluster0").await;
    assert_eq!(driver.refused(doc! {"find": "orders"}).await, 13);
    for (user, password) in [("tester", "wrong password"), ("nobody", PASSWORD)] {
        assert_eq!(driver.log_in(user, password).await.get_i32("code").ok(), Some(18), "{user}");
        assert_eq!(driver.refused(doc! {"find": "orders"}).await, 13);
    }
    assert_eq!(driver.log_in("tester", PASSWORD).await.get_bool("done").ok(), Some(true));
    assert_eq!(driver.find("orders", doc! {}).await.len(), 400);
    assert_eq!(driver.refused(doc! {"insert": "orders", "documents": [{}]}).await, 13);
    bench.delete(&demo("/accessList/127.0.0.1"), NEWEST).await;
    assert!(driver.try_run(doc! {"ping": 1, "$db": "admin"}).await.is_err(), "the entry is gone");
}

#[tokio::test]
async fn cluster_refuses_drivers_unless_it_is_ready() {
    let bench = served().await;
    let mut driver = Driver::logged_in(&bench, "Cluster0").await;
    bench.send_json(Method::PATCH, &demo("/clusters/Cluster0"), NEWEST, json!({"paused": true})).await.documented(200);
    assert!(driver.try_run(doc! {"ping": 1, "$db": "admin"}).await.is_err(), "paused");
    assert!(is_closed(&mut Driver::connect(&bench, "Cluster0").await).await, "paused");
    bench.send_json(Method::PATCH, &demo("/clusters/Cluster0"), NEWEST, json!({"paused": false})).await.documented(200);
    Driver::logged_in(&bench, "Cluster0").await;
    // A new cluster gets its port with the request that shows its string.
    let body = json!({"name": "New", "providerSettings": {"backingProviderName": "AWS", "regionName": "US_EAST_1"}});
    bench.send_json(Method::POST, &demo("/flexClusters"), NEWEST, body).await.documented(201);
    bench.advance(200);
    let flex = bench.get_as(&demo("/flexClusters/New"), NEWEST).await.documented(200).json;
    assert!(flex["connectionStrings"]["standard"].as_str().unwrap().starts_with("mongodb://127.0.0.1:"), "{flex}");
}

#[tokio::test]
async fn malformed_messages_end_their_connection_only() {
    let bench = served().await;
    let deep = (0..200).fold(doc! {}, |inner, _| doc! {"a": inner});
    let deep = deep.to_vec().unwrap();
    let sized = |size: i32| size.to_le_bytes().to_vec();
    for (what, bytes) in [
        ("negative size", sized(-1)),
        ("size below the header", sized(15)),
        ("more than a login needs", sized(70_000)),
        ("more than a message may have", sized(i32::MAX)),
        ("unknown kind", [sized(16), vec![0; 12]].concat()),
        ("no body", message(&[0; 4])),
        ("unknown required flag", message(&[4, 0, 0, 0, 0, 5, 0, 0, 0, 0])),
        ("document without an end", message(&[0, 0, 0, 0, 0, 5, 0, 0, 0, 1])),
        ("document longer than the message", message(&[0, 0, 0, 0, 0, 99, 0, 0, 0, 0])),
        ("section longer than the message", message(&[0, 0, 0, 0, 1, 99, 0, 0, 0, 0])),
        ("unknown section", message(&[0, 0, 0, 0, 7])),
        ("document too deep", message(&[&[0; 5], deep.as_slice()].concat())),
    ] {
        let mut driver = Driver::connect(&bench, "Cluster0").await;
        driver.stream.write_all(&bytes).await.unwrap();
        assert!(is_closed(&mut driver).await, "{what}");
    }
    let mut driver = Driver::logged_in(&bench, "Cluster0").await;
    driver.stream.write_all(&sized(48_000_001)).await.unwrap();
    assert!(is_closed(&mut driver).await, "too large");
    Driver::logged_in(&bench, "Cluster0").await;
}

#[tokio::test]
async fn first_message_of_older_drivers_is_answered() {
    let bench = served().await;
    let mut driver = Driver::connect(&bench, "Cluster0").await;
    let body = doc! {"isMaster": 1, "helloOk": true}.to_vec().unwrap();
    let mut bytes = message(&[&[0; 4], b"admin.$cmd\0".as_slice(), &[0; 4], &[255; 4], &body].concat());
    bytes[12..16].copy_from_slice(&2004_i32.to_le_bytes());
    driver.stream.write_all(&bytes).await.unwrap();
    let mut header = [0; 36];
    driver.stream.read_exact(&mut header).await.unwrap();
    assert_eq!((header[12], header[32]), (1, 1), "a reply with one document");
    let mut rest = vec![0; usize::from(u16::from_le_bytes([header[0], header[1]])) - 36];
    driver.stream.read_exact(&mut rest).await.unwrap();
    let reply = Document::from_reader(rest.as_slice()).unwrap();
    assert_eq!((reply.get_bool("ismaster").ok(), reply.get_str("setName").ok()), (Some(true), Some("Cluster0")));
    let mut sharded = Driver::connect(&bench, "Sharded0").await;
    let hello = sharded.run(doc! {"hello": 1, "$db": "admin"}).await;
    assert_eq!((hello.get_str("msg").ok(), hello.get("setName")), (Some("isdbgrid"), None));
}

#[tokio::test]
async fn unknown_commands_and_arguments_are_refused() {
    let bench = served().await;
    let mut driver = Driver::logged_in(&bench, "Cluster0").await;
    for (command, code) in [
        (doc! {"mapReduce": "orders"}, 59),
        (doc! {"explain": {"find": "orders"}}, 59),
        (doc! {"findandmodify": "orders"}, 9),
        (doc! {"findAndModify": "orders", "remove": true, "update": {}}, 9),
        (doc! {"findAndModify": "orders", "remove": true, "new": true}, 9),
        (doc! {"findAndModify": "orders", "update": {"$set": {"_id": 1}}}, 66),
        (doc! {"findAndModify": "orders", "remove": true, "let": {"a": 1}}, 238),
        (doc! {"find": "orders", "collation": {"locale": "en"}}, 238),
        (doc! {"find": "orders", "filter": {"a": {"$near": 1}}}, 2),
        (doc! {"find": "orders", "filter": {"$expr": true}}, 2),
        (doc! {"find": "orders", "sort": {"a": 2}}, 15975),
        (
            doc! {"find": "orders", "readConcern": {"level": "snapshot", "atClusterTime": bson::Timestamp { time: 1, increment: 1 }}},
            238,
        ),
        (doc! {"insert": "orders", "documents": [{}], "bypassDocumentValidation": true}, 238),
        (doc! {"find": "orders", "skip": -1}, 51024),
        (doc! {"find": "a$b"}, 73),
        (doc! {"find": 1}, 73),
        (doc! {"getMore": 1_i64, "collection": "orders"}, 43),
        (doc! {"aggregate": "orders", "pipeline": [{"$out": "x"}], "cursor": {}}, 40324),
        (doc! {"aggregate": "orders", "pipeline": []}, 9),
        (doc! {"update": "orders", "updates": [{"q": {}, "u": [{"$set": {"a": 1}}]}]}, 238),
        (doc! {"update": "orders", "updates": [{"q": {}, "u": {"$set": {"a.$": 1}}}]}, 238),
        (doc! {"update": "orders", "updates": [{"q": {}, "u": {"$set": {"a": 1}}, "arrayFilters": [{}]}]}, 238),
        (doc! {"insert": "orders", "documents": [{"$set": 1}]}, 52),
        (doc! {"insert": "orders", "documents": [{"_id": []}]}, 2),
        (doc! {"insert": "orders", "documents": []}, 16),
        (doc! {"delete": "orders", "deletes": [{"q": {}, "limit": 2}]}, 9),
        (doc! {"createIndexes": "orders", "indexes": [{"key": {"a": "text"}, "name": "a_text"}]}, 238),
        (doc! {"createIndexes": "orders", "indexes": [{"key": {"a": 1}, "name": "open_orders"}]}, 86),
        (doc! {"dropIndexes": "orders", "index": "_id_"}, 72),
        (doc! {"create": "capped", "capped": true}, 238),
        (doc! {"insert": "orders", "documents": [{}], "autocommit": false, "startTransaction": true}, 263),
    ] {
        assert_eq!(driver.refused(command.clone()).await, code, "{command}");
    }
    assert_eq!(driver.find("orders", doc! {}).await.len(), 400, "nothing was changed");
}

#[tokio::test]
async fn cursor_returns_batches_of_the_data_at_its_opening() {
    let bench = served().await;
    let (mut driver, mut other) =
        (Driver::logged_in(&bench, "Cluster0").await, Driver::logged_in(&bench, "Cluster0").await);
    let first = driver.shop(doc! {"find": "orders", "batchSize": 150}).await;
    let cursor = first.get_document("cursor").unwrap();
    let id = cursor.get_i64("id").unwrap();
    assert_eq!(cursor.get_array("firstBatch").unwrap().len(), 150);
    other.shop(doc! {"delete": "orders", "deletes": [{"q": {}, "limit": 0}]}).await;
    // Any connection of the same user may continue.
    let next = other.shop(doc! {"getMore": id, "collection": "orders", "batchSize": 150}).await;
    assert_eq!(next.get_document("cursor").unwrap().get_i64("id").ok(), Some(id));
    let last = other.shop(doc! {"getMore": id, "collection": "orders"}).await;
    let cursor = last.get_document("cursor").unwrap();
    assert_eq!((cursor.get_array("nextBatch").unwrap().len(), cursor.get_i64("id").ok()), (100, Some(0)));
    assert_eq!(driver.refused(doc! {"getMore": id, "collection": "orders"}).await, 43);
    assert!(driver.find("orders", doc! {}).await.is_empty());
}

#[tokio::test]
async fn find_and_modify_changes_one_document_and_returns_it() {
    let bench = served().await;
    let mut driver = Driver::logged_in(&bench, "Cluster0").await;
    let documents: Vec<Document> = (1..=3).map(|n| doc! {"_id": n, "n": n, "kind": "a"}).collect();
    driver.shop(doc! {"insert": "notes", "documents": documents}).await;
    let update = doc! {"$inc": {"n": 10}};
    let descending = doc! {"n": -1};
    for (command, value, status) in [
        (
            doc! {"findAndModify": "notes", "query": {"kind": "a"}, "sort": &descending, "update": &update},
            doc! {"_id": 3, "n": 3, "kind": "a"}.into(),
            doc! {"n": 1, "updatedExisting": true},
        ),
        (
            doc! {"findAndModify": "notes", "query": {"_id": 3}, "update": &update, "new": true, "fields": {"n": 1}},
            doc! {"_id": 3, "n": 23}.into(),
            doc! {"n": 1, "updatedExisting": true},
        ),
        (
            doc! {"findAndModify": "notes", "query": {"_id": 9}, "update": &update},
            Bson::Null,
            doc! {"n": 0, "updatedExisting": false},
        ),
        (
            doc! {"findAndModify": "notes", "query": {"_id": 4, "kind": "b"}, "update": {"n": 4}, "upsert": true, "new": true},
            doc! {"_id": 4, "n": 4}.into(),
            doc! {"n": 1, "updatedExisting": false, "upserted": 4},
        ),
        (
            doc! {"findAndModify": "notes", "query": {}, "sort": &descending, "remove": true},
            doc! {"_id": 3, "n": 23, "kind": "a"}.into(),
            doc! {"n": 1},
        ),
        (doc! {"findAndModify": "notes", "query": {"_id": 3}, "remove": true}, Bson::Null, doc! {"n": 0}),
    ] {
        let reply = driver.shop(command.clone()).await;
        assert_eq!(reply.get("value"), Some(&value), "{command}");
        assert_eq!(reply.get_document("lastErrorObject").ok(), Some(&status), "{command}");
    }
    let ids: Vec<i32> = driver.find("notes", doc! {}).await.iter().map(|note| note.get_i32("_id").unwrap()).collect();
    assert_eq!(ids, [1, 2, 4]);
    driver.shop(doc! {"createIndexes": "notes", "indexes": [{"key": {"n": 1}, "name": "n_1", "unique": true}]}).await;
    let duplicate = doc! {"findAndModify": "notes", "query": {"_id": 1}, "update": {"$set": {"n": 2}}};
    assert_eq!(driver.refused(duplicate).await, 11000);
}

#[tokio::test]
async fn retried_write_is_executed_once() {
    let bench = served().await;
    let mut driver = Driver::logged_in(&bench, "Cluster0").await;
    driver.shop(doc! {"insert": "notes", "documents": [{"_id": 1, "n": 0}]}).await;
    let session = doc! {"id": bson::Uuid::new()};
    let write = |number: i64| {
        let updates = vec![doc! {"q": {"_id": 1}, "u": {"$inc": {"n": 1}}}];
        doc! {"update": "notes", "updates": updates, "lsid": session.clone(), "txnNumber": number}
    };
    for number in [1, 1, 2, 2] {
        assert_eq!(driver.shop(write(number)).await.get_i32("nModified").ok(), Some(1));
    }
    assert_eq!(driver.find("notes", doc! {}).await, [doc! {"_id": 1, "n": 2}]);
    assert_eq!(driver.refused(write(1)).await, 225);
}

#[tokio::test]
async fn writes_and_port_survive_a_crash() {
    let (folder, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let builder = |folder: &tempfile::TempDir| {
        Emulator::builder().seed(Seed::Demo).stepped_clock().data_dir(folder.path()).mongo(true)
    };
    let bench = Bench::with(builder(&folder)).await;
    prepare(&bench, "readWriteAnyDatabase").await;
    let mut driver = Driver::logged_in(&bench, "Cluster0").await;
    let document = doc! {"_id": 1, "d": "1.50".parse::<bson::Decimal128>().unwrap(), "x": {"b": 1, "a": Bson::MinKey}};
    driver.shop(doc! {"insert": "notes", "documents": [document.clone(), {"_id": 2}, {"_id": 3}]}).await;
    driver.shop(doc! {"delete": "notes", "deletes": [{"q": {"_id": 2}, "limit": 1}]}).await;
    driver.shop(doc! {"update": "products", "updates": [{"q": {"_id": 7}, "u": {"$set": {"name": "new"}}}]}).await;
    driver.shop(doc! {"delete": "products", "deletes": [{"q": {"_id": {"$gt": 50}}, "limit": 0}]}).await;
    driver.shop(doc! {"createIndexes": "notes", "indexes": [{"key": {"d": 1}, "name": "d_1", "unique": true}]}).await;
    let port = address(&bench, "Cluster0").await;
    // The state as it is after a crash at this moment.
    std::fs::copy(folder.path().join("state.redb"), copy.path().join("state.redb")).unwrap();
    bench.emulator.stop().await;
    let bench = Bench::with(builder(&copy)).await;
    assert_eq!(address(&bench, "Cluster0").await, port);
    let mut driver = Driver::logged_in(&bench, "Cluster0").await;
    assert_eq!(driver.find("notes", doc! {}).await, [document, doc! {"_id": 3}]);
    assert_eq!(driver.find("products", doc! {}).await.len(), 51);
    assert_eq!(driver.find("products", doc! {"name": "new"}).await[0].get_i32("_id").ok(), Some(7));
    let indexes = driver.shop(doc! {"listIndexes": "notes"}).await;
    assert_eq!(indexes.get_document("cursor").unwrap().get_array("firstBatch").unwrap().len(), 2);
    // An archive reads the same data.
    let held = bench.emulator.data(DEMO_PROJECT, "Cluster0").unwrap();
    assert_eq!((held.documents("shop", "notes").len(), held.documents("shop", "products").len()), (2, 51));
}
