//! The official driver against the cluster at the connection string in `MONGODB_URI`.
//!
//! `rust-driver load OPERATION CONNECTIONS SECONDS` repeats one command instead, with the credentials of the connection
//! string.

mod load;

use std::{env, error::Error};

use futures_util::TryStreamExt;
use mongodb::{
    Client, Collection, IndexModel,
    bson::{Document, doc},
    error::ErrorKind,
    options::{ClientOptions, Credential, IndexOptions},
};

async fn connect(password: &str) -> mongodb::error::Result<Client> {
    let mut options = ClientOptions::parse(env::var("MONGODB_URI").unwrap_or_default()).await?;
    options.credential = Some(
        Credential::builder()
            .username("tester".to_owned())
            .password(password.to_owned())
            .source("admin".to_owned())
            .build(),
    );
    Client::with_options(options)
}

/// The code of an error of the server, also of a write.
fn code(error: &mongodb::error::Error) -> Option<i32> {
    match &*error.kind {
        ErrorKind::Command(error) => Some(error.code),
        ErrorKind::Write(mongodb::error::WriteFailure::WriteError(error)) => Some(error.code),
        _ => None,
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [command, operation, connections, seconds] = arguments.as_slice()
        && command == "load"
    {
        let options = ClientOptions::parse(env::var("MONGODB_URI")?).await?;
        return load::run(options, operation, connections.parse()?, seconds.parse()?).await;
    }
    let refused = connect("wrong").await?.list_database_names().await;
    assert!(matches!(*refused.unwrap_err().kind, ErrorKind::Authentication { .. }));

    let client = connect("rehearsal").await?;
    assert_eq!(client.list_database_names().await?, ["shop", "telemetry"]);
    let shop = client.database("shop");
    let orders: Collection<Document> = shop.collection("orders");
    let open = orders.count_documents(doc! {"state": "open"}).await?;
    let cursor = orders.find(doc! {"state": "open"}).sort(doc! {"placed": 1}).batch_size(7).await?;
    let found: Vec<Document> = cursor.try_collect().await?;
    assert_eq!(found.len() as u64, open);
    assert!(found.is_sorted_by_key(|order| order.get_datetime("placed").copied().ok()));

    let notes: Collection<Document> = shop.collection("notes");
    let inserted = notes.insert_many((0..500).map(|n| doc! {"_id": n, "n": n})).await?;
    assert_eq!(inserted.inserted_ids.len(), 500);
    let duplicate = notes.insert_one(doc! {"_id": 1}).await.unwrap_err();
    assert_eq!(code(&duplicate), Some(11000));
    let updated = notes.update_many(doc! {"n": {"$gte": 490}}, doc! {"$inc": {"n": 1000}}).await?;
    assert_eq!((updated.matched_count, updated.modified_count), (10, 10));
    assert_eq!(notes.delete_many(doc! {"n": {"$lt": 100}}).await?.deleted_count, 100);
    assert_eq!(notes.estimated_document_count().await?, 400);
    assert_eq!(notes.distinct("n", doc! {"n": {"$gte": 1498}}).await?.len(), 2);
    let unique =
        IndexModel::builder().keys(doc! {"n": 1}).options(IndexOptions::builder().unique(true).build()).build();
    notes.create_index(unique).await?;
    assert_eq!(notes.list_index_names().await?, ["_id_", "n_1"]);
    let group = doc! {"$group": {"_id": {}, "sum": {"$sum": "$n"}, "count": {"$sum": 1}}};
    let groups: Vec<Document> = notes.aggregate([group]).await?.try_collect().await?;
    let sum: i32 = (100..490).sum::<i32>() + (1490..1500).sum::<i32>();
    assert_eq!((groups[0].get_i32("sum")?, groups[0].get_i32("count")?), (sum, 400));
    let taken = notes.find_one_and_update(doc! {"n": 1490}, doc! {"$set": {"n": 0}}).await?;
    assert_eq!(taken.map(|note| note.get_i32("n")).transpose()?, Some(1490));
    let removed = notes.find_one_and_delete(doc! {}).sort(doc! {"n": 1}).await?;
    assert_eq!(removed.map(|note| note.get_i32("n")).transpose()?, Some(0));
    let unknown = shop.run_command(doc! {"explain": {"find": "notes"}}).await.unwrap_err();
    assert_eq!(code(&unknown), Some(59));
    notes.drop().await?;
    assert!(!shop.list_collection_names().await?.contains(&"notes".to_owned()));
    println!("the Rust driver connects, reads and writes");
    Ok(())
}
