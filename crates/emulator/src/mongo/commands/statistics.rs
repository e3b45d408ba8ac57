//! Sizes, hashes and validation.

use bson::{Bson, Document, doc};
use md5::{Digest, Md5};

use crate::{
    data::set::Collection,
    mongo::commands::{
        command::Command,
        lists::{index_names, missing},
    },
    query::{
        error::{CommandError, Result},
        filter::as_integer,
        order::compare,
    },
};

/// Bytes of the documents.
pub(crate) fn size(collection: &Collection) -> i64 {
    let sizes = collection.documents(None).map(|document| document.as_bytes().len() as u64);
    i64::try_from(sizes.sum::<u64>()).unwrap_or(i64::MAX)
}

fn count(collection: &Collection) -> i64 {
    i64::try_from(collection.count()).unwrap_or(i64::MAX)
}

/// Bytes of an index: an entry per document.
fn index_size(collection: &Collection) -> i64 {
    count(collection) * 16
}

fn scale(value: Option<&Bson>, command: &Command<'_>) -> Result<i64> {
    match value.map(|value| as_integer(value).filter(|scale| *scale > 0)) {
        None => Ok(1),
        Some(scale) => scale.ok_or_else(|| command.wrong_type("scale")),
    }
}

fn described(collection: &Collection, scale: i64) -> Document {
    let (bytes, count) = (size(collection), count(collection));
    let names = index_names(collection);
    let each = index_size(collection) / scale;
    let indexes = i64::try_from(names.len()).unwrap_or(i64::MAX);
    doc! {
        "size": bytes / scale,
        "count": count,
        "avgObjSize": if count == 0 { 0 } else { bytes / count },
        "numOrphanDocs": 0,
        "storageSize": bytes / scale,
        "freeStorageSize": 0,
        "capped": collection.options().get_bool("capped").unwrap_or(false),
        "nindexes": indexes,
        "indexDetails": {},
        "indexBuilds": [],
        "totalIndexSize": each * indexes,
        "totalSize": bytes / scale + each * indexes,
        "indexSizes": names.into_iter().map(|name| (name, Bson::Int64(each))).collect::<Document>(),
        "scaleFactor": scale,
    }
}

pub(crate) fn collection(command: &Command<'_>) -> Result<Document> {
    let scale = scale(command.argument("scale"), command)?;
    let name = command.namespace()?;
    let mut reply = doc! {"ns": name.to_string()};
    match command.collection()? {
        Some(collection) => reply.extend(described(&collection, scale)),
        None => reply.extend(doc! {
            "size": 0, "count": 0, "numOrphanDocs": 0, "storageSize": 0, "totalSize": 0, "nindexes": 0,
            "totalIndexSize": 0, "indexDetails": {}, "indexSizes": {}, "scaleFactor": scale,
        }),
    }
    Ok(reply)
}

/// The result of the stage `$collStats`.
pub(crate) fn stage(command: &Command<'_>, options: &Document, collection: Option<&Collection>) -> Result<Document> {
    let collection = match collection {
        Some(collection) => collection,
        None => return Err(missing(command)?),
    };
    let now = command.endpoint.clock.now().timestamp_millis();
    let mut result = doc! {
        "ns": collection.name.to_string(),
        "host": command.endpoint.address.to_string(),
        "localTime": bson::DateTime::from_millis(now),
    };
    for (option, value) in options {
        let Bson::Document(inner) = value else { return Err(command.wrong_type(option)) };
        match option.as_str() {
            "count" => drop(result.insert("count", count(collection))),
            "storageStats" => {
                result.insert("storageStats", described(collection, scale(inner.get("scale"), command)?));
            }
            other => return Err(CommandError::not_implemented(&format!("the option '{other}' of $collStats"))),
        }
    }
    Ok(result)
}

