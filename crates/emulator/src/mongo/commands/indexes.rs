//! Commands that create and drop collections and indexes, and the keys of unique indexes.

use std::collections::HashSet;

use bson::{Bson, Document, RawDocumentBuf, doc};

use crate::{
    data::{
        changes::Change,
        documents::StoredDocument,
        set::{Collection, Namespace},
    },
    engine::contents,
    mongo::commands::{command::Command, lists::missing},
    query::{
        error::{
            CANNOT_CREATE_INDEX, CommandError, DUPLICATE_KEY, INDEX_KEY_SPECS_CONFLICT, INDEX_NOT_FOUND,
            INDEX_OPTIONS_CONFLICT, INVALID_OPTIONS, NAMESPACE_EXISTS, NAMESPACE_NOT_FOUND, Result,
        },
        filter::{Filter, as_integer},
        key::key,
        paths::{Path, find_with_elements, path},
        update::flag,
    },
};

/// Options of an index that are stored. None changes the results of queries.
const OPTIONS: [&str; 7] =
    ["unique", "sparse", "expireAfterSeconds", "partialFilterExpression", "hidden", "2dsphereIndexVersion", "bits"];
/// Options that have no effect.
const IGNORED: [&str; 4] = ["name", "key", "v", "background"];
/// As in the server.
const MAX_INDEXES: usize = 64;

/// The keys in the unique indexes of a collection.
pub(crate) struct UniqueKeys(Vec<UniqueIndex>);

struct UniqueIndex {
    name: String,
    fields: Vec<Path>,
    sparse: bool,
    partial: Option<Filter>,
    keys: HashSet<Vec<u8>>,
}

impl UniqueKeys {
    /// Reads every document, if the collection has a unique index beside the one on `_id`.
    pub(crate) fn of(collection: Option<&Collection>) -> Self {
        let Some(collection) = collection else { return Self(Vec::new()) };
        let mut unique = Self(collection.indexes().iter().filter_map(UniqueIndex::of).collect());
        if !unique.0.is_empty() {
            for raw in collection.documents(None) {
                let Ok(document) = Document::try_from(&raw) else { continue };
                for index in &mut unique.0 {
                    let keys = index.keys(&document);
                    index.keys.extend(keys);
                }
            }
        }
        unique
    }

    pub(crate) fn remove(&mut self, document: &Document) {
        for index in &mut self.0 {
            for key in index.keys(document) {
                index.keys.remove(&key);
            }
        }
    }

    /// Adds a document.
    ///
    /// # Errors
    /// Another document has one of its keys.
    pub(crate) fn add(&mut self, collection: &Namespace, document: &Document) -> Result<()> {
        for index in &mut self.0 {
            let keys: HashSet<_> = index.keys(document).into_iter().collect();
            if keys.iter().any(|key| index.keys.contains(key)) {
                let message = format!("E11000 duplicate key error collection: {collection} index: {}", index.name);
                return Err(CommandError::new(DUPLICATE_KEY, message));
            }
            index.keys.extend(keys);
        }
        Ok(())
    }
}

impl UniqueIndex {
    fn of(index: &Document) -> Option<Self> {
        if !flag(index.get("unique")) {
            return None;
        }
        Some(Self {
            name: index.get_str("name").unwrap_or_default().to_owned(),
            fields: index.get_document("key").ok()?.keys().map(|field| path(field)).collect(),
            sparse: flag(index.get("sparse")),
            partial: index.get_document("partialFilterExpression").ok().and_then(|filter| Filter::parse(filter).ok()),
            keys: HashSet::new(),
        })
    }

    /// The keys of a document: one for each element, if a field is an array.
    fn keys(&self, document: &Document) -> Vec<Vec<u8>> {
        if self.partial.as_ref().is_some_and(|filter| !filter.matches(document)) {
            return Vec::new();
        }
        let mut keys = vec![Vec::new()];
        let mut all_missing = true;
        for field in &self.fields {
            let found = find_with_elements(document, field);
            all_missing &= found.iter().all(Option::is_none);
            let array = found.iter().flatten().any(|value| matches!(value, Bson::Array(_)));
            let values = found.into_iter().filter(|value| !array || !matches!(value, Some(Bson::Array(_))));
            let values: Vec<_> = values.map(|value| self::key(value.unwrap_or(&Bson::Null))).collect();
            keys = keys
                .iter()
                .flat_map(|key| {
                    values.iter().map(|value| [key.as_slice(), &(value.len() as u64).to_be_bytes(), value].concat())
                })
                .collect();
        }
        if self.sparse && all_missing { Vec::new() } else { keys }
    }
}

