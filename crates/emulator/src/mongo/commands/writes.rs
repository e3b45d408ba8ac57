//! Commands that change documents. Each is one change of the cluster's data, at the time at which it is executed.

use std::collections::HashSet;

use bson::{Bson, Document, RawDocumentBuf, doc};
use chrono::{DateTime, Utc};

use crate::{
    data::{
        changes::Change,
        documents::StoredDocument,
        set::{Collection, DataSet, Namespace},
    },
    engine::contents,
    mongo::{
        commands::{command::Command, indexes::UniqueKeys, reads::selected},
        message::{MAX_DEPTH, MAX_DOCUMENT, is_within_depth},
    },
    query::{
        error::{
            BAD_VALUE, CommandError, DOCUMENT_VALIDATION_FAILURE, DOLLAR_PREFIXED_FIELD_NAME, DUPLICATE_KEY,
            FAILED_TO_PARSE, OBJECT_TOO_LARGE, Result,
        },
        filter::{Filter, as_integer},
        key::key,
        pipeline,
        projection::Projection,
        sort::Sort,
        update::{Update, flag, inserted},
    },
    state::tables::State,
};

/// A write in progress: the data with what was written before in the same command.
struct Write<'w> {
    state: &'w mut State,
    now: DateTime<Utc>,
    name: Namespace,
    data: DataSet,
    changes: Vec<Change>,
    /// Documents to insert.
    added: Vec<StoredDocument>,
    /// No statement follows.
    last: bool,
}

impl Write<'_> {
    fn collection(&self) -> Option<Collection> {
        self.data.get(&self.name).cloned()
    }

    fn add(&mut self, change: Change) {
        // The next statement sees it.
        if !self.last {
            self.data = change.apply(std::mem::take(&mut self.data));
        }
        self.changes.push(change);
    }
}

/// Runs a write on the data as of now, and keeps its changes.
fn execute<R>(command: &Command<'_>, run: impl FnOnce(&mut Write<'_>) -> R) -> Result<R> {
    let name = command.namespace()?;
    command.write(|state, now| {
        let data = contents::current(state, command.endpoint.cluster, now);
        let mut write = Write { state, now, name, data, changes: Vec::new(), added: Vec::new(), last: true };
        let result = run(&mut write);
        let Write { state, name, mut changes, data, added, .. } = write;
        if !added.is_empty() {
            changes.push(Change::Insert(name, added));
        }
        // Nothing else may share the documents when they are changed.
        drop(data);
        for change in changes {
            contents::change(state, command.endpoint.cluster, now, change);
        }
        Ok(result)
    })
}

