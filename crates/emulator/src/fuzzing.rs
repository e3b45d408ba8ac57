//! Entry points of the fuzz targets. Not part of the interface.

use bson::{Bson, Document, doc};

use crate::{
    mongo::message,
    query::{filter::Filter, pipeline, projection::Projection, sort::Sort, update::Update},
};

/// Parses a message of a driver without its size.
pub fn message(data: &[u8]) {
    let _either = message::parse(data);
}

/// Runs what a BSON document contains as `filter`, `projection`, `sort`, `update` and `pipeline` on a few documents.
pub fn query(data: &[u8]) {
    // As a command, so that depth and size are checked as for one.
    let header = [1_i32, 0, 2013, 0].iter().flat_map(|number| number.to_le_bytes());
    let bytes: Vec<u8> = header.chain([0]).chain(data.iter().copied()).collect();
    let Ok(request) = message::parse(&bytes) else { return };
    let documents = [
        doc! {"_id": 1, "a": [1, {"b": 2}], "c": "text", "d": {"e": 1.5}},
        doc! {"_id": 2, "a": Bson::Null, "c": bson::DateTime::from_millis(0)},
        Document::new(),
    ];
    let part = |name: &str| request.body.get_document(name).ok();
    if let Some(Ok(filter)) = part("filter").map(Filter::parse) {
        for document in &documents {
            let _matched = filter.matches(document);
        }
    }
    if let Some(Ok(projection)) = part("projection").map(Projection::parse) {
        for document in &documents {
            let _projected = projection.apply(document);
        }
    }
    if let Some(Ok(sort)) = part("sort").map(Sort::parse) {
        sort.apply(&mut documents.to_vec());
    }
    if let Some(Ok(update)) = request.body.get("update").map(Update::parse) {
        for document in &documents {
            let _updated = update.apply(document, false, bson::DateTime::from_millis(0));
        }
    }
    if let Some(Ok(stages)) = request.body.get("pipeline").map(pipeline::parse)
        && let Ok(flow) = pipeline::run(stages, Box::new(documents.into_iter()))
    {
        let _collected = pipeline::collect(flow);
    }
}