pub(crate) fn create_collection(command: &Command<'_>) -> Result<Document> {
    let name = command.namespace()?;
    command.write(|state, now| {
        let data = contents::current(state, command.endpoint.cluster, now);
        if data.get(&name).is_some() {
            return Err(CommandError::new(NAMESPACE_EXISTS, format!("namespace {name} already exists")));
        }
        contents::change(state, command.endpoint.cluster, now, Change::Insert(name, Vec::new()));
        Ok(Document::new())
    })
}

pub(crate) fn drop_collection(command: &Command<'_>) -> Result<Document> {
    let name = command.namespace()?;
    command.write(|state, now| {
        let data = contents::current(state, command.endpoint.cluster, now);
        let Some(collection) = data.get(&name) else {
            return Err(CommandError::new(NAMESPACE_NOT_FOUND, "ns not found"));
        };
        let indexes = i32::try_from(collection.indexes().len()).unwrap_or(i32::MAX);
        let reply = doc! {"nIndexesWas": indexes, "ns": name.to_string()};
        std::mem::drop(data);
        contents::change(state, command.endpoint.cluster, now, Change::Drop(name));
        Ok(reply)
    })
}

pub(crate) fn drop_database(command: &Command<'_>) -> Result<Document> {
    command.write(|state, now| {
        let data = contents::current(state, command.endpoint.cluster, now);
        let names: Vec<_> = data.database(command.database).map(|collection| collection.name.clone()).collect();
        std::mem::drop(data);
        let reply = if names.is_empty() {
            Document::new()
        } else {
            doc! {"dropped": command.database}
        };
        for name in names {
            contents::change(state, command.endpoint.cluster, now, Change::Drop(name));
        }
        Ok(reply)
    })
}

fn count(indexes: &[Document]) -> i32 {
    i32::try_from(indexes.len()).unwrap_or(i32::MAX)
}

fn change(name: Namespace, indexes: &[Document]) -> Result<Change> {
    let stored = indexes.iter().map(|index| RawDocumentBuf::try_from(index).map(StoredDocument::new));
    let stored = stored.collect::<std::result::Result<_, _>>();
    Ok(Change::Indexes(name, stored.map_err(|error| CommandError::new(CANNOT_CREATE_INDEX, error.to_string()))?))
}

pub(crate) fn create(command: &Command<'_>) -> Result<Document> {
    let name = command.namespace()?;
    let specification = command.documents("indexes")?.into_iter().map(specification).collect::<Result<Vec<_>>>()?;
    command.write(|state, now| {
        let data = contents::current(state, command.endpoint.cluster, now);
        let known = data.get(&name).cloned();
        let collection = known.clone().unwrap_or_else(|| Collection::empty(name.clone()));
        let mut indexes = collection.indexes();
        let before = count(&indexes);
        for index in specification {
            if is_new(&indexes, &index)? {
                indexes.push(index);
            }
        }
        if indexes.len() > MAX_INDEXES {
            return Err(CommandError::new(CANNOT_CREATE_INDEX, "add index fails, too many indexes"));
        }
        let after = count(&indexes);
        let mut reply = doc! {
            "numIndexesBefore": before,
            "numIndexesAfter": after,
            "createdCollectionAutomatically": known.is_none(),
        };
        if before == after && known.is_some() {
            reply.insert("note", "all indexes already exist");
            return Ok(reply);
        }
        let mut unique = UniqueKeys(indexes.iter().filter_map(UniqueIndex::of).collect());
        if !unique.0.is_empty() {
            let documents = collection.documents(None).filter_map(|raw| Document::try_from(&raw).ok());
            for document in documents {
                unique.add(&name, &document)?;
            }
        }
        std::mem::drop((data, known, collection));
        contents::change(state, command.endpoint.cluster, now, change(name, &indexes)?);
        Ok(reply)
    })
}