pub(crate) fn database(command: &Command<'_>) -> Result<Document> {
    let scale = scale(command.argument("scale"), command)?;
    let data = command.data();
    let (mut collections, mut objects, mut bytes, mut indexes, mut index_bytes) = (0_i64, 0, 0, 0, 0);
    for collection in data.database(command.database) {
        let names = i64::try_from(index_names(collection).len()).unwrap_or(i64::MAX);
        collections += 1;
        objects += count(collection);
        bytes += size(collection);
        indexes += names;
        index_bytes += index_size(collection) * names;
    }
    #[expect(clippy::cast_precision_loss, reason = "an average")]
    let average = if objects == 0 { 0.0 } else { bytes as f64 / objects as f64 };
    Ok(doc! {
        "db": command.database,
        "collections": collections,
        "views": 0_i64,
        "objects": objects,
        "avgObjSize": average,
        "dataSize": bytes / scale,
        "storageSize": bytes / scale,
        "indexes": indexes,
        "indexSize": index_bytes / scale,
        "totalSize": (bytes + index_bytes) / scale,
        "scaleFactor": scale,
    })
}

fn hexadecimal(digest: impl AsRef<[u8]>) -> String {
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Digests of the documents in the order of their `_id`, as the server computes them.
pub(crate) fn hash(command: &Command<'_>) -> Result<Document> {
    let wanted = match command.argument("collections") {
        None => None,
        Some(Bson::Array(names)) => Some(names),
        Some(_) => return Err(command.wrong_type("collections")),
    };
    let data = command.data();
    let (mut whole, mut hashes, mut uuids) = (Md5::new(), Document::new(), Document::new());
    let mut capped = Vec::new();
    for collection in data.database(command.database) {
        let name = &collection.name.collection;
        if wanted.is_some_and(|wanted| !wanted.is_empty() && !wanted.iter().any(|w| w.as_str() == Some(name))) {
            continue;
        }
        let is_capped = collection.options().get_bool("capped").unwrap_or(false);
        let mut documents: Vec<_> = collection
            .documents(None)
            .map(|raw| {
                let id = raw.get("_id").ok().flatten().and_then(|id| Bson::try_from(id).ok());
                (id.unwrap_or(Bson::Null), raw)
            })
            .collect();
        // A capped collection is read in the order of insertion.
        if is_capped {
            capped.push(name.clone());
        } else {
            documents.sort_by(|(left, _), (right, _)| compare(left, right));
        }
        let mut digest = Md5::new();
        documents.iter().for_each(|(_, raw)| digest.update(raw.as_bytes()));
        let digest = hexadecimal(digest.finalize());
        whole.update(&digest);
        hashes.insert(name, digest);
        uuids.insert(name, collection.uuid);
    }
    Ok(doc! {
        "host": command.endpoint.address.to_string(),
        "collections": hashes,
        "capped": capped,
        "uuids": uuids,
        "md5": hexadecimal(whole.finalize()),
        "timeMillis": 0,
    })
}

/// Reads every document. The data are always valid.
pub(crate) fn validate(command: &Command<'_>) -> Result<Document> {
    let name = command.namespace()?;
    let Some(collection) = command.collection()? else {
        let message = format!("Collection '{name}' does not exist to validate.");
        return Err(CommandError::new(crate::query::error::NAMESPACE_NOT_FOUND, message));
    };
    let records = i64::try_from(collection.documents(None).count()).unwrap_or(i64::MAX);
    let names = index_names(&collection);
    let indexes = i32::try_from(names.len()).unwrap_or(i32::MAX);
    let details = names.iter().map(|name| (name.clone(), Bson::from(doc! {"valid": true}))).collect::<Document>();
    Ok(doc! {
        "ns": name.to_string(),
        "uuid": collection.uuid,
        "nInvalidDocuments": 0,
        "nNonCompliantDocuments": 0,
        "nrecords": records,
        "nIndexes": indexes,
        "indexDetails": details,
        "valid": true,
        "repaired": false,
        "warnings": [],
        "errors": [],
        "extraIndexEntries": [],
        "missingIndexEntries": [],
        "corruptRecords": [],
    })
}
