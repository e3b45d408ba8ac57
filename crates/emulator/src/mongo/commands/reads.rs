//! Commands that read documents.

use std::collections::HashSet;

use bson::{Bson, Document, doc};

use crate::{
    data::set::Collection,
    mongo::{
        commands::{command::Command, statistics},
        cursors::{Cursor, FIRST_BATCH},
    },
    query::{
        error::{CommandError, INVALID_NAMESPACE, Result},
        filter::{Filter, as_integer},
        key::key,
        paths::{find_with_elements, path},
        pipeline::{self, Flow, Stage},
        projection::Projection,
        sort::Sort,
    },
};

/// The documents that a filter selects, in the order of the collection. One with a known `_id` is looked up.
pub(crate) fn selected(collection: Option<Collection>, filter: Filter) -> Flow {
    let Some(collection) = collection else { return Box::new(std::iter::empty()) };
    if let Some(id) = filter.id() {
        let found = collection.position(id).and_then(|place| collection.document(place));
        let found = found.and_then(|raw| Document::try_from(&raw).ok()).filter(|document| filter.matches(document));
        return Box::new(found.into_iter());
    }
    let mut next = 0;
    Box::new(std::iter::from_fn(move || {
        loop {
            let (after, raw) = collection.document_from(next, None)?;
            next = after;
            let document = Document::try_from(&raw).ok()?;
            if filter.matches(&document) {
                return Some(document);
            }
        }
    }))
}

pub(crate) fn find(command: &Command<'_>) -> Result<Document> {
    for option in ["tailable", "awaitData"] {
        if command.flag(option) {
            return Err(CommandError::not_implemented("tailable cursors"));
        }
    }
    let name = command.namespace()?;
    let filter = Filter::parse(&command.document("filter")?)?;
    let sort = Sort::parse(&command.document("sort")?)?;
    let projection = Projection::parse(&command.document("projection")?)?;
    let skip = command.number("skip")?.unwrap_or(0);
    let limit = command.number("limit")?.filter(|limit| *limit > 0).unwrap_or(usize::MAX);
    let mut flow = selected(command.collection()?, filter);
    if !sort.is_empty() {
        let mut all = pipeline::collect(flow)?;
        sort.apply(&mut all);
        flow = Box::new(all.into_iter());
    }
    let flow = flow.skip(skip).take(limit).map(move |document| projection.apply(&document));
    let batch = command.number("batchSize")?.unwrap_or(FIRST_BATCH);
    Ok(opened(command, name.to_string(), Box::new(flow), batch))
}

/// The first batch of a cursor over `documents`.
fn opened(command: &Command<'_>, namespace: String, documents: Flow, batch: usize) -> Document {
    let cursor = Cursor::new(namespace, command.user, documents, command.endpoint.clock.unscaled());
    command.endpoint.cursors.open(cursor, batch, command.flag("singleBatch"))
}

pub(crate) fn get_more(command: &Command<'_>) -> Result<Document> {
    let id = command.body.values().next().and_then(as_integer).ok_or_else(|| command.wrong_type("getMore"))?;
    let collection =
        command.argument("collection").and_then(Bson::as_str).ok_or_else(|| command.wrong_type("collection"))?;
    let namespace = format!("{}.{collection}", command.database);
    let count = command.number("batchSize")?.filter(|count| *count > 0).unwrap_or(usize::MAX);
    command.endpoint.cursors.more(id, &namespace, command.user, count, command.endpoint.clock.unscaled())
}

pub(crate) fn kill_cursors(command: &Command<'_>) -> Result<Document> {
    let collection = command.body.values().next().and_then(Bson::as_str).unwrap_or_default();
    let namespace = format!("{}.{collection}", command.database);
    let Some(Bson::Array(ids)) = command.argument("cursors") else { return Err(command.wrong_type("cursors")) };
    let ids = ids.iter().map(|id| as_integer(id).ok_or_else(|| command.wrong_type("cursors")));
    let (killed, missing): (Vec<i64>, Vec<i64>) = ids
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .partition(|id| command.endpoint.cursors.close(*id, &namespace, command.user));
    Ok(doc! {"cursorsKilled": killed, "cursorsNotFound": missing, "cursorsAlive": [], "cursorsUnknown": []})
}

pub(crate) fn count(command: &Command<'_>) -> Result<Document> {
    let filter = Filter::parse(&command.document("query")?)?;
    let collection = command.collection()?;
    let skip = command.number("skip")?.unwrap_or(0);
    // A negative limit has the meaning of its absolute value.
    let limit = command.argument("limit").map(|limit| as_integer(limit).ok_or_else(|| command.wrong_type("limit")));
    let limit = limit
        .transpose()?
        .filter(|limit| *limit != 0)
        .map(|limit| usize::try_from(limit.unsigned_abs()).unwrap_or(usize::MAX));
    let all = if filter.is_empty() {
        collection.map_or(0, |collection| usize::try_from(collection.count()).unwrap_or(usize::MAX))
    } else {
        selected(collection, filter).count()
    };
    let counted = all.saturating_sub(skip).min(limit.unwrap_or(usize::MAX));
    Ok(doc! {"n": i32::try_from(counted).unwrap_or(i32::MAX)})
}

pub(crate) fn distinct(command: &Command<'_>) -> Result<Document> {
    let Some(Bson::String(field)) = command.argument("key") else { return Err(command.wrong_type("key")) };
    let field = path(field);
    let filter = Filter::parse(&command.document("query")?)?;
    let (mut known, mut values) = (HashSet::new(), Vec::new());
    for document in selected(command.collection()?, filter) {
        let found = find_with_elements(&document, &field).into_iter().flatten();
        for value in found.filter(|value| !matches!(value, Bson::Array(_))) {
            if known.insert(key(value)) {
                values.push(value.clone());
            }
        }
    }
    Ok(doc! {"values": values})
}

pub(crate) fn aggregate(command: &Command<'_>) -> Result<Document> {
    if !matches!(command.body.values().next(), Some(Bson::String(_))) {
        let message = "{aggregate: 1} is not valid for these stages; a collection is required.";
        return Err(CommandError::new(INVALID_NAMESPACE, message));
    }
    let name = command.namespace()?;
    let Some(Bson::Document(cursor)) = command.argument("cursor") else {
        let message = "The 'cursor' option is required, except for aggregate with the explain argument";
        return Err(CommandError::new(9, message));
    };
    let batch = match cursor.get("batchSize") {
        None => FIRST_BATCH,
        Some(size) => as_integer(size)
            .and_then(|size| usize::try_from(size).ok())
            .ok_or_else(|| command.wrong_type("cursor.batchSize"))?,
    };
    let mut stages = pipeline::parse(command.argument("pipeline").unwrap_or(&Bson::Null))?;
    let collection = command.collection()?;
    let flow: Flow = match stages.first() {
        Some(Stage::CollectionStatistics(options)) => {
            let statistics = statistics::stage(command, options, collection.as_ref())?;
            stages.remove(0);
            Box::new(std::iter::once(statistics))
        }
        Some(Stage::Match(_)) => match stages.remove(0) {
            Stage::Match(filter) => selected(collection, filter),
            _ => Box::new(std::iter::empty()),
        },
        _ => selected(collection, Filter::And(Vec::new())),
    };
    Ok(opened(command, name.to_string(), pipeline::run(stages, flow)?, batch))
}