/// An index as `listIndexes` shows it.
fn specification(index: &Document) -> Result<Document> {
    let invalid = |message: String| CommandError::new(CANNOT_CREATE_INDEX, message);
    let fields =
        index.get_document("key").map_err(|_| invalid("The 'key' field of an index must be an object".to_owned()))?;
    let name =
        index.get_str("name").map_err(|_| invalid("The 'name' field is a required property of an index".to_owned()))?;
    if fields.is_empty() || name.is_empty() || name == "*" {
        return Err(invalid("Index keys and names cannot be empty.".to_owned()));
    }
    for (field, kind) in fields {
        match kind {
            Bson::String(kind) if ["2dsphere", "2d", "hashed"].contains(&kind.as_str()) => {}
            Bson::String(kind) => return Err(CommandError::not_implemented(&format!("indexes of the kind '{kind}'"))),
            number if as_integer(number).is_some_and(|direction| direction != 0) => {}
            _ => return Err(invalid(format!("Values in the index key pattern must be numbers or strings: {field}"))),
        }
    }
    let mut described = doc! {"v": 2, "key": fields.clone(), "name": name};
    for (option, value) in index {
        if OPTIONS.contains(&option.as_str()) {
            described.insert(option, value.clone());
        } else if !IGNORED.contains(&option.as_str()) {
            return Err(CommandError::not_implemented(&format!("the index option '{option}'")));
        }
    }
    if let Some(filter) = index.get("partialFilterExpression") {
        Filter::parse(
            filter.as_document().ok_or_else(|| invalid("partialFilterExpression must be an object".to_owned()))?,
        )?;
    }
    Ok(described)
}

/// Whether the index has to be created. Refuses one that conflicts with another.
fn is_new(known: &[Document], index: &Document) -> Result<bool> {
    let same = |left: &Document, field: &str| left.get(field).map(key) == index.get(field).map(key);
    let name = index.get_str("name").unwrap_or_default();
    match known.iter().find(|other| same(other, "name") || same(other, "key")) {
        None => Ok(true),
        // The index on `_id` has no options.
        Some(other)
            if same(other, "key") && name == "_id_" || key(&other.clone().into()) == key(&index.clone().into()) =>
        {
            Ok(false)
        }
        Some(other) if !same(other, "key") => {
            let message = format!("An existing index has the same name as the requested index: {name}");
            Err(CommandError::new(INDEX_KEY_SPECS_CONFLICT, message))
        }
        Some(other) => {
            let other = other.get_str("name").unwrap_or_default();
            let message = format!("Index already exists with a different name or options: {other}");
            Err(CommandError::new(INDEX_OPTIONS_CONFLICT, message))
        }
    }
}

pub(crate) fn drop(command: &Command<'_>) -> Result<Document> {
    let name = command.namespace()?;
    let names: Vec<Bson> = match command.argument("index") {
        Some(Bson::Array(names)) => names.clone(),
        Some(one) => vec![one.clone()],
        None => return Err(command.wrong_type("index")),
    };
    command.write(|state, now| {
        let data = contents::current(state, command.endpoint.cluster, now);
        let Some(collection) = data.get(&name) else { return Err(missing(command)?) };
        let mut indexes = collection.indexes();
        let before = count(&indexes);
        for specification in names {
            if specification.as_str() == Some("*") {
                indexes.truncate(1);
                continue;
            }
            let matches = |index: &Document| match &specification {
                Bson::String(name) => index.get_str("name").is_ok_and(|known| known == name),
                keys => index.get("key").map(key) == Some(key(keys)),
            };
            match indexes.iter().position(matches) {
                Some(0) => return Err(CommandError::new(INVALID_OPTIONS, "cannot drop _id index")),
                Some(place) => std::mem::drop(indexes.remove(place)),
                None => return Err(CommandError::new(INDEX_NOT_FOUND, format!("index not found: {specification}"))),
            }
        }
        std::mem::drop(data);
        contents::change(state, command.endpoint.cluster, now, change(name, &indexes)?);
        Ok(doc! {"nIndexesWas": before})
    })
}