/// Runs statements one after the other. Returns the errors, each with the number of its statement.
fn run(
    command: &Command<'_>,
    count: usize,
    mut statement: impl FnMut(&mut Write<'_>, usize) -> Result<()>,
) -> Result<Vec<Document>> {
    if count == 0 || count > 100_000 {
        let message = format!("Write batch sizes must be between 1 and 100000. Got {count} operations.");
        return Err(CommandError::new(16, message));
    }
    let ordered = command.argument("ordered").is_none_or(|ordered| flag(Some(ordered)));
    execute(command, |write| {
        let mut errors = Vec::new();
        for place in 0..count {
            write.last = place + 1 == count;
            if let Err(error) = statement(write, place) {
                let index = i32::try_from(place).unwrap_or(i32::MAX);
                errors
                    .push(doc! {"index": index, "code": error.code, "codeName": error.name(), "errmsg": error.message});
                if ordered {
                    break;
                }
            }
        }
        errors
    })
}

fn reply(n: usize, errors: Vec<Document>) -> Document {
    let mut reply = doc! {"n": i32::try_from(n).unwrap_or(i32::MAX)};
    if !errors.is_empty() {
        reply.insert("writeErrors", errors);
    }
    reply
}

/// The document as it is stored: `_id` first, and within the limits of the server.
fn stored(document: Document) -> Result<StoredDocument> {
    let id = document.get("_id");
    if let Some(Bson::Array(_) | Bson::RegularExpression(_) | Bson::Undefined) = id {
        return Err(CommandError::bad_value("The '_id' value cannot be an array, a regular expression or undefined"));
    }
    let value = Bson::Document(document);
    if !is_within_depth(&value, MAX_DEPTH) {
        return Err(CommandError::new(15, format!("document exceeds the depth limit of {MAX_DEPTH} levels")));
    }
    if let Some(name) = dollar(&value) {
        let message = format!("The dollar ($) prefixed field '{name}' is not allowed in stored documents");
        return Err(CommandError::new(DOLLAR_PREFIXED_FIELD_NAME, message));
    }
    let Bson::Document(document) = value else { return Err(CommandError::bad_value("not a document")) };
    let raw = RawDocumentBuf::try_from(&document).map_err(|error| CommandError::new(BAD_VALUE, error.to_string()))?;
    let size = raw.as_bytes().len();
    if size > MAX_DOCUMENT {
        let message = format!("object to insert too large. size in bytes: {size}, max size: {MAX_DOCUMENT}");
        return Err(CommandError::new(OBJECT_TOO_LARGE, message));
    }
    Ok(StoredDocument::new(raw))
}

/// A field name that would be an operator, which extended JSON could not represent.
fn dollar(value: &Bson) -> Option<String> {
    match value {
        Bson::Document(fields) => fields.iter().find_map(|(name, value)| match name.starts_with('$') {
            true if !["$ref", "$id", "$db"].contains(&name.as_str()) => Some(name.clone()),
            _ => dollar(value),
        }),
        Bson::Array(items) => items.iter().find_map(dollar),
        _ => None,
    }
}

/// Refuses a document that the validator of the collection does not accept.
fn validate(collection: Option<&Collection>, document: &Document) -> Result<()> {
    let options = collection.map(Collection::options).unwrap_or_default();
    let schema = options.get_document("validator").and_then(|v| v.get_document("$jsonSchema"));
    let required = schema.and_then(|schema| schema.get_array("required"));
    let mut required = required.into_iter().flatten().filter_map(Bson::as_str);
    if required.all(|field| document.contains_key(field)) {
        return Ok(());
    }
    Err(CommandError::new(DOCUMENT_VALIDATION_FAILURE, "Document failed validation"))
}

/// With `_id` as its first field, and a new one if it has none.
fn with_id(write: &mut Write<'_>, mut document: Document) -> Document {
    let id = document
        .remove("_id")
        .unwrap_or_else(|| bson::oid::ObjectId::from_bytes(write.state.new_id(write.now).0).into());
    std::iter::once(("_id".to_owned(), id)).chain(document).collect()
}

fn duplicate(name: &Namespace, document: &Document) -> CommandError {
    let id = document.get("_id").unwrap_or(&Bson::Null);
    CommandError::new(
        DUPLICATE_KEY,
        format!("E11000 duplicate key error collection: {name} index: _id_ dup key: {{ _id: {id} }}"),
    )
}

pub(crate) fn insert(command: &Command<'_>) -> Result<Document> {
    let documents: Vec<Document> = command.documents("documents")?.into_iter().cloned().collect();
    let mut known = HashSet::new();
    let mut unique: Option<UniqueKeys> = None;
    let count = documents.len();
    let mut documents = documents.into_iter();
    let errors = run(command, count, |write, _| {
        let document = with_id(write, documents.next().unwrap_or_default());
        let stored = stored(document.clone())?;
        let collection = write.data.get(&write.name);
        validate(collection, &document)?;
        let unique = unique.get_or_insert_with(|| UniqueKeys::of(collection));
        let id = document.get("_id").cloned().unwrap_or(Bson::Null);
        if collection.is_some_and(|collection| collection.position(&id).is_some()) || known.contains(&key(&id)) {
            return Err(duplicate(&write.name, &document));
        }
        unique.add(&write.name, &document)?;
        known.insert(key(&id));
        write.added.push(stored);
        Ok(())
    })?;
    let refused = if command.argument("ordered").is_none_or(|ordered| flag(Some(ordered))) {
        errors.first().map_or(0, |error| count - usize::try_from(error.get_i32("index").unwrap_or(0)).unwrap_or(0))
    } else {
        errors.len()
    };
    Ok(reply(count - refused, errors))
}

/// The arguments of a statement, if no other is there.
fn refuse_others(statement: &Document, known: &[&str]) -> Result<()> {
    let harmless = |value: &Bson| matches!(value, Bson::Null) || matches!(value, Bson::Document(d) if d.is_empty());
    match statement.iter().find(|(name, value)| !known.contains(&name.as_str()) && !harmless(value)) {
        Some((name, _)) => Err(CommandError::not_implemented(&format!("the argument '{name}' of a statement"))),
        None => Ok(()),
    }
}

fn filter(statement: &Document) -> Result<Filter> {
    let filter =
        statement.get_document("q").map_err(|_| CommandError::new(FAILED_TO_PARSE, "missing 'q' of a statement"))?;
    Filter::parse(filter)
}

pub(crate) fn delete(command: &Command<'_>) -> Result<Document> {
    let statements = command.documents("deletes")?;
    let mut removed = 0;
    let errors = run(command, statements.len(), |write, place| {
        let statement = statements[place];
        refuse_others(statement, &["q", "limit"])?;
        let filter = filter(statement)?;
        let most = match statement.get("limit").and_then(as_integer) {
            Some(0) => usize::MAX,
            Some(1) => 1,
            _ => return Err(CommandError::new(FAILED_TO_PARSE, "The limit field in delete objects must be 0 or 1")),
        };
        let documents = selected(write.collection(), filter).take(most);
        removed += remove(write, documents);
        Ok(())
    })?;
    Ok(reply(removed, errors))
}

/// Removes documents and returns their number.
fn remove(write: &mut Write<'_>, documents: impl Iterator<Item = Document>) -> usize {
    let ids = documents.filter_map(|document| {
        let id = document.get("_id")?.clone();
        RawDocumentBuf::try_from(&doc! {"_id": id}).ok().map(StoredDocument::new)
    });
    let ids: Vec<_> = ids.collect();
    let count = ids.len();
    if count > 0 {
        write.add(Change::Remove(write.name.clone(), ids));
    }
    count
}

/// The outcome of an update.
#[derive(Default)]
struct Updated {
    matched: usize,
    modified: usize,
    /// The last document in its new form, also if that is the old one.
    after: Option<Document>,
    /// The `_id` of the document that was inserted because none matched.
    upserted: Option<Bson>,
    /// Why it stopped. What was updated before stays updated, as in the server.
    failure: Option<CommandError>,
}

/// Updates `before`, or inserts a document that begins with the fields of `upsert`.
fn apply(write: &mut Write<'_>, update: &Update, before: &[Document], upsert: Option<Document>) -> Result<Updated> {
    let time = bson::DateTime::from_millis(write.now.timestamp_millis());
    if let Some(first) = upsert {
        // Only the `_id` of the filter enters a replacement.
        let enters = |name: &str| matches!(update, Update::Operators(_)) || name == "_id";
        let first = first.into_iter().filter(|(name, _)| enters(name)).collect();
        let document = with_id(write, update.apply(&first, true, time)?);
        let stored = stored(document.clone())?;
        let collection = write.data.get(&write.name);
        validate(collection, &document)?;
        let id = document.get("_id").cloned().unwrap_or(Bson::Null);
        if collection.is_some_and(|collection| collection.position(&id).is_some()) {
            return Err(duplicate(&write.name, &document));
        }
        UniqueKeys::of(collection).add(&write.name, &document)?;
        write.add(Change::Insert(write.name.clone(), vec![stored]));
        return Ok(Updated { matched: 1, after: Some(document), upserted: Some(id), ..Updated::default() });
    }
    let mut updated = Updated::default();
    let mut changed = Vec::new();
    let mut unique = UniqueKeys::of(write.data.get(&write.name));
    for document in before {
        let result = update.apply(document, false, time).and_then(|after| {
            let raw = stored(after.clone())?;
            if RawDocumentBuf::try_from(document).is_ok_and(|known| known == raw.to_raw()) {
                return Ok((after, None));
            }
            validate(write.data.get(&write.name), &after)?;
            unique.remove(document);
            unique.add(&write.name, &after)?;
            Ok((after, Some(raw)))
        });
        match result {
            Ok((after, raw)) => {
                changed.extend(raw);
                updated.after = Some(after);
            }
            Err(error) => {
                updated.failure = Some(error);
                break;
            }
        }
    }
    updated.matched = if updated.failure.is_some() { changed.len() } else { before.len() };
    updated.modified = changed.len();
    if !changed.is_empty() {
        write.add(Change::Insert(write.name.clone(), changed));
    }
    Ok(updated)
}

pub(crate) fn update(command: &Command<'_>) -> Result<Document> {
    let statements = command.documents("updates")?;
    let (mut matched, mut modified) = (0, 0);
    let mut upserted = Vec::new();
    let errors = run(command, statements.len(), |write, place| {
        let statement = statements[place];
        refuse_others(statement, &["q", "u", "multi", "upsert"])?;
        let filter = filter(statement)?;
        let update = Update::parse(statement.get("u").unwrap_or(&Bson::Null))?;
        let multi = flag(statement.get("multi"));
        if multi && matches!(update, Update::Replacement(_)) {
            return Err(CommandError::new(
                FAILED_TO_PARSE,
                "multi update is not supported for replacement-style update",
            ));
        }
        let equalities = inserted(&filter);
        let most = if multi { usize::MAX } else { 1 };
        let before: Vec<Document> = selected(write.collection(), filter).take(most).collect();
        let upsert = before.is_empty() && flag(statement.get("upsert"));
        let updated = apply(write, &update, &before, upsert.then_some(equalities).transpose()?)?;
        matched += updated.matched;
        modified += updated.modified;
        if let Some(id) = updated.upserted {
            upserted.push(doc! {"index": i32::try_from(place).unwrap_or(i32::MAX), "_id": id});
        }
        updated.failure.map_or(Ok(()), Err)
    })?;
    let mut reply = reply(matched, errors);
    reply.insert("nModified", i32::try_from(modified).unwrap_or(i32::MAX));
    if !upserted.is_empty() {
        reply.insert("upserted", upserted);
    }
    Ok(reply)
}

/// Updates or removes one document and returns it as it was before, or with `new` as it is after.
pub(crate) fn find_and_modify(command: &Command<'_>) -> Result<Document> {
    let filter = Filter::parse(&command.document("query")?)?;
    let sort = Sort::parse(&command.document("sort")?)?;
    let projection = Projection::parse(&command.document("fields")?)?;
    let (removes, new, upsert) = (command.flag("remove"), command.flag("new"), command.flag("upsert"));
    let update = match command.argument("update") {
        None if removes && new => return Err(invalid("Cannot specify both new=true and remove=true")),
        None if removes && upsert => return Err(invalid("Cannot specify both upsert=true and remove=true")),
        None if removes => None,
        None => return Err(invalid("Either an update or remove=true must be specified")),
        Some(_) if removes => return Err(invalid("Cannot specify both an update and remove=true")),
        Some(update) => Some(Update::parse(update)?),
    };
    let equalities = inserted(&filter);
    let (value, status) = execute(command, |write| {
        let mut documents = selected(write.collection(), filter);
        let before: Vec<Document> = if sort.is_empty() {
            documents.next().into_iter().collect()
        } else {
            let mut documents = pipeline::collect(documents)?;
            sort.apply(&mut documents);
            documents.truncate(1);
            documents
        };
        let Some(update) = update else {
            let count = remove(write, before.iter().cloned());
            return Ok((before.into_iter().next(), doc! {"n": i32::from(count > 0)}));
        };
        let upsert = before.is_empty() && upsert;
        let updated = apply(write, &update, &before, upsert.then_some(equalities).transpose()?)?;
        if let Some(error) = updated.failure {
            return Err(error);
        }
        let mut status = doc! {"n": i32::from(updated.matched > 0), "updatedExisting": !before.is_empty()};
        if let Some(id) = updated.upserted {
            status.insert("upserted", id);
        }
        Ok((if new { updated.after } else { before.into_iter().next() }, status))
    })??;
    let value = value.map_or(Bson::Null, |document| projection.apply(&document).into());
    Ok(doc! {"lastErrorObject": status, "value": value})
}

fn invalid(message: &str) -> CommandError {
    CommandError::new(FAILED_TO_PARSE, message)
}
